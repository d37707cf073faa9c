#pragma once

#include "transfer/receive_task.h"

namespace wherry::transfer {

/// Sends all Accept messages of a transfer, each within kMaxRunsPerAccept and kMaxClaimsPerAccept. Failed entries count
/// as wanted: the sender hears of them by FileFailed.
void sendAccept(const ReceiveTask& task);

} // namespace wherry::transfer
