#pragma once

#include "transfer/attempt_memory.h"
#include "transfer/file_book.h"
#include "transfer/file_names.h"
#include "transfer/outbox.h"
#include "transfer/resume_state.h"

#include <optional>

namespace wherry::transfer {

/// Whether all that an offer brings stands where an earlier attempt has put it, and nobody has written to it since. Looks
/// and creates nothing. One that is offered for no more than its receipt needs nobody's answer, because nothing of the
/// person's is written; with anything missing or changed it is another question.
class DeliveryCheck {
  public:
    /// `record`: of the attempt that has delivered this manifest; all outlive the check.
    DeliveryCheck(MachineContext& context, TransferId transfer, const Manifest& manifest, const TransferRecord& record,
                  const LandedNames& ofVolume, const std::string& folder, ReservedNames& reserved);

    /// False: not a job or scan of this.
    bool onJobDone(JobDone& done);
    bool onStoreScanned(StoreScanned& scanned);
    bool decided() const { return m_state != State::Looking; }
    /// Everything is there.
    bool delivered() const { return m_state == State::Delivered; }

  private:
    enum class State { Looking, Delivered, Missing };
    void lookOn();
    bool isAsDelivered(uint32_t entry, const std::optional<ExistingEntry>& existing) const;
    const LandedRoot* rootOf(uint32_t entry) const;

    MachineContext& m_context;
    TransferId m_transfer;
    const Manifest& m_manifest;
    const TransferRecord& m_record;
    FileBook m_book;
    FileNames m_names;
    AttemptMemory m_memory;
    State m_state = State::Looking;
    DestinationPtr m_destination;
    StoreRequestId m_doneScan;
    JobId m_job;
    uint32_t m_cursor = 0;
    std::vector<uint32_t> m_asked;
};

} // namespace wherry::transfer
