#include "discovery/memory_discovery.h"

#include "base/take_front.h"

namespace wherry::discovery {

MemoryDiscovery::MemoryDiscovery(std::shared_ptr<MemoryBoard> board, crypto::PeerId self)
    : m_board(std::move(board)),
      m_self(std::move(self)) {}

void MemoryDiscovery::setLinks(std::vector<LocalLink> links, Now now) {
    std::vector<codec::Multiaddr> addresses;
    for (const LocalLink& link : links)
        for (const codec::TransportAddress& address : link.reach) addresses.push_back(codec::Multiaddr::of(address));
    m_board->notices.insert_or_assign(m_self, MemoryBoard::Notice{std::move(addresses), ++m_board->version});
    look();
    m_next = now.mono + kBoardInterval;
}

void MemoryDiscovery::onDeadline(Now now) {
    if (now.mono < m_next) return;
    look();
    m_next = now.mono + kBoardInterval;
}

void MemoryDiscovery::look() {
    if (m_looked == m_board->version) return;
    m_looked = m_board->version;
    for (const auto& [peer, notice] : m_board->notices) {
        if (peer == m_self) continue;
        uint64_t& seen = m_seen[peer];
        if (seen != notice.version) m_actions.push_back(PeerFound{peer, notice.addresses});
        seen = notice.version;
    }
    std::erase_if(m_seen, [&](const auto& known) {
        const bool gone = !m_board->notices.contains(known.first);
        if (gone) m_actions.push_back(PeerExpired{known.first});
        return gone;
    });
}

void MemoryDiscovery::shutdown(Now) {
    m_board->notices.erase(m_self);
    ++m_board->version;
    m_next = kNever;
    m_actions.clear();
}

std::optional<Action> MemoryDiscovery::poll() {
    return takeFront(m_actions);
}

} // namespace wherry::discovery
