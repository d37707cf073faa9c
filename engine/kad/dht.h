#pragma once

#include "base/random.h"
#include "crypto/identity.h"
#include "kad/kad_protocol.h"
#include "kad/links.h"
#include "kad/lookup.h"
#include "kad/responder.h"
#include "kad/routing_table.h"
#include "kad/work_job.h"

#include <deque>
#include <map>
#include <memory>

namespace wherry::kad {

enum class Mode : uint8_t { Client, Server };

struct DhtConfig {
    std::string protocolId = std::string(kOwnProtocolId);
    Mode mode = Mode::Client;
    /// Ours: signed and worked records, disjoint paths. Every other network follows the public one's rules.
    bool isOurs() const { return protocolId == kOwnProtocolId; }
    size_t paths = 0; ///< of a query; 0: kDisjointPaths on ours, else 1
    TableConfig table{};
    PrefixCaps pathCaps = kPathCaps;
    unsigned leastWorkBits = kMinWorkBits; ///< a server of ours asks for at least so much
    bool persists = false; ///< a server has what it keeps stored, and begins with what it is given of that
};

/// A node of one Kademlia network (libp2p/specs kad-dht): carries wishes out by queries, keeps its table full and alive
/// (look-ups of itself and of every bucket, ping before evict), puts anew what it has published, and as a server
/// answers others. Sans-I/O: it says through Links which connections it wants, and speaks on streams as a
/// swarm::Protocol.
///
/// A server comes into the table when it is connected and has said in identify that it serves, or has answered. What
/// peers tell of others is hearsay: see codec/reach.h and query.h for what becomes of it.
class Dht {
  public:
    /// `links`: shared by all networks of a node; outlives this, as does `random`.
    Dht(DhtConfig config, crypto::Identity identity, Links& links, Random& random, const Log& log);

    swarm::Protocol& protocol() { return m_protocol; }
    const DhtConfig& config() const { return m_config; }

    /// Begins at once; waits up to `wait` for a first server to ask. One Outcome follows.
    LookupId start(Wish wish, Duration wait, Now now);
    /// Outcome with Cancelled follows. False: it has ended.
    bool cancel(LookupId id, Now now);
    /// Quiet: no refreshing, no pings, nothing is put or provided anew. Look-ups that somebody wants go on.
    void setQuiet(bool quiet) { m_quiet = quiet; }
    /// What this node puts anew and provides from time to time is forgotten.
    void forget(const Bytes& key);

    /// What we tell others of ourselves when we provide something, without /p2p; each hears what it may
    /// (codec/reach.h).
    void setOwnAddresses(std::vector<codec::Multiaddr> addresses) { m_ownAddresses = std::move(addresses); }
    void onPeerConnected(const swarm::PeerInfo& info, Now now);
    void onPeerMoved(const swarm::PeerInfo& info);
    /// Cancelled: we have closed the connection.
    void onPeerGone(const crypto::PeerId& peer, const Error& error, Now now);
    /// A dial that Links asked for has failed, or was given up.
    void onPeerUnreachable(const crypto::PeerId& peer, const Error& error, Now now);
    /// What a connected peer says of itself in identify, at first and whenever it changes.
    void onIdentified(const crypto::PeerId& peer, const std::vector<std::string>& protocols,
                      const std::vector<codec::Multiaddr>& addresses, Now now);

    /// What is to be hashed next, and what has come of it; one slice at a time, however many look-ups wait for theirs.
    std::optional<WorkJob> pollWork();
    void onWorked(const WorkDone& done, Now now);

    /// What is to be stored; and a row of the run before, whose key begins with rowPrefix().
    std::optional<StoreOp> pollStore() { return m_responder.pollStore(); }
    void restore(const Bytes& rowKey, const Bytes& row, Now now) { m_responder.restore(rowKey, row, now); }

    Instant deadline() const;
    void onDeadline(Now now);
    /// Carries on, and gives the next outcome. Call after every input until nullopt.
    std::optional<Outcome> poll(Now now);

    const RoutingTable& table() const { return m_table; }
    const Responder& responder() const { return m_responder; }
    size_t lookups() const { return m_lookups.size(); }
    /// Requests that wait for their connection or their answer.
    size_t asks() const { return m_asked.size() + m_waiting.size(); }

