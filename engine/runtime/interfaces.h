#pragma once

#include "codec/ip.h"
#include "discovery/discovery.h"
#include "quic/endpoint.h"
#include "runtime/udp_socket.h"

#include <vector>

namespace wherry::runtime {

/// The unicast addresses of every interface that is up, each with its interface's MTU. Port 0.
std::vector<quic::LocalAddress> interfaceAddresses();

/// Where datagrams for these sockets arrive: wildcard addresses are replaced by what the interfaces have. Sorted: what
/// others may reach first, loopback last. Link-local addresses are left out as long as there is something better,
/// because they mean nothing on another machine.
std::vector<quic::LocalAddress> listeningAddresses(const std::vector<quic::LocalAddress>& interfaces,
                                                   const std::vector<std::unique_ptr<UdpSocket>>& sockets);

/// The interfaces that are up, can multicast and reach a node with these sockets, without loopback and point-to-point
/// ones; and where the node is reached on each: link-local addresses last.
std::vector<discovery::LocalLink> multicastLinks(const std::vector<std::unique_ptr<UdpSocket>>& sockets);

} // namespace wherry::runtime
