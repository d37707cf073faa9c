#include "codec/radix.h"

#include "codec/codec_limits.h"

#include <algorithm>

namespace wherry::codec {

namespace {

/// number = number * factor + addend, for little-endian digits of `base`.
void multiplyAdd(Bytes& number, uint32_t base, uint32_t factor, uint32_t addend) {
    uint32_t carry = addend;
    for (uint8_t& digit : number) {
        carry += digit * factor;
        digit = static_cast<uint8_t>(carry % base);
        carry /= base;
    }
    for (; carry > 0; carry /= base) number.push_back(static_cast<uint8_t>(carry % base));
}

} // namespace

std::string encodeRadix(ByteView bytes, std::string_view alphabet) {
    ASSERT(bytes.size() <= kMaxRadixBytes);
    const size_t zeros =
        static_cast<size_t>(std::find_if(bytes.begin(), bytes.end(), [](uint8_t b) { return b != 0; }) - bytes.begin());
    Bytes digits;
    for (const uint8_t byte : bytes.subspan(zeros))
        multiplyAdd(digits, static_cast<uint32_t>(alphabet.size()), 256, byte);
    std::string text(zeros, alphabet[0]);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) text.push_back(alphabet[*digit]);
    return text;
}

Result<Bytes> decodeRadix(std::string_view text, std::string_view alphabet) {
    if (text.size() > kMaxRadixChars) return makeError(Errc::TooLarge, "text of more than 150 digits");
    const size_t zeros = std::min(text.find_first_not_of(alphabet[0]), text.size());
    Bytes number;
    for (const char c : text.substr(zeros)) {
        const size_t digit = alphabet.find(c);
        if (digit == std::string_view::npos) return makeError(Errc::InvalidArgument, "character outside the alphabet");
        multiplyAdd(number, 256, static_cast<uint32_t>(alphabet.size()), static_cast<uint32_t>(digit));
    }
    if (zeros + number.size() > kMaxRadixBytes) return makeError(Errc::TooLarge, "value of more than 96 bytes");
    Bytes bytes(zeros, 0);
    bytes.insert(bytes.end(), number.rbegin(), number.rend());
    return bytes;
}

} // namespace wherry::codec
