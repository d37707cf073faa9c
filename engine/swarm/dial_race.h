#pragma once

#include "base/result.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::swarm {

/// The IP address that a multiaddr begins with; nullopt for names and other transports.
std::optional<codec::IpAddress> leadingIp(const codec::Multiaddr& address);
/// RFC 8305 section 4: IPv6 and IPv4 by turns, IPv6 first, each family in the order given; anything else last.
std::vector<codec::Multiaddr> interleaveFamilies(std::vector<codec::Multiaddr> addresses);

/// How a race begins its dials. AllAtOnce is for addresses whose peer expects us now (a hole is being punched).
enum class DialPace : uint8_t { Staggered, AllAtOnce };

/// When to dial which address of one peer (RFC 8305 section 5), in three lanes: QUIC, what needs a pipe (TCP before ws
/// before wss), and what leads through a relay. In each lane the first address is dialled at once, each further one
/// kDialStagger after the one before, or at once when a dial of the lane fails; IPv6 and IPv4 take turns. The second
/// lane begins kQuicHeadStart after the first, or when all that is in that one has failed: so QUIC wins where both
/// work, and a network that swallows UDP costs no more than the head start, however many addresses there are. The third
/// begins kDirectHeadStart after the others, or when nothing is left in them: a relay is for where nothing else
/// answers. Knows nothing of links; its owner dials what next() gives and says what became of it.
class DialRace {
  public:
    explicit DialRace(crypto::PeerId peer, DialPace pace = DialPace::Staggered)
        : m_peer(std::move(peer)),
          m_pace(pace) {}

    /// Adds addresses that have not been added before, up to kMaxAddressesPerConnect. InvalidArgument, and none added,
    /// when one names another peer.
    Result<void> add(const std::vector<codec::Multiaddr>& addresses, Now now);
    /// The address to dial now, if one is due.
    std::optional<codec::Multiaddr> next(Now now);
    /// A dial given out by next() has failed; the next address is due at once.
    void onFailed(const codec::Multiaddr& address, const Error& error, Now now);
    /// No further address is given out.
    void stop();
    /// No further address is given out that leads through a relay.
    void stopRelayed();

    /// When next() has something to give; kNever when no address is left.
    Instant due() const { return std::min({m_quic.next(), m_pipes.next(), m_circuits.next()}); }
    bool exhausted() const { return m_quic.waiting.empty() && m_pipes.waiting.empty() && m_circuits.waiting.empty(); }
    /// Why the whole race failed for whoever has given these addresses: IdentityMismatch when one of them proved
    /// another key, else Unreachable, naming each address of the race and its failure.
    Error failure(std::string_view unanswered, const std::vector<codec::Multiaddr>& given) const;

  private:
    struct Lane {
        std::vector<codec::Multiaddr> waiting; ///< the next one first
        Instant due = kNever;
        size_t underWay = 0;

        Instant next() const { return waiting.empty() ? kNever : due; }
        bool idle() const { return waiting.empty() && underWay == 0; }
    };
    Lane& laneOf(const codec::Multiaddr& address);
    bool nothingDirect() const { return m_quic.idle() && m_pipes.idle(); }

    crypto::PeerId m_peer;
    DialPace m_pace;
    Lane m_quic;
    Lane m_pipes;
    Lane m_circuits;
    Instant m_headStartUntil{};
    Instant m_directUntil{}; ///< the head start before relays
    std::vector<codec::Multiaddr> m_seen;
    std::vector<codec::Multiaddr> m_mismatched; ///< addresses that have proved another key
    std::string m_failures;
};

} // namespace wherry::swarm
