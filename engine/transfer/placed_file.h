#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sha256.h"
#include "transfer/storage.h"

#include <array>
#include <cstdint>
#include <optional>

/// What tells a file from the same file after somebody has written to it, although size and modification time say that
/// nothing has happened: the time of its last change (which no program can set) and its inode.
namespace wherry::transfer {

/// Of a source file, for its manifest entry: another number for another state of the file, whatever was done to it. 0: the
/// system has no change times. `inodeStays`: false where the inode of a file may change by itself.
uint64_t changeMark(const SourceStamp& stamp, bool inodeStays);
/// Of a file that we have placed. 0: nothing can be said.
uint64_t placedMark(const ExistingEntry& existing);

/// The first half of a file's digest. Only ever compared with what the same disk held before.
using ContentId = std::array<uint8_t, 16>;
ContentId contentId(const crypto::Digest& digest);

/// What Done has on record of a file (resume_state.h).
struct PlacedFile {
    bool published = false; ///< false: about to be
    uint64_t change = 0;    ///< ManifestEntry::change
    uint64_t mark = 0;      ///< placedMark under its final name; 0: not known
    /// nullopt: a row of a program before 2026-12 has none.
    std::optional<ContentId> content{};
    bool operator==(const PlacedFile&) const = default;
};
Bytes encodePlaced(const PlacedFile& placed);
/// Malformed: the store is damaged.
Result<PlacedFile> decodePlaced(ByteView value);

} // namespace wherry::transfer
