#include "transfer/manifest.h"

#include "base/assert.h"
#include "base/display_text.h"
#include "crypto/sha256.h"
#include "transfer/entry_name.h"
#include "transfer/name_folding.h"
#include "wire/transfer.pb.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// Encoded bytes that one page may reach: leaves room for the envelope and the tag of the Control message around it.
constexpr size_t kPageBudget = kMaxControlMessage - 1024;
/// Encoded bytes of an entry beside its name: tags and varints of parent (4), size (9), time (10), change (9), two
/// flags, lengths.
constexpr size_t kEntryOverhead = 48;
/// Entries that are sorted at once when twins are looked for: half a megabyte.
constexpr uint32_t kTwinsPerPass = 65'536;
/// Names of one hash that are compared with one another: by chance there are two or three.
constexpr size_t kTwinsCompared = 1024;

Error about(Errc code, std::string_view what, std::string_view name) {
    return makeError(code, std::string(what) + ": \"" + displayText(name) + "\"");
}

} // namespace

ManifestEntry Manifest::entry(uint32_t index) const {
    const Record record = m_records.at(index);
    return {record.parent,     std::string(nameOf(record)),       record.isFolder,
            record.executable, record.isFolder ? 0 : record.size, record.modifiedNs,
            record.change};
}

uint64_t Manifest::fileSize(uint32_t index) const {
    const Record record = m_records.at(index);
    return record.isFolder ? 0 : record.size;
}

std::string Manifest::path(uint32_t index) const {
    Record record = m_records.at(index);
    std::string path(record.pathLength, '/');
    size_t end = path.size();
    for (;; record = m_records.at(record.parent)) {
        const std::string_view name = nameOf(record);
        end -= name.size();
        std::copy(name.begin(), name.end(), path.begin() + ptrdiff_t(end));
        if (record.parent == kNoEntry) return path;
        --end; // over the separator
    }
}

std::string Manifest::path(uint32_t index, std::string_view rootName) const {
    const size_t rootLength = m_records.at(rootOf(index)).nameLength;
    return std::string(rootName) + path(index).substr(rootLength);
}

uint32_t Manifest::rootOf(uint32_t index) const {
    for (uint32_t above = parent(index); above != kNoEntry; above = parent(index)) index = above;
    return index;
}

EntryKey entryKeyOf(std::string_view path, uint64_t size, int64_t modifiedNs, bool isFolder, bool executable) {
    uint8_t fixed[17];
    putBigEndian(fixed, size);
    putBigEndian(MutableBytes(fixed).subspan(8), uint64_t(modifiedNs));
    fixed[16] = uint8_t((isFolder ? 1 : 0) | (executable ? 2 : 0));
    const crypto::Digest digest = crypto::Sha256().update(fixed).update(asBytes(path)).finish();
    EntryKey key;
    std::copy_n(digest.begin(), key.size(), key.begin());
    return key;
}

EntryKey Manifest::entryKey(uint32_t index) const {
    const ManifestEntry what = entry(index);
    return entryKeyOf(path(index), what.size, what.modifiedNs, what.isFolder, what.executable);
}

uint32_t Manifest::fillPage(uint32_t first, wire::ManifestPage& page) const {
    page.Clear();
    page.set_first_index(first);
    size_t bytes = 0;
    uint32_t index = first;
    for (; index < count() && index - first < kMaxPageEntries; ++index) {
        const Record record = m_records.at(index);
        bytes += kEntryOverhead + record.nameLength;
        if (bytes > kPageBudget) break;
        wire::ManifestEntry& out = *page.add_entries();
        out.set_parent(record.parent == kNoEntry ? 0 : record.parent + 1);
        out.set_name(nameOf(record).data(), record.nameLength);
        out.set_folder(record.isFolder);
        out.set_size(record.isFolder ? 0 : record.size);
        out.set_modified_ns(record.modifiedNs);
        out.set_executable(record.executable);
        out.set_change(record.change);
    }
    return index;
}

size_t Manifest::heldBytes() const {
    return m_records.bytes() + m_names.bytes() + (m_roots.capacity() + m_twins.capacity()) * sizeof(uint32_t);
}

