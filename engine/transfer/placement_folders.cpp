#include "transfer/machine_limits.h"
#include "transfer/placement.h"

/// What is in the way of folders, level by level, before any file is looked at.
namespace wherry::transfer {

void Placement::listFolders() {
    std::vector<uint8_t> depth(m_manifest.count(), 0);
    static_assert(kMaxDepth <= UINT8_MAX);
    for (uint32_t i = 0; i < m_manifest.count(); ++i) {
        if (!m_manifest.isFolder(i) || m_manifest.parent(i) == kNoEntry) continue;
        depth[i] = static_cast<uint8_t>(depth[m_manifest.parent(i)] + 1);
        if (!mayBeThere(i)) continue;
        if (m_folders.size() < depth[i]) m_folders.resize(depth[i]);
        m_folders[depth[i] - 1u].push_back(i);
    }
}

/// Whether what has become of the folder above leaves something to be decided about the entry; a folder comes before
/// what is in it.
bool Placement::followsFolder(uint32_t entry) {
    const uint32_t parent = m_manifest.parent(entry);
    if (parent == kNoEntry || m_book.state(entry) != EntryState::Waiting) return true;
    if (failsWithFolder(entry)) return false;
    if (m_book.state(parent) == EntryState::Skipped) {
        m_claims.erase(entry);
        m_book.skip(entry);
        return false;
    }
    if (!m_fresh[parent]) return true;
    m_fresh[entry] = m_manifest.isFolder(entry);
    m_names.useItsName(entry);
    return false;
}

/// The next question of this level or, when all of it is settled, of the next one.
Result<void> Placement::lookAtFolders(Now now) {
    for (; m_level < m_folders.size(); ++m_level, m_cursor = 0) {
        const std::vector<uint32_t>& level = m_folders[m_level];
        std::vector<uint32_t> entries;
        std::vector<std::string> paths;
        for (; m_cursor < level.size() && entries.size() < kPathsPerJob; ++m_cursor) {
            if (!followsFolder(level[m_cursor])) continue;
            entries.push_back(level[m_cursor]);
            paths.push_back(finalPath(level[m_cursor]));
        }
        if (!entries.empty()) {
            remember(submit(LookJob{m_destination, std::move(paths)}), std::move(entries));
            return {};
        }
        if (m_names.idle()) continue;
        m_step = Step::NamingFolders;
        m_names.listSiblings(*m_landing, m_foldsNames);
        seekNames();
        return {};
    }
    m_folders.clear();
    return beginLooking(now);
}

void Placement::seekNames() {
    remember(submit(LookJob{m_destination, m_names.ask()}), {});
}

void Placement::onFoldersLooked(const std::vector<uint32_t>& entries, const LookOutcome& outcome) {
    for (size_t i = 0; i < entries.size() && i < outcome.existing.size(); ++i) {
        if (!outcome.existing[i]) {
            if (m_names.chosenBefore(entries[i])) seekName(entries[i]); // its own name may be free again
        } else if (!outcome.existing[i]->isFolder) {
            judgeInWay(entries[i], *outcome.existing[i]);
        }
    }
}

/// A file or link has the name of a folder. A file that we delivered gives way, like an older version of a file.
void Placement::judgeInWay(uint32_t folder, const ExistingEntry& existing) {
    const bool isOurs = m_memory->judge(folder, existing, true).verdict == AttemptMemory::Verdict::OlderDelivery;
    if (isOurs || m_policy.conflict == Conflict::Replace) {
        m_book.setReplaces(folder);
        m_fresh[folder] = true;
    } else if (m_policy.conflict == Conflict::Rename) {
        seekName(folder);
    } else if (m_policy.conflict == Conflict::Skip) {
        m_book.skip(folder);
    } else {
        m_clashes.add(m_manifest.path(folder));
        m_fresh[folder] = true;
    }
}

} // namespace wherry::transfer
