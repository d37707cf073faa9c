#pragma once

#include "api/types.h"

#include <string_view>

namespace wherry::api {

/// What a person means by the KEY of a hash table, as its network wants it:
/// - a peer: its id (or the registry key of the device), as the multihash;
/// - a value on ours: 64 hexadecimal digits are the key itself, of any other text it is the SHA-256;
/// - a value elsewhere: the text as it is, but that the id of /pk/ID and /ipns/ID becomes binary;
/// - what is provided: a CID or a multihash of one; of any other text it is the SHA-256 as a multihash;
/// - closest: a peer id or a CID as its multihash, any other text as it is.
/// InvalidArgument says what is wrong.
Result<std::vector<uint8_t>> dhtKey(DhtAction action, std::string_view protocol, std::string_view text);
/// Whether a hash table can have such a name: 2 to 64 printable characters, the first a slash.
bool isProtocolName(std::string_view text);

} // namespace wherry::api
