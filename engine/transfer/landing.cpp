#include "transfer/landing.h"

#include "transfer/machine_limits.h"

#include <algorithm>
#include <map>

namespace wherry::transfer {

Landing::Landing(const Manifest& manifest, const LandedNames& names, const std::vector<uint32_t>& wanted,
                 Conflict conflict, std::string folder, const std::vector<LandedRoot>& known)
    : m_manifest(manifest),
      m_names(names),
      m_entries(wanted),
      m_conflict(conflict),
      m_folder(std::move(folder)) {
    std::map<std::string, const LandedRoot*> before;
    for (const LandedRoot& root : known)
        if (!root.landed.empty()) before[root.name] = &root; // what was skipped is decided anew
    for (const uint32_t entry : m_entries) {
        const size_t root = m_roots.size();
        std::string name(manifest.entry(entry).name);
        const auto found = before.find(name);
        m_open.push_back({root, found == before.end() ? std::string() : found->second->landed});
        m_roots.push_back({std::move(name), {}, found != before.end() && found->second->merges});
    }
}

std::vector<std::string> Landing::ask() {
    std::vector<std::string> names;
    m_asked = 0;
    for (const Open& open : m_open) {
        if (names.size() + 2 > kPathsPerJob) break;
        names.push_back(itsName(open.root));
        if (!open.before.empty()) names.push_back(open.before);
        ++m_asked;
    }
    if (names.empty()) return m_free.ask(kPathsPerJob);
    return names;
}

bool Landing::take(size_t root, const std::string& name, ReservedNames& reserved) {
    if (!reserved.emplace(m_folder, name).second) return false;
    m_taken.push_back(name);
    m_roots[root].landed = name;
    m_roots[root].merges = false;
    return true;
}

bool Landing::keep(const Open& open, ReservedNames& reserved) {
    if (!reserved.emplace(m_folder, open.before).second) return false;
    m_taken.push_back(open.before);
    m_roots[open.root].landed = open.before;
    return true;
}

/// `existing`: what has its own name, and what has the one that it had before.
void Landing::settle(const Open& open, std::span<const std::optional<ExistingEntry>> existing,
                     ReservedNames& reserved) {
    LandedRoot& root = m_roots[open.root];
    const bool isFolder = m_manifest.isFolder(m_entries[open.root]);
    const std::string name = itsName(open.root);
    if (!open.before.empty()) {
        if (!existing[1] && !existing[0] && take(open.root, name, reserved)) return;
        // Files are looked at one by one later on, roots or not.
        const bool fits = !isFolder || !existing[1] || existing[1]->isFolder;
        if (fits && keep(open, reserved)) return;
        root.merges = false;
    }
    if (!existing[0] && take(open.root, name, reserved)) return;
    const bool sameKind = existing[0] && !existing[0]->isSpecial && existing[0]->isFolder == isFolder;
    switch (m_conflict) {
    case Conflict::Fail:
        return m_clashes.add(root.name);
    case Conflict::Skip:
        if (!sameKind || !isFolder) return;
        root.landed = name;
        root.merges = true;
        return;
    case Conflict::Replace:
        if (existing[0]) return replace(open, *existing[0], reserved);
        break; // another transfer works there
    case Conflict::Rename:
        break;
    }
    seekFree(open);
}

/// Folders are merged, files and links give way to either kind; a folder never gives way to a file.
void Landing::replace(const Open& open, const ExistingEntry& existing, ReservedNames& reserved) {
    const uint32_t entry = m_entries[open.root];
    const std::string name = itsName(open.root);
    if (existing.isFolder == m_manifest.isFolder(entry)) {
        m_roots[open.root].landed = name;
        m_roots[open.root].merges = true;
    } else if (!existing.isFolder && take(open.root, name, reserved)) {
        m_replacing.insert(entry);
    } else {
        seekFree(open);
    }
}

void Landing::seekFree(const Open& open) {
    m_free.seek(static_cast<uint32_t>(open.root), itsName(open.root), m_manifest.isFolder(m_entries[open.root]),
                FreeNames::From::FirstNumber);
}

Result<void> Landing::answer(const LookOutcome& outcome, ReservedNames& reserved) {
    std::span<const std::optional<ExistingEntry>> existing(outcome.existing);
    if (m_asked == 0) {
        const auto claim = [&](uint32_t root, const std::string&, const std::string& name) {
            return take(root, name, reserved);
        };
        for (const FreeNames::Found& found : m_free.answer(existing, claim))
            if (found.name.empty())
                return makeError(Errc::LimitReached, "no free name for " + m_roots[found.entry].name);
        return {};
    }
    for (size_t i = 0; i < m_asked; ++i) {
        const size_t count = m_open[i].before.empty() ? 1 : 2;
        ASSERT(existing.size() >= count);
        settle(m_open[i], existing.first(count), reserved);
        existing = existing.subspan(count);
    }
    m_open.erase(m_open.begin(), m_open.begin() + static_cast<ptrdiff_t>(m_asked));
    m_asked = 0;
    return {};
}

const LandedRoot* Landing::of(uint32_t rootEntry) const {
    const auto found = std::lower_bound(m_entries.begin(), m_entries.end(), rootEntry);
    if (found == m_entries.end() || *found != rootEntry) return nullptr;
    return &m_roots[static_cast<size_t>(found - m_entries.begin())];
}

void Landing::rename(uint32_t rootEntry, std::string landed) {
    const auto found = std::lower_bound(m_entries.begin(), m_entries.end(), rootEntry);
    ASSERT(found != m_entries.end() && *found == rootEntry);
    m_roots[static_cast<size_t>(found - m_entries.begin())].landed = std::move(landed);
}

void Landing::release(ReservedNames& reserved) const {
    for (const std::string& name : m_taken) reserved.erase({m_folder, name});
}

} // namespace wherry::transfer
