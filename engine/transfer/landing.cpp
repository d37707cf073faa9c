#include "transfer/landing.h"

#include "base/display_text.h"
#include "transfer/machine_limits.h"

#include <algorithm>
#include <map>

namespace wherry::transfer {

Landing::Landing(const Manifest& manifest, const std::vector<uint32_t>& wanted, Conflict conflict, std::string folder,
                 const std::vector<LandedRoot>& known)
    : m_manifest(manifest),
      m_entries(wanted),
      m_conflict(conflict),
      m_folder(std::move(folder)) {
    std::map<std::string, const LandedRoot*> before;
    for (const LandedRoot& root : known) before[root.name] = &root;
    for (const uint32_t entry : m_entries) {
        std::string name(manifest.entry(entry).name);
        const auto found = before.find(name);
        if (found != before.end() && !found->second->landed.empty()) { // what was skipped is decided anew
            m_roots.push_back(*found->second);
        } else {
            m_open.push_back({m_roots.size(), 0, 0});
            m_roots.push_back({std::move(name), {}, false});
        }
    }
}

std::string Landing::numbered(const std::string& name, uint32_t number, bool isFolder) {
    const std::string suffix = " (" + std::to_string(number) + ")";
    const size_t dot = isFolder ? std::string::npos : name.rfind('.');
    if (dot == std::string::npos || dot == 0) return name + suffix;
    return name.substr(0, dot) + suffix + name.substr(dot);
}

std::string Landing::tryName(const Open& open, uint32_t number) const {
    const std::string& name = m_roots[open.root].name;
    return number == 0 ? name : numbered(name, number, m_manifest.isFolder(m_entries[open.root]));
}

std::vector<std::string> Landing::ask() {
    std::vector<std::string> names;
    m_asked = 0;
    for (Open& open : m_open) {
        if (names.size() >= kPathsPerJob) break;
        open.asked = open.nextTry == 0 ? 1 : kRenameTriesPerLook;
        for (uint32_t i = 0; i < open.asked; ++i) names.push_back(tryName(open, open.nextTry + i));
        ++m_asked;
    }
    return names;
}

/// True when the root has found its place.
Result<bool> Landing::settle(Open& open, std::span<const std::optional<ExistingEntry>> existing,
                             ReservedNames& reserved) {
    LandedRoot& root = m_roots[open.root];
    for (uint32_t i = 0; i < open.asked; ++i) {
        const std::string name = tryName(open, open.nextTry + i);
        if (!existing[i] && name.size() <= kMaxNameLength && reserved.emplace(m_folder, name).second) {
            root.landed = name;
            m_taken.push_back(name);
            return true;
        }
        if (open.nextTry + i > 0) continue;
        const bool sameKind = existing[i] && !existing[i]->isSpecial &&
                              existing[i]->isFolder == m_manifest.isFolder(m_entries[open.root]);
        switch (m_conflict) {
        case Conflict::Fail:
            return makeError(Errc::Exists, displayText(root.name));
        case Conflict::Skip:
            return true;
        case Conflict::Replace:
            if (!sameKind) break; // never a folder for a file or the other way round
            root.landed = name;
            root.merges = true;
            return true;
        case Conflict::Rename:
            break;
        }
    }
    open.nextTry += open.asked;
    if (open.nextTry > kMaxRenameTries)
        return makeError(Errc::LimitReached, "no free name for " + displayText(root.name));
    return false;
}

Result<void> Landing::answer(const LookOutcome& outcome, ReservedNames& reserved) {
    std::span<const std::optional<ExistingEntry>> existing(outcome.existing);
    std::vector<Open> stillOpen;
    for (size_t i = 0; i < m_asked; ++i) {
        Open& open = m_open[i];
        ASSERT(existing.size() >= open.asked);
        TRY(const bool settled, settle(open, existing.first(open.asked), reserved));
        existing = existing.subspan(open.asked);
        if (!settled) stillOpen.push_back(open);
    }
    stillOpen.insert(stillOpen.end(), m_open.begin() + static_cast<ptrdiff_t>(m_asked), m_open.end());
    m_open = std::move(stillOpen);
    return {};
}

const LandedRoot* Landing::of(uint32_t rootEntry) const {
    const auto found = std::lower_bound(m_entries.begin(), m_entries.end(), rootEntry);
    if (found == m_entries.end() || *found != rootEntry) return nullptr;
    return &m_roots[static_cast<size_t>(found - m_entries.begin())];
}

void Landing::release(ReservedNames& reserved) const {
    for (const std::string& name : m_taken) reserved.erase({m_folder, name});
}

} // namespace wherry::transfer
