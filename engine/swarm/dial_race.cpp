#include "swarm/dial_race.h"

#include "base/assert.h"
#include "swarm/swarm_limits.h"

#include <algorithm>
#include <array>

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

namespace {

/// QUIC and what a pipe carries at once, ws, wss, and what no carrier of ours knows.
std::vector<codec::Multiaddr> orderKinds(std::vector<codec::Multiaddr> addresses) {
    std::array<std::vector<codec::Multiaddr>, 4> kinds;
    for (codec::Multiaddr& address : addresses) {
        const bool direct = address.quicAddress() || address.tcpAddress();
        const size_t kind = direct ? 0 : address.wsAddress() ? 1 : address.wssTarget() ? 2 : 3;
        kinds[kind].push_back(std::move(address));
    }
    std::vector<codec::Multiaddr> order;
    for (auto& kind : kinds)
        for (codec::Multiaddr& address : interleaveFamilies(std::move(kind))) order.push_back(std::move(address));
    return order;
}

} // namespace

DialRace::Lane& DialRace::laneOf(const codec::Multiaddr& address) {
    if (address.isCircuit()) return m_circuits;
    return address.quicAddress() ? m_quic : m_pipes;
}

Result<void> DialRace::add(const std::vector<codec::Multiaddr>& addresses, Now now) {
    for (const codec::Multiaddr& address : addresses) {
        const auto named = address.peerMultihash();
        if (named && !equal(*named, m_peer.multihash()))
            return makeError(Errc::InvalidArgument, address.text() + " names another peer than " + m_peer.text());
    }
    const bool quicRests = m_quic.idle();
    const bool noQuicWaits = m_quic.waiting.empty();
    const bool noPipeWaits = m_pipes.waiting.empty();
    const bool directRests = nothingDirect();
    const bool noCircuitWaits = m_circuits.waiting.empty();
    for (const codec::Multiaddr& address : addresses) {
        codec::Multiaddr plain = address.withoutPeer();
        if (m_seen.size() == kMaxAddressesPerConnect) break;
        if (std::find(m_seen.begin(), m_seen.end(), plain) != m_seen.end()) continue;
        m_seen.push_back(plain);
        laneOf(plain).waiting.push_back(plain);
    }
    for (Lane* lane : {&m_quic, &m_pipes, &m_circuits}) lane->waiting = orderKinds(std::move(lane->waiting));
    if (noQuicWaits) m_quic.due = now.mono;
    if (quicRests && !m_quic.idle()) m_headStartUntil = now.mono + kQuicHeadStart;
    if (noPipeWaits)
        m_pipes.due = m_quic.idle() || m_pace == DialPace::AllAtOnce ? now.mono : std::max(now.mono, m_headStartUntil);
    if (directRests && !nothingDirect()) m_directUntil = now.mono + kDirectHeadStart;
    if (noCircuitWaits) m_circuits.due = nothingDirect() ? now.mono : std::max(now.mono, m_directUntil);
    return {};
}

std::optional<codec::Multiaddr> DialRace::next(Now now) {
    for (Lane* lane : {&m_quic, &m_pipes, &m_circuits}) {
        if (lane->next() > now.mono) continue;
        codec::Multiaddr address = std::move(lane->waiting.front());
        lane->waiting.erase(lane->waiting.begin());
        lane->due = m_pace == DialPace::AllAtOnce ? now.mono : now.mono + kDialStagger;
        ++lane->underWay;
        return address;
    }
    return std::nullopt;
}

void DialRace::onFailed(const codec::Multiaddr& address, const Error& error, Now now) {
    if (error.code == Errc::IdentityMismatch) m_mismatched.push_back(address);
    if (!m_failures.empty()) m_failures += "; ";
    m_failures += address.text() + ": " + error.text();
    Lane& lane = laneOf(address);
    ASSERT(lane.underWay > 0);
    --lane.underWay;
    lane.due = now.mono;
    if (m_quic.idle()) m_pipes.due = std::min(m_pipes.due, now.mono);
    if (nothingDirect()) m_circuits.due = std::min(m_circuits.due, now.mono);
}

void DialRace::stop() {
    m_quic.waiting.clear();
    m_pipes.waiting.clear();
    m_circuits.waiting.clear();
}

void DialRace::stopRelayed() {
    m_circuits.waiting.clear();
}

Error DialRace::failure(std::string_view unanswered, const std::vector<codec::Multiaddr>& given) const {
    std::string context = m_failures;
    if (!unanswered.empty()) {
        if (!context.empty()) context += "; ";
        context += unanswered;
    }
    if (context.empty()) context = "no address is known";
    const bool mismatch = std::ranges::any_of(given, [&](const codec::Multiaddr& address) {
        return std::ranges::find(m_mismatched, address.withoutPeer()) != m_mismatched.end();
    });
    return makeError(mismatch ? Errc::IdentityMismatch : Errc::Unreachable,
                     "reaching " + m_peer.text() + ": " + context);
}

} // namespace wherry::swarm
