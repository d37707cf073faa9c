#include "node/told_messages.h"

#include "node/node_limits.h"

#include <utility>

namespace wherry::node {

ToldMessages::ToldMessages()
    : m_all{{kGossipsToldPerSecond, kGossipsToldBurst}, {kGossipPiecesPerSecond, kGossipPiecesBurst}} {}

bool ToldMessages::Share::allow(size_t bytes, Instant now) {
    return messages.allow(now) && pieces.allow(now, bytes / kGossipPiece);
}

bool ToldMessages::allow(const std::string& topic, size_t bytes, Instant now) {
    const Share fresh{{kCertainToldPerSecond, kCertainToldBurst}, {kCertainPiecesPerSecond, kCertainPiecesBurst}};
    Topic& of = m_topics.try_emplace(topic, Topic{fresh}).first->second;
    if (of.certain.allow(bytes, now) || m_all.allow(bytes, now)) return true;
    ++of.leftOut;
    return false;
}

std::optional<uint64_t> ToldMessages::takeLeftOut(const std::string& topic, Instant now) {
    const auto found = m_topics.find(topic);
    if (found == m_topics.end() || found->second.leftOut == 0 || now < found->second.sayFrom) return std::nullopt;
    found->second.sayFrom = now + kLeftOutInterval;
    return std::exchange(found->second.leftOut, 0);
}

} // namespace wherry::node
