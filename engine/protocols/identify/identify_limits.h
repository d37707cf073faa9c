#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

namespace wherry::identify {

/// Bytes of one received message: what go and js accept (rust: 4096).
inline constexpr size_t kMaxMessageBytes = 8192;
/// Messages of one exchange: go sends two and accepts ten.
inline constexpr size_t kMaxMessages = 10;
/// Fields of one received message: its lists below and a few scalars, with room to skip what is too much.
inline constexpr size_t kMaxFields = 2048;
/// Bytes of one message that we send; above it the signed record goes into a second one, as go does.
inline constexpr size_t kSplitBytes = 2048;

/// Listen addresses kept of a peer, or told of ourselves: the bound of a signed record.
inline constexpr size_t kMaxAddresses = 64;
/// Our own addresses told to one peer: 16 of 60 bytes, twice (list and record), stay under 2 KiB.
inline constexpr size_t kMaxOwnAddresses = 16;
/// Protocols kept of a peer; a busy node has 50.
inline constexpr size_t kMaxProtocols = 256;
/// Bytes of one protocol id, agent or version kept of a peer; longer ones are dropped (protocol) or cut (agent,
/// version).
inline constexpr size_t kMaxTextBytes = 256;

/// Streams of either protocol that one peer may have open to us: js and go use one of each.
inline constexpr size_t kMaxInboundPerPeer = 4;
/// Between two pushes to one peer; changes meanwhile go together.
inline constexpr Duration kPushInterval = std::chrono::seconds(2);
/// Pushes taken of one peer: twice as often as an honest one pushes, so that none of its changes is lost. Each costs a
/// signature check.
inline constexpr uint64_t kHearPerSecond = 1;
inline constexpr uint64_t kHearBurst = 8;
/// Peers whose rate of pushes is remembered, also when they are gone: 100 bytes each. It recovers within 8 s.
inline constexpr size_t kMaxRates = 1024;
/// From opening to the end of an exchange.
inline constexpr Duration kExchangeTimeout = std::chrono::seconds(10);

} // namespace wherry::identify
