#include "quic/closing_table.h"

#include <bit>

namespace wherry::quic {

void ClosingTable::add(link::LinkId link, Farewell farewell, Instant until) {
    for (const ngtcp2_cid& id : farewell.ids) {
        m_ids.remove(id, link);
        m_ids.add(id, {link, nullptr});
    }
    if (m_entries.size() >= kMaxClosing) remove(m_entries.begin()->first);
    m_entries[link] = {std::move(farewell.ids), std::move(farewell.packet), 0};
    m_deadlines.set(link, until);
}

std::optional<ReadyPacket> ClosingTable::onDatagram(link::LinkId link, const Path& path, size_t length) {
    const auto found = m_entries.find(link);
    if (found == m_entries.end()) return std::nullopt;
    Entry& entry = found->second;
    ++entry.heard;
    // An answer to the 1st, 2nd, 4th, 8th ... datagram; only where the close went, and never amplified.
    const bool due = std::has_single_bit(entry.heard);
    const bool fits = entry.packet.bytes.size() <= 3 * length;
    if (entry.packet.bytes.empty() || !due || !fits || path.remote != entry.packet.path.remote) return std::nullopt;
    return entry.packet;
}

void ClosingTable::onDeadline(Instant now) {
    while (const auto link = m_deadlines.popDue(now)) remove(*link);
}

void ClosingTable::remove(link::LinkId link) {
    const auto found = m_entries.find(link);
    if (found == m_entries.end()) return;
    for (const ngtcp2_cid& id : found->second.ids) m_ids.remove(id, link);
    m_deadlines.erase(link);
    m_entries.erase(found);
}

} // namespace wherry::quic
