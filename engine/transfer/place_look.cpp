#include "transfer/place_look.h"

#include "transfer/chosen_names.h"
#include "transfer/entry_name.h"
#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// Whether a root that has landed as `landed` has done so for want of `name`: it is that, or "name (1)" and so on.
bool landsFor(const std::string& name, const std::string& landed, bool isFolder) {
    if (landed == name) return true;
    const size_t open = landed.rfind(" (");
    const size_t close = open == std::string::npos ? open : landed.find(')', open);
    if (close == std::string::npos) return false;
    const std::string digits = landed.substr(open + 2, close - open - 2);
    const bool isNumber = !digits.empty() && digits.size() <= 4 &&
                          std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return isNumber && numberedName(name, static_cast<uint32_t>(std::stoul(digits)), isFolder) == landed;
}

} // namespace

PlaceLook::PlaceLook(MachineContext& context, TransferId transfer, const Manifest& manifest,
                     const ReservedNames& reserved, ReceivePolicy policy, OfferPlace place, Bytes recordKey,
                     uint64_t needed, bool isPaused)
    : m_context(context),
      m_transfer(transfer),
      m_manifest(manifest),
      m_reserved(reserved),
      m_policy(std::move(policy)),
      m_place(std::move(place)),
      m_recordKey(std::move(recordKey)),
      m_needed(needed),
      m_isPaused(isPaused) {
    m_mustExist = m_place.folder != m_policy.folder;
    m_policy.folder = m_place.folder;
    m_policy.conflict = m_place.conflict;
    m_recordScan = context.out.scan(transfer, Space::Transfers, m_recordKey);
    m_ownersScan = context.out.scan(transfer, Space::Owners, folderTag(m_policy.folder));
    m_traitsJob = context.out.submit(transfer, JobLane::Worker, NameTraitsJob{m_policy.folder});
}

bool PlaceLook::onStoreScanned(const StoreScanned& scanned, Now now) {
    if (scanned.id == m_recordScan) {
        m_recordScan = {};
        if (std::optional<TransferRecord> found = recordIn(scanned, m_recordKey))
            (isExpired(*found, now.wall) && !m_isPaused ? m_expired : m_known) = std::move(found);
        return true;
    }
    if (scanned.id != m_ownersScan) return false;
    m_ownersScan = {};
    if (m_known) forgetLostRoots(*m_known, scanned, m_policy.folder);
    if (!m_traitsJob) judge();
    return true;
}

bool PlaceLook::onJobDone(JobDone& done) {
    if (m_traitsJob && done.id == m_traitsJob) {
        m_traitsJob = {};
        if (done.outcome)
            m_traits = std::get<NameTraits>(*done.outcome);
        else
            m_error = done.outcome.error();
        if (!m_ownersScan) judge();
        return true;
    }
    if (!m_taken || !m_taken->onJobDone(done)) return false;
    if (m_taken->decided()) conclude();
    return true;
}

/// The folder has been looked at, and the store has said what was there before.
void PlaceLook::judge() {
    Result<void> fits = m_error ? Result<void>(*m_error) : judgeFolder();
    if (fits) {
        Result<VolumeNames> names = namesWith(m_place.names, m_manifest, *m_traits);
        if (names)
            m_names = std::move(*names);
        else
            fits = names.error();
    }
    if (!fits) {
        m_error = fits.error();
        m_decided = true;
        return;
    }
    if (m_known) leaveOtherNames(*m_known);
    if (!m_traits->folderThere) return conclude();
    m_taken.emplace(m_context, m_transfer, m_manifest, m_names.names, m_policy,
                    m_known ? m_known->roots : std::vector<LandedRoot>(), m_reserved);
}

Result<void> PlaceLook::judgeFolder() const {
    if (m_mustExist && !m_traits->folderThere)
        return makeError(Errc::NotFound, "there is no folder '" + m_policy.folder + "'");
    if (!m_traits->writable)
        return makeError(Errc::PermissionDenied, "nothing can be written to '" + m_policy.folder + "'");
    // What an earlier attempt has left there has its space already; the placement knows how much that is.
    if (!m_known && m_needed > m_traits->freeBytes)
        return makeError(Errc::DiskFull, std::to_string(m_needed) + " bytes are needed in " + m_policy.folder + ", " +
                                             std::to_string(m_traits->freeBytes) + " are free");
    return {};
}

/// What has landed under a name that is not wanted any more stays as it is; it is not gone on with.
void PlaceLook::leaveOtherNames(TransferRecord& known) const {
    std::map<std::string, uint32_t> roots;
    for (const uint32_t root : m_manifest.roots()) roots.emplace(m_manifest.entry(root).name, root);
    std::erase_if(known.roots, [&](const LandedRoot& landed) {
        const auto root = roots.find(landed.name);
        if (root == roots.end() || landed.landed.empty()) return false;
        return !landsFor(m_names.names.of(m_manifest, root->second), landed.landed, m_manifest.isFolder(root->second));
    });
    for (const OfferName& one : m_place.names) known.names.erase(m_manifest.path(one.entry));
}

void PlaceLook::conclude() {
    m_decided = true;
    if (m_taken && !m_taken->clashes().empty()) m_error = makeError(Errc::Exists, m_taken->clashes().text());
}

void PlaceLook::tell(OfferPlaced& placed) const {
    placed.place = m_place;
    placed.error = m_error;
    if (m_traits) placed.freeBytes = m_traits->freeBytes;
    for (const uint32_t entry : m_names.renamed) {
        if (placed.renames.size() == kMaxTakenTold) break;
        placed.renames.push_back({m_manifest.path(entry), *m_names.names.find(entry)});
    }
    placed.renamesTotal = m_names.renamed.size();
    if (m_taken) m_taken->tell(placed);
}

} // namespace wherry::transfer
