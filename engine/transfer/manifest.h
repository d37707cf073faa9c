#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "transfer/paged_bytes.h"
#include "transfer/transfer_limits.h"

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wherry::wire {
class ManifestPage;
}

namespace wherry::transfer {

/// What an unfinished transfer is found again by: hash of path, size, time and kind of one entry.
using EntryKey = std::array<uint8_t, 16>;

/// `path`: in the offer, root name first.
EntryKey entryKeyOf(std::string_view path, uint64_t size, int64_t modifiedNs, bool isFolder, bool executable);

inline constexpr uint32_t kNoEntry = 0xffffffff;

/// One file or folder of a manifest.
struct ManifestEntry {
    uint32_t parent = kNoEntry; ///< index of the folder that holds it, always smaller; kNoEntry: a root
    std::string name;           ///< one component, exactly the sender's bytes
    bool isFolder = false;
    bool executable = false; ///< never on a folder
    uint64_t size = 0;       ///< 0 for folders
    int64_t modifiedNs = 0;  ///< clamped to kMinModifiedNs..kMaxModifiedNs
    uint64_t change = 0;     ///< of a file: another one when somebody has written to it (placed_file.h); 0: not known
};

/// All files and folders of one offer, valid by construction: every name passed entry_name's validator, parents are
/// earlier folders, siblings are distinct, counts, sizes, depth and path lengths are within transfer_limits.h. 48 bytes
/// and its name per entry, of which some pages are in memory and the others in a Spill: what it takes of memory does
/// not grow with the count. Made by SourceManifest (sender) or ManifestReader (receiver).
class Manifest {
  public:
    uint32_t count() const { return m_records.size(); }
    ManifestEntry entry(uint32_t index) const;
    bool isFolder(uint32_t index) const { return m_records.at(index).isFolder; }
    uint64_t fileSize(uint32_t index) const;
    uint32_t parent(uint32_t index) const { return m_records.at(index).parent; }

    /// Root name first, '/'-separated.
    std::string path(uint32_t index) const;
    /// The same with another name for its root (conflict policy "rename").
    std::string path(uint32_t index, std::string_view rootName) const;
    /// The root that the entry lies below (itself for a root).
    uint32_t rootOf(uint32_t index) const;
    EntryKey entryKey(uint32_t index) const;

    /// Indices of the roots, in order.
    const std::vector<uint32_t>& roots() const { return m_roots; }
    uint64_t totalBytes() const { return m_totalBytes; }
    uint32_t fileCount() const { return m_fileCount; }
    uint32_t folderCount() const { return count() - m_fileCount; }

    /// Entries whose name equals that of an earlier sibling after NFC and case folding: they cannot stand beside each
    /// other on a volume that foldsNames(). Unportable, not an attack.
    const std::vector<uint32_t>& twins() const { return m_twins; }
    /// Some name cannot be kept on every system (entry_name.h isPortable), not counting twins.
    bool hasUnportableNames() const { return m_unportable; }

    /// Fills `page` (emptied first) with entries from `first` on: at most kMaxPageEntries and well below
    /// kMaxControlMessage when encoded. Returns the index after the last; count() when done.
    uint32_t fillPage(uint32_t first, wire::ManifestPage& page) const;
    /// What the manifest takes in memory and in the spill, bytes.
    size_t heldBytes() const;

  private:
    friend class ManifestBuilder;
    struct Record {
        uint64_t size = 0; ///< of a folder while the manifest is built: the latest entry in it and one
        int64_t modifiedNs = 0;
        uint64_t change = 0;
        uint32_t parent = kNoEntry;
        uint32_t nameAt = 0;
        uint32_t foldedHash = 0; ///< over folder and collision key
        uint16_t pathLength = 0;
        uint8_t nameLength = 0;
        uint8_t depth = 0;
        bool isFolder = false;
        bool executable = false;
    };
    std::string_view nameOf(const Record& record) const { return m_names.at(record.nameAt, record.nameLength); }

    explicit Manifest(const SpillMaker& spills) : m_records(spills), m_names(spills) {}

    PagedRows<Record> m_records;
    PagedTexts m_names;
    std::vector<uint32_t> m_roots;
    std::vector<uint32_t> m_twins;
    uint64_t m_totalBytes = 0;
    uint32_t m_fileCount = 0;
    bool m_unportable = false;
};

/// Puts a manifest together entry by entry, checking each. Order: a folder before what is in it, and siblings in
/// strictly increasing byte order of their names (roots in any order, but distinct): so that duplicates are found in
/// constant time per entry.
class ManifestBuilder {
  public:
    explicit ManifestBuilder(const SpillMaker& spills = {}) : m_manifest(spills) {}
    /// Errors name the entry: UnsafePath (attack), TooLarge (a bound), ProtocolViolation (order, duplicate, parent,
    /// size). Nothing is added on error.
    Result<void> add(const ManifestEntry& entry);
    uint32_t count() const { return m_manifest.count(); }
    /// In memory and in the spill.
    size_t heldBytes() const;
    /// Ends the manifest; the builder is used up.
    Manifest finish();

  private:
    Result<void> checkPlace(const ManifestEntry& entry, size_t* depth, size_t* pathLength) const;
    Result<void> checkSize(const ManifestEntry& entry) const;
    bool hasRoot(std::string_view name) const;
    void addRoot(uint32_t index, std::string_view name);
    static uint32_t foldedHash(const ManifestEntry& entry);
    void findTwins();
    void findTwinsAmong(const std::vector<std::pair<uint32_t, uint32_t>>& hashed);

    Manifest m_manifest;
    std::set<std::string, std::less<>> m_rootNames;
};

/// Receives a manifest page by page (wire/transfer.proto). The whole of it is checked before anybody is asked (SECURITY
/// rule 2).
class ManifestReader {
  public:
    /// What the Offer announced. TooLarge when above the bounds, ProtocolViolation when there is nothing.
    static Result<ManifestReader> begin(uint64_t entryCount, uint64_t totalBytes, const SpillMaker& spills = {});
    /// Pages must follow each other without gap. After an error the offer is refused; the reader is used up.
    Result<void> addPage(const wire::ManifestPage& page);
    /// After the last page: counts and total must be as announced.
    Result<Manifest> finish();
    /// In memory and in the spill.
    size_t heldBytes() const { return m_builder.heldBytes(); }

  private:
    ManifestReader(uint32_t entryCount, uint64_t totalBytes, const SpillMaker& spills)
        : m_builder(spills),
          m_entryCount(entryCount),
          m_announcedBytes(totalBytes) {}

    ManifestBuilder m_builder;
    uint32_t m_entryCount;
    uint64_t m_announcedBytes;
};

} // namespace wherry::transfer
