#pragma once

#include "transfer/manifest.h"

#include <cstdint>
#include <vector>

namespace wherry::transfer {

/// What has become of one entry of an accepted offer. Folders are Waiting, then Done or Failed.
enum class EntryState : uint8_t {
    Unwanted,   ///< not chosen by whoever answered
    Complete,   ///< delivered by an earlier attempt
    Waiting,    ///< nothing of it is here
    Arriving,   ///< chunks are coming, or a batch is being written
    Written,    ///< verified, in its part
    Publishing, ///< on its way to its final name
    Done,
    Failed,
    Skipped, ///< chosen, but what has the name already stays (Conflict::Skip)
};

/// The states of all entries in one byte each, and their sums, so that nothing ever has to count.
class FileBook {
  public:
    explicit FileBook(const Manifest& manifest);

    /// Which entries are taken: those of `selection` and the folders above them; all when it is empty. InvalidArgument:
    /// no such entry.
    Result<void> select(const std::vector<uint32_t>& selection);
    /// What is there under the final name stays: the entry takes no part in the attempt. Only before the Accept.
    void skip(uint32_t entry) { set(entry, EntryState::Skipped); }

    EntryState state(uint32_t entry) const { return static_cast<EntryState>(m_bytes[entry] & kStateMask); }
    bool wanted(uint32_t entry) const { return takesPart(state(entry)); }
    void set(uint32_t entry, EntryState state);
    /// What is there under the final name may be replaced.
    bool replaces(uint32_t entry) const { return (m_bytes[entry] & kReplaces) != 0; }
    void setReplaces(uint32_t entry) { m_bytes[entry] |= kReplaces; }

    // Sums over wanted files; those that were skipped are in none of them but their own.
    uint64_t files() const { return m_files; }
    uint64_t bytes() const { return m_fileBytes; }
    uint64_t filesOf(EntryState state) const { return m_count[static_cast<size_t>(state)]; }
    uint64_t bytesOf(EntryState state) const { return m_bytesIn[static_cast<size_t>(state)]; }
    uint64_t filesSkipped() const { return filesOf(EntryState::Skipped); }
    uint64_t filesDone() const { return filesOf(EntryState::Done) + filesOf(EntryState::Complete); }
    uint64_t bytesDone() const { return bytesOf(EntryState::Done) + bytesOf(EntryState::Complete); }
    /// Content is still to come for so many files.
    uint64_t filesToArrive() const { return filesOf(EntryState::Waiting) + filesOf(EntryState::Arriving); }
    bool settled() const { return filesDone() + filesOf(EntryState::Failed) == m_files; }

  private:
    static bool takesPart(EntryState state) { return state != EntryState::Unwanted && state != EntryState::Skipped; }

    static constexpr uint8_t kStateMask = 0x0f;
    static constexpr uint8_t kReplaces = 0x10;
    static constexpr size_t kStates = 9;

    const Manifest& m_manifest;
    std::vector<uint8_t> m_bytes;
    uint64_t m_files = 0;
    uint64_t m_fileBytes = 0;
    uint64_t m_count[kStates] = {};
    uint64_t m_bytesIn[kStates] = {};
};

} // namespace wherry::transfer
