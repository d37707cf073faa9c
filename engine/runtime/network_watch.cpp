#include "runtime/network_watch.h"

#include "runtime/interfaces.h"
#include "runtime/network_notifier.h"
#include "runtime/runtime_limits.h"

#include <algorithm>

namespace wherry::runtime {

using quic::LocalAddress;

NetworkWatch::NetworkWatch(std::function<void()> changed)
    : m_changed(std::move(changed)),
      m_interfaces(interfaceAddresses()),
      m_notifier(openNetworkNotifier()) {
    connect(&m_timer, &QTimer::timeout, this, &NetworkWatch::lookAgain);
    if (!m_notifier.isOpen()) {
        m_timer.start(std::chrono::duration_cast<std::chrono::milliseconds>(kAddressPollInterval));
        return;
    }
    m_timer.setSingleShot(true);
    m_readable = std::make_unique<QSocketNotifier>(qintptr(m_notifier.native()), QSocketNotifier::Read);
    connect(m_readable.get(), &QSocketNotifier::activated, this, [this] {
        drainNetworkNotifier(m_notifier);
        // Changes come in flocks, and a new IPv6 address is not usable at once.
        if (!m_timer.isActive())
            m_timer.start(std::chrono::duration_cast<std::chrono::milliseconds>(kAddressSettleTime));
    });
}

void NetworkWatch::lookAgain() {
    std::vector<LocalAddress> now = interfaceAddresses();
    auto same = [](const LocalAddress& a, const LocalAddress& b) {
        return a.address == b.address && a.linkMtu == b.linkMtu;
    };
    if (std::ranges::equal(now, m_interfaces, same)) return;
    m_interfaces = std::move(now);
    m_changed();
}

} // namespace wherry::runtime
