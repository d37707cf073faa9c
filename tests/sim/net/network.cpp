#include "sim/net/network.h"

#include "base/assert.h"

namespace wherry::sim {

codec::IpAddress ip(const std::string& text) {
    auto parsed = codec::parseIp(text);
    ASSERT(parsed);
    return *parsed;
}

template <typename T, typename... Arguments> T& Network::add(Arguments&&... arguments) {
    auto device = std::make_unique<T>(m_medium, std::forward<Arguments>(arguments)...);
    T& reference = *device;
    m_devices.push_back(std::move(device));
    return reference;
}

Host& Network::host(const std::string& name, const std::vector<std::string>& addresses) {
    Host& host = add<Host>(name);
    for (const auto& address : addresses) host.addAddress(ip(address));
    return host;
}

Router& Network::router(const std::string& name) {
    return add<Router>(name);
}

Hub& Network::hub(const std::string& name) {
    return add<Hub>(name);
}

Nat& Network::nat(const std::string& name, const std::string& outer, NatConfig config) {
    return add<Nat>(name, ip(outer), config);
}

Firewall& Network::firewall(const std::string& name, FirewallConfig config) {
    return add<Firewall>(name, std::move(config));
}

Link& Network::connect(Device& a, Device& b, const LinkConfig& aToB, const LinkConfig& bToA) {
    m_links.push_back(std::make_unique<Link>(m_medium, a, b, aToB, bToA));
    return *m_links.back();
}

} // namespace wherry::sim
