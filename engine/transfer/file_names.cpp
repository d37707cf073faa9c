#include "transfer/file_names.h"

#include "transfer/machine_limits.h"
#include "transfer/name_folding.h"

namespace wherry::transfer {

FileNames::~FileNames() {
    for (const std::string& path : m_taken) m_reserved.erase({m_folder, path});
}

void FileNames::begin(const LandedNames& ofVolume, std::map<std::string, std::string> chosen, std::string folder) {
    m_folder = std::move(folder);
    m_names = m_ofVolume = ofVolume;
    m_chosen = std::move(chosen);
    for (uint32_t i = 0; !m_chosen.empty() && i < m_manifest.count(); ++i) {
        const auto found = m_chosen.find(m_manifest.path(i));
        if (found == m_chosen.end()) continue;
        m_chosenBefore.insert(i);
        m_names.set(i, found->second);
    }
}

bool FileNames::unlandable(uint32_t entry) const {
    const std::string* name = m_ofVolume.find(entry);
    return name && name->empty();
}

void FileNames::seek(uint32_t entry, std::string_view root) {
    const std::string before = path(entry, root);
    if (m_chosenBefore.erase(entry) > 0) useNameOfVolume(entry);
    const bool isRoot = m_manifest.parent(entry) == kNoEntry;
    std::string its = isRoot ? m_ofVolume.of(m_manifest, entry) : path(entry, root);
    const auto from = its == before ? FreeNames::From::FirstNumber : FreeNames::From::ItsName;
    m_free.seek(entry, std::move(its), m_manifest.isFolder(entry), from);
}

void FileNames::listSiblings(const Landing& landing, bool foldsNames) {
    m_foldsNames = foldsNames;
    std::set<uint32_t> folders;
    for (const uint32_t entry : m_free.entries()) folders.insert(m_manifest.parent(entry));
    for (uint32_t i = 0; !folders.empty() && i < m_manifest.count(); ++i) {
        const uint32_t parent = m_manifest.parent(i);
        if (!folders.contains(parent)) continue;
        const LandedRoot* root = parent == kNoEntry ? landing.of(i) : nullptr;
        m_siblings.emplace(parent, folded(root ? root->landed : m_names.of(m_manifest, i)));
    }
}

std::string FileNames::folded(const std::string& name) const {
    return m_foldsNames ? collisionKey(name) : name;
}

/// Neither another entry of the offer nor another transfer has it.
bool FileNames::claim(uint32_t entry, const std::string& path, const std::string& name) {
    const std::pair sibling(m_manifest.parent(entry), folded(name));
    if (m_siblings.contains(sibling) && name != m_ofVolume.of(m_manifest, entry)) return false;
    if (!m_reserved.emplace(m_folder, path).second) return false;
    m_taken.push_back(path);
    m_siblings.insert(sibling);
    return true;
}

std::vector<std::string> FileNames::ask() {
    return m_free.ask(kPathsPerJob);
}

std::vector<uint32_t> FileNames::answer(const LookOutcome& outcome, Landing& landing) {
    std::vector<uint32_t> nameless;
    const auto mayHave = [this](uint32_t entry, const std::string& path, const std::string& name) {
        return claim(entry, path, name);
    };
    for (FreeNames::Found& found : m_free.answer(outcome.existing, mayHave)) {
        if (found.name.empty() || m_chosen.size() >= kMaxChosenNames)
            nameless.push_back(found.entry);
        else
            land(found.entry, std::move(found.name), landing);
    }
    if (m_free.idle()) m_siblings.clear();
    return nameless;
}

void FileNames::land(uint32_t entry, std::string name, Landing& landing) {
    m_changed = true;
    if (m_manifest.parent(entry) == kNoEntry) return landing.rename(entry, std::move(name));
    if (name == m_ofVolume.of(m_manifest, entry)) {
        m_chosen.erase(m_manifest.path(entry));
        return useNameOfVolume(entry);
    }
    m_chosen[m_manifest.path(entry)] = name;
    m_names.set(entry, std::move(name));
}

void FileNames::useItsName(uint32_t entry) {
    if (m_chosenBefore.erase(entry) == 0) return;
    m_chosen.erase(m_manifest.path(entry));
    useNameOfVolume(entry);
    m_changed = true;
}

void FileNames::useNameOfVolume(uint32_t entry) {
    m_names.forget(entry);
    if (const std::string* name = m_ofVolume.find(entry)) m_names.set(entry, *name);
}

} // namespace wherry::transfer
