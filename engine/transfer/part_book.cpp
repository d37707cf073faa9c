#include "transfer/part_book.h"

#include "transfer/machine_limits.h"

#include <algorithm>
#include <iterator>

namespace wherry::transfer {

void PartBook::begin(const LocalKey& local, std::vector<std::string> leftOver) {
    m_local = local;
    m_leftOver = std::move(leftOver);
}

void PartBook::addChunked(const EntryKey& entry, const std::string& part, UnixTime expires) {
    m_context.out.put(Space::Chunks, partsKey(m_local, entry), encodeParts({part}), expires);
}

void PartBook::addBatch(const std::vector<uint32_t>& entries, const std::vector<std::string>& parts, UnixTime expires) {
    if (entries.empty()) return;
    // A key of its own each time: a batch that is sent again may hold other files than the one before.
    EntryKey key{};
    m_context.random.fill(key);
    const uint64_t number = ++m_lastBatch;
    const Batch& batch = m_batches.try_emplace(number, Batch{partsKey(m_local, key), entries.size()}).first->second;
    for (const uint32_t entry : entries) {
        settled(entry);
        m_batchOf[entry] = number;
    }
    m_context.out.put(Space::Chunks, batch.key, encodeParts(parts), expires);
}

void PartBook::settled(uint32_t entry) {
    const auto found = m_batchOf.find(entry);
    if (found == m_batchOf.end()) return;
    const auto batch = m_batches.find(found->second);
    m_batchOf.erase(found);
    if (--batch->second.files > 0) return;
    m_context.out.erase(Space::Chunks, batch->second.key);
    m_batches.erase(batch);
}

void PartBook::keep(const std::set<std::string>& names) {
    // Without a separator npos + 1 is the beginning.
    std::erase_if(m_leftOver,
                  [&](const std::string& path) { return names.contains(path.substr(path.rfind('/') + 1)); });
}

std::vector<std::string> PartBook::takeLeftOver() {
    const size_t count = std::min(m_leftOver.size(), kPathsPerJob);
    const auto from = m_leftOver.end() - static_cast<ptrdiff_t>(count);
    std::vector<std::string> taken(std::make_move_iterator(from), std::make_move_iterator(m_leftOver.end()));
    m_leftOver.erase(from, m_leftOver.end());
    return taken;
}

} // namespace wherry::transfer
