#pragma once

#include "codec/ip.h"
#include "discovery/discovery.h"
#include "quic/endpoint.h"
#include "runtime/socket_set.h"

#include <vector>

namespace wherry::runtime {

/// The unicast addresses of every interface that is up, each with its interface's MTU. Port 0.
std::vector<quic::LocalAddress> interfaceAddresses();

/// What one socket is bound to.
struct BoundAt {
    codec::SocketAddress address;
    SocketFamilies families = SocketFamilies::Both;
};
/// Of UDP sockets or TCP listeners.
template <typename Sockets> std::vector<BoundAt> boundOf(const Sockets& sockets) {
    std::vector<BoundAt> bound;
    for (const auto& socket : sockets) bound.push_back({socket->localAddress(), socket->families()});
    return bound;
}

/// Where datagrams or connections for these sockets arrive: wildcard addresses are replaced by what the interfaces
/// have. Sorted: what others may reach first, loopback last. Link-local addresses are left out as long as there is
/// something better, because they mean nothing on another machine.
std::vector<quic::LocalAddress> listeningAddresses(const std::vector<quic::LocalAddress>& interfaces,
                                                   const std::vector<BoundAt>& sockets);

/// The same of TCP listeners, as addresses that say how they are spoken to. `webName`: whose certificate secure
/// WebSockets show; they are reached by that name first, and asked for by it wherever else. Empty: by their addresses
/// alone.
std::vector<codec::Multiaddr> pipeAddresses(const std::vector<quic::LocalAddress>& interfaces,
                                            const std::vector<PipeListener>& listeners, const std::string& webName);

/// The interfaces that are up, can multicast and reach a node with these sockets, without loopback and point-to-point
/// ones; and where the node is reached on each: by QUIC, then TCP, then WebSocket, link-local addresses last. Secure
/// WebSockets are left out: nobody vouches for an address of the local network.
std::vector<discovery::LocalLink> multicastLinks(const std::vector<BoundAt>& datagrams,
                                                 const std::vector<PipeListener>& listeners);

} // namespace wherry::runtime
