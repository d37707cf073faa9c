#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace wherry::codec {

/// The multibase encodings in use around libp2p; the value is the prefix character (multiformats/multibase).
enum class Multibase : char { Base32 = 'b', Base36 = 'k', Base58Btc = 'z', Base64Url = 'u' };

/// With the prefix character, without padding. Base36 and Base58Btc: bytes.size() <= kMaxRadixBytes.
std::string encodeMultibase(Multibase base, ByteView bytes);
/// Unsupported: another prefix. InvalidArgument: foreign characters, or left-over bits that are not zero. TooLarge:
/// above kMaxMultibaseChars. The prefixes B and K mean base32 and base36 in capitals; their digits are taken in either
/// case.
Result<Bytes> decodeMultibase(std::string_view text);

} // namespace wherry::codec
