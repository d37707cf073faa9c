#include "node/seen_addresses.h"

#include "node/node_limits.h"
#include "protocols/autonat/dial_policy.h"

#include <algorithm>
#include <utility>

namespace wherry::node {

using codec::Multiaddr;
using codec::SocketAddress;
using codec::Transport;

void SeenAddresses::setListening(const std::vector<Multiaddr>& addresses) {
    if (addresses == m_listening) return;
    m_listening = addresses;
    m_ports.clear();
    for (const Multiaddr& address : addresses)
        if (const auto at = address.transportAddress()) m_ports[at->transport].insert(at->socket.port);
    m_votes.clear();
    ++m_version;
}

void SeenAddresses::onSeen(const Sight& sight) {
    const auto us = sight.us.transportAddress();
    const auto local = sight.local.transportAddress();
    if (!us || !local || !us->socket.ip.isPublic() || !sight.from.isPublic()) return;
    if (us->transport != local->transport || us->socket.ip.isV4() != local->socket.ip.isV4()) return;
    if (us->transport != Transport::Quic && us->transport != Transport::Tcp) return;
    const auto ports = m_ports.find(us->transport);
    if (ports == m_ports.end() || !ports->second.contains(local->socket.port)) return;
    const Key key{sight.peer, us->transport, us->socket.ip.isV4()};
    // Whoever comes to us gives way to whom we have dialled: there may be any number of those.
    const auto worth = [](const auto& one) { return std::pair(one.second.dialled, one.second.order); };
    if (!m_votes.contains(key) && m_votes.size() >= kMaxSights)
        m_votes.erase(std::ranges::min_element(m_votes, {}, worth));
    const bool dialled = sight.side == link::Side::Dialer;
    m_votes.insert_or_assign(key,
                             Vote{us->socket, autonat::siteOf(sight.from), local->socket.port, dialled, ++m_order});
    ++m_version;
}

void SeenAddresses::onGone(const crypto::PeerId& peer) {
    if (std::erase_if(m_votes, [&](const auto& one) { return one.first.peer == peer; }) > 0) ++m_version;
}

/// Those of one kind, by how many networks they are seen from and then by how lately.
std::vector<SeenAddresses::Ranked> SeenAddresses::ranked(Transport transport, bool ipv4) const {
    std::map<SocketAddress, std::set<codec::IpAddress>> networks;
    std::map<SocketAddress, Ranked> found;
    for (const auto& [key, vote] : m_votes) {
        if (key.transport != transport || key.ipv4 != ipv4) continue;
        networks[vote.us].insert(vote.site);
        Ranked& one = found[vote.us];
        one.at = vote.us;
        one.networks = networks[vote.us].size();
        one.order = std::max(one.order, vote.dialled ? vote.order : uint64_t{0});
        one.keepsPort = vote.us.port == vote.localPort;
    }
    std::vector<Ranked> order;
    for (const auto& [at, one] : found)
        if (one.networks >= kSightsNeeded || one.order > 0) order.push_back(one);
    std::ranges::sort(order, [](const Ranked& a, const Ranked& b) {
        const auto weight = [](const Ranked& one) {
            return std::pair(std::min(one.networks, kSightsNeeded), one.order);
        };
        return weight(a) > weight(b);
    });
    if (order.size() > kSightsOfOneKind) order.resize(kSightsOfOneKind);
    return order;
}

std::vector<Multiaddr> SeenAddresses::candidates(size_t most) const {
    std::vector<Multiaddr> all;
    const auto add = [&](const Multiaddr& address) {
        if (std::ranges::find(all, address) == all.end()) all.push_back(address);
    };
    for (const Multiaddr& address : m_listening) {
        const auto at = address.transportAddress();
        const bool fits = at && (at->transport == Transport::Quic || at->transport == Transport::Tcp);
        if (fits && at->socket.ip.isPublic()) add(address.withoutPeer());
    }
    for (const bool ipv4 : {true, false}) {
        const auto quic = ranked(Transport::Quic, ipv4), tcp = ranked(Transport::Tcp, ipv4);
        for (const Ranked& one : quic) add(Multiaddr::quic(one.at));
        for (const Ranked& one : tcp) add(Multiaddr::tcp(one.at));
        const auto ports = m_ports.find(Transport::Tcp);
        if (tcp.empty() && !quic.empty() && quic.front().keepsPort && ports != m_ports.end())
            add(Multiaddr::tcp({quic.front().at.ip, *ports->second.begin(), 0}));
    }
    if (all.size() > most) all.resize(most);
    return all;
}

} // namespace wherry::node
