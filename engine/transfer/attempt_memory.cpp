#include "transfer/attempt_memory.h"

#include "transfer/machine_limits.h"
#include "transfer/merkle.h"

#include <algorithm>
#include <iterator>

namespace wherry::transfer {

namespace {

using Rows = AttemptMemory::Rows;

Rows::const_iterator lowerBound(const Rows& rows, const Bytes& key) {
    return std::lower_bound(rows.begin(), rows.end(), key,
                            [](const auto& row, const Bytes& sought) { return row.first < sought; });
}

/// nullopt: none, or none that can be read.
std::optional<PlacedFile> placedUnder(const Rows& rows, const Bytes& key) {
    const auto found = lowerBound(rows, key);
    if (found == rows.end() || found->first != key) return std::nullopt;
    Result<PlacedFile> placed = decodePlaced(found->second);
    return placed ? std::optional(*placed) : std::nullopt;
}

} // namespace

AttemptMemory::Judgement AttemptMemory::judge(uint32_t entry, const ExistingEntry& existing, bool foreignLikely) const {
    Judgement judged;
    if (existing.isFolder || existing.isSpecial) return judged;
    const ManifestEntry what = m_manifest.entry(entry);
    const bool sameSize = existing.size == what.size;
    const bool sameTime = existing.modifiedNs == what.modifiedNs;
    const uint64_t mark = placedMark(existing);
    const auto consider = [&](const PlacedFile& placed, Verdict verdict) {
        if (placed.content && mark != 0 && placed.mark == mark) {
            judged = {verdict, placed.content, {}};
            return true;
        }
        if (placed.content) judged.byContent.emplace_back(*placed.content, verdict);
        // Without anything to compare: what a program before this one has delivered gives way, as it always did.
        if (!placed.content && (sameTime || verdict == Verdict::OlderDelivery)) judged.verdict = Verdict::OlderDelivery;
        return false;
    };
    const Bytes key = doneKey(m_local, m_manifest.entryKey(entry));
    const std::optional<PlacedFile> own = placedUnder(m_done, key);
    if (own && sameSize && consider(*own, own->change == what.change ? Verdict::Delivered : Verdict::OlderDelivery))
        return judged;
    for (const bool executable : {false, true}) {
        const Bytes there =
            doneKey(m_local, entryKeyOf(m_manifest.path(entry), existing.size, existing.modifiedNs, false, executable));
        const std::optional<PlacedFile> other = there == key ? std::nullopt : placedUnder(m_done, there);
        if (other && consider(*other, Verdict::OlderDelivery)) return judged;
    }
    if (!own && sameSize && sameTime && !foreignLikely) judged.verdict = Verdict::Unproven;
    return judged;
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
