#include "protocols/presence/heard_devices.h"

namespace wherry::presence {

using crypto::PeerId;

const HeardDevices::Device* HeardDevices::find(const PeerId& peer) const {
    const auto found = m_devices.find(peer);
    return found == m_devices.end() ? nullptr : &found->second;
}

std::optional<PeerId> HeardDevices::put(const PeerId& peer, Device device) {
    take(peer);
    std::optional<PeerId> gaveWay;
    if (m_devices.size() >= m_most) {
        gaveWay = m_order.begin()->second;
        take(*gaveWay);
    }
    device.turn = ++m_turns;
    m_order.emplace(device.turn, peer);
    if (device.until != kNever) m_ends.emplace(device.until, peer);
    m_devices.emplace(peer, device);
    return gaveWay;
}

std::optional<HeardDevices::Device> HeardDevices::take(const PeerId& peer) {
    const auto known = m_devices.extract(peer);
    if (!known) return std::nullopt;
    const Device& device = known.mapped();
    m_order.erase({device.turn, peer});
    m_ends.erase({device.until, peer});
    return device;
}

void HeardDevices::endFirst() {
    Device& device = m_devices.at(first());
    device.heard.here = false;
    device.until = kNever;
    m_ends.erase(m_ends.begin());
}

} // namespace wherry::presence
