#pragma once

#include "transfer/file_book.h"
#include "transfer/placed_file.h"
#include "transfer/resume_state.h"
#include "transfer/storage.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace wherry::transfer {

/// What an earlier attempt has left of a chunked file: group and bitmap.
using Claims = std::vector<std::pair<uint32_t, GroupBits>>;

/// What the records of earlier attempts say about the files of an offer (resume_state.h: Done and Chunks). Without
/// records it remembers nothing.
class AttemptMemory {
  public:
    using Rows = std::vector<std::pair<Bytes, Bytes>>; ///< in byte order of their keys

    AttemptMemory(const Manifest& manifest, const LocalKey& local) : m_manifest(manifest), m_local(local) {}
    void setDone(Rows rows) { m_done = std::move(rows); }
    void setChunks(Rows rows) { m_chunks = std::move(rows); }

    enum class Verdict {
        Delivered,     ///< it is the file itself
        OlderDelivery, ///< another version, which we have delivered and nobody has touched since
        Unproven, ///< it may be the file itself, but no record says so: it comes again, and counts if it is the same
        Foreign,
    };
    struct Judgement {
        Verdict verdict = Verdict::Foreign; ///< whatever its content is; with `byContent`: when it is none of these
        std::optional<ContentId> content{}; ///< Delivered: what it holds
        /// Somebody may have written to it: what it is when its content is this.
        std::vector<std::pair<ContentId, Verdict>> byContent{};
    };
    /// Whose it is that has the name under which a file would land. It is the file itself when a record says that this
    /// state of the source was delivered there and nobody has written to it since, or else if it still holds the same.
    /// `foreignLikely`: the person's own files may stand there, also such as have the same size and time.
    Judgement judge(uint32_t entry, const ExistingEntry& existing, bool foreignLikely) const;
    /// Of the chunked files that wait.
    std::map<uint32_t, Claims> claims(const FileBook& book) const;
    /// Every part on record.
    std::vector<std::string> parts() const;

  private:
    const Manifest& m_manifest;
    LocalKey m_local;
    Rows m_done;
    Rows m_chunks;
};

} // namespace wherry::transfer
