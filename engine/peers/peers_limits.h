#pragma once

#include "base/time.h"

#include <cstddef>

/// Bounds of what is remembered about peers, with their units.
namespace wherry::peers {

/// Peers in the book. A full record (both names, a policy, eight addresses) is about 2.5 kB, a usual one 400 bytes: 5
/// MB when somebody fills the book on purpose, under 1 MB otherwise.
inline constexpr size_t kMaxPeers = 2048;
/// Peers that the person has decided about (trusted, blocked, named): these are never forgotten by themselves, so they
/// must leave room for passing ones.
inline constexpr size_t kMaxKeptPeers = 1024;
static_assert(kMaxKeptPeers < kMaxPeers);
/// Addresses kept of a peer that were dialled with success: the newest of home, office and travel, on both IP versions.
inline constexpr size_t kMaxVerifiedAddresses = 8;
/// Bytes of one stored address: the longest that a dial uses, with a name of 253 bytes, is below.
inline constexpr size_t kMaxAddressBytes = 320;

/// Characters of a name, the person's or a claimed one: one line of a list.
inline constexpr size_t kMaxAliasCharacters = 64;
/// Bytes of a name: four for each character.
inline constexpr size_t kMaxAliasBytes = 4 * kMaxAliasCharacters;
/// Bytes of an operator's policy: a paragraph.
inline constexpr size_t kMaxPolicyBytes = 1024;

/// Bytes and fields of one stored record: its parts above, and framing.
inline constexpr size_t kMaxStoredPeerBytes =
    2 * kMaxAliasBytes + kMaxPolicyBytes + kMaxVerifiedAddresses * kMaxAddressBytes + 128;
inline constexpr size_t kMaxStoredPeerFields = kMaxVerifiedAddresses + 8;
/// A peer that nobody has decided about leaves the book when it was not met for so long: half a year.
inline constexpr int64_t kStrangerLifetimeSeconds = 180 * 24 * 3600;
/// Peers that the error about an ambiguous name lists.
inline constexpr size_t kMaxCandidatesNamed = 8;

} // namespace wherry::peers
