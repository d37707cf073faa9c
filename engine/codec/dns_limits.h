#pragma once

#include <cstddef>

/// Bounds of DNS messages, with their units.
namespace wherry::codec {

/// Bytes of one message (RFC 6762 17: 9000 with IP and UDP headers, the largest that multicast DNS allows).
inline constexpr size_t kMaxDnsMessageBytes = 9000;
/// Bytes of a name on the wire, its last zero included, and of one of its labels (RFC 1035 2.3.4).
inline constexpr size_t kMaxDnsNameBytes = 255;
inline constexpr size_t kMaxDnsLabelBytes = 63;
/// Pointers that are followed for one name: names of discovery have four labels, and one pointer for each is the most
/// that an encoder makes. Bytes alone would allow 4000, in two names of each of 256 records.
inline constexpr size_t kMaxDnsPointers = 16;
/// Bytes of one string inside a TXT record: its length is one byte (RFC 1035 3.3).
inline constexpr size_t kMaxDnsStringBytes = 255;
/// Questions and records (all sections together) of one message. A browser that asks for everything has a dozen
/// questions, a busy responder some 60 records; a record takes at least 11 bytes, so bytes alone would allow 800.
inline constexpr size_t kMaxDnsQuestions = 64;
inline constexpr size_t kMaxDnsRecords = 256;
/// Strings of one TXT record; bytes alone would allow 9000 empty ones.
inline constexpr size_t kMaxDnsStrings = 256;

} // namespace wherry::codec
