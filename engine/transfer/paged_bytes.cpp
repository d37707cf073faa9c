#include "transfer/paged_bytes.h"

namespace wherry::transfer {

PagedBytes::PagedBytes(SpillMaker spills, size_t inMemory) : m_spills(std::move(spills)), m_inMemory(inMemory) {
    ASSERT(inMemory > 0);
}

void PagedBytes::addPage() {
    const uint32_t page = pages();
    const uint32_t slot = freeSlot(page);
    m_slotOf.push_back(slot);
    std::memset(m_slots[slot].bytes.get(), 0, kTablePageBytes);
    m_slots[slot].changed = true;
}

uint8_t* PagedBytes::change(uint32_t page) {
    Slot& slot = m_slots[bring(page)];
    slot.changed = true;
    return slot.bytes.get();
}

uint32_t PagedBytes::bring(uint32_t page) {
    ASSERT(page < pages());
    uint32_t& at = m_slotOf[page];
    if (at == kSpilled) {
        at = freeSlot(page);
        Slot& slot = m_slots[at];
        ASSERT(m_spill->read(uint64_t(page) * kTablePageBytes, {slot.bytes.get(), kTablePageBytes}));
    }
    m_slots[at].used = true;
    return at;
}

/// A slot for the page, whose bytes are not set yet.
uint32_t PagedBytes::freeSlot(uint32_t page) {
    std::optional<uint32_t> slot;
    if (m_slots.size() >= m_inMemory) slot = evict();
    if (!slot) {
        slot = static_cast<uint32_t>(m_slots.size());
        m_slots.emplace_back().bytes = std::make_unique_for_overwrite<uint8_t[]>(kTablePageBytes);
    }
    m_slots[*slot].page = page;
    m_slots[*slot].changed = false;
    m_slots[*slot].used = true;
    return *slot;
}

/// nullopt: nothing can go.
std::optional<uint32_t> PagedBytes::evict() {
    if (!m_spill && !m_full) {
        m_spill = m_spills ? m_spills() : nullptr;
        m_full = !m_spill;
    }
    for (size_t seen = 0; m_spill && seen < 2 * m_slots.size(); ++seen) {
        const size_t at = m_hand;
        m_hand = (m_hand + 1) % m_slots.size();
        Slot& slot = m_slots[at];
        if (std::exchange(slot.used, false) || !writeOut(slot)) continue;
        m_slotOf[slot.page] = kSpilled;
        return static_cast<uint32_t>(at);
    }
    return std::nullopt;
}

bool PagedBytes::writeOut(Slot& slot) {
    if (!slot.changed) return true;
    if (m_full) return false;
    m_full = !m_spill->write(uint64_t(slot.page) * kTablePageBytes, {slot.bytes.get(), kTablePageBytes});
    return !m_full;
}

uint32_t PagedTexts::add(std::string_view text) {
    ASSERT(text.size() <= kTablePageBytes);
    if (text.empty()) return 0; // in no page: there may be none yet, or the last one is full
    if (text.size() > kTablePageBytes - m_used) {
        m_pages.addPage();
        m_used = 0;
    }
    const uint32_t page = m_pages.pages() - 1;
    std::memcpy(m_pages.change(page) + m_used, text.data(), text.size());
    const auto where = static_cast<uint32_t>(page * kTablePageBytes + m_used);
    m_used += text.size();
    m_bytes += text.size();
    return where;
}

std::string_view PagedTexts::at(uint32_t where, size_t length) const {
    if (length == 0) return {};
    const uint8_t* page = m_pages.look(static_cast<uint32_t>(where / kTablePageBytes));
    return {reinterpret_cast<const char*>(page) + where % kTablePageBytes, length};
}

} // namespace wherry::transfer
