#include "transfer/accept_messages.h"

#include "transfer/machine_limits.h"

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

void sendAccept(const ReceiveTask& task) {
    AcceptWriter writer(task);
    bool all = true;
    bool some = false;
    for (uint32_t i = 0; i < task.manifest.count(); ++i) (task.book.wanted(i) ? some : all) = task.book.wanted(i);
    if (!some) writer.wantNothing();
    if (some && !all) writer.wanted([&](uint32_t i) { return task.book.wanted(i); });
    writer.complete([&](uint32_t i) { return task.book.state(i) == EntryState::Complete; });
    for (const auto& [entry, claims] : task.placement.claims())
        for (const auto& [group, bits] : claims) writer.claim(entry, group, bits);
    writer.finish();
}

} // namespace wherry::transfer
