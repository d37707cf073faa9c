#include "transfer/placement.h"

#include "base/display_text.h"
#include "transfer/machine_limits.h"
#include "transfer/name_folding.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace wherry::transfer {

namespace {

using Row = std::pair<Bytes, Bytes>;

/// A volume may keep times less exactly than they were given: then this time may be that one.
bool mayBeSameTime(int64_t kept, int64_t wanted) {
    constexpr int64_t kCoarse = 1'000'000; // volumes that count in 100 ns or finer keep us exact enough to compare
    return kept % kCoarse == 0 && std::llabs(kept - wanted) < 2'000'000'000;
}

/// Row of Done of a file that has its final name for certain.
constexpr uint8_t kPublished = 1;

std::vector<Row>::const_iterator lowerBound(const std::vector<Row>& rows, const Bytes& key) {
    return std::lower_bound(rows.begin(), rows.end(), key,
                            [](const Row& row, const Bytes& sought) { return row.first < sought; });
}

bool hasRow(const std::vector<Row>& rows, const Bytes& key) {
    const auto found = lowerBound(rows, key);
    return found != rows.end() && found->first == key;
}

bool isPublished(const std::vector<Row>& rows, const Bytes& key) {
    const auto found = lowerBound(rows, key);
    return found != rows.end() && found->first == key && found->second == Bytes{kPublished};
}

} // namespace

Placement::Placement(MachineContext& context, TransferId transfer, const Manifest& manifest, FileBook& book,
                     ReservedNames& reserved)
    : m_context(context),
      m_transfer(transfer),
      m_manifest(manifest),
      m_book(book),
      m_reserved(reserved) {}

Placement::~Placement() {
    if (m_landing) m_landing->release(m_reserved);
}

JobId Placement::submit(JobWork work) {
    return m_context.out.submit(m_transfer, JobLane::Worker, std::move(work));
}

void Placement::begin(const ReceivePolicy& policy, Bytes recordKey, std::optional<TransferRecord> known,
                      const Consent& consent) {
    m_policy = policy;
    m_recordKey = std::move(recordKey);
    m_known = known.has_value();
    if (known)
        m_record = std::move(*known);
    else
        m_context.random.fill(m_record.localKey);
    m_record.consent = consent;
    m_step = Step::Opening;
    remember(submit(OpenDestinationJob{m_policy.folder}), {});
}

Result<bool> Placement::onJobDone(JobDone& done, Now now) {
    const auto found = m_jobs.find(done.id);
    if (found == m_jobs.end()) return false;
    const std::vector<uint32_t> entries = std::move(found->second);
    m_jobs.erase(found);
    if (m_step == Step::MakingFolders) {
        TRY_OK(onFoldersMade(entries, done.outcome));
        return true;
    }
    if (!done.outcome && m_step == Step::OpeningParts && !endsTransfer(done.outcome.error().code)) {
        fail(entries.front(), done.outcome.error());
        m_claims.erase(entries.front());
        openParts();
        return true;
    }
    if (!done.outcome) return done.outcome.error();
    JobValue& value = *done.outcome;
    switch (m_step) {
    case Step::Opening:
        TRY_OK(onOpened(value));
        break;
    case Step::Naming:
        TRY_OK(onNamed(std::get<LookOutcome>(value), now));
        break;
    case Step::Looking:
        onLooked(entries, std::get<LookOutcome>(value), now);
        TRY_OK(lookOrGoOn(now));
        break;
    case Step::OpeningParts:
        onPart(entries.front(), std::get<PartReady>(value));
        break;
    default:
        break;
    }
    return true;
}

// --- where the roots land -----------------------------------------------------------------------------------------

Result<void> Placement::onOpened(JobValue& value) {
    m_destination = std::get<DestinationPtr>(value);
    std::vector<uint32_t> roots;
    for (const uint32_t root : m_manifest.roots())
        if (m_book.wanted(root)) roots.push_back(root);
    m_landing.emplace(m_manifest, roots, m_policy.conflict, m_policy.folder, m_record.roots);
    m_step = Step::Naming;
    // Also with nothing to ask: the free space is told with the answer.
    remember(submit(LookJob{m_destination, m_landing->ask()}), {});
    return {};
}

