#include "codec/ip.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace wherry::codec {

namespace {

/// The IPv4 address inside ::ffff:a.b.c.d, so that a mapped address cannot slip past a rule that names IPv4 ranges.
IpAddress unmapped(const IpAddress& address) {
    static constexpr uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const auto& o = address.octets;
    if (address.isV4() || !std::equal(std::begin(kPrefix), std::end(kPrefix), o.begin())) return address;
    return IpAddress::v4({o[12], o[13], o[14], o[15]});
}

/// Whether the first `bits` of the address are those of `prefix`.
bool within(ByteView address, std::initializer_list<uint8_t> prefix, unsigned bits) {
    auto byte = address.begin();
    for (const uint8_t wanted : prefix) {
        const unsigned compared = std::min(bits, 8u);
        const unsigned mask = 0xff00u >> compared & 0xff;
        if ((*byte++ & mask) != (wanted & mask)) return false;
        bits -= compared;
    }
    return true;
}

std::optional<uint32_t> parseNumber(std::string_view text, int base, size_t maxDigits) {
    if (text.empty() || text.size() > maxDigits) return std::nullopt;
    uint32_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::array<uint8_t, 4>> parseDottedQuad(std::string_view text) {
    std::array<uint8_t, 4> octets{};
    for (size_t i = 0; i < 4; ++i) {
        const size_t dot = i < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos) return std::nullopt;
        const std::string_view digits = text.substr(0, dot);
        const auto value = parseNumber(digits, 10, 3);
        // A leading zero means octal to some parsers: two readings of one address are an attack waiting to happen.
        if (!value || *value > 255 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
        octets[i] = static_cast<uint8_t>(*value);
        if (i < 3) text.remove_prefix(dot + 1);
    }
    return octets;
}

/// Colon-separated groups, the last one possibly a dotted quad. Empty text gives no groups.
std::optional<Bytes> parseGroups(std::string_view text, bool quadAllowed) {
    Bytes octets;
    while (!text.empty()) {
        const size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        const bool last = colon == std::string_view::npos;
        if (octets.size() >= 16) return std::nullopt;
        if (last && quadAllowed && group.find('.') != std::string_view::npos) {
            const auto quad = parseDottedQuad(group);
            if (!quad) return std::nullopt;
            append(octets, *quad);
        } else {
            const auto value = parseNumber(group, 16, 4);
            if (!value) return std::nullopt;
            octets.push_back(static_cast<uint8_t>(*value >> 8));
            octets.push_back(static_cast<uint8_t>(*value));
        }
        if (last) break;
        text.remove_prefix(colon + 1);
        if (text.empty()) return std::nullopt;
    }
    return octets;
}

std::optional<std::array<uint8_t, 16>> parseV6(std::string_view text) {
    std::array<uint8_t, 16> octets{};
    const size_t gap = text.find("::");
    const bool hasGap = gap != std::string_view::npos;
    const auto head = parseGroups(text.substr(0, gap), !hasGap);
    const auto tail = hasGap ? parseGroups(text.substr(gap + 2), true) : Bytes();
    if (!head || !tail) return std::nullopt;
    const size_t length = head->size() + tail->size();
    // "::" stands for at least one group.
    if (hasGap ? length > 14 : length != 16) return std::nullopt;
    std::copy(head->begin(), head->end(), octets.begin());
    std::copy(tail->begin(), tail->end(), octets.end() - static_cast<std::ptrdiff_t>(tail->size()));
    return octets;
}

std::string quadText(ByteView octets) {
    std::string text;
    for (const uint8_t octet : octets) {
        if (!text.empty()) text.push_back('.');
        text += std::to_string(octet);
    }
    return text;
}

/// RFC 5952 section 4: lower case, no leading zeros, "::" for the longest (first) run of two or more zero groups.
std::string v6Text(const std::array<uint8_t, 16>& octets) {
    std::array<uint16_t, 8> groups{};
    for (size_t i = 0; i < 8; ++i) groups[i] = getBigEndian<uint16_t>(ByteView(octets).subspan(2 * i, 2));
    size_t gapAt = 8;
    size_t gapLength = 1;
    for (size_t i = 0; i < 8; ++i) {
        size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) ++length;
        if (length > gapLength) {
            gapAt = i;
            gapLength = length;
        }
    }
    std::string text;
    for (size_t i = 0; i < 8; ++i) {
        if (i == gapAt) {
            text += "::";
            i += gapLength - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text.push_back(':');
        char digits[4];
        const auto end = std::to_chars(std::begin(digits), std::end(digits), groups[i], 16).ptr;
        text.append(digits, end);
    }
    return text;
}

} // namespace

bool IpAddress::isLoopback() const {
    const IpAddress plain = unmapped(*this);
    if (plain.isV4()) return plain.octets[0] == 127;
    return plain == IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

bool IpAddress::isUnspecified() const {
    return unmapped(*this).octets == std::array<uint8_t, 16>{};
}

bool IpAddress::isMulticast() const {
    const IpAddress plain = unmapped(*this);
    return plain.isV4() ? (plain.octets[0] & 0xf0) == 0xe0 : plain.octets[0] == 0xff;
}

bool IpAddress::isLinkLocal() const {
    const IpAddress plain = unmapped(*this);
    return plain.isV4() ? within(plain.octets, {169, 254}, 16) : within(plain.octets, {0xfe, 0x80}, 10);
}

bool IpAddress::isPrivate() const {
    const IpAddress plain = unmapped(*this);
    if (plain.isLoopback() || plain.isLinkLocal()) return true;
    const ByteView o = plain.octets;
    if (!plain.isV4()) return within(o, {0xfc}, 7);
    return within(o, {10}, 8) || within(o, {172, 16}, 12) || within(o, {192, 168}, 16) || within(o, {100, 64}, 10);
}

bool IpAddress::isPublic() const {
    if (isPrivate() || isUnspecified() || isMulticast()) return false;
    const ByteView o = octets;
    if (!isV4()) // global unicast is 2000::/3, less Teredo and the other special uses, documentation, 6to4
        return within(o, {0x20}, 3) && !within(o, {0x20, 0x01, 0x00}, 23) && !within(o, {0x20, 0x01, 0x0d, 0xb8}, 32) &&
               !within(o, {0x20, 0x02}, 16) && !within(o, {0x3f, 0xff, 0x00}, 20);
    return !within(o, {0}, 8) && !within(o, {240}, 4) && !within(o, {192, 0, 0}, 24) && !within(o, {192, 0, 2}, 24) &&
           !within(o, {192, 88, 99}, 24) && !within(o, {198, 18}, 15) && !within(o, {198, 51, 100}, 24) &&
           !within(o, {203, 0, 113}, 24);
}

IpAddress IpAddress::budgetPrefix() const {
    IpAddress prefix = unmapped(*this);
    if (!prefix.isV4()) std::fill(prefix.octets.begin() + 8, prefix.octets.end(), uint8_t{0});
    return prefix;
}

std::string IpAddress::text() const {
    if (isV4()) return quadText(bytes());
    // RFC 5952 section 5: mixed notation where the prefix is known to carry an IPv4 address.
    if (const IpAddress plain = unmapped(*this); plain.isV4()) return "::ffff:" + quadText(plain.bytes());
    return v6Text(octets);
}

IpAddress IpAddress::v4(std::array<uint8_t, 4> four) {
    IpAddress address{Family::V4, {}};
    std::copy(four.begin(), four.end(), address.octets.begin());
    return address;
}

IpAddress IpAddress::v6(std::array<uint8_t, 16> sixteen) {
    return {Family::V6, sixteen};
}

Result<IpAddress> parseIp(std::string_view text) {
    if (text.find(':') == std::string_view::npos) {
        if (const auto quad = parseDottedQuad(text)) return IpAddress::v4(*quad);
    } else if (const auto sixteen = parseV6(text)) {
        return IpAddress::v6(*sixteen);
    }
    return makeError(Errc::InvalidArgument, "not an IP address: " + std::string(text.substr(0, 64)));
}

std::string SocketAddress::text() const {
    if (ip.isV4()) return ip.text() + ":" + std::to_string(port);
    const std::string zone = scope ? "%" + std::to_string(scope) : std::string();
    return "[" + ip.text() + zone + "]:" + std::to_string(port);
}

} // namespace wherry::codec