  private:
    enum class Purpose : uint8_t { Query, Store, Ping, WriteBack };
    struct Ask {
        Purpose purpose;
        LookupId lookup;
        crypto::PeerId peer;
        Message message;
        Instant since{};
    };
    struct Peer {
        codec::Multiaddr remote;
        bool listensThere = true;                  ///< false: `remote` is the port of a pipe that it has opened
        std::vector<codec::Multiaddr> addresses{}; ///< of identify
    };
    struct Published {
        PutValue put;
        Instant due;
    };

    // dht.cpp
    const Validator& validator() const;
    static void place(Peer& peer, const swarm::PeerInfo& info);
    std::vector<codec::Multiaddr> addressesOf(const crypto::PeerId& peer) const;
    std::optional<codec::IpAddress> ipOfPeer(const crypto::PeerId& peer) const;
    void ask(Ask ask, std::vector<codec::Multiaddr> addresses, Now now);
    void send(Ask ask, const Peer& to, Now now);
    void ping(const Contact& contact, Now now);
    bool isEvidence(Instant since, const Error& error) const;
    void onAnswer(const Ask& ask, const std::optional<Message>& answer, Now now);
    void onFailure(const Ask& ask, const Error& error, Now now);
    void giveUp(const Ask& ask, const Error& error, Now now);
    Error refusalOf(const Lookup& lookup, Error error) const;
    bool settleAsks(Now now);
    void noteServer(const crypto::PeerId& peer, Now now);
    void noteSilent(const crypto::PeerId& peer, Now now);
    std::set<crypto::PeerId> silent(Now now) const;
    Lookup* find(LookupId id);

    // dht_lookups.cpp
    LookupId begin(Wish wish, bool quiet, Duration wait, Now now);
    Result<void> check(const Wish& wish, Now now) const;
    bool advance(Lookup& lookup, Now now);
    std::string nobodyToAsk() const;
    void beginQuery(Lookup& lookup, Now now);
    void onQueryAnswer(Lookup& lookup, const crypto::PeerId& from, const Message& answer, Now now);
    void prove(Lookup& lookup, const std::vector<codec::Multiaddr>& addresses, Now now);
    void afterQuery(Lookup& lookup, Now now);
    void end(Lookup& lookup, std::optional<Error> error, Now now);
    void finishGet(Lookup& lookup, Now now);
    void upkeep(Now now);

    // dht_publish.cpp
    void beginStoring(Lookup& lookup, Now now);
    void seal(Lookup& lookup, Now now);
    bool worksMore(const Lookup& lookup) const;
    void storeAt(Lookup& lookup, std::vector<Contact> contacts, Now now);
    void storeHere(Lookup& lookup, Now now);
    void onStored(Lookup& lookup, const crypto::PeerId& peer, const std::optional<Message>& answer);
    void afterStoring(Lookup& lookup, Now now);
    bool mayRepublish() const { return m_lookups.size() < kMaxLookups && m_table.size() > 0; }
    void republish(Now now);

    DhtConfig m_config;
    crypto::Identity m_identity;
    Links& m_links;
    Random& m_random;
    const Log& m_log;
    IpfsValidator m_ipfsValidator;
    OwnValidator m_ownValidator;
    RoutingTable m_table;
    Responder m_responder;
    KadProtocol m_protocol;
    std::map<crypto::PeerId, Peer> m_peers; ///< connected
    std::vector<codec::Multiaddr> m_ownAddresses;
    IdSource<LookupId> m_ids;
    std::map<LookupId, Lookup> m_lookups;
    std::multimap<crypto::PeerId, Ask> m_waiting; ///< for their connection
    std::map<crypto::PeerId, Instant> m_dialled;  ///< for requests, and since when
    std::map<RequestId, Ask> m_asked;
    std::deque<std::pair<Ask, Error>> m_failed; ///< nothing was sent; not told yet
    std::map<crypto::PeerId, Instant> m_silent; ///< who has not answered, and when that was seen last
    Instant m_heardAt = Instant::min();         ///< from anybody
    std::deque<Outcome> m_outcomes;
    std::optional<LookupId> m_refreshing;
    bool m_hashing = false; ///< a WorkJob is out
    std::map<Bytes, Published> m_published; ///< by the key of messages
    Republisher m_providing;
    Instant m_sweepAt = kNever;
    bool m_quiet = false;
};

} // namespace wherry::kad