Result<void> Placement::onNamed(const LookOutcome& outcome, Now now) {
    m_freeBytes = outcome.freeBytes;
    TRY_OK(m_landing->answer(outcome, m_reserved));
    if (!m_landing->decided()) {
        remember(submit(LookJob{m_destination, m_landing->ask()}), {});
        return {};
    }
    settleRoots(outcome.foldsNames, now);
    if (m_known) {
        recall();
        return {};
    }
    TRY_OK(checkSpace());
    beginFolders();
    return {};
}

/// Marks the entries whose name an earlier wanted sibling has too, on a volume that folds names. The earlier one
/// arrives; when it was not selected, the later one may.
std::vector<bool> Placement::wantedTwins() const {
    std::vector<bool> twin(m_manifest.count());
    std::map<std::pair<uint32_t, std::string>, bool> taken; ///< names that have twins, and whether one is wanted
    for (const uint32_t entry : m_manifest.twins()) {
        const ManifestEntry what = m_manifest.entry(entry);
        taken.try_emplace({what.parent, collisionKey(what.name)}, false);
    }
    for (uint32_t i = 0; !taken.empty() && i < m_manifest.count(); ++i) {
        const uint32_t parent = m_manifest.parent(i);
        if (!m_book.wanted(i)) continue;
        const auto near = taken.lower_bound({parent, std::string()});
        if (near == taken.end() || near->first.first != parent) continue;
        const auto found = taken.find({parent, collisionKey(m_manifest.entry(i).name)});
        if (found != taken.end()) twin[i] = std::exchange(found->second, true);
    }
    return twin;
}

/// What is skipped is dismissed, what is merged may replace; then the place is on record.
void Placement::settleRoots(bool foldsNames, Now now) {
    std::vector<bool> twin = foldsNames ? wantedTwins() : std::vector<bool>();
    for (uint32_t i = 0; i < m_manifest.count(); ++i) {
        if (!m_book.wanted(i)) continue;
        const LandedRoot* root = m_landing->of(m_manifest.rootOf(i));
        if (!root || root->landed.empty()) {
            m_book.dismiss(i);
            continue;
        }
        if (root->merges) m_book.setReplaces(i);
        if (!foldsNames) continue;
        const uint32_t parent = m_manifest.parent(i);
        if (parent != kNoEntry && twin[parent]) twin[i] = true;
        if (twin[i]) fail(i, makeError(Errc::UnportableName, "another entry has this name on the receiving volume"));
    }
    m_record.roots = m_landing->roots();
    // What is delivered lives on only by a new yes, which begins the record anew.
    if (m_record.deliveredSeconds == 0) m_record.touchedSeconds = now.wall.seconds();
    m_context.out.put(Space::Transfers, m_recordKey, encodeRecord(m_record), partsExpiry(now.wall));
}

std::string Placement::finalPath(uint32_t entry) const {
    const LandedRoot* root = m_landing->of(m_manifest.rootOf(entry));
    ASSERT(root && !root->landed.empty());
    return m_manifest.path(entry, root->landed);
}

std::string Placement::partPath(uint32_t entry) const {
    std::string path = finalPath(entry);
    const size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash + 1);
    return path + partName(m_record.localKey, m_manifest.entryKey(entry));
}

// --- what an earlier attempt has left -----------------------------------------------------------------------------

void Placement::recall() {
    m_step = Step::Recalling;
    const Bytes prefix(m_record.localKey.begin(), m_record.localKey.end());
    m_doneScan = m_context.out.scan(m_transfer, Space::Done, prefix);
    m_chunksScan = m_context.out.scan(m_transfer, Space::Chunks, prefix);
}

