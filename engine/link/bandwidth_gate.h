#pragma once

#include "codec/ip.h"
#include "link/bandwidth.h"

#include <deque>
#include <optional>

namespace wherry::link {

/// What the bandwidth limits let one open connection do.
///
/// Sending: each batch asks how many bytes may go; when none may, only small messages and what QUIC itself has to say
/// leave, so a ping or a receipt does not wait behind a file. Receiving: bytes cannot be refused, so the credit for
/// more of them waits, stream by stream and never that of the connection: a stream of small messages has its window
/// full of credit and never notices. What arrives without having been paid for (the first window) is owed and paid
/// first. A peer that opens a new stream for every few bytes is counted, but not slowed down.
class BandwidthGate {
  public:
    static constexpr uint64_t kUnlimited = UINT64_MAX;

    BandwidthGate(Bandwidth& all, const crypto::PeerId& peer) : m_all(all), m_link(all, peer) {}
    /// Peers on a private network are exempt, unless the limits say otherwise.
    void setRemote(const codec::IpAddress& remote) { m_private = remote.isPrivate(); }

    /// Bytes of UDP payload that may leave now; zero: not before sendTurn().
    uint64_t sendAllowance(Instant now);
    Instant sendTurn() const { return m_link.up.nextTurn(); }
    void onSent(uint64_t bytes);
    /// Whether a small message may leave although the allowance is used up.
    bool maySendSmall() const;

    void onReceived(uint64_t bytes, Duration roundTrip, Instant now);
    /// Whether credit for received bytes has to wait for its turn.
    bool delaysCredit() const { return limited(Direction::Down); }
    /// Of `held` bytes of credit, those that may be given now; zero: not before creditTurn().
    uint64_t creditAllowance(uint64_t held, Instant now);
    Instant creditTurn() const { return m_link.down.nextTurn(); }
    void onCredit(uint64_t bytes, Instant now);

    /// The window for each stream of a connection to `remote`, so that the first windows are paid within a moment.
    static uint64_t firstStreamWindow(const Bandwidth& all, const codec::IpAddress& remote, uint64_t usual);

  private:
    bool limited(Direction direction) const;

    Bandwidth& m_all;
    BandwidthLink m_link;
    bool m_private = false;
    Instant m_lastUse{};      ///< of credit: given or used
    uint64_t m_paidAhead = 0; ///< credit that was paid for and has not been used yet
};

} // namespace wherry::link
