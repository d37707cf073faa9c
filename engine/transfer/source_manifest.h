#pragma once

#include "base/result.h"
#include "transfer/job.h"
#include "transfer/manifest.h"
#include "transfer/storage.h"

#include <string>
#include <vector>

namespace wherry::transfer {

/// The sender's manifest with what is needed to open each file again; like the manifest, most of it is not in memory
/// when it is large. Made by SourceManifestBuilder.
class SourceManifest {
  public:
    const Manifest& manifest() const { return m_manifest; }
    /// Absolute, of all that the person has named.
    const std::vector<std::string>& askedPaths() const { return m_askedPaths; }
    /// For ReadChunk and the other jobs; `entry` is a file.
    SourceRef source(uint32_t entry) const;
    /// Left out, by the scan or here: at most kMaxSkippedReported of each kind by name.
    const std::vector<SkippedEntry>& skipped() const { return m_skipped; }
    uint64_t skippedCount() const { return m_skippedCount; }
    /// Those that ought to have arrived.
    uint64_t skippedFailures() const { return m_skippedFailures; }

  private:
    friend class SourceManifestBuilder;
    SourceManifest(Manifest manifest, PagedRows<SourceStamp> stamps)
        : m_manifest(std::move(manifest)),
          m_stamps(std::move(stamps)) {}

    Manifest m_manifest;
    PagedRows<SourceStamp> m_stamps;
    std::vector<std::string> m_askedPaths;
    std::vector<std::string> m_rootPaths; ///< one per manifest().roots()
    std::vector<SkippedEntry> m_skipped;
    uint64_t m_skippedCount = 0;
    uint64_t m_skippedFailures = 0;
};

/// Makes a SourceManifest of a scan, entry by entry. Entries that no receiver would accept (entry_name.h: a backslash
/// in a name, too deep, ...) are left out together with what is below them and added to what was skipped.
class SourceManifestBuilder final : public ScanSink {
  public:
    explicit SourceManifestBuilder(const SpillMaker& spills = {}) : m_builder(spills), m_stamps(spills) {}

    /// TooLarge above kMaxEntries or kMaxOfferBytes.
    Result<void> take(ScannedEntry scanned) override;
    /// After the last entry; the builder is used up. InvalidArgument when there is nothing to send.
    Result<SourceManifest> finish(ScanOutcome scan);

  private:
    struct OpenFolder {
        std::string path; ///< in the scan
        uint32_t entry = 0;
    };
    void leaveOut(ScannedEntry scanned, std::string reason);

    ManifestBuilder m_builder;
    PagedRows<SourceStamp> m_stamps;
    std::vector<OpenFolder> m_open;   ///< from a root down to the folder whose entries come now
    std::vector<std::string> m_roots; ///< their names
    ScanOutcome m_leftOut;
    uint64_t m_totalBytes = 0;
};

} // namespace wherry::transfer
