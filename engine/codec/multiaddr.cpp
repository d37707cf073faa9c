#include "codec/multiaddr.h"

#include "codec/addr_protocol.h"
#include "codec/codec_limits.h"
#include "codec/multihash.h"
#include "codec/varint.h"

#include <algorithm>
#include <charconv>
#include <span>

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

constexpr AddrCode kQuicTail[] = {AddrCode::Udp, AddrCode::QuicV1};
constexpr AddrCode kTcpTail[] = {AddrCode::Tcp};
constexpr AddrCode kWsTail[] = {AddrCode::Tcp, AddrCode::Ws};
constexpr AddrCode kWssTail[] = {AddrCode::Tcp, AddrCode::Wss};
constexpr AddrCode kTlsWsTail[] = {AddrCode::Tcp, AddrCode::Tls, AddrCode::Ws};
constexpr AddrCode kTlsSniWsTail[] = {AddrCode::Tcp, AddrCode::Tls, AddrCode::Sni, AddrCode::Ws};

/// What stands behind the host in an address of each transport.
struct Shape {
    Transport transport;
    std::span<const AddrCode> tail;
};
constexpr Shape kShapes[] = {
    {Transport::Quic, kQuicTail},
    {Transport::Tcp, kTcpTail},
    {Transport::WebSocket, kWsTail},
    {Transport::SecureWebSocket, kWssTail},
    {Transport::SecureWebSocket, kTlsWsTail},
    {Transport::SecureWebSocket, kTlsSniWsTail},
};

/// Whether parts[at..] are exactly `tail`, or that and one /p2p component.
bool endsAs(const std::vector<AddrPart>& parts, size_t at, std::span<const AddrCode> tail) {
    const size_t left = parts.size() - at;
    if (left != tail.size() && left != tail.size() + 1) return false;
    for (size_t i = 0; i < tail.size(); ++i)
        if (parts[at + i].code != tail[i]) return false;
    return left == tail.size() || parts.back().code == AddrCode::P2p;
}

/// An IP address, with its zone when that is a number, and the port that `tail` begins with.
std::optional<SocketAddress> socketAddress(const std::vector<AddrPart>& parts, std::span<const AddrCode> tail) {
    if (parts.empty()) return std::nullopt;
    SocketAddress address;
    const bool zoned = parts[0].code == AddrCode::Ip6Zone;
    const size_t ipAt = zoned ? 1 : 0;
    if (parts.size() < ipAt + 1 + tail.size() || !endsAs(parts, ipAt + 1, tail)) return std::nullopt;
    const AddrPart& ip = parts[ipAt];
    if (ip.code != AddrCode::Ip6 && (ip.code != AddrCode::Ip4 || zoned)) return std::nullopt;
    address.ip.family = ip.code == AddrCode::Ip4 ? IpAddress::Family::V4 : IpAddress::Family::V6;
    std::copy(ip.value.begin(), ip.value.end(), address.ip.octets.begin());
    if (zoned) {
        const auto index = zoneIndex(parts[0]);
        if (!index || !(address.ip.isLinkLocal() || address.ip.isMulticast())) return std::nullopt;
        address.scope = *index;
    }
    address.port = getBigEndian<uint16_t>(parts[ipAt + 1].value);
    return address;
}

std::optional<std::string> sniOf(const std::vector<AddrPart>& parts) {
    const auto sni = std::ranges::find(parts, AddrCode::Sni, &AddrPart::code);
    if (sni == parts.end()) return std::nullopt;
    return std::string(asText(sni->value));
}

/// The part before the port, which may be a zone and an address.
std::vector<AddrPart> hostParts(const SocketAddress& address) {
    std::vector<AddrPart> parts;
    if (address.scope != 0) parts.push_back({AddrCode::Ip6Zone, toBytes(asBytes(std::to_string(address.scope)))});
    parts.push_back(ipPart(address.ip));
    return parts;
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
    out.m_parts = hostParts(address);
    out.m_parts.push_back(portPart(AddrCode::Udp, address.port));
    out.m_parts.push_back({AddrCode::QuicV1, {}});
    return out;
}

