#pragma once

#include "transfer/outbox.h"
#include "transfer/resume_state.h"
#include "transfer/taken_names.h"
#include "transfer/volume_names.h"

#include <optional>
#include <vector>

namespace wherry::transfer {

/// Where an offer would land if the person chose another place for it: looks at the folder and its volume, at what an
/// earlier attempt has left there, and at names that are taken. Creates nothing. A place where it cannot land is an
/// error for whoever asked, and the offer stands as it did.
class PlaceLook {
  public:
    /// `policy`: of the download folder. `recordKey`: of the offer in the folder of the place. `needed`: bytes that are
    /// wanted of the offer. `isPaused`: its record stays good however old it is. All references outlive this.
    PlaceLook(MachineContext& context, TransferId transfer, const Manifest& manifest, const ReservedNames& reserved,
              ReceivePolicy policy, OfferPlace place, Bytes recordKey, uint64_t needed, bool isPaused);

    /// False: not one of this.
    bool onStoreScanned(const StoreScanned& scanned, Now now);
    bool onJobDone(JobDone& done);
    bool decided() const { return m_decided; }
    /// Why it cannot land there: what is wrong with the folder (NotFound, PermissionDenied, VolumeGone, DiskFull),
    /// those of namesWith, or Exists: names are taken, and the policy is to fail.
    const std::optional<Error>& error() const { return m_error; }

    // Once decided without an error:
    const OfferPlace& place() const { return m_place; }
    const ReceivePolicy& policy() const { return m_policy; }
    const Bytes& recordKey() const { return m_recordKey; }
    VolumeNames takeNames() { return std::move(m_names); }
    /// Of an attempt that goes on there, without what the chosen names leave behind.
    std::optional<TransferRecord> takeKnown() { return std::move(m_known); }
    /// Of one too long ago.
    std::optional<TransferRecord> takeExpired() { return std::move(m_expired); }
    void tell(OfferPlaced& placed) const;

  private:
    void judge();
    Result<void> judgeFolder() const;
    void leaveOtherNames(TransferRecord& known) const;
    void conclude();

    MachineContext& m_context;
    TransferId m_transfer;
    const Manifest& m_manifest;
    const ReservedNames& m_reserved;
    ReceivePolicy m_policy;
    OfferPlace m_place;
    Bytes m_recordKey;
    uint64_t m_needed;
    bool m_isPaused;
    bool m_mustExist = false; ///< it is not the download folder, which is made when it is needed
    bool m_decided = false;
    StoreRequestId m_recordScan;
    StoreRequestId m_ownersScan; ///< after m_recordScan
    JobId m_traitsJob;
    std::optional<NameTraits> m_traits;
    std::optional<TransferRecord> m_known;
    std::optional<TransferRecord> m_expired;
    VolumeNames m_names;
    std::optional<TakenNames> m_taken;
    std::optional<Error> m_error;
};

} // namespace wherry::transfer
