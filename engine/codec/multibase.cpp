#include "codec/multibase.h"

#include "codec/base58.h"
#include "codec/codec_limits.h"
#include "codec/radix.h"

#include <algorithm>

namespace wherry::codec {

namespace {

constexpr std::string_view kBase32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kBase36Alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase64UrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648 without padding; `bits` per character.
std::string encodeBits(ByteView bytes, std::string_view alphabet, unsigned bits) {
    std::string text;
    uint32_t pool = 0;
    unsigned held = 0;
    for (const uint8_t byte : bytes) {
        pool = pool << 8 | byte;
        held += 8;
        while (held >= bits) {
            held -= bits;
            text.push_back(alphabet[pool >> held & (alphabet.size() - 1)]);
        }
    }
    if (held > 0) text.push_back(alphabet[pool << (bits - held) & (alphabet.size() - 1)]);
    return text;
}

Result<Bytes> decodeBits(std::string_view text, std::string_view alphabet, unsigned bits) {
    Bytes bytes;
    uint32_t pool = 0;
    unsigned held = 0;
    for (const char c : text) {
        const size_t digit = alphabet.find(c);
        if (digit == std::string_view::npos) return makeError(Errc::InvalidArgument, "character outside the alphabet");
        pool = pool << bits | static_cast<uint32_t>(digit);
        held += bits;
        if (held < 8) continue;
        held -= 8;
        bytes.push_back(static_cast<uint8_t>(pool >> held));
    }
    if (held >= bits || (pool & ((1u << held) - 1)) != 0)
        return makeError(Errc::InvalidArgument, "text does not end on a byte");
    return bytes;
}

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

} // namespace

std::string encodeMultibase(Multibase base, ByteView bytes) {
    std::string text(1, static_cast<char>(base));
    switch (base) {
    case Multibase::Base32:
        return text += encodeBits(bytes, kBase32Alphabet, 5);
    case Multibase::Base36:
        return text += encodeRadix(bytes, kBase36Alphabet);
    case Multibase::Base58Btc:
        return text += encodeBase58(bytes);
    case Multibase::Base64Url:
        return text += encodeBits(bytes, kBase64UrlAlphabet, 6);
    }
    ASSERT(!"a Multibase has one of the listed values");
    return text;
}

Result<Bytes> decodeMultibase(std::string_view text) {
    if (text.empty()) return makeError(Errc::InvalidArgument, "empty multibase text");
    if (text.size() > kMaxMultibaseChars)
        return makeError(Errc::TooLarge, "multibase text of more than 1024 characters");
    const std::string_view digits = text.substr(1);
    switch (text[0]) {
    case 'b':
        return decodeBits(digits, kBase32Alphabet, 5);
    case 'B':
        return decodeBits(lowered(digits), kBase32Alphabet, 5);
    case 'k':
        return decodeRadix(digits, kBase36Alphabet);
    case 'K':
        return decodeRadix(lowered(digits), kBase36Alphabet);
    case 'z':
        return decodeBase58(digits);
    case 'u':
        return decodeBits(digits, kBase64UrlAlphabet, 6);
    default:
        return makeError(Errc::Unsupported, "unknown multibase prefix");
    }
}

} // namespace wherry::codec
