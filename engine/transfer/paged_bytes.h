#pragma once

#include "base/assert.h"
#include "base/spill.h"
#include "transfer/transfer_limits.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace wherry::transfer {

/// Any number of pages of kTablePageBytes, of which so many are in memory as `inMemory` says: the others are in a
/// Spill, which is made when the first one must go. Without one, or when it is full, pages stay in memory. Which page
/// goes is decided by second chance (CLOCK). What has been written to the Spill and cannot be read back ends the
/// program, as would memory that cannot.
class PagedBytes {
  public:
    explicit PagedBytes(SpillMaker spills = {}, size_t inMemory = kTablePagesInMemory);

    uint32_t pages() const { return static_cast<uint32_t>(m_slotOf.size()); }
    /// Adds a page of zeros.
    void addPage();
    /// Both: valid until the next call of any.
    const uint8_t* look(uint32_t page) { return m_slots[bring(page)].bytes.get(); }
    uint8_t* change(uint32_t page);
    /// In memory now.
    size_t residentBytes() const { return m_slots.size() * kTablePageBytes; }

  private:
    struct Slot {
        std::unique_ptr<uint8_t[]> bytes;
        uint32_t page = 0;
        bool changed = false; ///< since it was written to the spill
        bool used = false;    ///< since the hand last passed
    };
    static constexpr uint32_t kSpilled = 0xffffffff;

    uint32_t bring(uint32_t page);
    uint32_t freeSlot(uint32_t page);
    std::optional<uint32_t> evict();
    bool writeOut(Slot& slot);

    SpillMaker m_spills;
    std::unique_ptr<Spill> m_spill;
    size_t m_inMemory;
    bool m_full = false;            ///< nothing goes to the spill any more
    std::vector<uint32_t> m_slotOf; ///< per page
    std::vector<Slot> m_slots;
    size_t m_hand = 0;
};

/// Rows of one plain type in PagedBytes.
template <class Row> class PagedRows {
    static_assert(std::is_trivially_copyable_v<Row> && sizeof(Row) <= kTablePageBytes);
    static constexpr uint32_t kRowsPerPage = kTablePageBytes / sizeof(Row);

  public:
    explicit PagedRows(SpillMaker spills = {}, size_t inMemory = kTablePagesInMemory)
        : m_pages(std::move(spills), inMemory) {}

    uint32_t size() const { return m_size; }
    Row at(uint32_t index) const {
        ASSERT(index < m_size);
        Row row;
        std::memcpy(&row, m_pages.look(index / kRowsPerPage) + index % kRowsPerPage * sizeof(Row), sizeof(Row));
        return row;
    }
    void set(uint32_t index, const Row& row) {
        ASSERT(index < m_size);
        std::memcpy(m_pages.change(index / kRowsPerPage) + index % kRowsPerPage * sizeof(Row), &row, sizeof(Row));
    }
    void add(const Row& row) {
        if (m_size % kRowsPerPage == 0) m_pages.addPage();
        set(m_size++, row);
    }
    /// In memory or in the spill.
    size_t bytes() const { return size_t(m_size) * sizeof(Row); }

  private:
    mutable PagedBytes m_pages; ///< looking at a row may bring its page
    uint32_t m_size = 0;
};

/// Short texts in PagedBytes, none over the edge of a page.
class PagedTexts {
  public:
    explicit PagedTexts(SpillMaker spills = {}, size_t inMemory = kTablePagesInMemory)
        : m_pages(std::move(spills), inMemory) {}

    /// Where it is, for at(); text.size() <= kTablePageBytes.
    uint32_t add(std::string_view text);
    /// Valid until the next call of any.
    std::string_view at(uint32_t where, size_t length) const;
    size_t bytes() const { return m_bytes; }

  private:
    mutable PagedBytes m_pages;
    size_t m_used = kTablePageBytes; ///< of the last page
    size_t m_bytes = 0;
};

} // namespace wherry::transfer
