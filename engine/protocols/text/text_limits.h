#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Bounds of /wherry/text/1 and of the texts that are kept, with their units.
namespace wherry::text {

// --- the message --------------------------------------------------------------------------------------------------

/// Bytes of one text: twenty pages. What is longer is a file.
inline constexpr size_t kMaxTextBytes = 64 * 1024;
inline constexpr size_t kMessageIdBytes = 16;
/// Bytes of one message: text, id, time, framing, and room for fields of later versions.
inline constexpr size_t kMaxMessageBytes = kMaxTextBytes + 256;
/// Bytes of one reply: a number, and room for fields of later versions.
inline constexpr size_t kMaxReplyBytes = 256;
/// Fields of either.
inline constexpr size_t kMaxFields = 16;

// --- sending ------------------------------------------------------------------------------------------------------

/// Texts that wait for their peer or its answer, in all: 16 MiB when each is as long as it may be. They come from the
/// person.
inline constexpr size_t kMaxOutgoing = 256;
/// From opening a stream to the answer; the other side stores the text meanwhile.
inline constexpr Duration kAnswerTimeout = std::chrono::seconds(10);
/// First pause before a text is sent again; doubles up to kMaxRetryPause.
inline constexpr Duration kFirstRetryPause = std::chrono::milliseconds(250);
inline constexpr Duration kMaxRetryPause = std::chrono::seconds(4);

// --- receiving ----------------------------------------------------------------------------------------------------

/// Texts that one peer may be sending at once: one after another is what senders of ours do.
inline constexpr size_t kMaxInboundPerPeer = 4;
/// Texts on their way to us in all, each up to 64 KiB: 4 MiB.
inline constexpr size_t kMaxInbound = 64;
/// Of these, from peers that nobody has decided about, or that are blocked: their keys cost nothing. The oldest one
/// that has not said its text gives way to the next.
inline constexpr size_t kMaxInboundOfStrangers = 48;
/// Texts that wait for the database, also those whose stream has ended meanwhile: 4 MiB.
inline constexpr size_t kMaxPending = 64;
/// From the first byte of a text to our answer.
inline constexpr Duration kReceiveTimeout = std::chrono::seconds(10);
/// Texts of one peer that the person knows: a script may send a list, a loop is slowed down.
inline constexpr uint64_t kKnownPerSecond = 10;
inline constexpr uint64_t kKnownBurst = 64;
/// Texts of one peer that nobody has decided about: a greeting and a few words after it.
inline constexpr Duration kStrangerInterval = std::chrono::seconds(15);
inline constexpr uint64_t kStrangerBurst = 4;
/// Texts of all such peers behind one address (IPv6: one /64): half of what all of them may send, so that one house
/// never uses up the share of the others.
inline constexpr Duration kPrefixInterval = std::chrono::seconds(4);
inline constexpr uint64_t kPrefixBurst = 8;
/// Peers and prefixes whose rates are remembered, also when they are gone: 100 bytes each, in three tables. The longest
/// takes a minute to recover.
inline constexpr size_t kMaxRates = 1024;
/// Texts of all such peers together: keys are free, the person's attention is not.
inline constexpr Duration kStrangersInterval = std::chrono::seconds(2);
inline constexpr uint64_t kStrangersBurst = 16;

// --- keeping ------------------------------------------------------------------------------------------------------

/// Texts kept, and their bytes: years of words between people. The oldest go when more come.
inline constexpr size_t kMaxTexts = 4096;
inline constexpr uint64_t kMaxTextsBytes = 16 * 1024 * 1024;
/// Texts kept of one peer that nobody has decided about. They do not push anything out: what is more is refused until
/// the person decides or time passes, however often the peer connects anew.
inline constexpr size_t kMaxTextsPerStranger = 16;
/// Of all such peers together: a long list of requests to look through, and a fraction of the whole.
inline constexpr size_t kMaxStrangerTexts = 256;
inline constexpr uint64_t kMaxStrangerBytes = 1024 * 1024;
/// A text of a peer that the person knows is kept for so long: a quarter of a year.
inline constexpr int64_t kLifetimeSeconds = 90 * 24 * 3600;
/// And one of a stranger: a week, in which somebody looks.
inline constexpr int64_t kStrangerLifetimeSeconds = 7 * 24 * 3600;

} // namespace wherry::text
