#include "codec/base58.h"

#include "codec/radix.h"

namespace wherry::codec {

static constexpr std::string_view kBase58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

std::string encodeBase58(ByteView bytes) {
    return encodeRadix(bytes, kBase58Alphabet);
}

Result<Bytes> decodeBase58(std::string_view text) {
    return decodeRadix(text, kBase58Alphabet);
}

} // namespace wherry::codec
