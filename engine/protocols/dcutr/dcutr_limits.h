#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Every bound of hole punching, with its unit and where it comes from.
namespace wherry::dcutr {

using namespace std::chrono_literals;

/// Bytes of one message (libp2p/specs DCUtR).
inline constexpr size_t kMaxMessageBytes = 4096;
/// Fields of one message, so that one with too many addresses is cut and not refused.
inline constexpr size_t kMaxFields = 256;
/// Addresses of one message that are looked at: go and js name a few for each interface.
inline constexpr size_t kMaxSaid = 32;
/// Of them those that are tried, and those that we name: two families, two transports, and one more guess of each.
inline constexpr size_t kMaxCandidates = 8;
/// Hosts that these may be at: one of each family, and one more for a peer with two ways out. A peer that names others
/// has us send to strangers.
inline constexpr size_t kMaxHosts = 3;

/// Tries, each with an exchange of its own (specification: three).
inline constexpr uint32_t kTries = 3;
/// From the beginning of a dial of the peer's public addresses, without its help, to the first exchange: enough for a
/// handshake of two round trips of half a second. One that takes longer is not lost: the exchange finds it, too.
inline constexpr Duration kUnilateral = 1s;
/// How long the first exchange waits for an address of ours that somebody has seen: identify has asked already.
inline constexpr Duration kOwnAddressWait = 10s;
/// From the request for a stream to the peer's CONNECT, and from ours to its SYNC; js gives up after 5 s.
inline constexpr Duration kExchange = 5s;
/// From SYNC to the end of a try: a lost first packet costs one second, a lost second one two more.
inline constexpr Duration kTry = 4s;
/// Longest wait of B for half a round trip; over a path that is slower nothing is won.
inline constexpr Duration kMaxHalfRoundTrip = 1s;

/// Peers that we punch towards at once: each sends a few packets a second for some seconds to kMaxCandidates addresses,
/// and the QUIC endpoint has room for all of them (node_limits.h).
inline constexpr size_t kMaxAttempts = 16;
/// Exchanges with peers that we have dialled through relays, from the stream to the end of the dial.
inline constexpr size_t kMaxAnswers = 16;
/// Exchanges of one peer that are answered, and its relayed links that something is done about: two times three tries
/// at once, and then one in 20 s.
inline constexpr uint64_t kAnswersAtOnce = 2 * kTries;
inline constexpr Duration kAnswerInterval = 20s;
/// Peers whose rate is remembered, connected or not: 100 bytes each.
inline constexpr size_t kMaxRates = 1024;

} // namespace wherry::dcutr
