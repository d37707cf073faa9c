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
/// From the first who listens to the word that it has come in: a mesh forms with the next heartbeat of gossip, or with
/// the one after that where the first mesh is full and names others, and what is answered before gets lost.
inline constexpr Duration kArriveAtLeast = std::chrono::milliseconds(2500);
inline constexpr Duration kArriveAtMost = std::chrono::milliseconds(3500);
/// For so long it says so again when it meets somebody from whom it does not hear: its part of the network is that of
/// the others then.
inline constexpr Duration kSettling = std::chrono::minutes(1);
inline constexpr Duration kHeardWithin = std::chrono::seconds(4);
/// From somebody else's coming in to the answer: many hear the same.
inline constexpr Duration kSoonAtLeast = std::chrono::milliseconds(100);
inline constexpr Duration kSoonAtMost = std::chrono::seconds(2);
/// The answers to somebody whom hardly anybody knows: 20 a second in the topic, which is 5 kB with signatures, as long
/// as that takes no longer than the other.
inline constexpr Duration kSpreadPerDevice = std::chrono::milliseconds(50);
inline constexpr Duration kSpreadAtMost = std::chrono::seconds(30);
/// What is said beside the regular messages; what is beyond it is said later.
inline constexpr Duration kExtraInterval = std::chrono::seconds(40);
inline constexpr uint64_t kExtraBurst = 4;
/// And to those whom it does not know: however many strangers come in, who may all be one, a topic of 1000 devices has
/// 17 messages a second of that, and one of 100 has two. At once so many, for people come together: one answer is for
/// all who have come before it.
inline constexpr Duration kAnswerInterval = std::chrono::minutes(1);
inline constexpr uint64_t kAnswerBurst = 8;
/// Clocks of devices differ by minutes; what is older is a replay.
inline constexpr Duration kMaxAge = std::chrono::minutes(10);
/// Messages of one author that are taken: more than it says, its extra ones and those of somebody who tries the switch
/// included.
inline constexpr Duration kHearInterval = std::chrono::seconds(20);
inline constexpr uint64_t kHearBurst = 16;
static_assert(kHearInterval * 1000 / kExtraInterval + kHearInterval * 1000 / kAnswerInterval +
                  kHearInterval * 1000 / (kInterval - kJitter) <
              1000);
static_assert(kExtraBurst + kAnswerBurst + 1 < kHearBurst);
/// Authors whose rate is remembered: 100 bytes each. It recovers within 200 s.
inline constexpr size_t kMaxRates = 4096;
/// Devices whose presence is remembered: 400 bytes each, more than a person knows.
inline constexpr size_t kMaxHeard = 4096;
/// And of those whom nobody here knows: they may be got to know, and their number says how many answer.
inline constexpr size_t kMaxStrangers = 1024;

} // namespace wherry::presence
