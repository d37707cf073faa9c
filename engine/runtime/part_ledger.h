#pragma once

#include "runtime/file.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace wherry::runtime {

/// Which part it is, and how our own last write has left it. Anybody who may write into the download folder can put
/// another file in its place, and programs of the same user can write into it.
///
/// One for all handles of a part: their writes come one after the other, so that none takes for its own what somebody
/// else has written in between. Thread-safe.
class KnownPart {
  public:
    /// `info`: of the open part. `trust`: what its volume says of it that can be relied on.
    KnownPart(const FileInfo& info, StampTrust trust) : m_state(info), m_trust(trust) {}

    StampTrust trust() const { return m_trust; }
    /// The same file, whatever is in it.
    bool isSame(const FileInfo& info) const;
    /// Runs what changes nothing beyond `end`, and notes whether anybody has changed the file before, or cut it
    /// meanwhile, and how it is afterwards.
    template <typename Change> Result<void> change(const File& file, uint64_t end, Change change) {
        const std::lock_guard lock(m_mutex);
        TRY(const FileInfo before, look(file));
        return note(file, std::max(before.size, end), change());
    }
    /// The same of what leaves the file with exactly this size.
    template <typename Change> Result<void> resize(const File& file, uint64_t size, Change change) {
        const std::lock_guard lock(m_mutex);
        TRY_OK(look(file));
        return note(file, size, change());
    }
    /// The same for a file that nobody else has known of until now.
    template <typename Change> Result<void> fill(const File& file, uint64_t size, Change change) {
        const std::lock_guard lock(m_mutex);
        return note(file, size, change());
    }
    /// What is there now, and only that, is taken for ours.
    Result<void> takeAsIs(const File& file);
    /// Somebody may have changed it.
    void doubt();
    /// Nobody has changed it since our own last write.
    bool asLeft(const FileInfo& info) const;
    /// It is the file, and nobody has written to it since; a rename alone has changed nothing.
    bool asLeftButRenamed(const FileInfo& info) const;

  private:
    /// How it is now; notes whether anybody has changed it since our own last write.
    Result<FileInfo> look(const File& file);
    /// `size`: of the file when `changed` is no error and nobody else was at it.
    Result<void> note(const File& file, uint64_t size, Result<void> changed);
    bool isAsLeft(const FileInfo& info) const;
    bool hasSameContent(const FileInfo& info) const;

    mutable std::mutex m_mutex;
    FileInfo m_state;
    const StampTrust m_trust;
    bool m_touched = false;
};
using KnownPartPtr = std::shared_ptr<KnownPart>;

/// The parts that one open download folder has made or opened. Thread-safe.
class PartLedger {
  public:
    /// The file is a part from now on, whatever had the name before. Beyond kMaxKnownParts another is forgotten for it.
    KnownPartPtr begin(const std::string& path, const FileInfo& info, StampTrust trust);
    /// nullptr: nothing is known of it.
    KnownPartPtr find(const std::string& path) const;
    void forget(const std::string& path);

  private:
    mutable std::mutex m_mutex;
    std::unordered_map<std::string, KnownPartPtr> m_parts; ///< at most kMaxKnownParts
};

} // namespace wherry::runtime
