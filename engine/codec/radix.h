#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace wherry::codec {

/// Bytes as one big number in a base that is no power of two, leading zero bytes as leading zero digits (the way of
/// base58btc and multibase base36). `alphabet` has one character per digit.
/// bytes.size() <= kMaxRadixBytes: the work grows with the square.
std::string encodeRadix(ByteView bytes, std::string_view alphabet);
/// InvalidArgument for a character outside the alphabet; TooLarge above kMaxRadixChars or kMaxRadixBytes.
Result<Bytes> decodeRadix(std::string_view text, std::string_view alphabet);

} // namespace wherry::codec
