#include "protocols/identify/own_addresses.h"

#include "crypto/peer_record.h"
#include "protocols/identify/identify_limits.h"

#include <algorithm>
#include <iterator>

namespace wherry::identify {

using codec::Multiaddr;

static std::vector<Multiaddr> leadingHere(const std::vector<Multiaddr>& all, codec::Reach place) {
    std::vector<Multiaddr> out;
    std::ranges::copy_if(all, std::back_inserter(out), [&](const auto& one) { return codec::leadsFrom(place, one); });
    while (out.size() > kMaxOwnAddresses) {
        const auto last = std::find_if_not(out.rbegin(), out.rend(), [](const auto& one) { return one.isCircuit(); });
        out.erase(last == out.rend() ? std::prev(out.end()) : std::prev(last.base()));
    }
    return out;
}

bool OwnAddresses::set(std::vector<Multiaddr> addresses, Now now) {
    for (Multiaddr& address : addresses) address = address.withoutPeer();
    if (addresses == m_all) return false;
    m_all = std::move(addresses);
    // Milliseconds since 1970, as js counts, and growing even when the clock does not.
    m_seq = std::max(m_seq + 1, static_cast<uint64_t>(std::max<int64_t>(now.wall.nanoseconds, 0) / 1'000'000));
    for (const codec::Reach reach : codec::kReaches)
        tell(m_places[static_cast<size_t>(reach)], leadingHere(m_all, reach));
    return true;
}

/// Whoever is told the same as at another place knows it already.
void OwnAddresses::tell(Place& place, std::vector<Multiaddr> addresses) {
    place.record.clear();
    if (place.told == addresses) return;
    const auto same = std::ranges::find(m_places, addresses, &Place::told);
    place.version = same == m_places.end() ? ++m_lastVersion : same->version;
    place.told = std::move(addresses);
}

const Bytes& OwnAddresses::recordFor(codec::Reach reach, const crypto::Identity& identity) {
    Place& place = m_places[static_cast<size_t>(reach)];
    if (place.record.empty() && m_seq > 0) place.record = crypto::sealPeerRecord(identity, m_seq, place.told);
    return place.record;
}

} // namespace wherry::identify
