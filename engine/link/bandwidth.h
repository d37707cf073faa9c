#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <map>
#include <memory>

namespace wherry::link {

/// Bits per second, as people and line contracts count; zero stands for "no limit".
struct BitRate {
    uint64_t perSecond = 0;
    auto operator<=>(const BitRate&) const = default;
    bool limited() const { return perSecond > 0; }
};

/// Upper bounds for what goes over links, counted in bytes of UDP payload (for other carriers: of what they hand to the
/// system).
struct BandwidthLimits {
    BitRate upload{};          ///< to all peers together
    BitRate download{};        ///< from all peers together
    BitRate uploadPerPeer{};   ///< to each peer
    BitRate downloadPerPeer{}; ///< from each peer
    BitRate metered{};         ///< the same in each direction, while the network is metered
    bool limitLan = false;     ///< whether peers on a private network count too
    bool operator==(const BandwidthLimits&) const = default;
};

enum class Direction : uint8_t { Up, Down };

/// Whether the way to the Internet is paid by volume, as mobile data often is.
enum class Metered : uint8_t { No, Yes };

/// A clock that says until when the bytes so far have used up a rate (the generic cell rate algorithm). Taking a turn
/// moves the clock on; who comes later gets a later turn, so turns are a fair queue without a queue.
class RateClock {
  public:
    /// A change forgets what is owed: a limit that is lifted works at once.
    void setRate(BitRate rate);
    BitRate rate() const { return m_rate; }
    /// When `bytes` more may begin to flow; they are counted. At once without a limit.
    Instant takeTurn(uint64_t bytes, Instant now);
    /// Of a turn that was taken and will not be used.
    void giveBack(uint64_t bytes);
    /// Bytes that have flowed already.
    void count(uint64_t bytes, Instant now) { takeTurn(bytes, now); }

  private:
    BitRate m_rate;
    Instant m_usedUpTo{};
};

class Bandwidth;

/// One link's part in the limits of one direction: how many bytes it may move now, and when it may move more.
///
/// States: credit > 0 and the turn has come -> bytes may flow; credit > 0 and the turn lies ahead -> waits; credit <= 0
/// -> grant() takes a new turn. Bytes that could not wait (acknowledgements, retransmissions, small messages) make the
/// credit negative and are paid with the next turn.
class BandwidthShare {
  public:
    /// Bytes that may flow now; zero: not before nextTurn(). `worthATurn`: bytes that the caller would like to move at
    /// once; the share never takes a turn for less.
    uint64_t grant(uint64_t worthATurn, Instant now);
    /// Bytes that have flowed, granted or not.
    void spend(uint64_t bytes) { m_credit -= static_cast<int64_t>(bytes); }
    /// The owed bytes are at most `bytes`: the rest is forgiven.
    void forgiveAbove(uint64_t bytes);
    /// What of the last turn has not been used goes to the others.
    void giveBack();
    Instant nextTurn() const { return m_turn; }
    /// Bytes that are owed.
    uint64_t owed() const { return m_credit < 0 ? static_cast<uint64_t>(-m_credit) : 0; }
    /// The rate that binds this link: the smaller of the peer's and the common one; unlimited: none does.
    BitRate rate() const;

  private:
    friend class BandwidthLink;
    BandwidthShare(Bandwidth& all, RateClock& peer, Direction direction);
    RateClock& common() const;

    Bandwidth& m_all;
    RateClock& m_peer;
    Direction m_direction;
    int64_t m_credit = 0;
    Instant m_turn{};
    uint64_t m_generation; ///< of the limits that m_turn was taken under
};

/// A link's membership: its shares of both directions. Leaves when it is destroyed; the Bandwidth must outlive it.
class BandwidthLink {
  public:
    BandwidthLink(Bandwidth& all, const crypto::PeerId& peer);
    ~BandwidthLink();
    BandwidthLink(const BandwidthLink&) = delete;
    BandwidthLink& operator=(const BandwidthLink&) = delete;

    BandwidthShare up;
    BandwidthShare down;

  private:
    Bandwidth& m_all;
    crypto::PeerId m_peer;
};

/// The limits, and what has been used of them: by everybody and by each peer, however many links it has. No queue, no
/// timer: each link asks for turns.
class Bandwidth {
  public:
    /// Links that wait must ask again.
    void setLimits(const BandwidthLimits& limits);
    const BandwidthLimits& limits() const { return m_limits; }
    /// Likewise.
    void setMetered(Metered metered);
    /// The rate that no link may exceed, the common one or a peer's; unlimited: none.
    BitRate rate(Direction direction) const;

  private:
    friend class BandwidthLink;
    friend class BandwidthShare;
    /// What one peer has used; kept while it has links.
    struct PeerUse {
        RateClock up;
        RateClock down;
        size_t links = 0;
    };
    PeerUse& join(const crypto::PeerId& peer);
    void leave(const crypto::PeerId& peer);
    /// What all peers together may use at present.
    BitRate common(Direction direction) const;
    void apply();

    BandwidthLimits m_limits;
    Metered m_metered = Metered::No;
    RateClock m_up;
    RateClock m_down;
    std::map<crypto::PeerId, PeerUse> m_peers;
    uint64_t m_generation = 1;
};

} // namespace wherry::link
