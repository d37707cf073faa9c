#pragma once

#include "transfer/landing.h"
#include "transfer/outbox.h"

#include <optional>
#include <set>
#include <vector>

namespace wherry::transfer {

/// Which names of an offer are taken in the download folder, and what the conflict policy would do about each: so that
/// whoever is asked knows before the answer. Looks and creates nothing, and no further than kMaxRootsLooked roots and
/// kMaxEntriesLooked entries of the folders that would be merged. What happens in the folder until the answer is the
/// placement's to find out.
class TakenNames {
  public:
    /// The folder is there. `known`: where the roots have landed before; `reserved`: as it is now. `manifest` and
    /// `names` outlive this.
    TakenNames(MachineContext& context, TransferId transfer, const Manifest& manifest, const LandedNames& names,
               const ReceivePolicy& policy, std::vector<LandedRoot> known, ReservedNames reserved);

    /// False: not a job of this. A failure ends the look with what is known.
    bool onJobDone(JobDone& done);
    bool decided() const { return m_step == Step::Decided; }
    /// Conflict::Fail, and these are taken: no answer can help.
    const NameClashes& clashes() const { return m_landing.clashes(); }
    /// Adds what has been found to the question.
    template <typename Question> void tell(Question& question) const {
        question.taken = m_taken;
        question.takenTotal = m_count;
        question.takenMayBeMore = !m_complete;
    }

  private:
    enum class Step { Opening, Roots, Entries, Decided };
    void askRoots();
    void noteRoots();
    void askEntries();
    void note(uint32_t entry, NameFate fate, std::string landsAs = {});

    MachineContext& m_context;
    TransferId m_transfer;
    const Manifest& m_manifest;
    const LandedNames& m_names;
    Conflict m_conflict;
    std::vector<LandedRoot> m_known;
    ReservedNames m_reserved; ///< a copy: nothing is taken yet
    std::vector<uint32_t> m_wanted;
    Landing m_landing;
    std::set<uint32_t> m_merging; ///< roots whose entries are looked at
    Step m_step = Step::Opening;
    DestinationPtr m_destination;
    JobId m_job;
    uint32_t m_cursor = 0;
    size_t m_looked = 0; ///< of the entries
    std::vector<uint32_t> m_asked;
    std::vector<TakenName> m_taken; ///< the first kMaxTakenTold
    uint64_t m_count = 0;
    bool m_complete = true; ///< everything has been looked at
};

} // namespace wherry::transfer
