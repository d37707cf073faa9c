#pragma once

#include "codec/ip.h"
#include "codec/multiaddr.h"

#include <optional>
#include <vector>

namespace wherry::kad {

/// Whether an address may pass between us and somebody at `other` (nullopt: on the Internet), in either direction: it
/// has an IP address that one device can have, no narrower than the other's own, and a port that no old service of the
/// system has. So nobody on the Internet sends us into our own network or to ourselves (SECURITY D10), and nobody there
/// learns what our network looks like from within (promise 5). Whatever is neither loopback, private nor public leads
/// to places that its name does not say. Names are not looked up for strangers.
bool mayBeTold(const std::optional<codec::IpAddress>& other, const codec::Multiaddr& address);
/// Of what the other names, or of what we know and the other asks for, that which may pass.
std::vector<codec::Multiaddr> mayPass(const std::optional<codec::IpAddress>& other,
                                      const std::vector<codec::Multiaddr>& addresses);

} // namespace wherry::kad
