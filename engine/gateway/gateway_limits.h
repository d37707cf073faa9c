#pragma once

#include "base/time.h"

#include <cstddef>

/// Bounds of the local doors, with their units. Whoever comes in is a program of this user, perhaps a broken one.
namespace wherry::gateway {

/// Bytes of one line. A command line's paths fit: shells pass at most 2 MB, people some kB; an offer that is to be
/// answered is cut to fit (kMaxOfferBytes).
inline constexpr size_t kMaxLine = 4 * 1024 * 1024;
/// Bytes of the names of one offer on a line. Names escaped at worst, six bytes for one, fit with the rest.
inline constexpr size_t kMaxOfferBytes = 512 * 1024;
inline constexpr size_t kMaxOfferEntries = 10'000;
/// Nesting of JSON. Commands need four levels.
inline constexpr size_t kMaxJsonDepth = 16;
/// Values in one line: an offer of kMaxOfferEntries has five each. 200 000 take about 20 MB while they are read.
inline constexpr size_t kMaxJsonValues = 200'000;

/// Programs connected at once: more than a person has shells, and than a script begins with `send &` in a loop.
inline constexpr size_t kMaxClients = 256;
/// Requests and transfers that one client has under way.
inline constexpr size_t kMaxRequestsPerClient = 256;
/// A line that has begun ends within this time: the other side is a program on this machine.
inline constexpr Duration kHalfLineTimeout = std::chrono::seconds(10);
/// Bytes that wait for one client to read them: two of the longest lines. One that lets them grow further is dropped.
inline constexpr size_t kMaxOutgoing = 2 * kMaxLine;
/// The same of all clients together: a list each for sixteen. Beyond it whoever has most of it is dropped.
inline constexpr size_t kMaxOutgoingInAll = 16 * kMaxLine;
/// A list is made for a client that has fewer bytes than this left to read.
inline constexpr size_t kListRoom = 64 * 1024;
/// Bytes of half lines of all clients together: four of the longest. Beyond it whoever has the longest is dropped.
inline constexpr size_t kMaxHalfLines = 4 * kMaxLine;
/// When all places are taken, whoever has asked for nothing for so long gives up its own: others try for 8 s.
inline constexpr Duration kIdleTimeout = std::chrono::seconds(5);
/// Log lines about programs that misbehave: a few at once, then one in such a time.
inline constexpr Duration kComplaintInterval = std::chrono::seconds(10);
inline constexpr size_t kComplaintBurst = 5;
/// How often the socket's file is looked for: somebody who waits for it tries for 8 s.
inline constexpr Duration kSocketFileInterval = std::chrono::seconds(2);
/// Bytes taken from a client's socket before others have their turn.
inline constexpr size_t kReadChunk = 64 * 1024;

/// How long a client waits for the first line: the other end may be busy starting.
inline constexpr Duration kGreetingTimeout = std::chrono::seconds(5);
/// Bytes of a path that every system takes as the name of a socket (104 on macOS, 108 on Linux), less the nine that Qt
/// adds while it makes one.
inline constexpr size_t kMaxSocketPath = 90;

} // namespace wherry::gateway
