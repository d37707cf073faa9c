#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace wherry::gossipsub {

/// Until when whom must not be grafted to, in which topic. Bounded: the one that is over first is forgotten first.
class Backoff {
  public:
    explicit Backoff(size_t maxEntries) : m_maxEntries(maxEntries) {}

    /// A later end stays.
    void set(const std::string& topic, const crypto::PeerId& peer, Duration length, Instant now);
    /// What a peer has asked for, in seconds: any number.
    static Duration asked(uint64_t seconds);
    bool holds(const std::string& topic, const crypto::PeerId& peer, Instant now) const {
        return left(topic, peer, now) > Duration(0);
    }
    /// How long the present one still lasts.
    Duration left(const std::string& topic, const crypto::PeerId& peer, Instant now) const;
    /// When the present one began; it holds.
    Instant begunAt(const std::string& topic, const crypto::PeerId& peer) const;
    void expire(Instant now);
    size_t size() const { return m_entries.size(); }

  private:
    using Key = std::pair<std::string, crypto::PeerId>;
    struct Entry {
        Instant begun;
        Instant until;
    };
    size_t m_maxEntries;
    std::map<Key, Entry> m_entries;
    std::set<std::pair<Instant, Key>> m_order;
};

} // namespace wherry::gossipsub
