#pragma once

#include "api/types.h"
#include "cli/json_line.h"
#include "cli/peer_names.h"

#include <string>

namespace wherry::cli {

/// An entry of the history as JSON; times in seconds since 1970.
JsonLine historyJson(const api::HistoryEntry& entry);
/// One entry on two lines at most, safe for a terminal.
std::string historyText(const api::HistoryEntry& entry, const PeerNames& names);

} // namespace wherry::cli
