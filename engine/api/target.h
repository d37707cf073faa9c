#pragma once

#include "api/types.h"

#include <string_view>

namespace wherry::api {

/// Whom a person means: a multiaddr that ends in /p2p/ID, a peer id, or a registry key (key_...); the latter two come
/// without an address. Any other word is a name (an I6P id, the person's own name for a peer, what a peer calls itself),
/// which the node looks up in its peer book. InvalidArgument says which part of the text is wrong.
Result<Target> parseTarget(std::string_view text);

} // namespace wherry::api
