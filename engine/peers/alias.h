#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace wherry::peers {

/// What two names have in common that look the same at a glance: letters A to Z in lower case, invisible characters and
/// spaces at the ends left out. Letters of different scripts that look alike stay different: that is what comparing
/// keys is for.
std::string nameKey(std::string_view name);

/// A name that a peer may claim: valid UTF-8 within kMaxAliasCharacters. Malformed, TooLarge.
Result<void> checkClaimedAlias(std::string_view name);

/// A name that the person may give: something to see, nothing invisible, no space at the ends, and nothing that could
/// be taken for an address, a key or a ticket where a target is asked for. InvalidArgument says what is wrong.
Result<void> checkOwnAlias(std::string_view name);

} // namespace wherry::peers
