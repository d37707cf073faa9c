#pragma once

#include "codec/ip.h"
#include "crypto/peer_id.h"
#include "protocols/relay/relay_limits.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace wherry::relay {

/// Between whom a circuit is, or is being made. `place`: the budget prefix that it is asked for from; nullopt where the
/// address is not known, which only the other bounds count.
struct Parties {
    crypto::PeerId from;
    crypto::PeerId to;
    std::optional<codec::IpAddress> place;
    bool operator==(const Parties&) const = default;
};

/// How many circuits there are, and of whom. Bounds: in all; of each peer, whichever end it is; asked for from one
/// place; and to one peer from one place, so that no household takes all of what a peer may have.
class CircuitBook {
  public:
    CircuitBook(size_t total, size_t perPeer)
        : m_total(total),
          m_perPeer(perPeer),
          m_perPlaceAndPeer(std::max<size_t>(perPeer / 2, kMinCircuitsPerPrefixAndPeer)) {}

    bool hasRoom(const Parties& parties) const {
        if (m_size >= m_total) return false;
        if (of(m_peers, parties.from) >= m_perPeer || of(m_peers, parties.to) >= m_perPeer) return false;
        return !parties.place || (of(m_places, *parties.place) < kCircuitsPerPrefix &&
                                  of(m_ways, std::pair(*parties.place, parties.to)) < m_perPlaceAndPeer);
    }
    void begin(const Parties& parties) {
        ++m_size;
        ++m_peers[parties.from];
        ++m_peers[parties.to];
        if (!parties.place) return;
        ++m_places[*parties.place];
        ++m_ways[{*parties.place, parties.to}];
    }
    void end(const Parties& parties) {
        --m_size;
        less(m_peers, parties.from);
        less(m_peers, parties.to);
        if (!parties.place) return;
        less(m_places, *parties.place);
        less(m_ways, std::pair(*parties.place, parties.to));
    }
    size_t size() const { return m_size; }

  private:
    template <typename Key> using Counts = std::map<Key, size_t>;
    template <typename Key> static size_t of(const Counts<Key>& counts, const Key& key) {
        const auto found = counts.find(key);
        return found == counts.end() ? 0 : found->second;
    }
    template <typename Key> static void less(Counts<Key>& counts, const Key& key) {
        const auto found = counts.find(key);
        if (--found->second == 0) counts.erase(found);
    }

    size_t m_total;
    size_t m_perPeer;
    size_t m_perPlaceAndPeer;
    size_t m_size = 0;
    Counts<crypto::PeerId> m_peers;
    Counts<codec::IpAddress> m_places;
    Counts<std::pair<codec::IpAddress, crypto::PeerId>> m_ways;
};

} // namespace wherry::relay
