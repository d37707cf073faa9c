#pragma once

#include "base/time.h"
#include "crypto/crypto_limits.h"
#include "link/link_limits.h"

#include <cstddef>
#include <cstdint>

/// Every bound of engine/bytepipe, with its unit and where it comes from.
namespace wherry::bytepipe {

using namespace std::chrono_literals;

// --- Noise --------------------------------------------------------------------------------------------------------

/// Bytes of a Noise message: what its length of two bytes can say (Noise section 3).
inline constexpr size_t kMaxNoiseMessage = 65535;
/// Bytes that one message carries after the handshake: the rest is the tag.
inline constexpr size_t kMaxNoisePlain = kMaxNoiseMessage - 16;
/// Bytes of a payload in the handshake: an RSA key and signature of 8192 bits take 2.4 kB; certificate hashes and a
/// list of multiplexers some hundred.
inline constexpr size_t kMaxNoisePayload = 4096;
/// Bytes of a handshake message: the payload, two keys and two tags. A stranger makes us hold no more than this.
inline constexpr size_t kMaxNoiseHandshakeMessage = kMaxNoisePayload + 2 * 32 + 2 * 16;
/// Fields of a payload, nested ones too: three and a handful of hashes and multiplexers.
inline constexpr size_t kMaxNoisePayloadFields = 64;

// --- TLS ----------------------------------------------------------------------------------------------------------

/// Bytes of TLS without a byte of data in between: a handshake with the largest certificate that crypto takes, or
/// tickets and new keys afterwards. GnuTLS itself would collect a message of 16 MB.
inline constexpr size_t kMaxTlsWithoutData = 32 * 1024;
static_assert(kMaxTlsWithoutData > 2 * crypto::kMaxCertificateBytes);

// --- Yamux: windows and buffers -----------------------------------------------------------------------------------

/// Bytes. Window of every stream at the start, each way (libp2p/specs yamux: 256 KiB).
inline constexpr uint32_t kYamuxInitialWindow = 256 * 1024;
/// Bytes. Receive window of one stream at most: 320 Mbit/s at 200 ms, and what QUIC's streams get.
inline constexpr uint32_t kYamuxMaxWindow = 8 * 1024 * 1024;
/// Bytes. What the windows of one session may have grown by, all together: a QUIC connection's window.
inline constexpr size_t kYamuxMaxGrowth = 16 * 1024 * 1024;
/// Bytes of one session that have come and that nobody has worked off yet: grown windows, and the first window of 64
/// streams. Yamux has no window for the session, so the stream that goes beyond is reset.
inline constexpr size_t kYamuxMaxUncredited = kYamuxMaxGrowth + 64 * size_t{kYamuxInitialWindow};
/// A window that is used up within so many round trips is too small: it doubles.
inline constexpr int kYamuxGrowthRoundTrips = 4;
/// Bytes. The most that a peer may have granted us on one stream; more is a number that makes no sense.
inline constexpr uint64_t kYamuxMaxSendWindow = 0xffffffff;
/// Bytes of a frame for a stream that is gone: what its window could have been, with room for the windows of others.
inline constexpr uint32_t kYamuxMaxStrayFrame = 16 * 1024 * 1024;
/// Bytes that one stream holds to be sent: two turns of the loop at 10 Gbit/s; what is under way the system holds.
inline constexpr size_t kYamuxStreamSendBuffer = 512 * 1024;
/// Bytes. The same for all streams of a session together.
inline constexpr size_t kYamuxSessionSendBuffer = 4 * 1024 * 1024;
/// Bytes. What every stream may hold even when others have used up the session's share (control messages).
inline constexpr size_t kYamuxReservedSendBuffer = 16 * 1024;
/// Bytes. StreamWritable comes when this much room is back.
inline constexpr size_t kYamuxWritableMark = 128 * 1024;

// --- Yamux: streams and control frames ----------------------------------------------------------------------------

/// Streams that the peer may have open, and that we may have: what QUIC grants, and what the specification allows to be
/// open without an acknowledgement.
inline constexpr size_t kYamuxMaxStreams = 256;
/// Refusals of streams that wait to be sent: a peer that opens more while it does not read is broken or hostile.
inline constexpr size_t kYamuxMaxRefusals = 256;
/// Answers to pings that wait to be sent: peers ping every 30 s (CVE-2024-32984: an unread peer that makes us answer).
inline constexpr size_t kYamuxMaxPongs = 16;

// --- Yamux: time --------------------------------------------------------------------------------------------------

/// A session that has been silent for so long is pinged: 1000 idle ones wake us 67 times a second.
inline constexpr Duration kYamuxPingAfter = 15s;
/// A pinged session that stays silent for so long in all is over; QUIC's idle timeout.
inline constexpr Duration kYamuxSilence = 30s;
/// From our end of a stream whose other half we no longer want until we reset it: what we have said last has long
/// arrived, or the link is dead.
inline constexpr Duration kYamuxLinger = 10s;

// --- WebSocket ----------------------------------------------------------------------------------------------------

/// Bytes of an HTTP head: what browsers and proxies add comes to one or two kilobytes.
inline constexpr size_t kMaxHttpHead = 8 * 1024;
/// Bytes of a control frame's payload (RFC 6455 5.5).
inline constexpr size_t kMaxWebSocketControl = 125;
/// Bytes of a data frame. Its payload is never held together, so only nonsense is refused: above what RFC 6455 allows.
inline constexpr uint64_t kMaxWebSocketFrame = 0x7fffffffffffffff;

// --- links --------------------------------------------------------------------------------------------------------

/// From the dial, or from a pipe that somebody opened to us, to the agreed multiplexer; js and go give up after 10 s
/// too.
inline constexpr Duration kUpgradeTimeout = 10s;
/// Bytes that somebody who has proved no key may send us in all: two negotiations of 32 proposals as peers make them,
/// and the largest handshake. What is held of them is less: one message.
inline constexpr size_t kMaxUnprovenBytes = 32 * 1024;
/// Bytes that one pull takes from a session, a frame above not counted: with it they fit one Noise message.
inline constexpr size_t kPullBytes = kMaxNoisePlain - link::kStreamTurn - 256;
/// Bytes of one message of the secure channel over a circuit: what is cut off of it when a relay ends that is lost as a
/// whole.
inline constexpr size_t kCircuitMessageBytes = 2 * 1024;

} // namespace wherry::bytepipe
