#include "transfer/verified_map.h"

#include "base/assert.h"
#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

VerifiedMap::VerifiedMap(const Manifest& manifest, const FileBook& book)
    : m_total(book.bytes()),
      m_count(static_cast<size_t>(std::min<uint64_t>(m_total, kMapCells))),
      m_verified(m_count) {
    m_starts.reserve(m_count);
    uint64_t at = 0;
    for (uint32_t entry = 0; entry < manifest.count() && at < m_total; ++entry) {
        if (manifest.isFolder(entry) || !book.wanted(entry)) continue;
        const uint64_t size = manifest.fileSize(entry);
        while (m_starts.size() < m_count && begin(m_starts.size()) < at + size)
            m_starts.push_back({entry, begin(m_starts.size()) - at});
        if (book.state(entry) == EntryState::Complete) add(entry, 0, size);
        at += size;
    }
}

/// Sizes of cells differ by one byte at most; nothing overflows.
uint64_t VerifiedMap::begin(size_t cell) const {
    return m_total / m_count * cell + std::min<uint64_t>(m_total % m_count, cell);
}

void VerifiedMap::change(uint32_t entry, uint64_t from, uint64_t length, bool isThere) {
    if (length == 0) return;
    const auto behind = std::upper_bound(m_starts.begin(), m_starts.end(), Start{entry, from});
    ASSERT(behind != m_starts.begin());
    auto cell = static_cast<size_t>(behind - m_starts.begin()) - 1;
    while (length > 0) {
        const bool endsInFile = cell + 1 < m_starts.size() && m_starts[cell + 1].entry == entry;
        const uint64_t part = endsInFile ? std::min(length, m_starts[cell + 1].offset - from) : length;
        ASSERT(isThere || m_verified[cell] >= part);
        m_verified[cell] = isThere ? m_verified[cell] + part : m_verified[cell] - part;
        from += part;
        length -= part;
        ++cell;
    }
}

Bytes VerifiedMap::cells() const {
    Bytes cells(m_count);
    for (size_t i = 0; i < m_count; ++i) {
        const uint64_t size = (i + 1 < m_count ? begin(i + 1) : m_total) - begin(i);
        const double share = static_cast<double>(m_verified[i]) / static_cast<double>(size);
        const int level = m_verified[i] == 0 ? 0 : std::clamp(static_cast<int>(share * 255), 1, 254);
        cells[i] = static_cast<uint8_t>(m_verified[i] >= size ? 255 : level);
    }
    return cells;
}

} // namespace wherry::transfer
