#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "codec/ip.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// One port for everything that finds peers without being told: multicast DNS, and an in-memory one for tests. What it
/// finds are claims of strangers on the network, never proof: only a handshake proves who is behind an address.
namespace wherry::discovery {

/// An address of this machine and how many of its bits name the network that it is on.
struct OwnAddress {
    codec::IpAddress ip;
    uint8_t prefixBits = 0;
    bool operator==(const OwnAddress&) const = default;
};
/// Whether `other` is on the network of `own`.
bool onSameNetwork(const OwnAddress& own, const codec::IpAddress& other);

/// A network interface of this machine that can multicast.
struct LocalLink {
    uint32_t interface = 0; ///< the system's index
    std::vector<OwnAddress> addresses;
    std::vector<codec::TransportAddress> reach; ///< where others on this link reach the node, the best first; scope 0
    bool operator==(const LocalLink&) const = default;
};

/// A datagram that came to the port of the discovery.
struct Heard {
    uint32_t interface = 0;
    codec::SocketAddress source;
    bool toGroup = true; ///< sent to the multicast group, not to an address of ours
    ByteView bytes;
};

struct SendMulticast {
    uint32_t interface = 0;
    codec::IpAddress::Family family = codec::IpAddress::Family::V4;
    Bytes bytes;
    bool operator==(const SendMulticast&) const = default;
};
/// A peer has appeared, or its addresses are others now: `addresses` are all that are known. Link-local ones carry
/// their zone.
struct PeerFound {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses;
    bool operator==(const PeerFound&) const = default;
};
/// Nothing is known about the peer any more.
struct PeerExpired {
    crypto::PeerId peer;
    bool operator==(const PeerExpired&) const = default;
};
using Action = std::variant<SendMulticast, PeerFound, PeerExpired>;

/// A sans-I/O machine: after any input poll() until it is empty, then sleep until deadline() or the next input.
class Discovery {
  public:
    virtual ~Discovery() = default;

    /// All links of this machine from now on; what was known through one that is gone is forgotten.
    virtual void setLinks(std::vector<LocalLink> links, Now now) = 0;
    virtual void onDatagram(const Heard& heard, Now now) = 0;
    virtual void onDeadline(Now now) = 0;
    virtual Instant deadline() const = 0;
    /// Quiet: speaks only when it is spoken to, and when it is told to ask. What others say is heard all the same.
    virtual void setQuiet(bool, Now) {}
    /// Somebody is sought: asks soon, even when it is quiet.
    virtual void ask(Now) {}
    /// Says goodbye; nothing is found afterwards.
    virtual void shutdown(Now now) = 0;
    virtual std::optional<Action> poll() = 0;
};

} // namespace wherry::discovery