Result<bool> Placement::onStoreScanned(StoreScanned& scanned, Now now) {
    if (scanned.id != m_doneScan && scanned.id != m_chunksScan) return false;
    // A store that cannot be read costs a resume, nothing more.
    std::vector<Row>& rows = scanned.id == m_doneScan ? m_doneRows : m_chunkRows;
    if (scanned.rows) rows = std::move(*scanned.rows);
    (scanned.id == m_doneScan ? m_doneScan : m_chunksScan) = {};
    if (m_doneScan || m_chunksScan) return true;
    applyMemory();
    m_step = Step::Looking;
    m_cursor = 0;
    TRY_OK(lookOrGoOn(now));
    return true;
}

/// Claims of chunked files whose records are there, and every part on record.
void Placement::applyMemory() {
    for (const auto& [key, value] : m_chunkRows) {
        if (!isPartsKey(key)) continue;
        Result<std::vector<std::string>> parts = decodeParts(value);
        if (parts) std::move(parts->begin(), parts->end(), std::back_inserter(m_leftOver));
    }
    for (uint32_t i = 0; !m_chunkRows.empty() && i < m_manifest.count(); ++i) {
        const uint64_t size = m_manifest.fileSize(i);
        if (m_book.state(i) != EntryState::Waiting || m_manifest.isFolder(i) || size <= kSmallFileMax) continue;
        const Bytes prefix = chunksPrefix(m_record.localKey, m_manifest.entryKey(i));
        for (auto row = lowerBound(m_chunkRows, prefix); row != m_chunkRows.end(); ++row) {
            if (row->first.size() < prefix.size() || !std::equal(prefix.begin(), prefix.end(), row->first.begin()))
                break;
            const auto where = entryOfChunksKey(row->first);
            if (!where || where->second >= groupCount(size)) continue;
            const auto bits = decodeBits(row->second, chunksInGroup(size, where->second));
            if (bits && bits->any()) m_claims[i].emplace_back(where->second, *bits);
        }
    }
    m_chunkRows = {};
}

Result<void> Placement::lookOrGoOn(Now) {
    std::vector<uint32_t> entries;
    std::vector<std::string> paths;
    for (; m_cursor < m_manifest.count() && entries.size() < kPathsPerJob; ++m_cursor) {
        if (m_manifest.isFolder(m_cursor) || m_book.state(m_cursor) != EntryState::Waiting) continue;
        entries.push_back(m_cursor);
        paths.push_back(finalPath(m_cursor));
    }
    if (!entries.empty()) {
        remember(submit(LookJob{m_destination, std::move(paths)}), std::move(entries));
        return {};
    }
    m_doneRows = {};
    TRY_OK(checkSpace());
    beginFolders();
    return {};
}

void Placement::onLooked(const std::vector<uint32_t>& entries, const LookOutcome& outcome, Now now) {
    m_freeBytes = outcome.freeBytes;
    for (size_t i = 0; i < entries.size() && i < outcome.existing.size(); ++i)
        if (outcome.existing[i]) judgeExisting(entries[i], *outcome.existing[i], now);
}

