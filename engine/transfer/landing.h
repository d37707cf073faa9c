#pragma once

#include "transfer/free_names.h"
#include "transfer/job.h"
#include "transfer/landed_names.h"
#include "transfer/manifest.h"
#include "transfer/name_clashes.h"
#include "transfer/resume_state.h"
#include "transfer/transfer_types.h"

#include <set>
#include <string>
#include <vector>

namespace wherry::transfer {

/// Names in download folders that accepted transfers of this node have taken and perhaps not yet created.
using ReservedNames = std::set<std::pair<std::string, std::string>>; ///< folder, name

/// Decides under which names the roots of an offer land in the download folder (CLI.md --conflict). Works by questions:
/// ask() names what to look at, answer() takes what is there, until decided(). A root that has landed before keeps its
/// name, unless nothing is there any more and its own is free, or it is a folder and something else is there now.
class Landing {
  public:
    /// `names`: what the volume cannot hold as it is. `wanted`: the roots (manifest indices) of which anything is
    /// taken. `known`: where they landed before.
    Landing(const Manifest& manifest, const LandedNames& names, const std::vector<uint32_t>& wanted, Conflict conflict,
            std::string folder, const std::vector<LandedRoot>& known);

    std::vector<std::string> ask();
    /// LimitReached: no free name.
    Result<void> answer(const LookOutcome& outcome, ReservedNames& reserved);
    bool decided() const { return m_open.empty() && m_free.idle(); }
    /// Roots whose names are taken while the policy says Fail; they land nowhere.
    const NameClashes& clashes() const { return m_clashes; }
    /// One per wanted root, in manifest order.
    const std::vector<LandedRoot>& roots() const { return m_roots; }
    /// nullptr: the root is not wanted.
    const LandedRoot* of(uint32_t rootEntry) const;
    /// The root is a folder, and a file or link that has its name goes (Conflict::Replace).
    bool replaces(uint32_t rootEntry) const { return m_replacing.contains(rootEntry); }
    /// A wanted root that is a file lands under another name after all.
    void rename(uint32_t rootEntry, std::string landed);
    /// Gives the names back.
    void release(ReservedNames& reserved) const;

  private:
    struct Open {
        size_t root = 0;
        std::string before; ///< where it landed before; empty: nowhere
    };
    std::string itsName(size_t root) const { return m_names.of(m_manifest, m_entries[root]); }
    void settle(const Open& open, std::span<const std::optional<ExistingEntry>> existing, ReservedNames& reserved);
    bool take(size_t root, const std::string& name, ReservedNames& reserved);
    void replace(const Open& open, const ExistingEntry& existing, ReservedNames& reserved);
    void seekFree(const Open& open);
    /// The place of before; false: another transfer works there now.
    bool keep(const Open& open, ReservedNames& reserved);

    const Manifest& m_manifest;
    const LandedNames& m_names;
    std::vector<uint32_t> m_entries;
    std::vector<LandedRoot> m_roots;
    std::vector<Open> m_open;
    FreeNames m_free;
    NameClashes m_clashes;
    std::set<uint32_t> m_replacing;   ///< manifest indices
    size_t m_asked = 0;               ///< of m_open
    std::vector<std::string> m_taken; ///< in the reserved names
    Conflict m_conflict;
    std::string m_folder;
};

} // namespace wherry::transfer
