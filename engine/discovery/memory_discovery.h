#pragma once

#include "discovery/discovery.h"

#include <deque>
#include <map>
#include <memory>

namespace wherry::discovery {

/// What the peers of one test or simulation know of each other. Shared by their MemoryDiscovery objects, one thread.
struct MemoryBoard {
    struct Notice {
        std::vector<codec::Multiaddr> addresses;
        uint64_t version = 0;
    };
    std::map<crypto::PeerId, Notice> notices;
    uint64_t version = 0; ///< grows with each change
};

/// Discovery without a network: looks at the board every kBoardInterval. For tests and the simulator.
class MemoryDiscovery final : public Discovery {
  public:
    static constexpr Duration kBoardInterval = std::chrono::milliseconds(100);

    MemoryDiscovery(std::shared_ptr<MemoryBoard> board, crypto::PeerId self);
    /// A process that dies leaves its notice behind, as a peer's records stay in others' caches.
    ~MemoryDiscovery() override = default;

    void setLinks(std::vector<LocalLink> links, Now now) override;
    void onDatagram(const Heard&, Now) override {}
    void onDeadline(Now now) override;
    Instant deadline() const override { return m_next; }
    void shutdown(Now now) override;
    std::optional<Action> poll() override;

  private:
    void look();

    std::shared_ptr<MemoryBoard> m_board;
    crypto::PeerId m_self;
    std::map<crypto::PeerId, uint64_t> m_seen; ///< version of the notice that was reported
    uint64_t m_looked = 0;
    Instant m_next = kNever;
    std::deque<Action> m_actions;
};

} // namespace wherry::discovery
