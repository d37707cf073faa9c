#pragma once

#include "transfer/free_names.h"
#include "transfer/landed_names.h"
#include "transfer/landing.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wherry::transfer {

/// Under which names the entries of an accepted offer land: their own, or what the volume can hold instead, or, of a
/// file or folder whose name something else has, a free one beside it. What was chosen once is kept as long as
/// something of ours has that name.
///
/// Choosing: seek() what needs a name, listSiblings(), then ask() and answer() until idle().
class FileNames {
  public:
    FileNames(const Manifest& manifest, ReservedNames& reserved) : m_manifest(manifest), m_reserved(reserved) {}
    ~FileNames();
    FileNames(const FileNames&) = delete;
    FileNames& operator=(const FileNames&) = delete;

    /// `ofVolume`: what the volume cannot hold as it is. `chosen`: of earlier attempts (TransferRecord::names).
    void begin(const LandedNames& ofVolume, std::map<std::string, std::string> chosen, std::string folder);
    const LandedNames& ofVolume() const { return m_ofVolume; }
    /// The volume has no name for it.
    bool unlandable(uint32_t entry) const;
    /// Below the download folder; `root`: the name of its root there.
    std::string path(uint32_t entry, std::string_view root) const { return m_names.path(m_manifest, entry, root); }
    bool chosenBefore(uint32_t entry) const { return m_chosenBefore.contains(entry); }
    /// Whatever an earlier attempt has chosen: nothing of ours is there.
    void useItsName(uint32_t entry);

    /// A name beside what has its own; first its own when an earlier attempt has chosen another. `root`: as above.
    void seek(uint32_t entry, std::string_view root);
    /// Names of the offer in the folders where one is sought: those are spoken for, whether or not they are there yet.
    void listSiblings(const Landing& landing, bool foldsNames);
    bool idle() const { return m_free.idle(); }
    std::vector<std::string> ask();
    /// A root gets its name from `landing`. Returns those for which there is no name.
    std::vector<uint32_t> answer(const LookOutcome& outcome, Landing& landing);
    /// Some name has changed: the record has to.
    bool changed() const { return m_changed; }
    /// Path in the offer and name, of what is below a root.
    const std::map<std::string, std::string>& chosen() const { return m_chosen; }

  private:
    std::string folded(const std::string& name) const;
    bool claim(uint32_t entry, const std::string& path, const std::string& name);
    void land(uint32_t entry, std::string name, Landing& landing);
    void useNameOfVolume(uint32_t entry);

    const Manifest& m_manifest;
    ReservedNames& m_reserved;
    std::string m_folder;
    LandedNames m_ofVolume;
    LandedNames m_names; ///< the same, and what was chosen
    std::map<std::string, std::string> m_chosen;
    std::set<uint32_t> m_chosenBefore;
    FreeNames m_free;
    std::set<std::pair<uint32_t, std::string>> m_siblings; ///< parent and (folded) name
    std::vector<std::string> m_taken;                      ///< paths in the reserved names
    bool m_foldsNames = false;
    bool m_changed = false;
};

} // namespace wherry::transfer
