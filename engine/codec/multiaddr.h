#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/ip.h"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::codec {

/// Protocol codes of the multiaddr table (multiformats/multiaddr protocols.csv); LIBP2P.md 3.2 lists the ones in use.
enum class AddrCode : uint32_t {
    Ip4 = 4, Tcp = 6, Ip6 = 41, Ip6Zone = 42, Dns = 53, Dns4 = 54, Dns6 = 55, DnsAddr = 56, Udp = 273, P2pCircuit = 290,
    Unix = 400, P2p = 421, Tls = 448, Sni = 449, Noise = 454, QuicV1 = 461, WebTransport = 465, CertHash = 466, Ws = 477, Wss = 478,
};

/// One component: /code/value. `value` is the binary form (2 bytes for a port, 4 or 16 for an address, a multihash for p2p, text for dns).
struct AddrPart {
    AddrCode code;
    Bytes value;
    auto operator<=>(const AddrPart&) const = default;
};

/// What carries links to an address: QUIC over UDP, TCP, or WebSocket over TCP, without or with TLS.
enum class Transport : uint8_t { Quic, Tcp, WebSocket, SecureWebSocket };

/// Where and how a node is reached, once names are resolved.
struct TransportAddress {
    Transport transport = Transport::Quic;
    SocketAddress socket;
    auto operator<=>(const TransportAddress&) const = default;
};

/// A valid multiaddr: a sequence of known components with well-formed values. At most kMaxMultiaddrBytes in binary form.
class Multiaddr {
  public:
    Multiaddr() = default;

    static Result<Multiaddr> parse(std::string_view text);
    static Result<Multiaddr> decode(ByteView binary);
    /// /ip4|ip6/.../udp/PORT/quic-v1, with /ip6zone in front when the scope is not 0.
    static Multiaddr quic(const SocketAddress& address);

    /// /ip4|ip6/.../tcp/PORT, with /ip6zone in front when the scope is not 0.
    static Multiaddr tcp(const SocketAddress& address);
    /// The same and /ws.
    static Multiaddr ws(const SocketAddress& address);
    /// Whichever of them it is; for a secure WebSocket without a name.
    static Multiaddr of(const TransportAddress& address);

    std::string text() const;
    Bytes encode() const;
    const std::vector<AddrPart>& parts() const { return m_parts; }
    bool empty() const { return m_parts.empty(); }

    /// The socket address of a /ip/.../udp/.../quic-v1[/p2p/...] address; nullopt for every other shape.
    std::optional<SocketAddress> quicAddress() const;
    /// The socket address of a /ip/.../tcp/PORT[/p2p/...] address; nullopt for every other shape.
    std::optional<SocketAddress> tcpAddress() const;
    /// Likewise of /ip/.../tcp/PORT/ws[/p2p/...].
    std::optional<SocketAddress> wsAddress() const;
    /// Whichever of these, or of a wssTarget(), it is; nullopt for every other shape.
    std::optional<TransportAddress> transportAddress() const;
    /// What follows /dns*/NAME: host name, port and how it is spoken to there.
    struct DnsTarget {
        AddrCode kind;
        std::string name;
        uint16_t port;
        Transport transport = Transport::Quic;
        std::string serverName{}; ///< of a secure WebSocket: what its certificate is for
    };
    /// Of a /dns|dns4|dns6/NAME/... address of one of these shapes; nullopt for every other.
    std::optional<DnsTarget> dnsTarget() const;
    /// Whether it leads through a relay: .../p2p/RELAY/p2p-circuit[/p2p/PEER] (libp2p/specs relay, circuit-v2).
    bool isCircuit() const;
    /// Of such an address with a relay that is named and reached directly: RELAYADDR/p2p/RELAY. nullopt for every
    /// other.
    std::optional<Multiaddr> circuitRelay() const;
    /// The address through this relay, RELAYADDR/p2p/RELAY.
    Multiaddr withCircuit() const;
    /// The multihash of the last /p2p component that is not followed by /p2p-circuit.
    std::optional<Bytes> peerMultihash() const;
    /// Without a trailing /p2p component.
    Multiaddr withoutPeer() const;
    Multiaddr withPeer(ByteView peerMultihash) const;

    /// Where a server of secure WebSockets is reached, and the name in its certificate; empty: it has only its address.
    struct WssTarget {
        SocketAddress socket;
        std::string serverName;
        bool operator==(const WssTarget&) const = default;
    };
    /// /ip4|ip6/.../tcp/PORT/tls/ws, or .../tls/sni/NAME/ws for one with a name, which is one of DNS.
    static Multiaddr wss(const WssTarget& target);
    /// Of an address of these shapes, or .../wss, with or without /p2p/...; nullopt for every other.
    std::optional<WssTarget> wssTarget() const;

    auto operator<=>(const Multiaddr&) const = default;

  private:
    std::vector<AddrPart> m_parts;
};

} // namespace wherry::codec
