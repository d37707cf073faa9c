#include "transfer/chunk_beginnings.h"

#include "transfer/machine_limits.h"

namespace wherry::transfer {

void KeptBeginnings::keep(const Bytes& place, ChunkBeginnings beginnings, Now now) {
    remove(place);
    expire(now);
    if (beginnings.empty()) return;
    Kept kept{std::move(beginnings), 0, now.mono, ++m_lastAge};
    for (const auto& [chunk, bytes] : kept.beginnings) kept.bytes += bytes.size();
    m_bytes += kept.bytes;
    m_byAge.emplace(kept.age, place);
    m_kept.emplace(place, std::move(kept));
    while (m_bytes > kMaxBeginningsHeld) removeOldest();
}

ChunkBeginnings KeptBeginnings::take(const Bytes& place, Now now) {
    expire(now);
    const auto found = m_kept.find(place);
    if (found == m_kept.end()) return {};
    ChunkBeginnings taken = std::move(found->second.beginnings);
    remove(place);
    return taken;
}

void KeptBeginnings::remove(const Bytes& place) {
    const auto removed = m_kept.extract(place);
    if (!removed) return;
    m_bytes -= removed.mapped().bytes;
    m_byAge.erase(removed.mapped().age);
}

void KeptBeginnings::removeOldest() {
    remove(Bytes(m_byAge.begin()->second));
}

void KeptBeginnings::expire(Now now) {
    while (!m_byAge.empty() && m_kept.at(m_byAge.begin()->second).since + kBeginningsLifetime <= now.mono)
        removeOldest();
}

} // namespace wherry::transfer
