#include "swarm/dial_race.h"

#include "swarm/swarm_limits.h"

#include <algorithm>

namespace wherry::swarm {

std::optional<codec::IpAddress> leadingIp(const codec::Multiaddr& address) {
    for (const codec::AddrPart& part : address.parts()) {
        if (part.code == codec::AddrCode::Ip6Zone) continue;
        if (part.code == codec::AddrCode::Ip4 && part.value.size() == 4) {
            std::array<uint8_t, 4> octets;
            std::copy_n(part.value.begin(), 4, octets.begin());
            return codec::IpAddress::v4(octets);
        }
        if (part.code == codec::AddrCode::Ip6 && part.value.size() == 16) {
            std::array<uint8_t, 16> octets;
            std::copy_n(part.value.begin(), 16, octets.begin());
            return codec::IpAddress::v6(octets);
        }
        return std::nullopt;
    }
    return std::nullopt;
}

std::vector<codec::Multiaddr> interleaveFamilies(std::vector<codec::Multiaddr> addresses) {
    std::vector<codec::Multiaddr> families[3];
    for (codec::Multiaddr& address : addresses) {
        const auto ip = leadingIp(address);
        families[!ip ? 2 : ip->isV4() ? 1 : 0].push_back(std::move(address));
    }
    std::vector<codec::Multiaddr> order;
    order.reserve(addresses.size());
    for (size_t i = 0; i < std::max(families[0].size(), families[1].size()); ++i)
        for (auto* family : {&families[0], &families[1]})
            if (i < family->size()) order.push_back(std::move((*family)[i]));
    for (codec::Multiaddr& address : families[2]) order.push_back(std::move(address));
    return order;
}

Result<void> DialRace::add(const std::vector<codec::Multiaddr>& addresses, Now now) {
    for (const codec::Multiaddr& address : addresses) {
        const auto named = address.peerMultihash();
        if (named && !equal(*named, m_peer.multihash()))
            return makeError(Errc::InvalidArgument, address.text() + " names another peer than " + m_peer.text());
    }
    const bool wasEmpty = m_waiting.empty();
    for (const codec::Multiaddr& address : addresses) {
        codec::Multiaddr plain = address.withoutPeer();
        if (m_seen.size() == kMaxAddressesPerConnect) break;
        if (std::find(m_seen.begin(), m_seen.end(), plain) != m_seen.end()) continue;
        m_seen.push_back(plain);
        m_waiting.push_back(std::move(plain));
    }
    auto order = interleaveFamilies({m_waiting.begin(), m_waiting.end()});
    m_waiting.assign(order.begin(), order.end());
    if (wasEmpty && !m_waiting.empty()) m_due = now.mono;
    return {};
}

std::optional<codec::Multiaddr> DialRace::next(Now now) {
    if (m_waiting.empty() || now.mono < m_due) return std::nullopt;
    codec::Multiaddr address = std::move(m_waiting.front());
    m_waiting.pop_front();
    m_due = now.mono + kDialStagger;
    return address;
}

void DialRace::onFailed(const codec::Multiaddr& address, const Error& error, Now now) {
    if (error.code == Errc::IdentityMismatch) m_mismatch = true;
    if (!m_failures.empty()) m_failures += "; ";
    m_failures += address.text() + ": " + error.text();
    m_due = now.mono;
}

Error DialRace::failure(std::string_view unanswered) const {
    std::string context = m_failures;
    if (!unanswered.empty()) {
        if (!context.empty()) context += "; ";
        context += unanswered;
    }
    if (context.empty()) context = "no address is known";
    return makeError(m_mismatch ? Errc::IdentityMismatch : Errc::Unreachable,
                     "reaching " + m_peer.text() + ": " + context);
}

} // namespace wherry::swarm
