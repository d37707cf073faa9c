#include "transfer/placement.h"

#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

Placement::Placement(MachineContext& context, TransferId transfer, const Manifest& manifest, FileBook& book,
                     ReservedNames& reserved)
    : m_context(context),
      m_transfer(transfer),
      m_manifest(manifest),
      m_book(book),
      m_reserved(reserved),
      m_names(manifest, reserved),
      m_check(context, transfer) {}

Placement::~Placement() {
    if (m_landing) m_landing->release(m_reserved);
}

JobId Placement::submit(JobWork work) {
    return m_context.out.submit(m_transfer, JobLane::Worker, std::move(work));
}

void Placement::begin(const ReceivePolicy& policy, Bytes recordKey, std::optional<TransferRecord> known,
                      const Consent& consent, const LandedNames& names) {
    m_policy = policy;
    m_recordKey = std::move(recordKey);
    m_known = known.has_value();
    if (known)
        m_record = std::move(*known);
    else
        m_context.random.fill(m_record.localKey);
    m_record.consent = consent;
    m_names.begin(names, m_record.names, m_policy.folder);
    m_step = Step::Opening;
    remember(submit(OpenDestinationJob{m_policy.folder}), {});
}

Result<bool> Placement::onJobDone(JobDone& done, Now now) {
    if (m_check.owns(done.id)) {
        if (const auto answer = m_check.onJobDone(done, m_destination))
            conclude(answer->question.entry, answer->question.existing, answer->verdict, answer->content, now);
        TRY_OK(lookOrGoOn(now));
        return true;
    }
    const auto found = m_jobs.find(done.id);
    if (found == m_jobs.end()) return false;
    const std::vector<uint32_t> entries = std::move(found->second);
    m_jobs.erase(found);
    if (m_step == Step::MakingFolders) {
        TRY_OK(onFoldersMade(entries, done.outcome));
        return true;
    }
    if (!done.outcome) {
        TRY_OK(onJobFailed(entries, done.outcome.error()));
        return true;
    }
    TRY_OK(onStepDone(entries, *done.outcome, now));
    return true;
}

/// A part that cannot be opened costs its file, what the whole volume has costs the transfer.
Result<void> Placement::onJobFailed(const std::vector<uint32_t>& entries, const Error& error) {
    if (m_step != Step::OpeningParts) return error;
    if (error.code == Errc::Exists && avoidPart(entries.front())) {
        openPart(entries.front());
        return {};
    }
    if (endsTransfer(error.code)) {
        m_failedAt = entries.front();
        return error;
    }
    fail(entries.front(), error);
    openParts();
    return {};
}

Result<void> Placement::onStepDone(const std::vector<uint32_t>& entries, JobValue& value, Now now) {
    switch (m_step) {
    case Step::Opening:
        return onOpened(value);
    case Step::Naming:
        return onNamed(std::get<LookOutcome>(value), now);
    case Step::LookingAtFolders:
        onFoldersLooked(entries, std::get<LookOutcome>(value));
        return lookAtFolders(now);
    case Step::NamingFolders:
        onChosen(std::get<LookOutcome>(value));
        if (!m_names.idle()) {
            seekNames();
            return {};
        }
        m_step = Step::LookingAtFolders;
        return lookAtFolders(now);
    case Step::Looking:
        onLooked(entries, std::get<LookOutcome>(value), now);
        return lookOrGoOn(now);
    case Step::Choosing:
        onChosen(std::get<LookOutcome>(value));
        return chooseOrGoOn(now);
    case Step::OpeningParts:
        onPart(entries.front(), std::get<PartReady>(value));
        return {};
    default:
        return {};
    }
}

// --- where the roots land -----------------------------------------------------------------------------------------

Result<void> Placement::onOpened(JobValue& value) {
    m_destination = std::get<DestinationPtr>(value);
    dropUnlandable();
    std::vector<uint32_t> roots;
    for (const uint32_t root : m_manifest.roots())
        if (m_book.state(root) == EntryState::Waiting) roots.push_back(root);
    m_landing.emplace(m_manifest, m_names.ofVolume(), roots, m_policy.conflict, m_policy.folder, m_record.roots);
    m_step = Step::Naming;
    // Also with nothing to ask: the free space is told with the answer.
    remember(submit(LookJob{m_destination, m_landing->ask()}), {});
    return {};
}

/// What the volume has no name for, and what is below it.
void Placement::dropUnlandable() {
    if (m_names.ofVolume().empty()) return;
    for (uint32_t i = 0; i < m_manifest.count(); ++i) {
        if (m_book.state(i) != EntryState::Waiting) continue;
        const uint32_t parent = m_manifest.parent(i);
        if (m_names.unlandable(i) || (parent != kNoEntry && m_book.state(parent) == EntryState::Failed))
            fail(i, makeError(Errc::UnportableName, "the receiving volume cannot hold this name"));
    }
}

