#pragma once

#include "transfer/file_book.h"

#include <cstdint>
#include <vector>

namespace wherry::transfer {

/// How much of each part of an accepted offer is verified, for people to look at: the bytes of its wanted files, in the
/// order of the manifest, in at most kMapCells cells of equal size. What it takes does not grow with the files: where
/// each cell begins is all that it knows of them.
class VerifiedMap {
  public:
    /// Looks at every entry once. Files that are Complete count as verified.
    VerifiedMap(const Manifest& manifest, const FileBook& book);

    /// These bytes of a wanted file are verified now.
    void add(uint32_t entry, uint64_t from, uint64_t length) { change(entry, from, length, true); }
    /// They were not, after all.
    void take(uint32_t entry, uint64_t from, uint64_t length) { change(entry, from, length, false); }

    /// Each 0 (nothing) to 255 (all of it, and only then); nothing of nothing: no cells.
    Bytes cells() const;

  private:
    /// Where a cell begins.
    struct Start {
        uint32_t entry = 0;
        uint64_t offset = 0;
        auto operator<=>(const Start&) const = default;
    };
    uint64_t begin(size_t cell) const;
    void change(uint32_t entry, uint64_t from, uint64_t length, bool isThere);

    uint64_t m_total = 0;
    size_t m_count = 0; ///< of the cells
    std::vector<Start> m_starts;
    std::vector<uint64_t> m_verified;
};

} // namespace wherry::transfer
