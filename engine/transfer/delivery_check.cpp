#include "transfer/delivery_check.h"

#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

DeliveryCheck::DeliveryCheck(MachineContext& context, TransferId transfer, const Manifest& manifest,
                             const TransferRecord& record, const LandedNames& ofVolume, const std::string& folder,
                             ReservedNames& reserved)
    : m_context(context),
      m_transfer(transfer),
      m_manifest(manifest),
      m_record(record),
      m_book(manifest),
      m_names(manifest, reserved),
      m_memory(manifest, record.localKey) {
    const Result<void> selected = m_book.select(decodeSelection(record.consent.selection, manifest.count()));
    ASSERT(selected);
    m_names.begin(ofVolume, record.names, folder);
    m_doneScan = context.out.scan(transfer, Space::Done, Bytes(record.localKey.begin(), record.localKey.end()));
    m_job = context.out.submit(transfer, JobLane::Worker, OpenDestinationJob{folder});
}

bool DeliveryCheck::onStoreScanned(StoreScanned& scanned) {
    if (scanned.id != m_doneScan) return false;
    m_doneScan = {};
    if (scanned.rows) m_memory.setDone(std::move(*scanned.rows));
    if (m_destination) lookOn();
    return true;
}

bool DeliveryCheck::onJobDone(JobDone& done) {
    if (done.id != m_job) return false;
    m_job = {};
    if (!done.outcome) {
        m_state = State::Missing;
        return true;
    }
    if (!m_destination) {
        m_destination = std::get<DestinationPtr>(*done.outcome);
        if (!m_doneScan) lookOn();
        return true;
    }
    const LookOutcome& outcome = std::get<LookOutcome>(*done.outcome);
    for (size_t i = 0; i < m_asked.size(); ++i)
        if (!isAsDelivered(m_asked[i], outcome.existing.at(i))) m_state = State::Missing;
    if (!decided()) lookOn();
    return true;
}

/// nullptr: its place is another's now.
const LandedRoot* DeliveryCheck::rootOf(uint32_t entry) const {
    const ManifestEntry top = m_manifest.entry(m_manifest.rootOf(entry));
    const auto found = std::find_if(m_record.roots.begin(), m_record.roots.end(),
                                    [&](const LandedRoot& root) { return root.name == top.name; });
    return found == m_record.roots.end() ? nullptr : &*found;
}

void DeliveryCheck::lookOn() {
    std::vector<std::string> paths;
    m_asked.clear();
    for (; m_cursor < m_manifest.count() && paths.size() < kPathsPerJob; ++m_cursor) {
        if (!m_book.wanted(m_cursor)) continue;
        const LandedRoot* root = rootOf(m_cursor);
        if (!root) {
            m_state = State::Missing;
            return;
        }
        if (root->landed.empty()) continue; // skipped
        m_asked.push_back(m_cursor);
        paths.push_back(m_names.path(m_cursor, root->landed));
    }
    if (paths.empty())
        m_state = State::Delivered;
    else
        m_job = m_context.out.submit(m_transfer, JobLane::Worker, LookJob{m_destination, std::move(paths)});
}

bool DeliveryCheck::isAsDelivered(uint32_t entry, const std::optional<ExistingEntry>& existing) const {
    if (!existing) return false;
    if (m_manifest.isFolder(entry)) return existing->isFolder;
    return m_memory.judge(entry, *existing, true).verdict == AttemptMemory::Verdict::Delivered;
}

} // namespace wherry::transfer
