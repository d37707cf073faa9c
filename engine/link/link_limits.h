#pragma once

#include "base/time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

/// Every bound of links in general, with its unit and where it comes from.
namespace wherry::link {

/// What a limit that was not used may catch up with: more than a timer is late, and 0.2 % of ten seconds.
inline constexpr Duration kBandwidthBurst = std::chrono::milliseconds(20);
/// How much of the rate one turn is worth: 200 wakes a second at most, and small steps for everybody.
inline constexpr Duration kBandwidthTurn = std::chrono::milliseconds(5);
/// Bytes. No turn is worth less than a datagram on an Ethernet, nor more than 16 of the largest batches.
inline constexpr uint64_t kMinBandwidthTurn = 1500;
inline constexpr uint64_t kMaxBandwidthTurn = 1024 * 1024;

/// Links in all: about 95 kB of QUIC and TLS state each, so 97 MB at the very worst. Holds for each carrier by itself
/// and, in the swarm, for all of them together: a carrier spends memory on a connection before the swarm hears of it.
inline constexpr size_t kMaxLinks = 1024;
/// Links that one budget prefix (an IPv4 address or an IPv6 /64) may have opened to us, counted in the same two places:
/// a household or an office behind one address fits, one attacker does not fill the table.
inline constexpr size_t kMaxInboundLinksPerPrefix = 64;
/// How many of `total` links others may open: the rest is for those that we dial, so that strangers never take the way
/// out.
constexpr size_t inboundShare(size_t total) {
    return total - std::min<size_t>(total / 8, 128);
}

/// Handshakes of others in progress on one carrier, in all (24 MB with QUIC) and per prefix.
inline constexpr size_t kMaxHalfOpen = 256;
inline constexpr size_t kMaxHalfOpenPerPrefix = 32;

/// Bytes. Receive Blocks of a stream: a request fits the first, a page of messages the second, the rest is bulk.
inline constexpr size_t kFirstReceiveBlock = 2 * 1024;
inline constexpr size_t kSecondReceiveBlock = 32 * 1024;
/// Bytes that one stream may send before the next one has its turn: 1 ms for 8 bulk streams at 1 Gbit/s.
inline constexpr size_t kStreamTurn = 16 * 1024;

// --- multistream-select
/// Bytes of one message, newline included (LIBP2P.md 3.4: what js takes).
inline constexpr size_t kMaxMultistreamMessage = 1024;
/// Bytes of a message's length prefix: 1024 needs two.
inline constexpr size_t kMaxMultistreamLength = 2;
/// Proposals of one stream or pipe before it is refused: peers list a handful of versions of one protocol.
inline constexpr size_t kMaxProposals = 32;

// --- bandwidth limits (bandwidth_gate.h)
/// Bytes that a stream has to send and that may overtake the limit: a message, not the content of a file.
inline constexpr size_t kSmallMessage = 2 * 1024;
/// Bytes that small messages of one connection may run ahead of the limit: dozens of them.
inline constexpr uint64_t kMaxOwedSmall = 16 * 1024;
/// Bytes that acknowledgements and retransmissions, which cannot wait, leave to be paid; the rest is forgiven, or a
/// fast download would stop a slow upload for good.
inline constexpr uint64_t kMaxOwedUpload = 64 * 1024;
/// What a peer may owe: it sends what it had credit for when a limit was lowered, and more would look like a loss.
inline constexpr Duration kMaxOwedDownload = std::chrono::seconds(2);
/// How long credit may lie unused beside three round trips: longer than a peer's disk takes to go on.
inline constexpr Duration kPaidAhead = std::chrono::milliseconds(500);
/// How much of the rate one step of credit is worth: 50 wakes a second.
inline constexpr Duration kCreditTurn = std::chrono::milliseconds(20);
/// How much of the rate the first window of each stream is worth: with eight streams the debt is paid in 0.4 s. Windows
/// grow with need.
inline constexpr Duration kFirstWindowTime = std::chrono::milliseconds(50);
/// Bytes. Below, packets and round trips waste too much.
inline constexpr uint64_t kMinFirstStreamWindow = 32 * 1024;

} // namespace wherry::link
