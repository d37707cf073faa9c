#include "quic/send_buffer.h"

#include <algorithm>

namespace wherry::quic {

void SendBuffer::push(Slice bytes) {
    if (bytes.empty()) return;
    const uint64_t offset = m_end;
    m_end += bytes.length;
    m_held.push_back({std::move(bytes), offset});
}

SendBuffer::Pieces SendBuffer::pieces(std::span<ngtcp2_vec> out, size_t wanted) const {
    Pieces result;
    for (size_t i = m_cursor; i < m_held.size() && result.count < out.size() && result.bytes < wanted; ++i) {
        const Held& held = m_held[i];
        const size_t skip = m_sent > held.offset ? static_cast<size_t>(m_sent - held.offset) : 0;
        // ngtcp2's vectors are not const although it only reads them.
        auto* base = const_cast<uint8_t*>(held.slice.block->data() + held.slice.offset + skip);
        out[result.count++] = {base, held.slice.length - skip};
        result.bytes += held.slice.length - skip;
    }
    result.last = m_finQueued && result.bytes == unsent();
    return result;
}

void SendBuffer::markSent(size_t count, bool fin) {
    ASSERT(count <= unsent());
    m_sent += count;
    m_finSent = m_finSent || fin;
    while (m_cursor < m_held.size() && m_held[m_cursor].offset + m_held[m_cursor].slice.length <= m_sent) ++m_cursor;
}

size_t SendBuffer::acknowledge(uint64_t offset) {
    if (offset <= m_acknowledged) return 0;
    const size_t freed = static_cast<size_t>(std::min(offset, m_end) - m_acknowledged);
    m_acknowledged += freed;
    while (!m_held.empty() && m_held.front().offset + m_held.front().slice.length <= m_acknowledged) {
        m_held.pop_front();
        if (m_cursor > 0) --m_cursor;
    }
    return freed;
}

void SendBuffer::clear() {
    m_held.clear();
    m_cursor = 0;
    m_acknowledged = m_sent = m_end;
    m_finSent = m_finQueued = true;
}

} // namespace wherry::quic
