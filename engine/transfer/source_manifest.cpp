#include "transfer/source_manifest.h"

#include "base/assert.h"
#include "transfer/placed_file.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace wherry::transfer {

namespace {

/// Splits "a/b/c" into "a/b" and "c"; the first part is empty for a root.
std::pair<std::string_view, std::string_view> splitName(std::string_view path) {
    const size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {{}, path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

} // namespace

void ScanOutcome::leaveOut(SkippedEntry entry) {
    ++skippedCount;
    if (entry.failed) ++skippedFailures;
    const uint64_t ofItsKind = entry.failed ? skippedFailures : skippedCount - skippedFailures;
    if (ofItsKind <= kMaxSkippedReported) skipped.push_back(std::move(entry));
}

/// Moves a scan into a SourceManifest entry by entry. Only folders are remembered by path, and only while building.
class SourceManifestBuilder {
  public:
    SourceManifestBuilder(ScanOutcome& scan, SourceManifest& out) : m_scan(scan), m_out(out) {
        for (size_t i = 0; i < scan.rootNames.size(); ++i) m_rootPaths.emplace(scan.rootNames[i], i);
    }

    Result<void> run() {
        for (const ScannedEntry& entry : m_scan.entries) TRY_OK(take(entry));
        m_out.m_manifest = m_builder.finish();
        return {};
    }

  private:
    Result<void> take(const ScannedEntry& scanned) {
        const auto [folder, name] = splitName(scanned.path);
        ManifestEntry entry;
        entry.name = name;
        entry.isFolder = scanned.isFolder;
        entry.executable = scanned.executable;
        entry.size = scanned.isFolder ? 0 : scanned.stamp.size;
        entry.modifiedNs = scanned.stamp.modifiedNs;
        entry.change = scanned.isFolder ? 0 : changeMark(scanned.stamp, scanned.inodeStays);
        if (m_builder.count() >= kMaxEntries)
            return makeError(Errc::TooLarge, "sending more than a million files and folders at once");
        if (entry.size <= kMaxFileSize && entry.size > kMaxOfferBytes - m_totalBytes)
            return makeError(Errc::TooLarge, "sending more than 2^60 bytes at once");
        if (!folder.empty()) {
            const auto parent = m_folders.find(folder);
            if (parent == m_folders.end()) return leaveOut(scanned, "its folder was left out");
            entry.parent = parent->second;
        }
        const uint32_t index = m_builder.count();
        if (const auto added = m_builder.add(entry); !added) return leaveOut(scanned, added.error().context);
        m_totalBytes += entry.size;
        m_out.m_stamps.push_back(scanned.stamp);
        if (scanned.isFolder) m_folders.emplace(scanned.path, index);
        if (folder.empty()) {
            const auto root = m_rootPaths.find(name);
            ASSERT(root != m_rootPaths.end());
            m_out.m_rootPaths.push_back(m_scan.rootPaths[root->second]);
        }
        return {};
    }

    Result<void> leaveOut(const ScannedEntry& scanned, const std::string& reason) {
        m_scan.leaveOut({scanned.path, reason, true});
        return {};
    }

    ScanOutcome& m_scan;
    SourceManifest& m_out;
    ManifestBuilder m_builder;
    std::unordered_map<std::string_view, uint32_t> m_folders; ///< path (in the scan) -> entry
    std::unordered_map<std::string_view, size_t> m_rootPaths; ///< root name -> index in the scan's roots
    uint64_t m_totalBytes = 0;
};

Result<SourceManifest> SourceManifest::build(ScanOutcome scan) {
    SourceManifest out;
    out.m_stamps.reserve(scan.entries.size());
    TRY_OK(SourceManifestBuilder(scan, out).run());
    out.m_skipped = std::move(scan.skipped);
    out.m_skippedCount = scan.skippedCount;
    out.m_skippedFailures = scan.skippedFailures;
    if (out.m_manifest.count() == 0) {
        std::string why = "there is nothing to send";
        if (!out.m_skipped.empty())
            why += " (" + out.m_skipped.front().path + ": " + out.m_skipped.front().reason + ")";
        return makeError(Errc::InvalidArgument, std::move(why));
    }
    return out;
}

SourceRef SourceManifest::source(uint32_t entry) const {
    const std::vector<uint32_t>& roots = m_manifest.roots();
    const uint32_t root = m_manifest.rootOf(entry);
    const auto at = std::lower_bound(roots.begin(), roots.end(), root);
    ASSERT(at != roots.end() && *at == root);
    SourceRef ref;
    ref.rootPath = m_rootPaths[size_t(at - roots.begin())];
    if (entry != root) ref.inside = m_manifest.path(entry).substr(m_manifest.entry(root).name.size() + 1);
    ref.stamp = m_stamps[entry];
    return ref;
}

} // namespace wherry::transfer
