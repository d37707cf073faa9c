#pragma once

#include "sim/net/device.h"

#include <functional>
#include <map>
#include <vector>

namespace wherry::sim {

/// A computer: addresses, each behind one of its links, and UDP sockets. A socket is bound to a port on all addresses.
class Host final : public Device {
  public:
    using Handler = std::function<void(const Datagram&)>;
    /// What the kernel would say to the sender at once.
    enum class Sent : uint8_t { Yes, TooBig, NoRoute };

    using Device::Device;

    void addAddress(const codec::IpAddress& address, size_t port = 0);
    void removeAddress(const codec::IpAddress& address);
    bool owns(const codec::IpAddress& address) const { return m_addresses.contains(address); }
    std::vector<codec::IpAddress> addresses() const;
    /// The first address of a family, as routing would choose it; unspecified when there is none.
    codec::IpAddress addressOf(codec::IpAddress::Family family) const;

    /// 0 takes the next free port from 49152 on. Returns the port; a bound port is taken over.
    uint16_t bind(uint16_t port, Handler handler);
    void unbind(uint16_t port) { m_sockets.erase(port); }

    /// `source` may have an unspecified address: the host chooses. A datagram above the first link's MTU is refused
    /// (EMSGSIZE).
    Sent send(codec::SocketAddress source, const codec::SocketAddress& destination, uint8_t ecn, ByteView payload);
    /// MTU of the link that datagrams from `source` leave through.
    size_t mtuFrom(const codec::IpAddress& source) const;

    /// Multicast: `handler` gets what comes to the group on any link, with the link's number (the order in which links
    /// were plugged in), also what this host has sent, as with IP_MULTICAST_LOOP.
    using GroupHandler = std::function<void(const Datagram&, size_t link)>;
    void join(const codec::SocketAddress& group, GroupHandler handler) { m_groups[group] = std::move(handler); }
    void leave(const codec::SocketAddress& group) { m_groups.erase(group); }
    Sent multicast(size_t link, const codec::SocketAddress& group, ByteView payload);
    size_t links() const { return portCount(); }
    std::vector<codec::IpAddress> addressesBehind(size_t link) const;

    void receive(Datagram datagram, size_t port) override;

  private:
    std::map<codec::IpAddress, size_t> m_addresses;
    std::vector<codec::IpAddress> m_order;
    std::map<uint16_t, Handler> m_sockets;
    std::map<codec::SocketAddress, GroupHandler> m_groups;
    uint16_t m_nextPort = 49152;
};

} // namespace wherry::sim
