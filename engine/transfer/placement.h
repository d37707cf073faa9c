#pragma once

#include "transfer/attempt_memory.h"
#include "transfer/file_book.h"
#include "transfer/file_names.h"
#include "transfer/landing.h"
#include "transfer/outbox.h"
#include "transfer/placed_check.h"
#include "transfer/publisher.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace wherry::transfer {

/// The way from a person's (or the policy's) yes to the moment when content may come: opens the download folder,
/// decides where the roots land, finds what an earlier attempt has delivered or left in parts and what somebody else
/// has put there, makes sure of the space, makes the folders and opens the parts that will be continued.
///
///   Opening -> Naming -> Recalling -> LookingAtFolders <-> NamingFolders -> Looking -> Choosing
///     -> MakingFolders -> OpeningParts -> Ready
///
/// Naming: the roots get their places (Landing). Recalling: the record of the place goes to the disk, and what is known
/// of earlier attempts comes from there. LookingAtFolders: where something else has the name of a folder the conflict
/// policy decides, level by level, because the paths of what is below depend on it; NamingFolders: those that it
/// renames get free names. Looking: what has the final names of files is ours, or the policy decides. Choosing: files
/// that it renames get free names; all that were chosen go to the disk too.
///
/// Nothing is created before the place is on record and the space is known to suffice.
class Placement {
  public:
    Placement(MachineContext& context, TransferId transfer, const Manifest& manifest, FileBook& book,
              ReservedNames& reserved);
    ~Placement();

    /// `known`: the record of an earlier attempt into this folder. `consent`: what has been said yes to now. `names`:
    /// what the volume cannot hold as it is, as shown with the question (volume_names.h).
    void begin(const ReceivePolicy& policy, Bytes recordKey, std::optional<TransferRecord> known,
               const Consent& consent, const LandedNames& names = {});
    bool ready() const { return m_step == Step::Ready; }
    /// Jobs and scans of this placement; false: not one of ours. An error ends the transfer; Exists: the policy is
    /// Conflict::Fail and names are taken, which the context lists.
    Result<bool> onJobDone(JobDone& done, Now now);
    Result<bool> onStoreScanned(StoreScanned& scanned, Now now);
    bool working() const { return !m_jobs.empty(); }
    /// Which entry the error was about; kNoEntry: none.
    uint32_t failedAt() const { return m_failedAt; }

    const DestinationPtr& destination() const { return m_destination; }
    const TransferRecord& record() const { return m_record; }
    std::map<uint32_t, Claims>& claims() { return m_claims; }
    /// Folders and files that cannot be there, and why.
    std::vector<FileFailure>& failures() { return m_failures; }
    uint64_t bytesClaimed() const;
    /// Parts that earlier attempts have on record, whether they are there or not.
    std::vector<std::string> takeLeftOver() { return std::move(m_leftOver); }

    /// Below the download folder, under the landed name of the root.
    std::string finalPath(uint32_t entry) const;
    std::string partPath(uint32_t entry) const;
    /// A folder has the name of the part: it gets another. False: there is no other.
    bool avoidPart(uint32_t entry);

  private:
    enum class Step {
        Idle,
        Opening,
        Naming,
        Recalling,
        LookingAtFolders,
        NamingFolders,
        Looking,
        Choosing,
        MakingFolders,
        OpeningParts,
        Ready
    };

    JobId submit(JobWork work);
    void remember(JobId id, std::vector<uint32_t> entries) { m_jobs.emplace(id, std::move(entries)); }
    Result<void> onJobFailed(const std::vector<uint32_t>& entries, const Error& error);
    Result<void> onStepDone(const std::vector<uint32_t>& entries, JobValue& value, Now now);
    Result<void> onOpened(JobValue& value);
    void dropUnlandable();
    Result<void> onNamed(const LookOutcome& outcome, Now now);
    void settleRoots();
    void putRecord(Now now);
    void ownPlaces(Now now);
    void recall();
    bool mayBeThere(uint32_t entry) const;
    // (placement_folders.cpp)
    void listFolders();
    bool followsFolder(uint32_t entry);
    Result<void> lookAtFolders(Now now);
    void seekNames();
    void onFoldersLooked(const std::vector<uint32_t>& entries, const LookOutcome& outcome);
    void judgeInWay(uint32_t folder, const ExistingEntry& existing);

    Result<void> beginLooking(Now now);
    Result<void> lookOrGoOn(Now now);
    void onLooked(const std::vector<uint32_t>& entries, const LookOutcome& outcome, Now now);
    void judgeExisting(uint32_t entry, const ExistingEntry& existing, Now now);
    void conclude(uint32_t entry, const ExistingEntry& existing, AttemptMemory::Verdict verdict,
                  const std::optional<ContentId>& content, Now now);
    void seekName(uint32_t entry);
    Result<void> chooseOrGoOn(Now now);
    void onChosen(const LookOutcome& outcome);
    Result<void> checkSpace();
    void beginFolders();
    void makeFolders();
    void submitFolders(std::vector<uint32_t> entries, OnExisting onExisting);
    Result<void> onFoldersMade(const std::vector<uint32_t>& entries, Result<JobValue>& outcome);
    void failBelowFailedFolders();
    bool failsWithFolder(uint32_t entry);
    void openParts();
    void openPart(uint32_t entry);
    void onPart(uint32_t entry, const PartReady& part);
    void fail(uint32_t entry, Error error);

    MachineContext& m_context;
    TransferId m_transfer;
    const Manifest& m_manifest;
    FileBook& m_book;
    ReservedNames& m_reserved;
    FileNames m_names;
    Step m_step = Step::Idle;
    ReceivePolicy m_policy;
    Bytes m_recordKey;
    bool m_known = false;
    TransferRecord m_record;
    DestinationPtr m_destination;
    std::optional<Landing> m_landing;
    bool m_foldsNames = false;
    uint64_t m_freeBytes = 0;
    std::unordered_map<JobId, std::vector<uint32_t>> m_jobs; ///< and the entries that each is about
    StoreRequestId m_doneScan;
    StoreRequestId m_chunksScan;
    StoreRequestId m_namesScan; ///< answered when the chosen names are on the disk
    std::optional<AttemptMemory> m_memory;
    PlacedCheck m_check;                          ///< of what somebody may have written to
    std::vector<std::vector<uint32_t>> m_folders; ///< to be looked at, by depth
    size_t m_level = 0;                           ///< of m_folders
    std::vector<bool> m_fresh; ///< folders in whose place something else is: nothing of ours is below them
    NameClashes m_clashes;
    uint32_t m_cursor = 0;
    std::map<uint32_t, Claims> m_claims;
    std::map<uint32_t, uint8_t> m_partNumbers; ///< of parts that have not got their first name
    std::vector<FileFailure> m_failures;
    std::map<uint32_t, Errc> m_failedFolders;
    uint32_t m_failedAt = kNoEntry;
    std::vector<std::string> m_leftOver;
};

} // namespace wherry::transfer
