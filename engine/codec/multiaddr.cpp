#include "codec/multiaddr.h"

#include "codec/addr_protocol.h"
#include "codec/codec_limits.h"
#include "codec/multihash.h"
#include "codec/varint.h"

#include <algorithm>
#include <charconv>

namespace wherry::codec {

namespace {

AddrPart ipPart(const IpAddress& ip) {
    return {ip.isV4() ? AddrCode::Ip4 : AddrCode::Ip6, toBytes(ip.bytes())};
}

AddrPart portPart(AddrCode code, uint16_t port) {
    Bytes value(2);
    putBigEndian(value, port);
    return {code, std::move(value)};
}

const AddrProtocol& protocolOf(const AddrPart& part) {
    const AddrProtocol* protocol = findAddrProtocol(static_cast<uint64_t>(part.code));
    ASSERT(protocol);
    return *protocol;
}

/// Reads one component off the front of `in`.
Result<AddrPart> takePart(ByteView& in) {
    TRY(const Varint code, requireVarint(in));
    in = in.subspan(code.length);
    const AddrProtocol* protocol = findAddrProtocol(code.value);
    if (!protocol) return makeError(Errc::Unsupported, "multiaddr protocol " + std::to_string(code.value));
    uint64_t size = 0;
    if (const auto fixed = fixedSize(protocol->value)) {
        size = *fixed;
    } else {
        TRY(const Varint length, requireVarint(in));
        in = in.subspan(length.length);
        size = length.value;
    }
    if (size > in.size()) return makeError(Errc::Malformed, "multiaddr is cut");
    const ByteView value = in.first(static_cast<size_t>(size));
    in = in.subspan(value.size());
    TRY_OK(checkAddrValue(protocol->value, value));
    return AddrPart{protocol->code, toBytes(value)};
}

/// The text up to the next slash; `rest` is left behind that slash, and nullopt when there is none.
std::string_view takeWord(std::optional<std::string_view>& rest) {
    const size_t slash = rest->find('/');
    const std::string_view word = rest->substr(0, slash);
    if (slash == std::string_view::npos) {
        rest.reset();
    } else {
        rest->remove_prefix(slash + 1);
    }
    return word;
}

Result<AddrPart> takePart(std::optional<std::string_view>& rest) {
    const std::string_view name = takeWord(rest);
    if (name.empty()) return makeError(Errc::InvalidArgument, "multiaddr with a slash too many");
    const AddrProtocol* protocol = findAddrProtocol(name);
    if (!protocol) return makeError(Errc::Unsupported, "multiaddr protocol " + std::string(name.substr(0, 32)));
    if (protocol->value == AddrValue::None) return AddrPart{protocol->code, {}};
    if (!rest) return makeError(Errc::InvalidArgument, "/" + std::string(protocol->name) + " lacks its value");
    auto value = parseAddrValue(protocol->value, takeWord(rest));
    if (!value) return value.error().within("/" + std::string(protocol->name));
    return AddrPart{protocol->code, std::move(*value)};
}

/// The index of a zone written as a number; names of interfaces are the system's matter, so they do not count here.
std::optional<uint32_t> zoneIndex(const AddrPart& part) {
    const std::string_view text = asText(part.value);
    uint32_t index = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (problem != std::errc() || end != text.data() + text.size() || index == 0) return std::nullopt;
    return index;
}

/// Whether parts[at..] is exactly /udp/PORT/quic-v1, or that and one /p2p component.
bool endsAsQuic(const std::vector<AddrPart>& parts, size_t at) {
    const size_t left = parts.size() - at;
    if (left != 2 && left != 3) return false;
    return parts[at].code == AddrCode::Udp && parts[at + 1].code == AddrCode::QuicV1 &&
           (left == 2 || parts[at + 2].code == AddrCode::P2p);
}

} // namespace

Result<Multiaddr> Multiaddr::parse(std::string_view text) {
    if (text.size() > kMaxMultiaddrChars) return makeError(Errc::TooLarge, "multiaddr of more than 4096 characters");
    if (!text.starts_with('/')) return makeError(Errc::InvalidArgument, "a multiaddr starts with /");
    Multiaddr address;
    std::optional<std::string_view> rest = text.substr(1);
    while (rest) {
        if (address.m_parts.size() == kMaxMultiaddrParts)
            return makeError(Errc::TooLarge, "multiaddr of more than 24 components");
        TRY(AddrPart part, takePart(rest));
        address.m_parts.push_back(std::move(part));
    }
    if (address.encode().size() > kMaxMultiaddrBytes)
        return makeError(Errc::TooLarge, "multiaddr of more than 1024 bytes");
    return address;
}

Result<Multiaddr> Multiaddr::decode(ByteView binary) {
    if (binary.empty()) return makeError(Errc::Malformed, "empty multiaddr");
    if (binary.size() > kMaxMultiaddrBytes) return makeError(Errc::TooLarge, "multiaddr of more than 1024 bytes");
    Multiaddr address;
    while (!binary.empty()) {
        if (address.m_parts.size() == kMaxMultiaddrParts)
            return makeError(Errc::TooLarge, "multiaddr of more than 24 components");
        TRY(AddrPart part, takePart(binary));
        address.m_parts.push_back(std::move(part));
    }
    return address;
}

Multiaddr Multiaddr::quic(const SocketAddress& address) {
    Multiaddr out;
    if (address.scope != 0) out.m_parts.push_back({AddrCode::Ip6Zone, toBytes(asBytes(std::to_string(address.scope)))});
    out.m_parts.push_back(ipPart(address.ip));
    out.m_parts.push_back(portPart(AddrCode::Udp, address.port));
    out.m_parts.push_back({AddrCode::QuicV1, {}});
    return out;
}

std::string Multiaddr::text() const {
    std::string text;
    for (const AddrPart& part : m_parts) {
        const AddrProtocol& protocol = protocolOf(part);
        text.append("/").append(protocol.name);
        if (protocol.value != AddrValue::None) text.append("/").append(addrValueText(protocol.value, part.value));
    }
    return text;
}

Bytes Multiaddr::encode() const {
    Bytes out;
    for (const AddrPart& part : m_parts) {
        appendVarint(out, static_cast<uint64_t>(part.code));
        if (!fixedSize(protocolOf(part).value)) appendVarint(out, part.value.size());
        append(out, part.value);
    }
    return out;
}

std::optional<SocketAddress> Multiaddr::quicAddress() const {
    if (m_parts.empty()) return std::nullopt;
    SocketAddress address;
    const bool zoned = m_parts[0].code == AddrCode::Ip6Zone;
    const size_t ipAt = zoned ? 1 : 0;
    if (m_parts.size() < ipAt + 3 || !endsAsQuic(m_parts, ipAt + 1)) return std::nullopt;
    const AddrPart& ip = m_parts[ipAt];
    if (ip.code != AddrCode::Ip6 && (ip.code != AddrCode::Ip4 || zoned)) return std::nullopt;
    address.ip.family = ip.code == AddrCode::Ip4 ? IpAddress::Family::V4 : IpAddress::Family::V6;
    std::copy(ip.value.begin(), ip.value.end(), address.ip.octets.begin());
    if (zoned) {
        const auto index = zoneIndex(m_parts[0]);
        if (!index || !(address.ip.isLinkLocal() || address.ip.isMulticast())) return std::nullopt;
        address.scope = *index;
    }
    address.port = getBigEndian<uint16_t>(m_parts[ipAt + 1].value);
    return address;
}

std::optional<Multiaddr::DnsTarget> Multiaddr::quicDnsTarget() const {
    if (m_parts.size() < 3 || !endsAsQuic(m_parts, 1)) return std::nullopt;
    const AddrCode kind = m_parts[0].code;
    if (kind != AddrCode::Dns && kind != AddrCode::Dns4 && kind != AddrCode::Dns6) return std::nullopt;
    return DnsTarget{kind, std::string(asText(m_parts[0].value)), getBigEndian<uint16_t>(m_parts[1].value)};
}

std::optional<Bytes> Multiaddr::peerMultihash() const {
    for (auto part = m_parts.rbegin(); part != m_parts.rend(); ++part) {
        if (part->code == AddrCode::P2pCircuit) return std::nullopt;
        if (part->code == AddrCode::P2p) return part->value;
    }
    return std::nullopt;
}

Multiaddr Multiaddr::withoutPeer() const {
    Multiaddr out = *this;
    if (!out.m_parts.empty() && out.m_parts.back().code == AddrCode::P2p) out.m_parts.pop_back();
    return out;
}

Multiaddr Multiaddr::withPeer(ByteView peerMultihash) const {
    ASSERT(isPeerMultihash(peerMultihash));
    Multiaddr out = withoutPeer();
    out.m_parts.push_back({AddrCode::P2p, toBytes(peerMultihash)});
    return out;
}

} // namespace wherry::codec
