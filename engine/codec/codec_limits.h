#pragma once

#include <cstddef>

namespace wherry::codec {

/// Bytes of one unsigned varint: 9 x 7 = 63 bits, the multiformats rule.
inline constexpr size_t kMaxVarintBytes = 9;

/// Bytes of one binary multiaddr. The longest useful one, a relay address with two DNS names (2 x 255), two peer ids
/// (2 x 41), ports and certificate hashes, is below 800.
inline constexpr size_t kMaxMultiaddrBytes = 1024;
/// Characters of one textual multiaddr: percent-encoding triples a byte at most, plus the protocols' names.
inline constexpr size_t kMaxMultiaddrChars = 4 * kMaxMultiaddrBytes;
/// Components of one multiaddr. A relay address over secure WebSocket with both peer ids has 9; components without a
/// value take 2 bytes each, so bytes alone would allow 512.
inline constexpr size_t kMaxMultiaddrParts = 24;
/// Characters of a DNS name in text form (RFC 1035 2.3.4: 255 octets on the wire).
inline constexpr size_t kMaxDnsNameChars = 253;
/// Characters of a DNS label (RFC 1035 2.3.4).
inline constexpr size_t kMaxDnsLabelChars = 63;
/// Bytes of an IPv6 zone: IF_NAMESIZE is 16 on Unix, Windows' interface indices have at most 10 digits.
inline constexpr size_t kMaxZoneBytes = 32;
/// Bytes of a Unix socket's path (sun_path has 108 with its NUL).
inline constexpr size_t kMaxUnixPathBytes = 107;

/// Bytes of a hash digest inside a multihash: SHA-512.
inline constexpr size_t kMaxDigestBytes = 64;
/// Bytes of a serialised public key that a peer id holds verbatim (libp2p/specs peer-ids).
inline constexpr size_t kMaxInlineKeyBytes = 42;
/// Bytes of a peer id: two of multihash header and the key, or a SHA-256.
inline constexpr size_t kMaxPeerIdBytes = 2 + kMaxInlineKeyBytes;

/// Bytes of one value in base58 or base36, whose conversion costs the square of the length. A CID of a SHA-512 has 68.
inline constexpr size_t kMaxRadixBytes = 96;
/// Characters of such a text: 96 bytes are 132 digits in base58, 149 in base36; leading zeros take one each.
inline constexpr size_t kMaxRadixChars = 150;
/// Characters of a multibase text of any base.
inline constexpr size_t kMaxMultibaseChars = 1024;

/// Items of a CBOR document, nested ones included, and how deep they may lie: an IPNS record, which is the only one
/// that we read, has a dozen in one level; the rest is for fields that its author adds.
inline constexpr size_t kMaxCborItems = 512;
inline constexpr size_t kMaxCborDepth = 16;

/// A frame's buffer grows by this many bytes at first, whatever length the peer has announced.
inline constexpr size_t kFirstFrameBytes = 512;

/// LZ4 pays off when a block shrinks by at least 1/16: below that the receiver's work costs more than the bytes saved.
inline constexpr size_t kLz4WorthwhileShare = 16;
/// Bytes of one LZ4 block's content: LZ4_MAX_INPUT_SIZE is 0x7E000000; ours hold a chunk (256 KiB) or one batch of
/// small files.
inline constexpr size_t kMaxLz4ContentBytes = 64 * 1024 * 1024;

} // namespace wherry::codec
