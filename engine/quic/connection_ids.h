#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "link/link.h"

#include <ngtcp2/ngtcp2.h>

#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wherry::quic {

class Connection;

/// Which connection a datagram belongs to: by its destination connection id, or, for a stateless reset, by its last 16
/// bytes. Ids and tokens come from strangers as well, so the hash is keyed.
class ConnectionIds {
  public:
    struct Route {
        link::LinkId link;
        /// Null once the link has ended and only its close packet is remembered.
        Connection* connection = nullptr;
    };

    explicit ConnectionIds(Random& random);

    /// False when the id is taken; then nothing changes.
    bool add(const ngtcp2_cid& id, Route route);
    /// Only when it belongs to `link`.
    void remove(const ngtcp2_cid& id, link::LinkId link);
    const Route* find(ByteView id) const;
    size_t size() const { return m_routes.size(); }

    /// Remembers the token with which the peer of `route` may reset the connection (RFC 9000 10.3).
    void addResetToken(ByteView token, Route route);
    void removeResetToken(ByteView token, link::LinkId link);
    const Route* findResetToken(ByteView token) const;
    size_t resetTokens() const { return m_tokens.size(); }

  private:
    struct Key {
        std::array<uint8_t, NGTCP2_MAX_CIDLEN> bytes{};
        uint8_t length = 0;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        uint64_t seed[3];
        size_t operator()(const Key& key) const;
    };
    static Key keyOf(ByteView bytes);
    static Hash makeHash(Random& random);

    std::unordered_map<Key, Route, Hash> m_routes;
    std::unordered_map<Key, Route, Hash> m_tokens;
    /// The last one found: datagrams come in trains.
    mutable const std::pair<const Key, Route>* m_last = nullptr;
};

/// The ids and tokens by which datagrams find one connection: they leave the table with it.
class HeldIds {
  public:
    HeldIds(ConnectionIds& table, ConnectionIds::Route route) : m_table(table), m_route(route) {}
    HeldIds(const HeldIds&) = delete;
    HeldIds& operator=(const HeldIds&) = delete;
    ~HeldIds();

    /// False when the id is taken.
    bool add(const ngtcp2_cid& id);
    void remove(const ngtcp2_cid& id);
    /// The ids stay in the table and are the caller's now.
    std::vector<ngtcp2_cid> release() { return std::exchange(m_ids, {}); }

    void addResetToken(ByteView token);
    void removeResetToken(ByteView token);
    void removeResetTokens();

  private:
    ConnectionIds& m_table;
    const ConnectionIds::Route m_route;
    std::vector<ngtcp2_cid> m_ids;
    std::vector<std::array<uint8_t, NGTCP2_STATELESS_RESET_TOKENLEN>> m_tokens;
};

} // namespace wherry::quic
