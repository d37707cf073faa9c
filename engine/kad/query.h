#pragma once

#include "base/time.h"
#include "kad/kad_limits.h"
#include "kad/key.h"
#include "kad/message.h"
#include "kad/prefix_quota.h"
#include "kad/routing_table.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace wherry::kad {

struct QueryConfig {
    size_t parallelism = kParallelism;
    size_t replication = kReplication;
    size_t paths = kDisjointPaths; ///< 1: the plain look-up of the specification
    PrefixCaps caps = kPathCaps;
    size_t mostParallel = kMaxParallelism;
    Duration hedgeAfter = kHedgeAfter;
    /// Who has not answered of late: asked like everybody, and soon stalled.
    std::set<crypto::PeerId> silent{};
};

/// What a query has cost, for status and tests.
struct QueryFigures {
    size_t requests = 0;
    size_t replies = 0;
    size_t failures = 0;
    unsigned hops = 0; ///< how many answers led to the closest peer that has answered; a seed is one
};

/// The one iterator behind find node, find peer, get value, get providers and every put: it goes towards a key by
/// asking the closest peers known for closer ones (Kademlia section 2.3; libp2p/specs kad-dht, "Peer routing").
///
/// Paths are disjoint (S/Kademlia section 4.4): each peer is asked by one of them only, and only that path hears its
/// answer, so that a liar leads one path astray and not the others. A path ends when the k closest of its candidates
/// have answered, whoever asked them; the query ends with its last path, with its budget or with its time.
///
/// Requests go out `parallelism` at a time, more when some are slow. Once the closest peer that a path knows has
/// answered nobody closer is to be expected, and the rest of its k closest are asked at once (Kademlia section 2.3:
/// "all of the k closest nodes it has not already queried").
///
/// Answers are hearsay. Ourselves, peers without an address and repetitions are passed over; a path's memory, its
/// requests and the share of any network in it are bounded. A peer that is slow holds nobody up.
///
/// Not here: what is asked. The caller sends the request, looks at the answer for a value, a provider or the peer it
/// wants, and calls stop() when it has found enough.
class Query {
  public:
    /// `seeds`: the closest that the routing table has. Without any, the query has finished.
    Query(const Key& target, const crypto::PeerId& self, const std::vector<Contact>& seeds, QueryConfig config,
          Now now);

    /// Whom to ask now; nullopt: nobody before the next input. Each outcome is wanted as onReply or onFailure.
    std::optional<Contact> poll(Now now);
    /// The closer peers of an answer, at most kMaxPeersPerList of them. An answer of somebody who was not asked, or too
    /// late, counts for nothing.
    void onReply(const crypto::PeerId& peer, std::span<const PeerEntry> closer, Now now);
    void onFailure(const crypto::PeerId& peer, Now now);
    /// Once somebody has answered, a request stalls when it takes a few times as long as the slowest answer, and this.
    void setLeastStall(Duration least) { m_leastStall = least; }
    /// The caller has found what it wanted.
    void stop() { m_stopped = true; }

    bool finished() const { return m_stopped; }
    Instant deadline() const;
    void onDeadline(Now now);

    /// The closest k peers that have answered, the closest first.
    std::vector<Contact> closest() const;
    /// Who has been asked and has not answered; the caller may give these requests up when the query has finished.
    std::vector<crypto::PeerId> outstanding() const;
    QueryFigures figures() const;
    const Key& target() const { return m_target; }

  private:
    enum class State : uint8_t { New, Asked, Answered, Failed };
    struct Candidate {
        Contact contact;
        std::vector<codec::IpAddress> ips; ///< distinct
        State state = State::New;
        size_t path = 0; ///< that has asked it
        unsigned hop = 1;
        Instant askedAt{};
        bool silent = false;
    };
    struct Path {
        explicit Path(PrefixCaps caps) : quota(caps) {}
        std::map<Key, Candidate*> known; ///< by distance
        PrefixQuota quota;
        size_t fresh = 0;    ///< of those, in State::New
        size_t requests = 0; ///< it has made
        bool done = false;
        bool settled = false; ///< the closest that it knows has answered
    };

    void addTo(Path& path, const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses, unsigned hop);
    bool makeRoom(Path& path, const Key& at);
    Candidate& know(const Key& at, const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses,
                    unsigned hop);
    void forget(Path& path, std::map<Key, Candidate*>::iterator candidate);
    Candidate* next(Path& path, Now now);
    Duration stallsAfter(const Candidate& candidate) const;
    bool isStalled(const Candidate& candidate, Now now) const;
    bool mayAsk(const Path& path, size_t share, Now now) const;
    void markAsked(Candidate& candidate, size_t path, Now now);
    void settle(Now now);
    Candidate* askedOne(const crypto::PeerId& peer);

    Key m_target;
    crypto::PeerId m_self;
    QueryConfig m_config;
    Instant m_giveUp;
    Instant m_seen{};               ///< the last deadline that was handled
    Duration m_leastStall = kStallAfter;
    Duration m_slowest{};           ///< answer
    std::map<Key, Candidate> m_all; ///< by distance
    std::vector<Path> m_paths;
    std::vector<Candidate*> m_asked; ///< in State::Asked
    size_t m_turn = 0;               ///< the path that asks next
    bool m_stopped = false;
    QueryFigures m_figures;
};

} // namespace wherry::kad
