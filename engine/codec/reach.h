#pragma once

#include "codec/ip.h"
#include "codec/multiaddr.h"

#include <array>
#include <optional>
#include <vector>

namespace wherry::codec {

/// From where an address can be reached, and where somebody is who wants to: on the same device, in a network of its
/// own, or anywhere on the Internet. The farther, the greater.
enum class Reach : uint8_t { Loopback, Local, Global };
inline constexpr std::array kReaches = {Reach::Loopback, Reach::Local, Reach::Global};

/// nullopt: neither loopback, private nor public, so that it leads to places that its name does not say.
std::optional<Reach> reachOf(const IpAddress& ip);
/// The IP address at the front of a multiaddr.
std::optional<IpAddress> ipOf(const Multiaddr& address);
/// Where the other end of a link is, as seen from here. Behind a relay it can be anywhere.
Reach placeOf(const Multiaddr& remote);

/// Whether an address of ours may lead here for somebody at `place`: it is a name, whose owner means others to know it,
/// or an IP address that one device can have and that is no narrower than where the other is.
bool leadsFrom(Reach place, const Multiaddr& address);

/// Whether an address may pass between us and somebody at `place`, in either direction: it leads here from there, has
/// an IP address, and a port that no old service of the system has. So nobody on the Internet sends us into our own
/// network or to ourselves (SECURITY D10), and nobody there learns what our network looks like from within (promise 5).
/// Names are not looked up for strangers.
bool mayBeTold(Reach place, const Multiaddr& address);
/// The same for somebody at an address; nullopt: on the Internet.
bool mayBeTold(const std::optional<IpAddress>& other, const Multiaddr& address);
/// Of what the other names, or of what we know and the other asks for, that which may pass.
std::vector<Multiaddr> mayPass(Reach place, const std::vector<Multiaddr>& addresses);
std::vector<Multiaddr> mayPass(const std::optional<IpAddress>& other, const std::vector<Multiaddr>& addresses);
/// The farthest place to which all of them may pass; nullopt: none, or there are no addresses.
std::optional<Reach> farthestFor(const std::vector<Multiaddr>& addresses);

} // namespace wherry::codec
