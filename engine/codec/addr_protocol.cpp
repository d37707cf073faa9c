#include "codec/addr_protocol.h"

#include "codec/base58.h"
#include "codec/codec_limits.h"
#include "codec/multibase.h"
#include "codec/multihash.h"

#include <algorithm>
#include <charconv>

namespace wherry::codec {

namespace {

constexpr AddrProtocol kProtocols[] = {
    {AddrCode::Ip4, "ip4", AddrValue::Ip4},
    {AddrCode::Tcp, "tcp", AddrValue::Port},
    {AddrCode::Ip6, "ip6", AddrValue::Ip6},
    {AddrCode::Ip6Zone, "ip6zone", AddrValue::Zone},
    {AddrCode::Dns, "dns", AddrValue::DnsName},
    {AddrCode::Dns4, "dns4", AddrValue::DnsName},
    {AddrCode::Dns6, "dns6", AddrValue::DnsName},
    {AddrCode::DnsAddr, "dnsaddr", AddrValue::DnsName},
    {AddrCode::Udp, "udp", AddrValue::Port},
    {AddrCode::P2pCircuit, "p2p-circuit", AddrValue::None},
    {AddrCode::Unix, "unix", AddrValue::UnixPath},
    {AddrCode::P2p, "p2p", AddrValue::PeerId},
    {AddrCode::Tls, "tls", AddrValue::None},
    {AddrCode::Sni, "sni", AddrValue::DnsName},
    {AddrCode::Noise, "noise", AddrValue::None},
    {AddrCode::QuicV1, "quic-v1", AddrValue::None},
    {AddrCode::WebTransport, "webtransport", AddrValue::None},
    {AddrCode::CertHash, "certhash", AddrValue::CertHash},
    {AddrCode::Ws, "ws", AddrValue::None},
    {AddrCode::Wss, "wss", AddrValue::None},
};

bool isAlphanumeric(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Letters, digits, hyphens, underscores in labels of 1 to 63; a final dot is allowed (RFC 1035, RFC 8552 for "_").
bool isDnsName(ByteView name) {
    if (name.empty() || name.size() > kMaxDnsNameChars) return false;
    size_t label = 0;
    for (size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '.') {
            if (label == 0) return false;
            label = 0;
        } else if (!(isAlphanumeric(name[i]) || name[i] == '-' || name[i] == '_') || ++label > kMaxDnsLabelChars) {
            return false;
        }
    }
    return true;
}

bool isZone(ByteView zone) {
    if (zone.empty() || zone.size() > kMaxZoneBytes) return false;
    return std::all_of(zone.begin(), zone.end(), [](uint8_t c) { return c > ' ' && c < 0x7f && c != '/' && c != '%'; });
}

bool isUnixPath(ByteView path) {
    return !path.empty() && path.size() <= kMaxUnixPathBytes && std::find(path.begin(), path.end(), 0) == path.end();
}

/// encodeURIComponent's rule: everything but letters, digits and a few marks becomes %XX.
std::string percentEncode(ByteView bytes) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    static constexpr std::string_view kMarks = "-_.!~*'()";
    std::string text;
    for (const uint8_t c : bytes) {
        if (isAlphanumeric(c) || kMarks.find(static_cast<char>(c)) != std::string_view::npos) {
            text.push_back(static_cast<char>(c));
        } else {
            text += {'%', kDigits[c >> 4], kDigits[c & 15]};
        }
    }
    return text;
}

Result<Bytes> percentDecode(std::string_view text) {
    Bytes bytes;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            bytes.push_back(static_cast<uint8_t>(text[i]));
            continue;
        }
        const Bytes byte = i + 3 <= text.size() ? fromHex(text.substr(i + 1, 2)) : Bytes();
        if (byte.empty()) return makeError(Errc::InvalidArgument, "bad percent encoding");
        bytes.push_back(byte[0]);
        i += 2;
    }
    return bytes;
}

Result<Bytes> parsePort(std::string_view text) {
    uint16_t port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (problem != std::errc() || end != text.data() + text.size() || text.size() > 5)
        return makeError(Errc::InvalidArgument, "not a port number");
    return Bytes{static_cast<uint8_t>(port >> 8), static_cast<uint8_t>(port)};
}

Result<Bytes> parseIpOf(IpAddress::Family family, std::string_view text) {
    TRY(const IpAddress address, parseIp(text));
    if (address.family != family) return makeError(Errc::InvalidArgument, "IP address of the other family");
    return toBytes(address.bytes());
}

