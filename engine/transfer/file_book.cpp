#include "transfer/file_book.h"

namespace wherry::transfer {

FileBook::FileBook(const Manifest& manifest) : m_manifest(manifest), m_bytes(manifest.count(), 0) {}

Result<void> FileBook::select(const std::vector<uint32_t>& selection) {
    for (const uint32_t entry : selection)
        if (entry >= m_manifest.count()) return makeError(Errc::InvalidArgument, "no entry " + std::to_string(entry));
    if (selection.empty())
        for (uint32_t i = 0; i < m_manifest.count(); ++i) set(i, EntryState::Waiting);
    for (uint32_t entry : selection)
        for (; entry != kNoEntry && !wanted(entry); entry = m_manifest.parent(entry)) set(entry, EntryState::Waiting);
    return {};
}

void FileBook::set(uint32_t entry, EntryState state) {
    const EntryState before = this->state(entry);
    m_bytes[entry] = static_cast<uint8_t>((m_bytes[entry] & ~kStateMask) | static_cast<uint8_t>(state));
    if (m_manifest.isFolder(entry) || before == state) return;
    const uint64_t size = m_manifest.fileSize(entry);
    if (before != EntryState::Unwanted) {
        --m_count[static_cast<size_t>(before)];
        m_bytesIn[static_cast<size_t>(before)] -= size;
    }
    if (state != EntryState::Unwanted) {
        ++m_count[static_cast<size_t>(state)];
        m_bytesIn[static_cast<size_t>(state)] += size;
    }
    if (takesPart(before) == takesPart(state)) return;
    m_files = takesPart(state) ? m_files + 1 : m_files - 1;
    m_fileBytes = takesPart(state) ? m_fileBytes + size : m_fileBytes - size;
}

} // namespace wherry::transfer
