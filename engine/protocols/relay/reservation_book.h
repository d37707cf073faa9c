#pragma once

#include "base/time.h"
#include "codec/ip.h"
#include "crypto/peer_id.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace wherry::relay {

/// Who may be reached through this relay, and until when. Bounds: reservations in all, and of one budget prefix; a peer
/// has one, and asking again makes it longer.
class ReservationBook {
  public:
    ReservationBook(size_t total, size_t perPrefix) : m_total(total), m_perPrefix(perPrefix) {}

    /// Whether there is room for it; then it holds. `from`: nullopt where the address is not known; only the total
    /// counts.
    bool grant(const crypto::PeerId& peer, const std::optional<codec::IpAddress>& from, Instant until) {
        const auto prefix = from ? std::optional(from->budgetPrefix()) : std::nullopt;
        const auto old = m_held.find(peer);
        const bool replaces = old != m_held.end();
        if (!replaces && m_held.size() >= m_total) return false;
        const size_t there = prefix && m_prefixes.contains(*prefix) ? m_prefixes.at(*prefix) : 0;
        if (prefix && there - (replaces && old->second.prefix == prefix ? 1 : 0) >= m_perPrefix) return false;
        drop(peer);
        m_held[peer] = {until, prefix};
        m_ends.insert({until, peer});
        if (prefix) ++m_prefixes[*prefix];
        return true;
    }
    void drop(const crypto::PeerId& peer) {
        const auto found = m_held.find(peer);
        if (found == m_held.end()) return;
        m_ends.erase({found->second.until, peer});
        if (const auto prefix = found->second.prefix)
            if (--m_prefixes.at(*prefix) == 0) m_prefixes.erase(*prefix);
        m_held.erase(found);
    }
    void clear() {
        m_held.clear();
        m_ends.clear();
        m_prefixes.clear();
    }
    bool holds(const crypto::PeerId& peer) const { return m_held.contains(peer); }
    size_t size() const { return m_held.size(); }
    void addTo(std::set<crypto::PeerId>& peers) const {
        for (const auto& [peer, held] : m_held) peers.insert(peer);
    }

    Instant deadline() const { return m_ends.empty() ? kNever : m_ends.begin()->first; }
    void onDeadline(Now now) {
        while (!m_ends.empty() && m_ends.begin()->first <= now.mono) drop(crypto::PeerId(m_ends.begin()->second));
    }

  private:
    struct Held {
        Instant until{};
        std::optional<codec::IpAddress> prefix;
    };
    size_t m_total;
    size_t m_perPrefix;
    std::map<crypto::PeerId, Held> m_held;
    std::set<std::pair<Instant, crypto::PeerId>> m_ends;
    std::map<codec::IpAddress, size_t> m_prefixes;
};

} // namespace wherry::relay
