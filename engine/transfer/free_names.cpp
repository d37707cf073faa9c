#include "transfer/free_names.h"

#include "base/assert.h"
#include "transfer/entry_name.h"
#include "transfer/machine_limits.h"
#include "transfer/transfer_limits.h"

#include <algorithm>

namespace wherry::transfer {

void FreeNames::seek(uint32_t entry, std::string path, bool isFolder, From from) {
    const size_t slash = path.rfind('/');
    const size_t nameAt = slash == std::string::npos ? 0 : slash + 1;
    std::string name = path.substr(nameAt);
    path.resize(nameAt);
    m_open.push_back({entry, std::move(path), std::move(name), isFolder, from == From::ItsName ? 0u : 1u, 0});
}

std::vector<uint32_t> FreeNames::entries() const {
    std::vector<uint32_t> entries;
    for (const Open& open : m_open) entries.push_back(open.entry);
    return entries;
}

std::string FreeNames::tryName(const Open& open, uint32_t number) {
    return number == 0 ? open.name : numberedName(open.name, number, open.isFolder);
}

std::vector<std::string> FreeNames::ask(size_t room) {
    std::vector<std::string> paths;
    m_asked = 0;
    for (Open& open : m_open) {
        const uint32_t tries = open.nextTry <= 1 ? 1 : kRenameTriesPerLook; // the first is nearly always free
        open.asked = std::min(tries, kMaxRenameTries - open.nextTry + 1);
        if (paths.size() + open.asked > room) break;
        for (uint32_t i = 0; i < open.asked; ++i) paths.push_back(open.folder + tryName(open, open.nextTry + i));
        ++m_asked;
    }
    return paths;
}

std::vector<FreeNames::Found> FreeNames::answer(std::span<const std::optional<ExistingEntry>> existing,
                                                const Claim& claim) {
    std::vector<Found> found;
    std::vector<Open> stillOpen;
    for (size_t i = 0; i < m_open.size(); ++i) {
        Open& open = m_open[i];
        if (i >= m_asked) {
            stillOpen.push_back(std::move(open));
            continue;
        }
        ASSERT(existing.size() >= open.asked);
        std::string free;
        for (uint32_t tried = 0; tried < open.asked && free.empty(); ++tried) {
            if (existing[tried]) continue;
            std::string name = tryName(open, open.nextTry + tried);
            if (name.size() <= kMaxNameLength && claim(open.entry, open.folder + name, name)) free = std::move(name);
        }
        existing = existing.subspan(open.asked);
        open.nextTry += open.asked;
        if (free.empty() && open.nextTry <= kMaxRenameTries)
            stillOpen.push_back(std::move(open));
        else
            found.push_back({open.entry, std::move(free)});
    }
    m_open = std::move(stillOpen);
    m_asked = 0;
    return found;
}

} // namespace wherry::transfer
