#include "codec/base64.h"

#include <string_view>

namespace wherry::codec {

std::string encodeBase64(ByteView bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (size_t at = 0; at < bytes.size(); at += 3) {
        const size_t left = bytes.size() - at;
        const uint32_t group = static_cast<uint32_t>(bytes[at]) << 16 |
                               static_cast<uint32_t>(left > 1 ? bytes[at + 1] : 0) << 8 |
                               static_cast<uint32_t>(left > 2 ? bytes[at + 2] : 0);
        out.push_back(kAlphabet[group >> 18]);
        out.push_back(kAlphabet[group >> 12 & 63]);
        out.push_back(left > 1 ? kAlphabet[group >> 6 & 63] : '=');
        out.push_back(left > 2 ? kAlphabet[group & 63] : '=');
    }
    return out;
}

} // namespace wherry::codec
