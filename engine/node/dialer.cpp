#include "node/dialer.h"

#include "base/take_front.h"
#include "node/dialable_address.h"
#include "node/node_limits.h"

#include <algorithm>

namespace wherry::node {

using codec::Multiaddr;
using crypto::PeerId;

/// /dnsaddr stands for whole addresses that are to be looked up.
static bool leadsElsewhere(const Multiaddr& address) {
    return !address.parts().empty() && address.parts().front().code == codec::AddrCode::DnsAddr;
}

void Dialer::learn(const PeerId& peer, const std::vector<Multiaddr>& addresses) {
    if (!m_known.contains(peer) && m_known.size() >= kMaxKnownPeers) forgetOldest();
    m_known[peer].learned = ++m_lessons;
    std::vector<Multiaddr>& known = m_known[peer].addresses;
    for (const Multiaddr& address : addresses) {
        const Multiaddr bare = address.withoutPeer();
        std::erase(known, bare);
        known.insert(known.begin(), bare);
    }
    if (known.size() > kMaxAddressesPerPeer) known.resize(kMaxAddressesPerPeer);
}

void Dialer::forgetOldest() {
    const auto earlier = [](const auto& a, const auto& b) { return a.second.learned < b.second.learned; };
    m_known.erase(std::min_element(m_known.begin(), m_known.end(), earlier));
}

void Dialer::setDiscovered(const PeerId& peer, const std::vector<Multiaddr>& addresses) {
    m_discovered.erase(peer);
    if (!addresses.empty()) m_discovered.emplace(peer, addresses);
}

void Dialer::attempt(const PeerId& peer) {
    if (m_attempts.contains(peer)) return;
    Attempt& attempt = m_attempts[peer];
    std::vector<Multiaddr> names;
    if (const auto known = m_known.find(peer); known != m_known.end()) {
        for (const Multiaddr& address : known->second.addresses)
            if (leadsElsewhere(address)) // several peers may share such a name
                names.push_back(address.withPeer(peer.multihash()));
            else
                (address.dnsTarget() ? names : attempt.ready).push_back(address);
    }
    // What strangers claim comes after what we were told.
    if (const auto here = m_discovered.find(peer); here != m_discovered.end())
        for (const Multiaddr& address : here->second)
            if (std::ranges::find(attempt.ready, address) == attempt.ready.end()) attempt.ready.push_back(address);
    if (names.empty()) {
        dial(peer, attempt, "no address of it is known");
        return;
    }
    attempt.waitsFor = m_resolveIds.take();
    m_actions.push_back(ResolveNames{attempt.waitsFor, std::move(names)});
}

std::optional<ResolveId> Dialer::lookUp(const PeerId& peer, const Multiaddr& address) {
    const Multiaddr bare = address.withoutPeer();
    if (!leadsElsewhere(bare) && !bare.dnsTarget()) return std::nullopt;
    const ResolveId id = m_resolveIds.take();
    m_actions.push_back(ResolveNames{id, {leadsElsewhere(bare) ? bare.withPeer(peer.multihash()) : bare}});
    return id;
}

void Dialer::finished(const PeerId& peer) {
    m_attempts.erase(peer);
}

void Dialer::onNamesResolved(ResolveId id, const Result<std::vector<Multiaddr>>& addresses) {
    const auto waits = [id](const auto& pair) { return pair.second.waitsFor == id; };
    const auto found = std::find_if(m_attempts.begin(), m_attempts.end(), waits);
    if (found == m_attempts.end()) return; // the want was given up meanwhile
    Attempt& attempt = found->second;
    attempt.waitsFor = {};
    if (addresses) attempt.ready.insert(attempt.ready.end(), addresses->begin(), addresses->end());
    dial(found->first, attempt, addresses ? "its name has no address" : addresses.error().context);
}

/// Addresses that can never answer (a name may resolve to 0.0.0.0) are no reason to leave the others untried.
void Dialer::dial(const PeerId& peer, Attempt& attempt, const std::string& whyNone) {
    std::string why = whyNone;
    std::erase_if(attempt.ready, [&](const Multiaddr& address) {
        const auto known = address.transportAddress();
        if (!known) return false;
        const auto dialable = checkDialable(known->socket);
        if (!dialable) why = dialable.error().context;
        return !dialable;
    });
    if (attempt.ready.empty()) {
        m_actions.push_back(DialImpossible{peer, makeError(Errc::Unreachable, peer.text() + ": " + why)});
        return;
    }
    m_actions.push_back(DialPeer{peer, std::move(attempt.ready)});
}

std::optional<DialAction> Dialer::poll() {
    return takeFront(m_actions);
}

} // namespace wherry::node
