#include "transfer/source_manifest.h"

#include "base/assert.h"
#include "transfer/placed_file.h"

#include <algorithm>
#include <string_view>

namespace wherry::transfer {

namespace {

/// Splits "a/b/c" into "a/b" and "c"; the first part is empty for a root.
std::pair<std::string_view, std::string_view> splitName(std::string_view path) {
    const size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {{}, path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

bool isBelowOrAt(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

} // namespace

void ScanOutcome::leaveOut(SkippedEntry entry) {
    ++skippedCount;
    if (entry.failed) ++skippedFailures;
    const uint64_t ofItsKind = entry.failed ? skippedFailures : skippedCount - skippedFailures;
    if (ofItsKind <= kMaxSkippedReported) skipped.push_back(std::move(entry));
}

Result<void> SourceManifestBuilder::take(ScannedEntry scanned) {
    const auto [folder, name] = splitName(scanned.path);
    while (!m_open.empty() && !isBelowOrAt(folder, m_open.back().path)) m_open.pop_back();
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
    const bool isRoot = folder.empty();
    if (!isRoot && (m_open.empty() || m_open.back().path != folder))
        return leaveOut(std::move(scanned), "its folder was left out"), Result<void>();
    if (!isRoot) entry.parent = m_open.back().entry;
    const uint32_t index = m_builder.count();
    if (const auto added = m_builder.add(entry); !added)
        return leaveOut(std::move(scanned), added.error().context), Result<void>();
    m_totalBytes += entry.size;
    m_stamps.add(scanned.stamp);
    if (isRoot) m_roots.push_back(entry.name);
    if (scanned.isFolder) m_open.push_back({std::move(scanned.path), index});
    return {};
}

void SourceManifestBuilder::leaveOut(ScannedEntry scanned, std::string reason) {
    m_leftOut.leaveOut({std::move(scanned.path), std::move(reason), true});
}

Result<SourceManifest> SourceManifestBuilder::finish(ScanOutcome scan) {
    for (SkippedEntry& entry : m_leftOut.skipped) scan.leaveOut(std::move(entry));
    const uint64_t unnamed = m_leftOut.skippedCount - m_leftOut.skipped.size();
    SourceManifest out(m_builder.finish(), std::move(m_stamps));
    for (const std::string& name : m_roots) {
        const auto root = std::find(scan.rootNames.begin(), scan.rootNames.end(), name);
        ASSERT(root != scan.rootNames.end());
        out.m_rootPaths.push_back(scan.rootPaths[size_t(root - scan.rootNames.begin())]);
    }
    out.m_askedPaths = std::move(scan.rootPaths);
    out.m_skipped = std::move(scan.skipped);
    out.m_skippedCount = scan.skippedCount + unnamed;
    out.m_skippedFailures = scan.skippedFailures + unnamed;
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
    ref.stamp = m_stamps.at(entry);
    return ref;
}

} // namespace wherry::transfer