/// Something has the final name of a file of a known transfer. It is the file itself when size and time agree and a
/// record says that it was published or about to be; without the record (a power cut can lose it) the same, unless the
/// person's own files may stand there. On a volume with coarse times an agreement within its coarseness is enough only
/// for what is certainly published and is not known as another version; what may only have been about to be published
/// is sent again. An older version that we published gives way to the new one; what somebody else put there does not.
void Placement::judgeExisting(uint32_t entry, const ExistingEntry& existing, Now now) {
    if (existing.isFolder || existing.isSpecial) return;
    const ManifestEntry what = m_manifest.entry(entry);
    const Bytes key = doneKey(m_record.localKey, m_manifest.entryKey(entry));
    bool isOtherVersion = false;
    for (const bool executable : {false, true}) {
        const Bytes there = doneKey(m_record.localKey, entryKeyOf(m_manifest.path(entry), existing.size,
                                                                  existing.modifiedNs, false, executable));
        isOtherVersion = isOtherVersion || (there != key && hasRow(m_doneRows, there));
    }
    const bool same = existing.size == what.size && existing.modifiedNs == what.modifiedNs;
    const bool maybe = existing.size == what.size && mayBeSameTime(existing.modifiedNs, what.modifiedNs);
    if ((same && (hasRow(m_doneRows, key) || !m_book.replaces(entry))) ||
        (maybe && !isOtherVersion && isPublished(m_doneRows, key))) {
        m_book.set(entry, EntryState::Complete);
        m_claims.erase(entry);
        m_context.out.put(Space::Done, key, Bytes{kPublished}, recordExpiry(now.wall));
        return;
    }
    if (isOtherVersion || (maybe && hasRow(m_doneRows, key))) m_book.setReplaces(entry);
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

/// The next batch; after the last one the parts.
void Placement::makeFolders() {
    std::vector<uint32_t> entries;
    for (; m_cursor < m_manifest.count() && entries.size() < kPathsPerJob; ++m_cursor)
        if (m_manifest.isFolder(m_cursor) && m_book.state(m_cursor) == EntryState::Waiting) entries.push_back(m_cursor);
    if (!entries.empty()) return submitFolders(std::move(entries));
    failFilesBelowFailedFolders();
    m_step = Step::OpeningParts;
    m_cursor = 0;
    openParts();
}

void Placement::submitFolders(std::vector<uint32_t> entries) {
    MakeFoldersJob job{m_destination, {}};
    for (const uint32_t entry : entries) job.paths.push_back(finalPath(entry));
    remember(submit(std::move(job)), std::move(entries));
}

/// A batch that fails is halved until the folder is found that cannot be made.
Result<void> Placement::onFoldersMade(const std::vector<uint32_t>& entries, Result<JobValue>& outcome) {
    if (outcome) {
        for (const uint32_t entry : entries) m_book.set(entry, EntryState::Done);
    } else if (endsTransfer(outcome.error().code)) {
        return outcome.error();
    } else if (entries.size() == 1) {
        fail(entries.front(), outcome.error());
    } else {
        const auto middle = entries.begin() + static_cast<ptrdiff_t>(entries.size() / 2);
        submitFolders({entries.begin(), middle});
        submitFolders({middle, entries.end()});
    }
    if (m_jobs.empty()) makeFolders();
    return {};
}

void Placement::failFilesBelowFailedFolders() {
    if (m_failures.empty()) return;
    for (uint32_t i = 0; i < m_manifest.count(); ++i) {
        const uint32_t parent = m_manifest.parent(i);
        if (parent == kNoEntry || m_book.state(i) != EntryState::Waiting || m_book.state(parent) != EntryState::Failed)
            continue;
        m_claims.erase(i);
        fail(i, makeError(Errc::NotFound, "its folder could not be made"));
    }
}

void Placement::fail(uint32_t entry, Error error) {
    m_book.set(entry, EntryState::Failed);
    m_failures.push_back({entry, std::move(error)});
}

/// Opens the parts with claims, a job budget at a time; m_cursor is the last entry asked for.
void Placement::openParts() {
    for (auto next = m_claims.lower_bound(m_cursor); next != m_claims.end() && m_jobs.size() < m_context.jobBudget();
         ++next) {
        const uint32_t entry = next->first;
        m_cursor = entry + 1;
        remember(submit(PreparePartJob{m_destination, partPath(entry), m_manifest.fileSize(entry), true}), {entry});
    }
    if (m_jobs.empty()) m_step = Step::Ready;
}

void Placement::onPart(uint32_t entry, const PartReady& part) {
    if (!part.existed) {
        m_claims[entry].clear();
        m_context.out.erase(Space::Chunks, chunksPrefix(m_record.localKey, m_manifest.entryKey(entry)));
    }
    openParts();
}

} // namespace wherry::transfer
