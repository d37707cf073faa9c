#include "cli/peer_names.h"

namespace wherry::cli {

void PeerNames::learn(const api::KnownPeer& known) {
    if (known.alias.empty())
        m_aliases.erase(known.peer);
    else
        m_aliases.insert_or_assign(known.peer, known.alias);
}

std::string PeerNames::of(const api::PeerId& peer, size_t maxLength) const {
    const auto found = m_aliases.find(peer);
    return found == m_aliases.end() ? shortPeer(peer) : api::displayText(found->second, maxLength);
}

JsonLine& PeerNames::addTo(JsonLine& line, const api::PeerId& peer) const {
    const auto found = m_aliases.find(peer);
    return found == m_aliases.end() ? line : line.text("alias", found->second);
}

std::string shortPeer(const api::PeerId& peer) {
    return "peer …" + peer.shortText();
}

} // namespace wherry::cli
