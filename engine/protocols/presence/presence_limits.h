#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Bounds of /wherry/presence/1, with their units.
namespace wherry::presence {

/// Bytes of one message: its four numbers are 16; the rest is for fields of later versions.
inline constexpr size_t kMaxMessageBytes = 64;
/// Fields of one message: four, and those of later versions.
inline constexpr size_t kMaxFields = 16;
/// How often a device says that it is here: 30 bytes a second in a topic of 1000 devices, with signatures.
inline constexpr Duration kInterval = std::chrono::minutes(4);
/// Up to so much earlier or later, so that those who came together do not speak together.
inline constexpr Duration kJitter = std::chrono::minutes(1);
/// What it promises: the longest time between two.
inline constexpr Duration kPromise = kInterval + kJitter;
/// What is believed of the promises of others.
inline constexpr Duration kLeastPromise = std::chrono::seconds(30);
inline constexpr Duration kMostPromise = std::chrono::hours(1);
/// On its way over several devices, and lost once and told again by gossip.
inline constexpr Duration kGrace = std::chrono::seconds(30);
/// From coming in, or somebody else's, to what is said: many hear the same.
inline constexpr Duration kSoonAtLeast = std::chrono::milliseconds(100);
inline constexpr Duration kSoonAtMost = std::chrono::seconds(2);
/// What is said beside the regular messages.
inline constexpr Duration kExtraInterval = std::chrono::minutes(1);
inline constexpr uint64_t kExtraBurst = 3;
/// Clocks of devices differ by minutes; what is older is a replay.
inline constexpr Duration kMaxAge = std::chrono::minutes(10);
/// Messages of one author that are taken: more than it says, its extra ones and those of somebody who tries the switch
/// included.
inline constexpr Duration kHearInterval = std::chrono::seconds(20);
inline constexpr uint64_t kHearBurst = 10;
/// Authors whose rate is remembered: 100 bytes each. It recovers within 200 s.
inline constexpr size_t kMaxRates = 4096;
/// Devices whose presence is remembered: 200 bytes each, more than a person knows.
inline constexpr size_t kMaxHeard = 4096;

} // namespace wherry::presence