Result<void> ManifestBuilder::add(const ManifestEntry& entry) {
    if (count() >= kMaxEntries) return about(Errc::TooLarge, "more than a million entries", entry.name);
    TRY_OK(validateName(entry.name));
    size_t depth = 0;
    size_t pathLength = 0;
    TRY_OK(checkPlace(entry, &depth, &pathLength));
    TRY_OK(checkSize(entry));
    if (m_manifest.m_names.bytes() + entry.name.size() > kMaxManifestNames)
        return about(Errc::TooLarge, "too many bytes of names", entry.name);

    const uint32_t index = count();
    if (entry.parent == kNoEntry) {
        addRoot(index, entry.name);
    } else {
        Manifest::Record folder = m_manifest.m_records.at(entry.parent);
        folder.size = uint64_t(index) + 1;
        m_manifest.m_records.set(entry.parent, folder);
    }
    Manifest::Record record;
    record.size = entry.size;
    record.modifiedNs = std::clamp(entry.modifiedNs, kMinModifiedNs, kMaxModifiedNs);
    record.change = entry.isFolder ? 0 : entry.change;
    record.parent = entry.parent;
    record.nameAt = m_manifest.m_names.add(entry.name);
    record.foldedHash = foldedHash(entry);
    record.pathLength = uint16_t(pathLength);
    record.nameLength = uint8_t(entry.name.size());
    record.depth = uint8_t(depth);
    record.isFolder = entry.isFolder;
    record.executable = entry.executable && !entry.isFolder;
    m_manifest.m_records.add(record);
    m_manifest.m_totalBytes += entry.size;
    if (!entry.isFolder) ++m_manifest.m_fileCount;
    if (!m_manifest.m_unportable && !isPortableName(entry.name)) m_manifest.m_unportable = true;
    return {};
}

/// Parent, order among the siblings, depth and length of the path.
Result<void> ManifestBuilder::checkPlace(const ManifestEntry& entry, size_t* depth, size_t* pathLength) const {
    if (entry.parent == kNoEntry) {
        *depth = 1;
        *pathLength = entry.name.size();
        if (hasRoot(entry.name)) return about(Errc::ProtocolViolation, "two roots of the same name", entry.name);
        return {};
    }
    if (entry.parent >= count()) return about(Errc::ProtocolViolation, "an entry before its folder", entry.name);
    const Manifest::Record folder = m_manifest.m_records.at(entry.parent);
    if (!folder.isFolder) return about(Errc::ProtocolViolation, "an entry below a file", entry.name);
    *depth = size_t(folder.depth) + 1;
    *pathLength = size_t(folder.pathLength) + 1 + entry.name.size();
    if (*depth > kMaxDepth) return about(Errc::TooLarge, "an entry deeper than 200 folders", entry.name);
    if (*pathLength > kMaxPathLength)
        return about(Errc::TooLarge, "an entry with a path longer than 4032 bytes", entry.name);
    if (folder.size == 0) return {};
    const std::string_view earlier = m_manifest.nameOf(m_manifest.m_records.at(uint32_t(folder.size - 1)));
    if (earlier == entry.name) return about(Errc::ProtocolViolation, "two entries of the same name", entry.name);
    if (earlier > entry.name) return about(Errc::ProtocolViolation, "entries out of order", entry.name);
    return {};
}

Result<void> ManifestBuilder::checkSize(const ManifestEntry& entry) const {
    if (entry.isFolder) {
        if (entry.size != 0) return about(Errc::ProtocolViolation, "a folder with a size", entry.name);
        return {};
    }
    if (entry.size > kMaxFileSize) return about(Errc::TooLarge, "a file larger than 512 TiB", entry.name);
    if (entry.size > kMaxOfferBytes - m_manifest.m_totalBytes)
        return about(Errc::TooLarge, "an offer larger than 2^60 bytes", entry.name);
    return {};
}

bool ManifestBuilder::hasRoot(std::string_view name) const {
    return m_rootNames.contains(name);
}

void ManifestBuilder::addRoot(uint32_t index, std::string_view name) {
    m_manifest.m_roots.push_back(index);
    m_rootNames.emplace(name);
}

