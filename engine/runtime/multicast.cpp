#include "runtime/multicast.h"

#include "protocols/mdns/mdns.h"
#include "protocols/mdns/mdns_limits.h"
#include "runtime/runtime_limits.h"

#include <set>

namespace wherry::runtime {

Multicast::Multicast(const Log& log, std::function<void(const discovery::Heard&)> heard, std::function<void()> settled)
    : m_log(log),
      m_heard(std::move(heard)),
      m_settled(std::move(settled)) {}

void Multicast::setLinks(const std::vector<discovery::LocalLink>& links) {
    std::set<Key> wanted;
    for (size_t i = 0; i < std::min(links.size(), mdns::kMaxLinks); ++i)
        for (const auto& own : links[i].addresses) wanted.emplace(links[i].interface, own.ip.family);
    std::erase_if(m_sockets, [&](const auto& one) { return !wanted.contains(one.first); });
    for (const Key& key : wanted)
        if (!m_sockets.contains(key)) openSocket(key);
}

void Multicast::openSocket(const Key& key) {
    auto socket = MulticastSocket::open(key.first, {mdns::group(key.second), mdns::kPort, 0});
    if (!socket) {
        LOG(m_log, Warning, "mdns", "no discovery on interface " << key.first << ": " << socket.error().text());
        return;
    }
    Watched& watched = m_sockets[key];
    watched.socket = std::move(*socket);
    watched.readable =
        std::make_unique<QSocketNotifier>(static_cast<qintptr>(watched.socket->native()), QSocketNotifier::Read);
    connect(watched.readable.get(), &QSocketNotifier::activated, this, [this, key] { onReadable(key); });
}

void Multicast::onReadable(const Key& key) {
    const auto found = m_sockets.find(key);
    if (found == m_sockets.end()) return;
    for (int count = 0; count < kReceivesPerWake; ++count) {
        const auto received = found->second.socket->receive();
        if (!received) break;
        m_heard({key.first, received->source, received->toGroup, received->bytes});
    }
    m_settled();
}

void Multicast::send(const discovery::SendMulticast& out) {
    const auto found = m_sockets.find({out.interface, out.family});
    if (found == m_sockets.end()) return;
    if (!found->second.socket->send(out.bytes))
        LOG(m_log, Debug, "mdns", "a message on interface " << out.interface << " was not sent");
}

} // namespace wherry::runtime
