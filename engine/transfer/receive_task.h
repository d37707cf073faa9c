#pragma once

#include "transfer/control_channel.h"
#include "transfer/file_book.h"
#include "transfer/outbox.h"
#include "transfer/placement.h"

namespace wherry::transfer {

/// One accepted offer and its place, as the parts of a ReceiveMachine share it; all of it lives in the machine.
struct ReceiveTask {
    MachineContext& context;
    TransferId id;
    const Manifest& manifest;
    FileBook& book;
    Placement& placement; ///< ready
    ControlChannel& control;
    TransferFigures& figures;

    JobId submit(JobLane lane, JobWork job) const { return context.out.submit(id, lane, std::move(job)); }
    const LocalKey& local() const { return placement.record().localKey; }
    /// It comes in chunks, not in a batch.
    bool chunked(uint32_t entry) const { return manifest.fileSize(entry) > kSmallFileMax; }
    /// A file of the offer, whatever number a peer says.
    bool isFile(uint32_t entry) const { return entry < manifest.count() && !manifest.isFolder(entry); }
    bool isChunkedFile(uint32_t entry) const { return isFile(entry) && chunked(entry); }
};

} // namespace wherry::transfer
