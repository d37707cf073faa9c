#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

namespace wherry::share {

/// Addresses in a ticket: a host has an IPv6 and an IPv4 address per interface, and a QR code must stay readable.
inline constexpr size_t kMaxTicketAddresses = 8;
/// Bytes of a ticket's label: most file names fit whole, and a QR code must stay readable.
inline constexpr size_t kMaxLabelBytes = 120;
/// Bytes of the binary ticket: keys (90), label, 8 addresses of 25 to 40 bytes. In base32 this is the largest text that
/// codec::decodeMultibase takes, and a QR code of version 20. Addresses that do not fit are left out.
inline constexpr size_t kMaxTicketBytes = 600;
/// Lines over which a ticket may be wrapped: by mail programs at 64 to 78 characters, by a narrow terminal at 40.
inline constexpr size_t kMaxTicketLines = 32;
/// Characters of a pasted text in which a ticket is looked for: the ticket in base32, wrapped, with a few words around
/// it.
inline constexpr size_t kMaxTicketText = 16 * 1024;
/// Fields of a ticket message, those of a later version included.
inline constexpr size_t kMaxTicketFields = 32;

/// Shares of one node. Each is a row in memory.
inline constexpr size_t kMaxShares = 1000;
/// Paths of one share: what a person drops at once.
inline constexpr size_t kMaxSharePaths = 1000;
/// Bytes of all paths of one share together.
inline constexpr size_t kMaxSharePathBytes = 256 * 1024;

/// Bytes of a FetchRequest (88 are needed) and of a FetchReply (code and a sentence).
inline constexpr size_t kMaxRequestBytes = 256;
inline constexpr size_t kMaxReplyBytes = 1024;
inline constexpr size_t kMaxReplyText = 512;
inline constexpr size_t kMaxMessageFields = 16;
/// Requests that one peer may have open: a person fetches a few things at once.
inline constexpr size_t kMaxAsksPerPeer = 4;
/// Requests of all peers together that hold a ticket; each may read a folder.
inline constexpr size_t kMaxAsksInAll = 64;
/// Streams of all peers together on which no good request has come yet, 256 bytes each; the oldest gives way.
inline constexpr size_t kMaxUnproved = 64;
/// Own requests under way.
inline constexpr size_t kMaxFetches = 64;
/// From the opening of a stream until the whole request is there.
inline constexpr Duration kRequestTimeout = std::chrono::seconds(10);
/// Until the reply: the sharer walks through a million files meanwhile.
inline constexpr Duration kReplyTimeout = std::chrono::seconds(120);

/// Pauses between attempts to reach a sharer, doubled from the first to the last: as for a transfer.
inline constexpr Duration kFirstFetchRetry = std::chrono::milliseconds(500);
inline constexpr Duration kLastFetchRetry = std::chrono::seconds(8);
/// From the sharer's yes to its offer, which it begins at once.
inline constexpr Duration kOfferAfterGrant = std::chrono::seconds(30);

} // namespace wherry::share
