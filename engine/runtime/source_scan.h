#pragma once

#include "runtime/rooted_dir.h"
#include "transfer/storage.h"

#include <atomic>
#include <string>
#include <vector>

namespace wherry::runtime {

/// Walks the paths that a person wants to send. Depth first without recursion; holds at most one folder open besides
/// the root, however deep the tree. Symbolic links below a root, sockets, fifos and devices are left out with a reason
/// and never opened. What cannot be read (a folder, or one of several roots) and what is nested or named beyond
/// transfer_limits.h is left out as failed. PermissionDenied: no root can be read. TooLarge: more than kMaxEntries.
/// Cancelled: `stop` was set meanwhile; it is looked at before every entry.
Result<transfer::ScanOutcome> scanSources(const std::vector<std::string>& paths, PathWalk walk,
                                          const std::atomic<bool>& stop, transfer::ScanSink& sink);

} // namespace wherry::runtime
