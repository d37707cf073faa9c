#include "node/dialable_address.h"

namespace wherry::node {

using codec::IpAddress;

Result<void> checkDialable(const codec::SocketAddress& address) {
    const auto refuse = [&](const char* why) { return makeError(Errc::InvalidArgument, address.text() + ": " + why); };
    const IpAddress& ip = address.ip;
    if (ip.isUnspecified())
        return refuse("this address stands for \"any\" and is no device's; give the address of the device");
    if (ip.isMulticast()) return refuse("a multicast address is no single device's");
    if (ip == IpAddress::v4({255, 255, 255, 255})) return refuse("the broadcast address is no single device's");
    if (address.port == 0) return refuse("nobody can listen at port 0");
    if (!ip.isV4() && ip.isLinkLocal() && address.scope == 0)
        return refuse("an address that begins with fe80 needs the number of this device's interface in front: "
                      "/ip6zone/NUMBER/ip6/...");
    return {};
}

} // namespace wherry::node
