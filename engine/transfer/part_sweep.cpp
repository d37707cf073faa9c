#include "transfer/part_sweep.h"

#include "transfer/machine_limits.h"

#include <algorithm>
#include <iterator>

namespace wherry::transfer {

void PartSweep::begin(const std::string& folder, DestinationPtr destination, Now now) {
    if (m_destination) return;
    const auto [again, isNew] = m_again.try_emplace(folder, now.mono);
    if (!isNew && now.mono < again->second) return;
    again->second = now.mono + kSweepInterval;
    m_destination = std::move(destination);
    m_tag = folderTag(folder);
    m_recordScan = m_context.out.scan(kOwner, Space::Transfers, {});
}

void PartSweep::onStoreScanned(StoreScanned scanned, Now now) {
    if (scanned.id == m_recordScan) {
        m_recordScan = {};
        if (scanned.rows) choose(*scanned.rows, now);
        return next();
    }
    if (scanned.id != m_partsScan) return;
    m_partsScan = {};
    if (!scanned.rows) {
        leave();
        return next();
    }
    for (const auto& [key, value] : *scanned.rows) {
        if (!isPartsKey(key)) continue;
        Result<std::vector<std::string>> parts = decodeParts(value);
        if (parts) std::move(parts->begin(), parts->end(), std::back_inserter(m_parts));
    }
    removeParts();
}

/// What has not been touched for the lifetime of a record, up to a bound; the rest waits for the next sweep.
void PartSweep::choose(const std::vector<std::pair<Bytes, Bytes>>& rows, Now now) {
    for (const auto& [key, value] : rows) {
        if (m_expired.size() >= kMaxRecordsPerSweep) return;
        if (key.size() < m_tag.size() || !std::equal(m_tag.rbegin(), m_tag.rend(), key.rbegin())) continue;
        const Result<TransferRecord> record = decodeRecord(value);
        if (!record || !isExpired(*record, now.wall) || m_places.contains(key) || m_paused.holds(key)) continue;
        m_places[key] = kOwner;
        m_expired.push_back({key, record->localKey});
    }
}

void PartSweep::next() {
    if (m_expired.empty()) {
        m_destination.reset();
        return;
    }
    const LocalKey& local = m_expired.front().local;
    m_partsScan = m_context.out.scan(kOwner, Space::Chunks, Bytes(local.begin(), local.end()));
}

/// The next of the parts; after the last one the records go too.
void PartSweep::removeParts() {
    if (!m_parts.empty()) {
        const auto from = m_parts.end() - static_cast<ptrdiff_t>(std::min(m_parts.size(), kPathsPerJob));
        RemovePartsJob job{m_destination, {std::make_move_iterator(from), std::make_move_iterator(m_parts.end())}};
        m_parts.erase(from, m_parts.end());
        m_context.out.submit(kOwner, JobLane::Worker, std::move(job));
        return;
    }
    const Expired& done = m_expired.front();
    const Bytes prefix(done.local.begin(), done.local.end());
    m_context.out.erase(Space::Chunks, prefix);
    m_context.out.erase(Space::Done, prefix);
    m_context.out.erase(Space::Transfers, done.key);
    leave();
    next();
}

void PartSweep::onJobDone(const JobDone& done) {
    if (done.outcome) return removeParts();
    m_parts.clear();
    leave();
    next();
}

void PartSweep::leave() {
    m_places.erase(m_expired.front().key);
    m_expired.pop_front();
}

} // namespace wherry::transfer
