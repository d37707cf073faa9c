#pragma once

#include "base/block.h"
#include "base/time.h"
#include "link/link_limits.h"

#include <cstddef>
#include <cstdint>

/// Every bound of engine/quic, with its unit and where it comes from.
namespace wherry::quic {

using namespace std::chrono_literals;

// --- packets ------------------------------------------------------------------------------------------------------

/// Bytes. Length of all connection ids that we choose: fixed, so that short headers can be routed. 128 bits cannot be
/// guessed.
inline constexpr size_t kConnectionIdLength = 16;
/// Bytes. Smallest datagram that may carry an Initial, and the size every path must support (RFC 9000 14.1).
inline constexpr size_t kMinInitialDatagram = 1200;
/// Bytes. What an IPv4 datagram of 65535 bytes leaves for UDP payload (20 bytes IP, 8 bytes UDP).
inline constexpr size_t kMaxUdpPayload = 65507;
/// Bytes. Total of one GSO send: the kernel builds one IPv6 datagram of at most 65535 bytes from it (40 + 8 bytes of
/// headers).
inline constexpr size_t kMaxBatchBytes = 65487;
/// Segments of one GSO send (UDP_MAX_SEGMENTS of Linux before 6.9).
inline constexpr size_t kMaxBatchSegments = 64;
/// Bytes. What nextBatch() needs as buffer: one datagram of any size.
inline constexpr size_t kBatchBuffer = 64 * 1024;
/// Bytes. Assumed MTU of an interface that nobody described (Ethernet).
inline constexpr size_t kDefaultLinkMtu = 1500;
/// Bytes. MTU of the loopback interface on Linux; elsewhere it is smaller and probing finds out.
inline constexpr size_t kLoopbackMtu = 65536;
/// Ready-made datagrams that wait for nextBatch() (Retry, version negotiation, reset, close): above, the oldest is
/// dropped; all of them are answers that the peer asks for again.
inline constexpr size_t kMaxOutbox = 256;

/// Large packets without an answer, and probe timeouts since the first of them, after which a path counts as one that
/// has come to carry less: three of each as RFC 8899 and RFC 9002 7.6 (persistent congestion) have them.
inline constexpr size_t kUnheardPackets = 3;
inline constexpr int kUnheardTimeouts = 3;
/// Bytes of streams that one datagram must acknowledge to count as an answer to a large packet: about what a small one
/// carries. Several small ones at once reach it as well, which only delays the verdict.
inline constexpr size_t kLargeAcknowledgement = kMinInitialDatagram - 40;
/// How long packets stay small before the large size is tried again: a wrong guess costs a fifth of an Ethernet's rate
/// for a minute; each time it was right the pause doubles, up to an hour.
inline constexpr Duration kSmallPacketsFor = 60s;
inline constexpr Duration kSmallPacketsAtMost = 1h;

// --- windows and buffers ------------------------------------------------------------------------------------------

/// Bytes. Receive windows at the start: 10 Mbit/s at 400 ms and no growth needed on a LAN.
inline constexpr uint64_t kInitialConnectionWindow = 1024 * 1024;
inline constexpr uint64_t kInitialStreamWindow = 512 * 1024;
/// Bytes. Receive windows at most: 640 Mbit/s at 200 ms; 32 MiB was measured to cost 81 MB of memory.
inline constexpr uint64_t kMaxConnectionWindow = 16 * 1024 * 1024;
/// Bytes. One stream may use half, so that a second one never starves.
inline constexpr uint64_t kMaxStreamWindow = 8 * 1024 * 1024;
/// Bytes. Receive window of a unidirectional stream, whose bytes are dropped.
inline constexpr uint64_t kUniStreamWindow = 16 * 1024;
/// Bytes. Unacknowledged bytes that one stream holds: twice the congestion window between these bounds, so that the
/// window stays full while one round trip of losses is repaired.
inline constexpr size_t kMinStreamSendBuffer = 512 * 1024;
inline constexpr size_t kMaxStreamSendBuffer = 8 * 1024 * 1024;
/// Bytes. The same for all streams of a connection together.
inline constexpr size_t kMinConnectionSendBuffer = 1024 * 1024;
inline constexpr size_t kMaxConnectionSendBuffer = 16 * 1024 * 1024;
/// Bytes. What every stream may hold even when others have used up the connection's share (control messages).
inline constexpr size_t kReservedStreamSendBuffer = 16 * 1024;
/// Bytes. StreamWritable comes when this much room is back.
inline constexpr size_t kWritableMark = 128 * 1024;
/// Pieces of stream data handed to one packet.
inline constexpr size_t kMaxDataPieces = 16;

// --- streams ------------------------------------------------------------------------------------------------------

/// Streams that the peer may have open: what go and rust grant.
inline constexpr uint64_t kMaxBidiStreams = 256;
/// Unidirectional streams: accepted and stopped; the number only has to outlast the round trip of MAX_STREAMS.
inline constexpr uint64_t kMaxUniStreams = 1000;

// --- DATAGRAM frames ----------------------------------------------------------------------------------------------

/// Bytes. Largest DATAGRAM frame that we take (RFC 9221): any that fits a packet.
inline constexpr uint64_t kMaxDatagramFrame = 65535;
/// Bytes. Of a packet that a DATAGRAM cannot use: header 25, tag 16, frame type and length 9.
inline constexpr size_t kDatagramOverhead = 50;
/// Waiting DATAGRAMs, per link to send and per endpoint received; more are dropped, as the network would.
inline constexpr size_t kMaxQueuedDatagrams = 64;
/// Bytes. All that wait to be sent on one link, or received on the endpoint.
inline constexpr size_t kMaxQueuedDatagramBytes = 256 * 1024;

// --- connections --------------------------------------------------------------------------------------------------

/// Connections in all and from one budget prefix, handshakes included.
inline constexpr size_t kMaxConnections = link::kMaxLinks;
inline constexpr size_t kMaxConnectionsPerPrefix = link::kMaxInboundLinksPerPrefix;
/// Handshakes of others in progress.
using link::kMaxHalfOpen;
using link::kMaxHalfOpenPerPrefix;
/// Handshakes in progress whose address is not proven by a token; from here on a Retry is asked for. Spoofed Initials
/// can take no more than this, so they never lock out those who answer a Retry.
inline constexpr size_t kRetryThreshold = 64;
inline constexpr size_t kRetryThresholdPerPrefix = 16;
/// Age of a Retry token at most: the client answers in one round trip.
inline constexpr Duration kRetryTokenLifetime = 10s;
/// Closed connections whose close packet is remembered for three PTOs (RFC 9000 10.2): about 1.5 kB each.
inline constexpr size_t kMaxClosing = 1024;
/// Connection ids that the peer may keep of us (NGTCP2 allows 8): enough for migration.
inline constexpr uint64_t kActiveConnectionIds = 8;
/// Ids that may come beyond those while the retirement of others is under way: of the path in validation and of the one
/// to fall back to.
inline constexpr uint64_t kRetiringConnectionIds = 2;

// --- hole punching (libp2p/specs relay, DCUtR) ---------------------------------------------------------------------

/// Bytes of a datagram that only opens the way for the other side's; rust sends as many.
inline constexpr size_t kPunchBytes = 64;
/// Between two of them, at least and at most (specification).
inline constexpr Duration kMinPunchPause = 10ms;
inline constexpr Duration kMaxPunchPause = 200ms;
/// Datagrams to one address at most: 4 s at the mean pause. With a header of 28 bytes each that is 3.7 kB, no more than
/// a server may answer to the one Initial that a stranger sends (three times 1200 bytes).
inline constexpr size_t kMaxPunchDatagrams = 40;
/// Addresses of ours that these, and dials that nobody answers, leave from: a stable and a temporary one of two
/// prefixes.
inline constexpr size_t kMaxSources = 4;
/// Addresses at one time, over all peers.
inline constexpr size_t kMaxPunches = 128;

// --- rates --------------------------------------------------------------------------------------------------------

/// Stateless answers a second and in one burst: Retry must keep up with an attack, the others only inform.
inline constexpr uint64_t kRetriesPerSecond = 2000;
inline constexpr uint64_t kResetsPerSecond = 100;
inline constexpr uint64_t kVersionNegotiationsPerSecond = 100;
inline constexpr uint64_t kRefusalsPerSecond = 100;
/// Connection ids that one connection makes us issue: 8 at the handshake and one for each that the peer retires when it
/// moves. Other frames that only cost work (PATH_CHALLENGE, NEW_CONNECTION_ID, gaps in CRYPTO) ngtcp2 bounds by itself.
inline constexpr uint64_t kConnectionIdsPerSecond = 10;
inline constexpr uint64_t kConnectionIdBurst = 64;

// --- time ---------------------------------------------------------------------------------------------------------

inline constexpr Duration kDefaultIdleTimeout = 30s;
/// Longest handshake; js and go give up after 10 s as well.
inline constexpr Duration kDefaultHandshakeTimeout = 10s;
/// Keep-alive comes at least this many times within the smaller idle timeout. That one is lost ends nothing: it is sent
/// again after a probe timeout (0.1 to 1 s), and after twice that each time, which is four times or more in the half
/// that is left (RFC 9002 6.2).
inline constexpr int kKeepAlivePerIdle = 2;
/// Shortest keep-alive, whatever idle timeout the peer announces.
inline constexpr Duration kMinKeepAlive = 1s;
/// How often a connection whose socket stays full is looked at when its deadline is one that only a packet could end.
inline constexpr Duration kHeldCheckInterval = 1s;
/// Bytes of the reason phrase of a close that are sent and kept.
inline constexpr size_t kMaxReason = 256;

} // namespace wherry::quic
