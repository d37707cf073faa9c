#pragma once

#include "base/result.h"
#include "transfer/job.h"
#include "transfer/manifest.h"
#include "transfer/storage.h"

#include <string>
#include <vector>

namespace wherry::transfer {

/// The sender's manifest with what is needed to open each file again. About 72 bytes and its name per entry.
class SourceManifest {
  public:
    /// Takes a scan. Entries that no receiver would accept (entry_name.h: a backslash in a name, too deep, ...) are
    /// left out together with what is below them and added to `skipped`. TooLarge above kMaxEntries or kMaxOfferBytes;
    /// InvalidArgument when nothing is left.
    static Result<SourceManifest> build(ScanOutcome scan);

    const Manifest& manifest() const { return m_manifest; }
    /// For ReadChunk and the other jobs; `entry` is a file.
    SourceRef source(uint32_t entry) const;
    /// Left out, by the scan or here: at most kMaxSkippedReported of each kind by name.
    const std::vector<SkippedEntry>& skipped() const { return m_skipped; }
    uint64_t skippedCount() const { return m_skippedCount; }
    /// Those that ought to have arrived.
    uint64_t skippedFailures() const { return m_skippedFailures; }

  private:
    friend class SourceManifestBuilder;

    Manifest m_manifest;
    std::vector<SourceStamp> m_stamps;
    std::vector<std::string> m_rootPaths; ///< one per manifest().roots()
    std::vector<SkippedEntry> m_skipped;
    uint64_t m_skippedCount = 0;
    uint64_t m_skippedFailures = 0;
};

} // namespace wherry::transfer
