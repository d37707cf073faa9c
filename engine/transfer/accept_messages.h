#pragma once

#include "transfer/chunk_beginnings.h"
#include "transfer/receive_task.h"

namespace wherry::transfer {

/// Sends all Accept messages of a transfer, each within kMaxRunsPerAccept and kMaxClaimsPerAccept. Failed entries count
/// as wanted: the sender hears of them by FileFailed.
/// `beginnings` is what is there of chunks that an earlier attempt has brought in part, after dropUseless().
void sendAccept(const ReceiveTask& task, const ChunkBeginnings& beginnings);
/// What cannot go on, because it is not wanted any more, is there by now, or belongs to another state of the source.
void dropUseless(ChunkBeginnings& beginnings, const ReceiveTask& task);

} // namespace wherry::transfer
