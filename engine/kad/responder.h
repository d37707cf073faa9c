#pragma once

#include "base/rate_table.h"
#include "base/result.h"
#include "base/store.h"
#include "kad/message.h"
#include "kad/provider_store.h"
#include "kad/record_store.h"
#include "kad/routing_table.h"
#include "kad/validator.h"

#include <deque>
#include <functional>
#include <optional>

namespace wherry::kad {

/// Where the rules of the networks differ.
struct NetworkRules {
    const Validator* validator = nullptr; ///< outlives the responder
    bool asksForWork = false;             ///< ours: every answer says how much a record needs
    Duration providerTtl = kIpfsProviderTtl;
    unsigned leastWorkBits = kMinWorkBits; ///< asked for at least, up to kMaxWorkBits
    Bytes rows{}; ///< with what keys in the store begin (stored_row.h); empty: nothing is stored
};

/// What a server answers (libp2p/specs kad-dht, "RPC messages"), without streams: one request in, one answer out.
/// Keeps the values and providers of its network.
class Responder {
  public:
    /// What its owner knows of connected peers, be they servers or clients.
    struct Peers {
        std::function<std::vector<codec::Multiaddr>(const crypto::PeerId&)> addressesOf; ///< empty: none
        /// Where one speaks from; nullopt: not known, which is as from the Internet.
        std::function<std::optional<codec::IpAddress>(const crypto::PeerId&)> ipOf;
    };

    /// `table` outlives the responder.
    Responder(NetworkRules rules, const RoutingTable& table, Peers peers);

    /// Of the addresses in an answer the asker hears what it may (codec/reach.h), and whom it could not dial is left
    /// out of the closer peers. nullopt: the request has no answer (ADD_PROVIDER). An error says why its stream is to
    /// be reset: LimitReached (too many requests, or no room), Malformed, or the validator's. A put that others
    /// outdo, or with too little work, is answered without its record and with the bits that are due.
    Result<std::optional<Message>> answer(const crypto::PeerId& from, const Message& request, Now now);

    const RecordStore& records() const { return m_records; }
    const ProviderStore& providers() const { return m_providers; }
    /// Keeps what is kept in the store too, as far as kStoredPerSecond goes.
    std::optional<StoreOp> pollStore();
    /// A row of a run before: it is kept again if its publisher's signature, its time and the bounds allow it, and goes
    /// from the store otherwise.
    void restore(const Bytes& rowKey, const Bytes& row, Now now);
    /// What has expired goes.
    void expire(Now now);

  private:
    unsigned workDue() const;
    Message replyTo(const Message& request) const;
    std::vector<codec::Multiaddr> tellable(const crypto::PeerId& to, const std::vector<codec::Multiaddr>& all) const;
    void addCloser(Message& reply, const crypto::PeerId& from) const;
    Result<std::optional<Message>> putValue(const crypto::PeerId& from, const Message& request, Now now);
    Result<void> restoreRow(const Message& row, Now now);
    void eraseGone();
    Result<void> addProvider(const crypto::PeerId& from, const Message& request, Now now);
    Message getValue(const crypto::PeerId& from, const Message& request, Now now) const;
    Message getProviders(const crypto::PeerId& from, const Message& request, Now now) const;
    Message findNode(const crypto::PeerId& from, const Message& request) const;

    NetworkRules m_rules;
    const RoutingTable& m_table;
    Peers m_peers;
    RecordStore m_records;
    ProviderStore m_providers;
    std::deque<StoreOp> m_storeOps;
    RateLimit m_stored{kStoredPerSecond, kStoredBurst};
    RateTable<crypto::PeerId> m_requests{{kRequestsPerSecond, kRequestBurst}, kMaxRates};
    RateTable<crypto::PeerId> m_writes{{kWritesPerSecond, kWriteBurst}, kMaxRates};
};

} // namespace wherry::kad