Result<void> Placement::onNamed(const LookOutcome& outcome, Now now) {
    m_freeBytes = outcome.freeBytes;
    m_foldsNames = outcome.foldsNames;
    TRY_OK(m_landing->answer(outcome, m_reserved));
    if (!m_landing->decided()) {
        remember(submit(LookJob{m_destination, m_landing->ask()}), {});
        return {};
    }
    if (!m_landing->clashes().empty()) return makeError(Errc::Exists, m_landing->clashes().text());
    settleRoots();
    ownPlaces(now);
    putRecord(now);
    recall();
    return {};
}

/// What is skipped takes no part.
void Placement::settleRoots() {
    m_fresh.assign(m_manifest.count(), false);
    for (uint32_t i = 0; i < m_manifest.count(); ++i) {
        if (m_book.state(i) != EntryState::Waiting) continue;
        const LandedRoot* root = m_landing->of(m_manifest.rootOf(i));
        if (!root || root->landed.empty()) m_book.skip(i);
        if (!m_landing->replaces(i)) continue;
        m_book.setReplaces(i);
        m_fresh[i] = true;
    }
    m_record.roots = m_landing->roots();
}

/// What another transfer had there is not there any more: its next attempt goes elsewhere.
void Placement::ownPlaces(Now now) {
    const Bytes owner(m_record.localKey.begin(), m_record.localKey.end());
    for (const uint32_t entry : m_manifest.roots()) {
        const LandedRoot* root = m_manifest.isFolder(entry) ? m_landing->of(entry) : nullptr;
        if (root && !root->landed.empty())
            m_context.out.put(Space::Owners, ownerKey(m_policy.folder, root->landed), owner, recordExpiry(now.wall));
    }
}

/// The place is on the disk before anything is created there, or after a power cut nobody would find it again.
void Placement::putRecord(Now now) {
    // What is delivered lives on only by a new yes, which begins the record anew.
    if (m_record.deliveredSeconds == 0) m_record.touchedSeconds = now.wall.seconds();
    m_context.out.put(Space::Transfers, m_recordKey, encodeRecord(m_record), partsExpiry(now.wall), Durable::Yes);
}

std::string Placement::finalPath(uint32_t entry) const {
    const LandedRoot* root = m_landing->of(m_manifest.rootOf(entry));
    ASSERT(root && !root->landed.empty());
    return m_names.path(entry, root->landed);
}

std::string Placement::partPath(uint32_t entry) const {
    std::string path = finalPath(entry);
    const size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash + 1);
    const auto number = m_partNumbers.find(entry);
    return path + partName(m_record.localKey, m_manifest.entryKey(entry),
                           number == m_partNumbers.end() ? uint8_t(0) : number->second);
}

bool Placement::avoidPart(uint32_t entry) {
    return ++m_partNumbers[entry] < kMaxPartNames;
}

// --- what an earlier attempt has left -----------------------------------------------------------------------------

/// The answers also say that the record is on the disk.
void Placement::recall() {
    m_step = Step::Recalling;
    m_memory.emplace(m_manifest, m_record.localKey);
    const Bytes prefix(m_record.localKey.begin(), m_record.localKey.end());
    m_doneScan = m_context.out.scan(m_transfer, Space::Done, prefix);
    m_chunksScan = m_context.out.scan(m_transfer, Space::Chunks, prefix);
}

Result<bool> Placement::onStoreScanned(StoreScanned& scanned, Now now) {
    // A store that cannot be read costs a resume, nothing more.
    if (m_namesScan && scanned.id == m_namesScan) {
        m_namesScan = {};
        TRY_OK(checkSpace());
        beginFolders();
        return true;
    }
    if (scanned.id != m_doneScan && scanned.id != m_chunksScan) return false;
    AttemptMemory::Rows rows;
    if (scanned.rows) rows = std::move(*scanned.rows);
    if (scanned.id == m_doneScan) {
        m_memory->setDone(std::move(rows));
        m_doneScan = {};
    } else {
        m_memory->setChunks(std::move(rows));
        m_chunksScan = {};
    }
    if (m_doneScan || m_chunksScan) return true;
    m_leftOver = m_memory->parts();
    m_claims = m_memory->claims(m_book);
    m_step = Step::LookingAtFolders;
    m_cursor = 0;
    listFolders();
    TRY_OK(lookAtFolders(now));
    return true;
}

/// An earlier attempt or somebody else may have put something there.
bool Placement::mayBeThere(uint32_t entry) const {
    return m_book.state(entry) == EntryState::Waiting && (m_known || m_landing->of(m_manifest.rootOf(entry))->merges);
}

// --- what has the names of files ----------------------------------------------------------------------------------

