#pragma once

#include "codec/ip.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "protocols/autonat/autonat_client.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wherry::autonat {

enum class Verdict : uint8_t { Unknown, Reachable, Unreachable };

/// What one peer has found out.
struct Evidence {
    crypto::PeerId peer;
    Version version = Version::V2;
    bool reachable = false;
    UnixTime at{};
    bool operator==(const Evidence&) const = default;
};
/// What is known of one address of ours.
struct AddressFact {
    codec::Multiaddr address; ///< without /p2p
    Verdict verdict = Verdict::Unknown;
    std::vector<Evidence> evidence; ///< the latest first, each of another peer, at most kMaxEvidence
    bool operator==(const AddressFact&) const = default;
};

struct Question {
    crypto::PeerId peer;
    codec::Multiaddr address;
    Version version = Version::V2;
    bool operator==(const Question&) const = default;
};

/// Which addresses of ours can be reached from the internet: whom to ask about which one and when, and what follows
/// from the answers. Asks about public addresses only: those that we listen at, and those that peers of at least
/// kObserversNeeded networks see us at. A peer has one vote, for the address at which it sees us last; an address that
/// has lost its votes is no candidate any more, and where there are too many the one with the most votes stays.
///
/// - Reachable: one nonce has come in (version 2), or kOpinionsNeeded peers say so and none of the others (version 1).
/// - Unreachable: the latest kFailuresNeeded peers could not connect.
/// - Unknown: neither.
/// One question at a time, one peer not twice in kServerInterval, and the same peer about the same address not again
/// within kAskPeerAgain.
class Reachability {
  public:
    /// Where we listen now. A change forgets what peers have seen, which was seen of the network that we were in.
    void setListening(const std::vector<codec::Multiaddr>& addresses, Now now);
    /// A peer sees us at this address; `from` is where it is itself.
    void onObserved(const crypto::PeerId& peer, const codec::IpAddress& from, const codec::Multiaddr& us, Now now);
    /// A connected peer dials for others, in this version (the better of those it serves).
    void onServer(const crypto::PeerId& peer, Version version, Now now);
    void onServerGone(const crypto::PeerId& peer);
    /// The answer to what poll() has asked.
    void onDone(const ProbeDone& done, Now now);

    std::optional<Question> poll(Now now);
    Instant deadline() const;

    std::vector<AddressFact> facts() const;
    /// Reachable: one address is; Unreachable: every one that could be is not; else Unknown.
    Verdict overall() const;
    /// Grows whenever a verdict changes, or an address comes or goes.
    uint64_t version() const { return m_version; }

  private:
    struct Candidate {
        AddressFact fact;
        bool listening = false;
        Instant nextAsk = Instant::min();
        std::map<crypto::PeerId, Instant> asked;
    };
    struct Server {
        Version version = Version::V2;
        Instant next = Instant::min();
    };
    struct Vote {
        codec::Multiaddr address;
        codec::IpAddress network; ///< of the peer
        uint64_t order = 0;
    };

    void add(const codec::Multiaddr& address, bool listening, Now now);
    size_t networksFor(const codec::Multiaddr& address) const;
    void forgetUnseen();
    bool makeRoom(size_t networks);
    void judge(Candidate& candidate, Now now);
    std::optional<Question> choose(Candidate& candidate, Now now) const;

    std::vector<Candidate> m_candidates;       ///< in the order in which they became known
    std::vector<codec::Multiaddr> m_listening; ///< as said last
    std::map<crypto::PeerId, Server> m_servers;
    std::map<crypto::PeerId, Vote> m_votes;
    std::optional<Question> m_open;
    uint64_t m_version = 0;
    uint64_t m_observations = 0;
};

} // namespace wherry::autonat
