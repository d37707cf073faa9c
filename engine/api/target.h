#pragma once

#include "api/types.h"

#include <string_view>

namespace wherry::api {

/// Whom a person means: a multiaddr that ends in /p2p/ID, a peer id, or a registry key (key_...). The latter two come
/// without an address. InvalidArgument says which part of the text is wrong; NotFound: a plain word, which no device is
/// known by.
Result<Target> parseTarget(std::string_view text);

} // namespace wherry::api
