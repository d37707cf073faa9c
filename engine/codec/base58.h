#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace wherry::codec {

/// Base58btc, the alphabet of Bitcoin and libp2p. bytes.size() <= kMaxRadixBytes.
std::string encodeBase58(ByteView bytes);
/// InvalidArgument for a foreign character; TooLarge above kMaxRadixChars.
Result<Bytes> decodeBase58(std::string_view text);

} // namespace wherry::codec
