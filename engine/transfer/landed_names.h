#pragma once

#include "transfer/manifest.h"

#include <map>
#include <string>

namespace wherry::transfer {

/// Names under which entries land where that is not the name in the offer: because the volume cannot hold it
/// (volume_names.h), or because somebody else's file has it. Roots that are renamed by the conflict policy are
/// Landing's business.
class LandedNames {
  public:
    bool empty() const { return m_names.empty(); }
    void set(uint32_t entry, std::string name) { m_names[entry] = std::move(name); }
    void forget(uint32_t entry) { m_names.erase(entry); }
    /// nullptr: its own.
    const std::string* find(uint32_t entry) const;
    /// One component.
    std::string of(const Manifest& manifest, uint32_t entry) const;
    /// Below the download folder; `root`: the name of its root there.
    std::string path(const Manifest& manifest, uint32_t entry, std::string_view root) const;

  private:
    std::map<uint32_t, std::string> m_names;
};

} // namespace wherry::transfer