Multiaddr Multiaddr::tcp(const SocketAddress& address) {
    Multiaddr out;
    out.m_parts = hostParts(address);
    out.m_parts.push_back(portPart(AddrCode::Tcp, address.port));
    return out;
}

Multiaddr Multiaddr::ws(const SocketAddress& address) {
    Multiaddr out = tcp(address);
    out.m_parts.push_back({AddrCode::Ws, {}});
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

Multiaddr Multiaddr::of(const TransportAddress& address) {
    switch (address.transport) {
    case Transport::Quic: return quic(address.socket);
    case Transport::Tcp: return tcp(address.socket);
    case Transport::WebSocket: return ws(address.socket);
    case Transport::SecureWebSocket: return wss({address.socket, {}});
    }
    return quic(address.socket);
}

std::optional<SocketAddress> Multiaddr::quicAddress() const {
    return socketAddress(m_parts, kQuicTail);
}

std::optional<SocketAddress> Multiaddr::tcpAddress() const {
    return socketAddress(m_parts, kTcpTail);
}

std::optional<SocketAddress> Multiaddr::wsAddress() const {
    return socketAddress(m_parts, kWsTail);
}

std::optional<TransportAddress> Multiaddr::transportAddress() const {
    for (const Shape& shape : kShapes)
        if (const auto socket = socketAddress(m_parts, shape.tail)) return TransportAddress{shape.transport, *socket};
    return std::nullopt;
}

std::optional<Multiaddr::DnsTarget> Multiaddr::dnsTarget() const {
    if (m_parts.size() < 2) return std::nullopt;
    const AddrCode kind = m_parts[0].code;
    if (kind != AddrCode::Dns && kind != AddrCode::Dns4 && kind != AddrCode::Dns6) return std::nullopt;
    const std::string name(asText(m_parts[0].value));
    for (const Shape& shape : kShapes) {
        if (!endsAs(m_parts, 1, shape.tail)) continue;
        DnsTarget target{kind, name, getBigEndian<uint16_t>(m_parts[1].value), shape.transport};
        if (shape.transport == Transport::SecureWebSocket) target.serverName = sniOf(m_parts).value_or(name);
        return target;
    }
    return std::nullopt;
}

Multiaddr Multiaddr::wss(const WssTarget& target) {
    Multiaddr out = tcp(target.socket);
    out.m_parts.push_back({AddrCode::Tls, {}});
    if (!target.serverName.empty()) out.m_parts.push_back({AddrCode::Sni, toBytes(asBytes(target.serverName))});
    out.m_parts.push_back({AddrCode::Ws, {}});
    return out;
}

std::optional<Multiaddr::WssTarget> Multiaddr::wssTarget() const {
    const auto at = transportAddress();
    if (at && at->transport == Transport::SecureWebSocket) return WssTarget{at->socket, sniOf(m_parts).value_or("")};
    return std::nullopt;
}

bool Multiaddr::isCircuit() const {
    return std::ranges::any_of(m_parts, [](const AddrPart& part) { return part.code == AddrCode::P2pCircuit; });
}

std::optional<Multiaddr> Multiaddr::circuitRelay() const {
    const auto circuit = std::ranges::find(m_parts, AddrCode::P2pCircuit, &AddrPart::code);
    const auto behind = m_parts.end() - circuit; // with /p2p-circuit itself
    if (circuit == m_parts.end() || behind > 2 || (behind == 2 && m_parts.back().code != AddrCode::P2p))
        return std::nullopt;
    Multiaddr relay;
    relay.m_parts.assign(m_parts.begin(), circuit);
    if (relay.m_parts.size() < 2 || relay.m_parts.back().code != AddrCode::P2p) return std::nullopt;
    return relay;
}

Multiaddr Multiaddr::withCircuit() const {
    Multiaddr out = *this;
    out.m_parts.push_back({AddrCode::P2pCircuit, {}});
    return out;
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
