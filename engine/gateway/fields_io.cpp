#include "gateway/fields_io.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace wherry::gateway {

Error wrongKind(std::string_view wanted) {
    return makeError(Errc::InvalidArgument, "wanted is " + std::string(wanted));
}

void appendDuration(std::string& to, Duration value, int64_t unit) {
    int64_t count = value.count();
    if (count < 0) to += '-';
    const uint64_t magnitude = count < 0 ? 0 - static_cast<uint64_t>(count) : static_cast<uint64_t>(count);
    const auto step = static_cast<uint64_t>(unit);
    to += std::to_string(magnitude / step);
    uint64_t rest = magnitude % step;
    if (rest == 0) return;
    to += '.';
    for (uint64_t digit = step / 10; rest > 0; digit /= 10) {
        to += static_cast<char>('0' + rest / digit);
        rest %= digit;
    }
}

Result<Duration> readDuration(const JsonValue& in, int64_t unit) {
    TRY(const double value, readDouble(in));
    const double count = std::round(value * static_cast<double>(unit));
    // Below 2^63 with room; NaN fails the comparison.
    if (!(std::abs(count) < 9.2e18)) return wrongKind("a length of time");
    return Duration(static_cast<int64_t>(count));
}

void appendDouble(std::string& to, double value) {
    if (!std::isfinite(value)) {
        to += "null";
        return;
    }
    char text[32]; // the shortest form that reads back the same has at most 24
    const auto end = std::to_chars(std::begin(text), std::end(text), value);
    to.append(text, end.ptr);
}

Result<double> readDouble(const JsonValue& in) {
    if (const auto* number = in.as<double>()) return *number;
    if (const auto* number = in.as<uint64_t>()) return static_cast<double>(*number);
    if (const auto* number = in.as<int64_t>()) return static_cast<double>(*number);
    if (in.as<std::monostate>()) return std::numeric_limits<double>::quiet_NaN();
    return wrongKind("a number");
}

void appendText(std::string& to, std::string_view value) {
    if (isUtf8(value)) return appendJsonString(to, value);
    to += "{\"hex\":\"" + toHex(asBytes(value)) + "\"}";
}

Result<std::string> readText(const JsonValue& in) {
    if (const auto* text = in.as<std::string>()) return *text;
    const JsonValue* hex = in.find("hex");
    if (!hex) return wrongKind("a text, or {\"hex\": \"...\"}");
    TRY(const Bytes bytes, readHex(*hex));
    return std::string(asText(bytes));
}

Result<Bytes> readHex(const JsonValue& in) {
    const auto* text = in.as<std::string>();
    if (!text) return wrongKind("hexadecimal digits");
    Bytes bytes = fromHex(*text);
    if (bytes.size() * 2 != text->size()) return wrongKind("hexadecimal digits");
    return bytes;
}

Result<uint64_t> readUnsigned(const JsonValue& in, uint64_t most) {
    const auto* number = in.as<uint64_t>();
    if (!number || *number > most) return wrongKind("a whole number from 0 to " + std::to_string(most));
    return *number;
}

Result<int64_t> readSigned(const JsonValue& in) {
    if (const auto* number = in.as<int64_t>()) return *number;
    constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    TRY(const uint64_t number, readUnsigned(in, kMost));
    return static_cast<int64_t>(number);
}

Result<bool> readBool(const JsonValue& in) {
    const auto* value = in.as<bool>();
    if (!value) return wrongKind("true or false");
    return *value;
}

Result<crypto::PeerId> readPeer(const JsonValue& in) {
    const auto* text = in.as<std::string>();
    if (!text) return wrongKind("a peer id");
    if (text->empty()) return crypto::PeerId();
    return crypto::PeerId::parse(*text);
}

Result<codec::Multiaddr> readAddress(const JsonValue& in) {
    const auto* text = in.as<std::string>();
    if (!text) return wrongKind("a multiaddr");
    if (text->empty()) return codec::Multiaddr();
    return codec::Multiaddr::parse(*text);
}

Result<size_t> readName(const JsonValue& in, std::span<const std::string_view> names) {
    const auto* text = in.as<std::string>();
    const auto found = text ? std::ranges::find(names, std::string_view(*text)) : names.end();
    if (found != names.end()) return static_cast<size_t>(found - names.begin());
    std::string wanted;
    for (const std::string_view name : names) wanted += (wanted.empty() ? "" : ", ") + std::string(name);
    return wrongKind("one of: " + wanted);
}

} // namespace wherry::gateway
