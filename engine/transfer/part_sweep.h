#pragma once

#include "transfer/outbox.h"
#include "transfer/paused_receives.h"
#include "transfer/resume_state.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace wherry::transfer {

/// Removes what transfers have left in a download folder that nobody has come back for within a week: their parts, then
/// their records. Runs beside the first transfer that is received into the folder, one job at a time; a folder that
/// cannot be written keeps its records for the next time.
class PartSweep {
  public:
    /// Owner of its jobs and scans, and holder of the places that it is emptying; no transfer ever has it.
    static constexpr TransferId kOwner{~uint64_t(0)};

    /// `places`: record keys that are in use, which are left alone; those being swept are added to them. Nor is
    /// anything taken from what is paused.
    PartSweep(MachineContext& context, std::map<Bytes, TransferId>& places, const PausedReceives& paused)
        : m_context(context),
          m_places(places),
          m_paused(paused) {}

    /// Content begins to come into the folder. Does nothing while a sweep is under way or within kSweepInterval of the
    /// last one there.
    void begin(const std::string& folder, DestinationPtr destination, Now now);
    void onStoreScanned(StoreScanned scanned, Now now);
    void onJobDone(const JobDone& done);

  private:
    struct Expired {
        Bytes key;
        LocalKey local{};
    };
    void choose(const std::vector<std::pair<Bytes, Bytes>>& rows, Now now);
    void next();
    void removeParts();
    void leave();

    MachineContext& m_context;
    std::map<Bytes, TransferId>& m_places;
    const PausedReceives& m_paused;
    std::map<std::string, Instant> m_again; ///< per folder: not before this
    DestinationPtr m_destination;           ///< null: nothing is under way
    Bytes m_tag;                            ///< of the folder in record keys
    StoreRequestId m_recordScan;
    StoreRequestId m_partsScan;
    std::deque<Expired> m_expired; ///< the first is being swept
    std::vector<std::string> m_parts;
};

} // namespace wherry::transfer
