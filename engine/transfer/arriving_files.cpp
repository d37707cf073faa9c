#include "transfer/arriving_files.h"

#include <iterator>

namespace wherry::transfer {

ArrivingFile* ArrivingFiles::find(uint32_t entry) {
    const auto found = m_files.find(entry);
    return found == m_files.end() ? nullptr : &found->second;
}

std::pair<ArrivingFile*, bool> ArrivingFiles::open(uint32_t entry) {
    const auto [found, isNew] = m_files.try_emplace(entry, m_task.manifest.fileSize(entry));
    if (isNew) m_task.book.set(entry, EntryState::Arriving);
    return {&found->second, isNew};
}

std::vector<ArrivedFrame> ArrivingFiles::close(uint32_t entry) {
    std::vector<ArrivedFrame> frames = takeHeld(entry);
    m_changed.erase(entry);
    m_files.erase(entry);
    return frames;
}

void ArrivingFiles::hold(uint32_t entry, ArrivedFrame frame) {
    m_files.at(entry).waiting.push_back(std::move(frame));
    ++m_held;
}

std::vector<ArrivedFrame> ArrivingFiles::takeHeld(uint32_t entry) {
    const auto found = m_files.find(entry);
    if (found == m_files.end()) return {};
    std::vector<ArrivedFrame> frames = std::exchange(found->second.waiting, {});
    m_held -= frames.size();
    return frames;
}

std::vector<ArrivedFrame> ArrivingFiles::takeAllHeld() {
    std::vector<ArrivedFrame> all;
    for (auto& [entry, file] : m_files) {
        all.insert(all.end(), std::make_move_iterator(file.waiting.begin()),
                   std::make_move_iterator(file.waiting.end()));
        file.waiting.clear();
    }
    m_held = 0;
    return all;
}

void ArrivingFiles::flush(UnixTime expires) {
    for (const uint32_t entry : std::exchange(m_changed, {})) {
        const auto found = m_files.find(entry);
        if (found == m_files.end()) continue;
        const EntryKey key = m_task.manifest.entryKey(entry);
        for (const auto& [group, bits] : found->second.takeChanged())
            m_task.context.out.put(Space::Chunks, chunksKey(m_task.local(), key, group),
                                   encodeBits(bits, chunksInGroup(found->second.size(), group)), expires);
    }
}

} // namespace wherry::transfer
