#include "kad/record_store.h"

#include "base/assert.h"

#include <algorithm>
#include <tuple>

namespace wherry::kad {

namespace {
size_t costOf(const Record& record) {
    return record.key.size() + record.value.size();
}
} // namespace

Result<void> RecordStore::put(const crypto::PeerId& from, ValidRecord record, Now now) {
    ASSERT(record.record.key.size() <= kMaxKeyBytes && record.record.value.size() <= kMaxValueBytes);
    expire(now);
    if (record.expires <= now.wall) return makeError(Errc::InvalidArgument, "kad record: expired");
    const Slot slot(record.record.key, record.publisher);
    TRY(const auto victim, victimOf(slot, record));
    const bool gives = victim != m_records.end();
    const size_t freed = gives ? costOf(victim->second.valid.record) : 0;
    if (putBy(from) >= kMaxRecordsPerPeer + (gives && victim->second.from == from ? 1 : 0))
        return makeError(Errc::LimitReached, "kad: records of one peer");
    if (m_records.size() >= kMaxRecords + (gives ? 1 : 0) || m_bytes + costOf(record.record) > kMaxRecordBytes + freed)
        return makeError(Errc::LimitReached, "kad: the store is full");
    if (gives && victim->first != slot) m_gone.push_back(victim->first);
    if (gives) erase(victim);
    record.content.clear(); // the record itself has it
    record.content.shrink_to_fit();
    ++m_putBy[from];
    m_bytes += costOf(record.record);
    m_expiries.emplace(record.expires, slot);
    m_records.emplace(slot, Kept{std::move(record), from});
    return {};
}

/// The record that gives way: the older one of the same publisher, or the worst of a key with too many publishers.
/// end(): none has to. Exists, Busy: the one that would give way is as good.
Result<RecordStore::Records::iterator> RecordStore::victimOf(const Slot& slot, const ValidRecord& record) {
    if (const auto old = m_records.find(slot); old != m_records.end()) {
        // The same once more prolongs where expiry counts from the put; a lower version is an old record come back.
        const ValidRecord& here = old->second.valid;
        if (std::tie(record.own, record.version, record.validity, record.expires) <=
            std::tie(here.own, here.version, here.validity, here.expires))
            return makeError(Errc::Exists, "kad record: not newer than what is here");
        return old;
    }
    size_t publishers = 0;
    auto worst = m_records.end();
    for (auto each = m_records.lower_bound({slot.first, {}});
         each != m_records.end() && each->first.first == slot.first; ++each, ++publishers)
        if (worst == m_records.end() || isBetter(worst->second.valid, each->second.valid)) worst = each;
    if (publishers < kMaxPublishersPerKey) return m_records.end();
    if (!isBetter(record, worst->second.valid))
        return makeError(Errc::Busy, "kad record: others have newer ones under this key");
    return worst;
}

std::optional<ValidRecord> RecordStore::get(ByteView key, Now now,
                                            const std::optional<crypto::PeerId>& publisher) const {
    const Bytes wanted = toBytes(key);
    std::optional<ValidRecord> best;
    for (auto each = m_records.lower_bound({wanted, {}}); each != m_records.end() && each->first.first == wanted;
         ++each) {
        const ValidRecord& valid = each->second.valid;
        if (valid.expires <= now.wall || (publisher && valid.publisher != *publisher)) continue;
        if (!best || isBetter(valid, *best)) best = valid;
    }
    return best;
}

unsigned RecordStore::requiredWork() const {
    constexpr size_t kSteps = 1024;
    constexpr size_t kQuiet = kSteps / kQuietShare;
    const size_t fill = std::max(m_records.size() * kSteps / kMaxRecords, m_bytes * kSteps / kMaxRecordBytes);
    if (fill <= kQuiet) return kMinWorkBits;
    const size_t more = (fill - kQuiet) * (kMaxWorkBits - kMinWorkBits) / (kSteps - kQuiet);
    return kMinWorkBits + static_cast<unsigned>(more);
}

size_t RecordStore::putBy(const crypto::PeerId& peer) const {
    const auto found = m_putBy.find(peer);
    return found == m_putBy.end() ? 0 : found->second;
}

void RecordStore::erase(Records::iterator kept) {
    m_expiries.erase({kept->second.valid.expires, kept->first});
    m_bytes -= costOf(kept->second.valid.record);
    const auto by = m_putBy.find(kept->second.from);
    if (--by->second == 0) m_putBy.erase(by);
    m_records.erase(kept);
}

void RecordStore::expire(Now now) {
    while (!m_expiries.empty() && m_expiries.begin()->first <= now.wall) {
        const auto expired = m_records.find(m_expiries.begin()->second);
        m_gone.push_back(expired->first);
        erase(expired);
    }
}

std::optional<UnixTime> RecordStore::deadline() const {
    if (m_expiries.empty()) return std::nullopt;
    return m_expiries.begin()->first;
}

} // namespace wherry::kad
