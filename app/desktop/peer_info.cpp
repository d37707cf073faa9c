#include "desktop/peer_info.h"

#include "desktop/display.h"

namespace wherry::desktop {

void PeerInfo::setPeers(PeersModel* peers) {
    if (peers == m_peers) return;
    if (m_peers) m_peers->disconnect(this);
    m_peers = peers;
    if (peers)
        connect(peers, &PeersModel::peerChanged, this, [this](const api::PeerId& peer) {
            if (peer == m_peer) emit changed();
        });
    emit changed();
}

void PeerInfo::setPeerId(const QString& peerId) {
    if (peerId == m_peerId) return;
    m_peerId = peerId;
    const auto peer = api::PeerId::parse(peerId.toStdString());
    m_peer = peer ? *peer : api::PeerId();
    emit changed();
}

bool PeerInfo::known() const {
    return m_peers && m_peers->find(m_peer);
}

QString PeerInfo::title() const {
    return doubtfulName() ? m_peers->face(m_peer).name : name();
}

QString PeerInfo::claimedNameInText() const {
    return desktop::nameInText(claimedName());
}

double PeerInfo::latency() const {
    return known() ? value(PeersModel::LatencyRole).toDouble() : -1;
}

QVariant PeerInfo::value(int role) const {
    if (!known()) return {};
    return m_peers->index(m_peers->rowOf(m_peer)).data(role);
}

} // namespace wherry::desktop
