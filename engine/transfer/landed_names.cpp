#include "transfer/landed_names.h"

namespace wherry::transfer {

const std::string* LandedNames::find(uint32_t entry) const {
    const auto found = m_names.find(entry);
    return found == m_names.end() ? nullptr : &found->second;
}

std::string LandedNames::of(const Manifest& manifest, uint32_t entry) const {
    const std::string* name = find(entry);
    return name ? *name : manifest.entry(entry).name;
}

std::string LandedNames::path(const Manifest& manifest, uint32_t entry, std::string_view root) const {
    if (m_names.empty()) return manifest.path(entry, root);
    const uint32_t parent = manifest.parent(entry);
    if (parent == kNoEntry) return std::string(root);
    return path(manifest, parent, root) + "/" + of(manifest, entry);
}

} // namespace wherry::transfer