IpAddress ipFrom(ByteView value) {
    IpAddress address{value.size() == 4 ? IpAddress::Family::V4 : IpAddress::Family::V6, {}};
    std::copy(value.begin(), value.end(), address.octets.begin());
    return address;
}

/// The value as its text says, not yet checked.
Result<Bytes> parseUnchecked(AddrValue kind, std::string_view text) {
    switch (kind) {
    case AddrValue::None:
        break;
    case AddrValue::Port:
        return parsePort(text);
    case AddrValue::Ip4:
        return parseIpOf(IpAddress::Family::V4, text);
    case AddrValue::Ip6:
        return parseIpOf(IpAddress::Family::V6, text);
    case AddrValue::DnsName:
    case AddrValue::Zone:
        return toBytes(asBytes(text));
    case AddrValue::UnixPath:
        return percentDecode(text);
    case AddrValue::PeerId:
        return parsePeerMultihash(text);
    case AddrValue::CertHash:
        return decodeMultibase(text);
    }
    ASSERT(!"a component without a value has no text");
    return Bytes();
}

} // namespace

const AddrProtocol* findAddrProtocol(uint64_t code) {
    const auto* row = std::find_if(std::begin(kProtocols), std::end(kProtocols),
                                   [&](const AddrProtocol& p) { return static_cast<uint64_t>(p.code) == code; });
    return row == std::end(kProtocols) ? nullptr : row;
}

const AddrProtocol* findAddrProtocol(std::string_view name) {
    if (name == "ipfs") name = "p2p"; // the old name of the same code
    const auto* row = std::find_if(std::begin(kProtocols), std::end(kProtocols),
                                   [&](const AddrProtocol& p) { return p.name == name; });
    return row == std::end(kProtocols) ? nullptr : row;
}

std::optional<size_t> fixedSize(AddrValue kind) {
    switch (kind) {
    case AddrValue::None:
        return 0;
    case AddrValue::Port:
        return 2;
    case AddrValue::Ip4:
        return 4;
    case AddrValue::Ip6:
        return 16;
    default:
        return std::nullopt;
    }
}

Result<void> checkAddrValue(AddrValue kind, ByteView value) {
    const auto verdict = [](bool good, const char* what) {
        return good ? Result<void>() : Result<void>(makeError(Errc::Malformed, what));
    };
    switch (kind) {
    case AddrValue::None:
        return verdict(value.empty(), "value where none belongs");
    case AddrValue::Port:
        return verdict(value.size() == 2, "bad port");
    case AddrValue::Ip4:
        return verdict(value.size() == 4, "bad IPv4 address");
    case AddrValue::Ip6:
        return verdict(value.size() == 16, "bad IPv6 address");
    case AddrValue::DnsName:
        return verdict(isDnsName(value), "bad DNS name");
    case AddrValue::Zone:
        return verdict(isZone(value), "bad IPv6 zone");
    case AddrValue::UnixPath:
        return verdict(isUnixPath(value), "bad socket path");
    case AddrValue::PeerId:
        return verdict(isPeerMultihash(value), "bad peer id");
    case AddrValue::CertHash:
        return verdict(decodeMultihash(value).has_value(), "bad certificate hash");
    }
    return verdict(false, "unknown kind of value");
}

std::string addrValueText(AddrValue kind, ByteView value) {
    switch (kind) {
    case AddrValue::None:
        break;
    case AddrValue::Port:
        return std::to_string(getBigEndian<uint16_t>(value));
    case AddrValue::Ip4:
    case AddrValue::Ip6:
        return ipFrom(value).text();
    case AddrValue::DnsName:
    case AddrValue::Zone:
        return std::string(asText(value));
    case AddrValue::UnixPath:
        return percentEncode(value);
    case AddrValue::PeerId:
        return encodeBase58(value);
    case AddrValue::CertHash:
        return encodeMultibase(Multibase::Base64Url, value);
    }
    ASSERT(!"a component without a value has no text");
    return {};
}

Result<Bytes> parseAddrValue(AddrValue kind, std::string_view text) {
    TRY(Bytes value, parseUnchecked(kind, text));
    if (const auto checked = checkAddrValue(kind, value); !checked)
        return makeError(Errc::InvalidArgument, checked.error().context);
    return value;
}

} // namespace wherry::codec
