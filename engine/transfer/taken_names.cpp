#include "transfer/taken_names.h"

#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

std::vector<uint32_t> firstRoots(const Manifest& manifest, const LandedNames& names) {
    const std::vector<uint32_t>& roots = manifest.roots();
    const size_t count = std::min(roots.size(), kMaxRootsLooked);
    std::vector<uint32_t> first(roots.begin(), roots.begin() + static_cast<ptrdiff_t>(count));
    std::erase_if(first, [&](uint32_t root) { return names.find(root) && names.find(root)->empty(); }); // never lands
    return first;
}

} // namespace

TakenNames::TakenNames(MachineContext& context, TransferId transfer, const Manifest& manifest, const LandedNames& names,
                       const ReceivePolicy& policy, std::vector<LandedRoot> known, ReservedNames reserved)
    : m_context(context),
      m_transfer(transfer),
      m_manifest(manifest),
      m_names(names),
      m_conflict(policy.conflict),
      m_known(std::move(known)),
      m_reserved(std::move(reserved)),
      m_wanted(firstRoots(manifest, names)),
      m_landing(manifest, names, m_wanted, policy.conflict, policy.folder, m_known),
      m_complete(manifest.roots().size() <= kMaxRootsLooked) {
    m_job = context.out.submit(transfer, JobLane::Worker, OpenDestinationJob{policy.folder});
}

bool TakenNames::onJobDone(JobDone& done) {
    if (done.id != m_job) return false;
    m_job = {};
    if (!done.outcome) {
        m_complete = false; // whatever keeps us from looking will be said when something is to be written
        m_step = Step::Decided;
        return true;
    }
    if (m_step == Step::Opening) {
        m_destination = std::get<DestinationPtr>(*done.outcome);
        m_step = Step::Roots;
        askRoots();
        return true;
    }
    const LookOutcome& outcome = std::get<LookOutcome>(*done.outcome);
    if (m_step == Step::Roots) {
        if (m_landing.answer(outcome, m_reserved)) return askRoots(), true;
        m_complete = false; // a root of no free name; the placement says so
        m_step = Step::Decided;
        return true;
    }
    for (size_t i = 0; i < m_asked.size(); ++i) {
        const std::optional<ExistingEntry>& existing = outcome.existing.at(i);
        const bool isFolder = m_manifest.isFolder(m_asked[i]);
        if (!existing || (isFolder && existing->isFolder)) continue;
        if (m_conflict == Conflict::Skip)
            note(m_asked[i], NameFate::Skipped);
        else
            note(m_asked[i], existing->isFolder ? NameFate::Renamed : NameFate::Replaced);
    }
    askEntries();
    return true;
}

void TakenNames::askRoots() {
    if (!m_landing.decided()) {
        m_job = m_context.out.submit(m_transfer, JobLane::Worker, LookJob{m_destination, m_landing.ask()});
        return;
    }
    noteRoots();
    m_step = Step::Entries;
    askEntries();
}

/// Those that have landed before go on in their places, whatever is there.
void TakenNames::noteRoots() {
    for (const uint32_t entry : m_wanted) {
        const LandedRoot& root = *m_landing.of(entry);
        const bool before = std::any_of(m_known.begin(), m_known.end(), [&](const LandedRoot& known) {
            return known.name == root.name && !known.landed.empty() && known.landed == root.landed;
        });
        if (before) continue;
        if (root.landed.empty()) {
            if (m_conflict == Conflict::Skip) note(entry, NameFate::Skipped);
        } else if (root.landed != m_names.of(m_manifest, entry)) {
            note(entry, NameFate::Renamed, root.landed);
        } else if (m_landing.replaces(entry)) {
            note(entry, NameFate::Replaced);
        } else if (root.merges && m_manifest.isFolder(entry)) {
            m_merging.insert(entry);
        } else if (root.merges) {
            note(entry, m_conflict == Conflict::Skip ? NameFate::Skipped : NameFate::Replaced);
        }
    }
}

/// What is in folders that are merged.
void TakenNames::askEntries() {
    std::vector<std::string> paths;
    m_asked.clear();
    for (; m_cursor < m_manifest.count() && paths.size() < kPathsPerJob; ++m_cursor) {
        const uint32_t root = m_manifest.rootOf(m_cursor);
        if (m_cursor == root || !m_merging.contains(root)) continue;
        if (m_looked == kMaxEntriesLooked) {
            m_complete = false;
            break;
        }
        ++m_looked;
        m_asked.push_back(m_cursor);
        paths.push_back(m_names.path(m_manifest, m_cursor, m_landing.of(root)->landed));
    }
    if (paths.empty())
        m_step = Step::Decided;
    else
        m_job = m_context.out.submit(m_transfer, JobLane::Worker, LookJob{m_destination, std::move(paths)});
}

void TakenNames::note(uint32_t entry, NameFate fate, std::string landsAs) {
    if (++m_count <= kMaxTakenTold) m_taken.push_back({m_manifest.path(entry), fate, std::move(landsAs)});
}

} // namespace wherry::transfer
