#pragma once

#include "base/result.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "kad/kad_limits.h"
#include "kad/message.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace wherry::kad {

/// Who has said of itself that it provides a key (libp2p/specs kad-dht, "Content provider advertisement and
/// discovery"). In memory; bounded in all, for a key and for a provider. A provider counts for `ttl` after its last
/// word; its addresses are told on for kProviderAddressTtl at the most.
class ProviderStore {
  public:
    explicit ProviderStore(Duration ttl) : m_ttl(ttl) {}

    /// `provider` has told it itself over a connection (the owner has checked), with addresses, and has not since. At
    /// most kMaxAddresses are kept. InvalidArgument: no address, no key, or one beyond kMaxKeyBytes. LimitReached: no
    /// room, in all, for this key or for this provider.
    Result<void> add(const Bytes& key, const crypto::PeerId& provider, std::vector<codec::Multiaddr> addresses,
                     Now now);
    /// Up to `count` providers of a key, those heard last first.
    std::vector<PeerEntry> get(const Bytes& key, size_t count, Now now) const;

    size_t size() const { return m_expiries.size(); }
    size_t of(const crypto::PeerId& provider) const;
    void expire(Now now);
    /// When the next one expires; kNever: there is none.
    Instant deadline() const { return m_expiries.empty() ? kNever : m_expiries.begin()->first; }

  private:
    struct Word {
        std::vector<codec::Multiaddr> addresses;
        Instant heard;
    };
    using Slot = std::pair<Bytes, crypto::PeerId>;

    void erase(const Slot& slot);

    Duration m_ttl;
    std::map<Bytes, std::map<crypto::PeerId, Word>> m_keys;
    std::set<std::pair<Instant, Slot>> m_expiries;
    std::map<crypto::PeerId, size_t> m_of;
};

/// What this node provides itself, and when it has to be told anew: an interval after it was told, spread out by the
/// look-ups themselves. Bound: kMaxProvidersPerPeer keys, since no server keeps more of one peer.
class Republisher {
  public:
    explicit Republisher(Duration interval) : m_interval(interval) {}

    /// It has just been told for the first time. LimitReached: too many keys. Known already: nothing changes.
    Result<void> add(const Bytes& key, Now now);
    void remove(const Bytes& key);
    /// The next key that is due; it is due again after the interval.
    std::optional<Bytes> poll(Now now);
    Instant deadline() const { return m_order.empty() ? kNever : m_order.begin()->first; }
    size_t size() const { return m_due.size(); }

  private:
    Duration m_interval;
    std::map<Bytes, Instant> m_due;
    std::set<std::pair<Instant, Bytes>> m_order;
};

} // namespace wherry::kad
