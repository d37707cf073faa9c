#pragma once

#include "transfer/job.h"
#include "transfer/manifest.h"
#include "transfer/resume_state.h"
#include "transfer/transfer_types.h"

#include <set>
#include <string>
#include <vector>

namespace wherry::transfer {

/// Names in download folders that accepted transfers of this node have taken and perhaps not yet created.
using ReservedNames = std::set<std::pair<std::string, std::string>>; ///< folder, name

/// Decides under which names the roots of an offer land in the download folder (CLI.md --conflict). Works by questions:
/// ask() names what to look at, answer() takes what is there, until ask() is empty.
class Landing {
  public:
    /// `wanted`: the roots (manifest indices) of which anything is taken. `known`: where they landed before.
    Landing(const Manifest& manifest, const std::vector<uint32_t>& wanted, Conflict conflict, std::string folder,
            const std::vector<LandedRoot>& known);

    std::vector<std::string> ask();
    /// Exists: the policy says Fail and a name is taken. LimitReached: no free name.
    Result<void> answer(const LookOutcome& outcome, ReservedNames& reserved);
    bool decided() const { return m_open.empty(); }
    /// One per wanted root, in manifest order.
    const std::vector<LandedRoot>& roots() const { return m_roots; }
    /// nullptr: the root is not wanted.
    const LandedRoot* of(uint32_t rootEntry) const;
    /// Gives the names back.
    void release(ReservedNames& reserved) const;

    /// "name (n)"; "name (n).ext" for a file.
    static std::string numbered(const std::string& name, uint32_t number, bool isFolder);

  private:
    struct Open {
        size_t root = 0;
        uint32_t nextTry = 0; ///< 0: the name itself
        uint32_t asked = 0;   ///< names of the question under way
    };
    Result<bool> settle(Open& open, std::span<const std::optional<ExistingEntry>> existing, ReservedNames& reserved);
    std::string tryName(const Open& open, uint32_t number) const;

    const Manifest& m_manifest;
    std::vector<uint32_t> m_entries;
    std::vector<LandedRoot> m_roots;
    std::vector<Open> m_open;
    size_t m_asked = 0;               ///< of m_open
    std::vector<std::string> m_taken; ///< in the reserved names
    Conflict m_conflict;
    std::string m_folder;
};

} // namespace wherry::transfer