Result<void> Placement::beginLooking(Now now) {
    m_step = Step::Looking;
    const auto& roots = m_record.roots;
    const bool merges = std::any_of(roots.begin(), roots.end(), [](const LandedRoot& root) { return root.merges; });
    m_cursor = m_known || merges ? 0 : m_manifest.count();
    return lookOrGoOn(now);
}

Result<void> Placement::lookOrGoOn(Now now) {
    m_check.pump(m_destination);
    if (!m_check.idle()) return {};
    std::vector<uint32_t> entries;
    std::vector<std::string> paths;
    for (; m_cursor < m_manifest.count() && entries.size() < kPathsPerJob; ++m_cursor) {
        if (m_manifest.isFolder(m_cursor) || !followsFolder(m_cursor) || !mayBeThere(m_cursor)) continue;
        entries.push_back(m_cursor);
        paths.push_back(finalPath(m_cursor));
    }
    if (!entries.empty()) {
        remember(submit(LookJob{m_destination, std::move(paths)}), std::move(entries));
        return {};
    }
    if (!m_clashes.empty()) return makeError(Errc::Exists, m_clashes.text());
    m_memory.reset();
    m_step = Step::Choosing;
    if (!m_names.idle()) m_names.listSiblings(*m_landing, m_foldsNames);
    return chooseOrGoOn(now);
}

void Placement::onLooked(const std::vector<uint32_t>& entries, const LookOutcome& outcome, Now now) {
    m_freeBytes = outcome.freeBytes;
    for (size_t i = 0; i < entries.size() && i < outcome.existing.size(); ++i) {
        if (outcome.existing[i])
            judgeExisting(entries[i], *outcome.existing[i], now);
        else if (m_names.chosenBefore(entries[i]))
            seekName(entries[i]); // nothing of ours is there any more; its own name may be free again
    }
}

/// Something has the final name of a file. An older version that we delivered gives way to the new one; what somebody
/// else put there, or has changed since, is the conflict policy's.
void Placement::judgeExisting(uint32_t entry, const ExistingEntry& existing, Now now) {
    const bool merges = m_landing->of(m_manifest.rootOf(entry))->merges;
    AttemptMemory::Judgement judged = m_memory->judge(entry, existing, merges);
    if (judged.byContent.empty()) return conclude(entry, existing, judged.verdict, judged.content, now);
    m_check.ask({entry, finalPath(entry), existing, std::move(judged)});
}

void Placement::conclude(uint32_t entry, const ExistingEntry& existing, AttemptMemory::Verdict verdict,
                         const std::optional<ContentId>& content, Now now) {
    switch (verdict) {
    case AttemptMemory::Verdict::Delivered:
        m_book.set(entry, EntryState::Complete);
        m_claims.erase(entry);
        m_context.out.put(Space::Done, doneKey(m_record.localKey, m_manifest.entryKey(entry)),
                          encodePlaced({true, m_manifest.entry(entry).change, placedMark(existing), content}),
                          recordExpiry(now.wall));
        return;
    case AttemptMemory::Verdict::Unproven:
        return; // publishing compares
    case AttemptMemory::Verdict::OlderDelivery:
        return m_book.setReplaces(entry);
    case AttemptMemory::Verdict::Foreign:
        break;
    }
    switch (m_policy.conflict) {
    case Conflict::Fail:
        return m_clashes.add(m_manifest.path(entry));
    case Conflict::Skip:
        m_claims.erase(entry);
        return m_book.skip(entry);
    case Conflict::Replace:
        if (!existing.isFolder) return m_book.setReplaces(entry); // a link itself, never what it points to
        break;
    case Conflict::Rename:
        break;
    }
    seekName(entry);
}

void Placement::seekName(uint32_t entry) {
    m_names.seek(entry, m_landing->of(m_manifest.rootOf(entry))->landed);
}

Result<void> Placement::chooseOrGoOn(Now now) {
    if (!m_names.idle()) {
        seekNames();
        return {};
    }
    if (!m_names.changed()) {
        TRY_OK(checkSpace());
        beginFolders();
        return {};
    }
    m_record.roots = m_landing->roots();
    m_record.names = m_names.chosen();
    putRecord(now);
    m_namesScan = m_context.out.scan(m_transfer, Space::Transfers, m_recordKey);
    return {};
}

void Placement::onChosen(const LookOutcome& outcome) {
    for (const uint32_t entry : m_names.answer(outcome, *m_landing))
        fail(entry, makeError(Errc::Exists, "something else has this name, and no other was found for it"));
}

uint64_t Placement::bytesClaimed() const {
    uint64_t bytes = 0;
    for (const auto& [entry, claims] : m_claims)
        for (const auto& [group, bits] : claims)
            for (uint32_t i = 0; i < kChunksPerGroup; ++i)
                if (bits[i]) bytes += chunkLength(m_manifest.fileSize(entry), group * kChunksPerGroup + i);
    return bytes;
}

