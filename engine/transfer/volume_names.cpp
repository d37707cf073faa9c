#include "transfer/volume_names.h"

#include "transfer/entry_name.h"
#include "transfer/name_folding.h"
#include "transfer/transfer_limits.h"

#include <algorithm>
#include <set>
#include <utility>

namespace wherry::transfer {

namespace {

/// Finds names for what cannot keep its own, so that no two siblings have the same.
class Renaming {
  public:
    Renaming(const Manifest& manifest, const NameTraits& traits) : m_manifest(manifest), m_traits(traits) {}

    VolumeNames run() {
        const std::vector<uint32_t> affected = affectedEntries();
        if (!affected.empty()) takeSiblings(affected);
        for (const uint32_t entry : affected) rename(entry);
        return std::move(m_out);
    }

  private:
    bool isTwin(uint32_t entry) const {
        return m_traits.foldsNames && std::binary_search(m_manifest.twins().begin(), m_manifest.twins().end(), entry);
    }
    bool canHold(std::string_view name) const {
        return name.size() <= m_traits.maxNameLength && (!m_traits.refusesWindowsNames || isWindowsName(name));
    }
    /// Nearly every offer has none, which is known without looking at each name.
    std::vector<uint32_t> affectedEntries() const {
        const bool someRefused = (m_traits.refusesWindowsNames && m_manifest.hasUnportableNames()) ||
                                 m_traits.maxNameLength < kMaxNameLength;
        if (!someRefused) return m_traits.foldsNames ? m_manifest.twins() : std::vector<uint32_t>();
        std::vector<uint32_t> affected;
        for (uint32_t i = 0; i < m_manifest.count(); ++i)
            if (isTwin(i) || !canHold(m_manifest.entry(i).name)) affected.push_back(i);
        return affected;
    }
    /// Names of those that keep theirs, in the folders where something is renamed.
    void takeSiblings(const std::vector<uint32_t>& affected) {
        std::set<uint32_t> folders;
        for (const uint32_t entry : affected) folders.insert(m_manifest.parent(entry));
        auto next = affected.begin();
        for (uint32_t i = 0; i < m_manifest.count(); ++i) {
            if (next != affected.end() && *next == i)
                ++next;
            else if (folders.contains(m_manifest.parent(i)))
                take(i, m_manifest.entry(i).name);
        }
    }
    bool take(uint32_t entry, std::string_view name) {
        return m_taken.emplace(m_manifest.parent(entry), m_traits.foldsNames ? collisionKey(name) : std::string(name))
            .second;
    }
    void rename(uint32_t entry) {
        const std::string name = m_manifest.entry(entry).name;
        std::string landed;
        for (size_t more = isTwin(entry) ? 1 : 0; more <= name.size(); ++more) {
            std::string candidate = escapedName(name, more);
            if (candidate.size() > m_traits.maxNameLength) break;
            if (!take(entry, candidate)) continue;
            landed = std::move(candidate);
            break;
        }
        m_out.renamed.push_back(entry);
        m_out.names.set(entry, std::move(landed));
    }

    const Manifest& m_manifest;
    const NameTraits& m_traits;
    std::set<std::pair<uint32_t, std::string>> m_taken; ///< parent and name, folded where the volume folds
    VolumeNames m_out;
};

} // namespace

VolumeNames volumeNames(const Manifest& manifest, const NameTraits& traits) {
    return Renaming(manifest, traits).run();
}

} // namespace wherry::transfer
