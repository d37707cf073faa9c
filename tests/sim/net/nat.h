#pragma once

#include "sim/net/device.h"

#include <map>

namespace wherry::sim {

/// How far a mapping or filter looks at the other end (RFC 4787, 4.1 and 5).
enum class NatScope : uint8_t { EndpointIndependent, AddressDependent, AddressAndPortDependent };

struct NatConfig {
    NatScope mapping = NatScope::EndpointIndependent;
    NatScope filtering = NatScope::AddressAndPortDependent;
    /// A mapping without outbound traffic for so long is forgotten (RFC 4787 REQ-5 wants 2 minutes; 30 s are common).
    Duration timeout = std::chrono::seconds(30);
    bool preservesPorts = true; ///< tries the inner port first
    bool hairpins = false;      ///< inside hosts reach one another through their outer addresses

    static NatConfig fullCone() { return {.filtering = NatScope::EndpointIndependent}; }
    static NatConfig addressRestricted() { return {.filtering = NatScope::AddressDependent}; }
    static NatConfig portRestricted() { return {}; }
    static NatConfig symmetric() { return {.mapping = NatScope::AddressAndPortDependent, .preservesPorts = false}; }
};

/// A network address translator. The link plugged in first is the inside, the second the outside.
class Nat final : public Device {
  public:
    Nat(Medium& medium, std::string name, const codec::IpAddress& outer, NatConfig config);

    /// Forgets all mappings, as after a power cut; running connections come out of other ports.
    void reboot();
    /// The provider assigns another address.
    void setOuter(const codec::IpAddress& outer);
    size_t mappings() const { return m_byInner.size(); }

    void receive(Datagram datagram, size_t port) override;

  private:
    static constexpr size_t kInside = 0;
    static constexpr size_t kOutside = 1;
    /// Inner end, and as much of the remote end as the mapping depends on (the rest zero).
    struct Key {
        codec::SocketAddress inner;
        codec::SocketAddress remote;
        auto operator<=>(const Key&) const = default;
    };
    struct Mapping {
        uint16_t outerPort;
        Instant lastUse;
        std::map<codec::SocketAddress, Instant> contacted; ///< remote ends, as much of them as the filter looks at
    };
    static codec::SocketAddress scoped(const codec::SocketAddress& remote, NatScope scope);
    void outbound(Datagram datagram);
    void inbound(Datagram datagram);
    uint16_t freePort(uint16_t wanted);
    void expire();

    NatConfig m_config;
    codec::IpAddress m_outer;
    SeededRandom m_random;
    std::map<Key, Mapping> m_byInner;
    std::map<uint16_t, Key> m_byPort;
};

} // namespace wherry::sim
