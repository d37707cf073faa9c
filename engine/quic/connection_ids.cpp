#include "quic/connection_ids.h"

#include <algorithm>

namespace wherry::quic {

size_t ConnectionIds::Hash::operator()(const Key& key) const {
    uint64_t words[3] = {};
    static_assert(sizeof(words) >= NGTCP2_MAX_CIDLEN);
    std::memcpy(words, key.bytes.data(), NGTCP2_MAX_CIDLEN);
    uint64_t state = seed[0] ^ key.length;
    for (size_t i = 0; i < 3; ++i) {
        const auto product = static_cast<unsigned long long>(state ^ words[i]) * (seed[i] | 1);
        state = (product ^ (product >> 32)) * 0x9e3779b97f4a7c15ULL + (state >> 29);
    }
    return static_cast<size_t>(state ^ (state >> 31));
}

ConnectionIds::Key ConnectionIds::keyOf(ByteView bytes) {
    Key key;
    if (bytes.size() > key.bytes.size()) return key; // length 0, which is never stored
    std::memcpy(key.bytes.data(), bytes.data(), bytes.size());
    key.length = static_cast<uint8_t>(bytes.size());
    return key;
}

ConnectionIds::Hash ConnectionIds::makeHash(Random& random) {
    return {{random.next64(), random.next64(), random.next64()}};
}

ConnectionIds::ConnectionIds(Random& random) : m_routes(16, makeHash(random)), m_tokens(16, makeHash(random)) {}

bool ConnectionIds::add(const ngtcp2_cid& id, Route route) {
    if (id.datalen == 0) return false;
    return m_routes.emplace(keyOf({id.data, id.datalen}), route).second;
}

void ConnectionIds::remove(const ngtcp2_cid& id, link::LinkId link) {
    const auto found = m_routes.find(keyOf({id.data, id.datalen}));
    if (found == m_routes.end() || found->second.link != link) return;
    m_last = nullptr;
    m_routes.erase(found);
}

const ConnectionIds::Route* ConnectionIds::find(ByteView id) const {
    if (m_last && equal({m_last->first.bytes.data(), m_last->first.length}, id)) return &m_last->second;
    const auto found = m_routes.find(keyOf(id));
    if (found == m_routes.end()) return nullptr;
    m_last = &*found;
    return &found->second;
}

void ConnectionIds::addResetToken(ByteView token, Route route) {
    m_tokens.emplace(keyOf(token), route);
}

void ConnectionIds::removeResetToken(ByteView token, link::LinkId link) {
    const auto found = m_tokens.find(keyOf(token));
    if (found != m_tokens.end() && found->second.link == link) m_tokens.erase(found);
}

const ConnectionIds::Route* ConnectionIds::findResetToken(ByteView token) const {
    const auto found = m_tokens.find(keyOf(token));
    return found == m_tokens.end() ? nullptr : &found->second;
}

HeldIds::~HeldIds() {
    for (const ngtcp2_cid& id : m_ids) m_table.remove(id, m_route.link);
    removeResetTokens();
}

bool HeldIds::add(const ngtcp2_cid& id) {
    if (!m_table.add(id, m_route)) return false;
    m_ids.push_back(id);
    return true;
}

void HeldIds::remove(const ngtcp2_cid& id) {
    m_table.remove(id, m_route.link);
    std::erase_if(m_ids, [&id](const ngtcp2_cid& each) { return ngtcp2_cid_eq(&each, &id) != 0; });
}

void HeldIds::addResetToken(ByteView token) {
    auto& kept = m_tokens.emplace_back();
    std::copy(token.begin(), token.end(), kept.begin());
    m_table.addResetToken(token, m_route);
}

void HeldIds::removeResetToken(ByteView token) {
    m_table.removeResetToken(token, m_route.link);
    std::erase_if(m_tokens, [token](const auto& kept) { return equal(kept, token); });
}

void HeldIds::removeResetTokens() {
    for (const auto& token : m_tokens) m_table.removeResetToken(token, m_route.link);
    m_tokens.clear();
}

} // namespace wherry::quic
