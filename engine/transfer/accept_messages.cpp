#include "transfer/accept_messages.h"

#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// Fills one message after another.
class AcceptWriter {
  public:
    explicit AcceptWriter(const ReceiveTask& task) : m_task(task) {}

    void wantNothing() { m_message.add_wanted(); } // an empty run
    template <typename Holds> void wanted(Holds holds) {
        runs(holds, [&] { return m_message.add_wanted(); });
    }
    template <typename Holds> void complete(Holds holds) {
        runs(holds, [&] { return m_message.add_complete(); });
    }
    void claim(uint32_t entry, uint32_t group, const GroupBits& bits) {
        wire::HaveGroup* have = m_message.add_have();
        have->set_entry(entry);
        have->set_group(group);
        const Bytes bitmap = encodeBits(bits, chunksInGroup(m_task.manifest.fileSize(entry), group));
        have->set_bitmap(bitmap.data(), bitmap.size());
        if (m_message.have_size() >= static_cast<int>(kMaxClaimsPerAccept)) flush();
    }
    void part(uint32_t entry, uint32_t chunk, ByteView beginning) {
        wire::HavePart* part = m_message.add_part();
        part->set_entry(entry);
        part->set_chunk(chunk);
        part->set_bytes(static_cast<uint32_t>(beginning.size()));
        const crypto::Digest digest = crypto::sha256(beginning);
        part->set_digest(digest.data(), digest.size());
    }
    void finish() {
        m_message.set_hears_hold(true);
        m_task.control.send(m_message);
    }

  private:
    void flush() {
        m_message.set_more(true);
        m_task.control.send(m_message);
        m_message.Clear();
    }
    template <typename Holds, typename Add> void runs(Holds holds, Add add) {
        for (uint32_t i = 0; i < m_task.manifest.count();) {
            if (!holds(i)) {
                ++i;
                continue;
            }
            const uint32_t first = i;
            while (i < m_task.manifest.count() && holds(i)) ++i;
            wire::EntryRun* run = add();
            run->set_first(first);
            run->set_count(i - first);
            if (m_message.wanted_size() + m_message.complete_size() >= static_cast<int>(kMaxRunsPerAccept)) flush();
        }
    }

    const ReceiveTask& m_task;
    wire::Accept m_message;
};

} // namespace

void dropUseless(ChunkBeginnings& beginnings, const ReceiveTask& task) {
    const auto isClaimed = [&](uint32_t entry, uint32_t chunk) {
        const auto file = task.placement.claims().find(entry);
        if (file == task.placement.claims().end()) return false;
        return std::any_of(file->second.begin(), file->second.end(), [&](const auto& claim) {
            return claim.first == groupOfChunk(chunk) && claim.second[indexInGroup(chunk)];
        });
    };
    std::erase_if(beginnings, [&](const auto& one) {
        const auto [entry, chunk] = one.first;
        if (!task.isChunkedFile(entry) || task.book.state(entry) != EntryState::Waiting) return true;
        const uint64_t size = task.manifest.fileSize(entry);
        return chunk >= chunkCount(size) || one.second.size() >= chunkLength(size, chunk) || isClaimed(entry, chunk);
    });
}

void sendAccept(const ReceiveTask& task, const ChunkBeginnings& beginnings) {
    AcceptWriter writer(task);
    bool all = true;
    bool some = false;
    for (uint32_t i = 0; i < task.manifest.count(); ++i) (task.book.wanted(i) ? some : all) = task.book.wanted(i);
    if (!some) writer.wantNothing();
    if (some && !all) writer.wanted([&](uint32_t i) { return task.book.wanted(i); });
    writer.complete([&](uint32_t i) { return task.book.state(i) == EntryState::Complete; });
    for (const auto& [entry, claims] : task.placement.claims())
        for (const auto& [group, bits] : claims) writer.claim(entry, group, bits);
    for (const auto& [which, bytes] : beginnings) writer.part(which.first, which.second, bytes);
    writer.finish();
}

} // namespace wherry::transfer
