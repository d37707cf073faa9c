#pragma once

#include "base/result.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::swarm {

/// The IP address that a multiaddr begins with; nullopt for names and other transports.
std::optional<codec::IpAddress> leadingIp(const codec::Multiaddr& address);
/// RFC 8305 section 4: IPv6 and IPv4 by turns, IPv6 first, each family in the order given; anything else last.
std::vector<codec::Multiaddr> interleaveFamilies(std::vector<codec::Multiaddr> addresses);

/// When to dial which address of one peer (RFC 8305 section 5): the first at once, each further one kDialStagger after
/// the one before, or at once when a dial fails. Knows nothing of links; its owner dials what next() gives and says
/// what became of it.
class DialRace {
  public:
    explicit DialRace(crypto::PeerId peer) : m_peer(std::move(peer)) {}

    /// Adds addresses that have not been added before, up to kMaxAddressesPerConnect. InvalidArgument, and none added,
    /// when one names another peer.
    Result<void> add(const std::vector<codec::Multiaddr>& addresses, Now now);
    /// The address to dial now, if one is due.
    std::optional<codec::Multiaddr> next(Now now);
    /// A dial given out by next() has failed; the next address is due at once.
    void onFailed(const codec::Multiaddr& address, const Error& error, Now now);
    /// No further address is given out.
    void stop() { m_waiting.clear(); }

    /// When next() has something to give; kNever when no address is left.
    Instant due() const { return m_waiting.empty() ? kNever : m_due; }
    bool exhausted() const { return m_waiting.empty(); }
    /// Why the whole race failed: IdentityMismatch when an address proved another key, else Unreachable, naming each
    /// address and its failure.
    Error failure(std::string_view unanswered) const;

  private:
    crypto::PeerId m_peer;
    std::deque<codec::Multiaddr> m_waiting;
    std::vector<codec::Multiaddr> m_seen;
    Instant m_due = kNever;
    bool m_mismatch = false;
    std::string m_failures;
};

} // namespace wherry::swarm