/// FNV-1a over folder and collision key. Not keyed: findTwinsAmong compares the names themselves.
uint32_t ManifestBuilder::foldedHash(const ManifestEntry& entry) {
    uint32_t hash = 0x811c9dc5u ^ entry.parent;
    for (char c : collisionKey(entry.name)) hash = (hash ^ static_cast<uint8_t>(c)) * 0x01000193u;
    return hash;
}

/// In as many passes as keep what a pass collects small.
void ManifestBuilder::findTwins() {
    const uint32_t passes = count() / kTwinsPerPass + 1;
    std::vector<std::pair<uint32_t, uint32_t>> hashed; // hash, entry
    for (uint32_t pass = 0; pass < passes; ++pass) {
        hashed.clear();
        for (uint32_t i = 0; i < count(); ++i) {
            const uint32_t hash = m_manifest.m_records.at(i).foldedHash;
            if (hash % passes == pass) hashed.emplace_back(hash, i);
        }
        std::sort(hashed.begin(), hashed.end());
        findTwinsAmong(hashed);
    }
    std::sort(m_manifest.m_twins.begin(), m_manifest.m_twins.end());
}

/// Those of one hash may still be different names; of more than kTwinsCompared of them, which nobody has without
/// meaning to, only so many are compared with one another.
void ManifestBuilder::findTwinsAmong(const std::vector<std::pair<uint32_t, uint32_t>>& hashed) {
    for (size_t first = 0, end = 0; first < hashed.size(); first = end) {
        for (end = first + 1; end < hashed.size() && end - first < kTwinsCompared; ++end)
            if (hashed[end].first != hashed[first].first) break;
        if (end - first == 1) continue;
        std::set<std::pair<uint32_t, std::string>> names;
        for (size_t i = first; i < end; ++i) {
            const Manifest::Record record = m_manifest.m_records.at(hashed[i].second);
            if (!names.emplace(record.parent, collisionKey(m_manifest.nameOf(record))).second)
                m_manifest.m_twins.push_back(hashed[i].second);
        }
    }
}

size_t ManifestBuilder::heldBytes() const {
    return m_manifest.heldBytes() + m_rootNames.size() * (sizeof(std::string) + kEntryOverhead);
}

Manifest ManifestBuilder::finish() {
    findTwins();
    return std::move(m_manifest);
}

Result<ManifestReader> ManifestReader::begin(uint64_t entryCount, uint64_t totalBytes, const SpillMaker& spills) {
    if (entryCount == 0) return makeError(Errc::ProtocolViolation, "an offer of nothing");
    if (entryCount > kMaxEntries) return makeError(Errc::TooLarge, "an offer of more than a million entries");
    if (totalBytes > kMaxOfferBytes) return makeError(Errc::TooLarge, "an offer larger than 2^60 bytes");
    return ManifestReader(uint32_t(entryCount), totalBytes, spills);
}

Result<void> ManifestReader::addPage(const wire::ManifestPage& page) {
    if (page.first_index() != m_builder.count())
        return makeError(Errc::ProtocolViolation, "a manifest page out of order");
    if (page.entries_size() == 0) return makeError(Errc::ProtocolViolation, "an empty manifest page");
    if (size_t(page.entries_size()) > kMaxPageEntries)
        return makeError(Errc::TooLarge, "a manifest page with too many entries");
    if (uint32_t(page.entries_size()) > m_entryCount - m_builder.count())
        return makeError(Errc::ProtocolViolation, "a manifest longer than announced");
    for (const wire::ManifestEntry& entry : page.entries()) {
        ManifestEntry next;
        next.parent = entry.parent() == 0 ? kNoEntry : entry.parent() - 1;
        next.name = entry.name();
        next.isFolder = entry.folder();
        next.executable = entry.executable();
        next.size = entry.size();
        next.modifiedNs = entry.modified_ns();
        next.change = entry.change();
        TRY_OK(m_builder.add(next));
    }
    return {};
}

Result<Manifest> ManifestReader::finish() {
    if (m_builder.count() != m_entryCount)
        return makeError(Errc::ProtocolViolation, "a manifest shorter than announced");
    Manifest manifest = m_builder.finish();
    if (manifest.totalBytes() != m_announcedBytes)
        return makeError(Errc::ProtocolViolation, "an offer whose sizes do not add up to its total");
    return manifest;
}

} // namespace wherry::transfer
