#include "transfer/attempt_memory.h"

#include "transfer/machine_limits.h"
#include "transfer/merkle.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace wherry::transfer {

namespace {

using Rows = AttemptMemory::Rows;

/// Row of Done of a file that has its final name for certain.
constexpr uint8_t kPublished = 1;

/// A volume may keep times less exactly than they were given: then this time may be that one.
bool mayBeSameTime(int64_t kept, int64_t wanted) {
    constexpr int64_t kCoarse = 1'000'000; // volumes that count in 100 ns or finer keep us exact enough to compare
    return kept % kCoarse == 0 && std::llabs(kept - wanted) < 2'000'000'000;
}

Rows::const_iterator lowerBound(const Rows& rows, const Bytes& key) {
    return std::lower_bound(rows.begin(), rows.end(), key,
                            [](const auto& row, const Bytes& sought) { return row.first < sought; });
}

bool hasRow(const Rows& rows, const Bytes& key) {
    const auto found = lowerBound(rows, key);
    return found != rows.end() && found->first == key;
}

bool isPublished(const Rows& rows, const Bytes& key) {
    const auto found = lowerBound(rows, key);
    return found != rows.end() && found->first == key && found->second == Bytes{kPublished};
}

} // namespace

AttemptMemory::Verdict AttemptMemory::judge(uint32_t entry, const ExistingEntry& existing, bool foreignLikely) const {
    if (existing.isFolder || existing.isSpecial) return Verdict::Foreign;
    const ManifestEntry what = m_manifest.entry(entry);
    const Bytes key = doneKey(m_local, m_manifest.entryKey(entry));
    bool isOtherVersion = false;
    for (const bool executable : {false, true}) {
        const Bytes there =
            doneKey(m_local, entryKeyOf(m_manifest.path(entry), existing.size, existing.modifiedNs, false, executable));
        isOtherVersion = isOtherVersion || (there != key && hasRow(m_done, there));
    }
    const bool same = existing.size == what.size && existing.modifiedNs == what.modifiedNs;
    const bool maybe = existing.size == what.size && mayBeSameTime(existing.modifiedNs, what.modifiedNs);
    if ((same && (hasRow(m_done, key) || !foreignLikely)) || (maybe && !isOtherVersion && isPublished(m_done, key)))
        return Verdict::Delivered;
    return isOtherVersion || (maybe && hasRow(m_done, key)) ? Verdict::OlderDelivery : Verdict::Foreign;
}

std::map<uint32_t, Claims> AttemptMemory::claims(const FileBook& book) const {
    std::map<uint32_t, Claims> claims;
    for (uint32_t i = 0; !m_chunks.empty() && i < m_manifest.count(); ++i) {
        const uint64_t size = m_manifest.fileSize(i);
        if (book.state(i) != EntryState::Waiting || m_manifest.isFolder(i) || size <= kSmallFileMax) continue;
        const Bytes prefix = chunksPrefix(m_local, m_manifest.entryKey(i));
        for (auto row = lowerBound(m_chunks, prefix); row != m_chunks.end(); ++row) {
            if (row->first.size() < prefix.size() || !std::equal(prefix.begin(), prefix.end(), row->first.begin()))
                break;
            const auto where = entryOfChunksKey(row->first);
            if (!where || where->second >= groupCount(size)) continue;
            const auto bits = decodeBits(row->second, chunksInGroup(size, where->second));
            if (bits && bits->any()) claims[i].emplace_back(where->second, *bits);
        }
    }
    return claims;
}

std::vector<std::string> AttemptMemory::parts() const {
    std::vector<std::string> all;
    for (const auto& [key, value] : m_chunks) {
        if (!isPartsKey(key)) continue;
        Result<std::vector<std::string>> parts = decodeParts(value);
        if (parts) std::move(parts->begin(), parts->end(), std::back_inserter(all));
    }
    return all;
}

} // namespace wherry::transfer