/// Parts that are continued have their space already.
Result<void> Placement::checkSpace() {
    uint64_t needed = m_book.bytesOf(EntryState::Waiting);
    for (const auto& [entry, claims] : m_claims) needed -= std::min(needed, m_manifest.fileSize(entry));
    if (needed <= m_freeBytes) return {};
    return makeError(Errc::DiskFull, std::to_string(needed) + " bytes are needed in " + m_destination->displayPath() +
                                         ", " + std::to_string(m_freeBytes) + " are free");
}

// --- folders and parts --------------------------------------------------------------------------------------------

void Placement::beginFolders() {
    m_step = Step::MakingFolders;
    m_cursor = 0;
    makeFolders();
}

/// The next batch, all of which replaces what is there or nothing does; after the last one the parts.
void Placement::makeFolders() {
    std::vector<uint32_t> entries;
    for (; m_cursor < m_manifest.count() && entries.size() < kPathsPerJob; ++m_cursor) {
        if (!m_manifest.isFolder(m_cursor) || m_book.state(m_cursor) != EntryState::Waiting) continue;
        if (failsWithFolder(m_cursor)) continue;
        if (!entries.empty() && m_book.replaces(m_cursor) != m_book.replaces(entries.front())) break;
        entries.push_back(m_cursor);
    }
    if (!entries.empty()) {
        const OnExisting onExisting = m_book.replaces(entries.front()) ? OnExisting::Replace : OnExisting::Fail;
        return submitFolders(std::move(entries), onExisting);
    }
    failBelowFailedFolders();
    m_step = Step::OpeningParts;
    m_cursor = 0;
    openParts();
}

void Placement::submitFolders(std::vector<uint32_t> entries, OnExisting onExisting) {
    MakeFoldersJob job{m_destination, {}, onExisting};
    for (const uint32_t entry : entries) job.paths.push_back(finalPath(entry));
    remember(submit(std::move(job)), std::move(entries));
}

/// A batch that fails is halved until the folder is found that cannot be made.
Result<void> Placement::onFoldersMade(const std::vector<uint32_t>& entries, Result<JobValue>& outcome) {
    if (outcome) {
        for (const uint32_t entry : entries) m_book.set(entry, EntryState::Done);
    } else if (entries.size() == 1 && endsTransfer(outcome.error().code)) {
        m_failedAt = entries.front();
        return outcome.error();
    } else if (entries.size() == 1) {
        fail(entries.front(), outcome.error());
    } else {
        const auto middle = entries.begin() + static_cast<ptrdiff_t>(entries.size() / 2);
        const OnExisting onExisting = m_book.replaces(entries.front()) ? OnExisting::Replace : OnExisting::Fail;
        submitFolders({entries.begin(), middle}, onExisting);
        submitFolders({middle, entries.end()}, onExisting);
    }
    if (m_jobs.empty()) makeFolders();
    return {};
}

void Placement::failBelowFailedFolders() {
    for (uint32_t i = 0; !m_failures.empty() && i < m_manifest.count(); ++i) failsWithFolder(i);
}

/// Whether the folder above has failed; then what waits below it fails too.
bool Placement::failsWithFolder(uint32_t entry) {
    const uint32_t parent = m_manifest.parent(entry);
    if (parent == kNoEntry || m_book.state(parent) != EntryState::Failed) return false;
    if (m_book.state(entry) == EntryState::Waiting)
        fail(entry, makeError(m_failedFolders.at(parent), "its folder cannot be there"));
    return true;
}

void Placement::fail(uint32_t entry, Error error) {
    m_claims.erase(entry);
    m_book.set(entry, EntryState::Failed);
    if (m_manifest.isFolder(entry)) m_failedFolders.emplace(entry, error.code);
    m_failures.push_back({entry, std::move(error)});
}

/// Opens the parts with claims, a job budget at a time; m_cursor is the last entry asked for.
void Placement::openParts() {
    for (auto next = m_claims.lower_bound(m_cursor); next != m_claims.end() && m_jobs.size() < m_context.jobBudget();
         ++next) {
        const uint32_t entry = next->first;
        m_cursor = entry + 1;
        openPart(entry);
    }
    if (m_jobs.empty()) m_step = Step::Ready;
}

void Placement::openPart(uint32_t entry) {
    remember(submit(PreparePartJob{m_destination, partPath(entry), m_manifest.fileSize(entry), true}), {entry});
}

void Placement::onPart(uint32_t entry, const PartReady& part) {
    if (!part.existed) {
        m_claims[entry].clear();
        m_context.out.erase(Space::Chunks, chunksPrefix(m_record.localKey, m_manifest.entryKey(entry)));
    }
    openParts();
}

} // namespace wherry::transfer
