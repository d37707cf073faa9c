#include "node/quiet_peers.h"

#include "node/node_limits.h"

namespace wherry::node {

void QuietPeers::arm(Instant now) {
    if (m_lookAt == kNever) m_lookAt = now + kQuietLook;
}

std::vector<QuietPeers::Advice> QuietPeers::look(const std::vector<AtWork>& peers, Instant now) {
    m_lookAt = kNever;
    std::vector<Advice> advice;
    std::map<crypto::PeerId, Watch> watched;
    for (const AtWork& peer : peers) {
        const auto before = m_watched.find(peer.peer);
        Watch watch = before == m_watched.end() ? Watch{peer.received, now, now, false} : before->second;
        const bool slept = now - watch.lookedAt >= kQuietLookLate;
        if (slept || watch.received != peer.received) watch = {peer.received, now, now, false};
        watch.lookedAt = now;
        const Duration quiet = now - watch.heardAt;
        if (peer.moves && quiet >= kQuietEnds)
            advice.push_back({peer.peer, Advice::What::GiveUp});
        else if (quiet >= kQuietProbe && !std::exchange(watch.probed, true))
            advice.push_back({peer.peer, Advice::What::Probe});
        watched[peer.peer] = watch;
    }
    m_watched = std::move(watched);
    return advice;
}

double QuietPeers::silentSeconds(const crypto::PeerId& peer) const {
    const auto found = m_watched.find(peer);
    if (found == m_watched.end()) return 0;
    const Duration quiet = found->second.lookedAt - found->second.heardAt;
    return quiet < kQuietTold ? 0 : std::chrono::duration<double>(quiet).count();
}

} // namespace wherry::node
