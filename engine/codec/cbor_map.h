#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <map>
#include <string>

namespace wherry::codec {

/// The plain entries of a map: those whose values are unsigned numbers or byte strings. All others have been read over.
struct CborMap {
    std::map<std::string, uint64_t, std::less<>> numbers;
    std::map<std::string, Bytes, std::less<>> bytes;
    bool operator==(const CborMap&) const = default;
};

/// Reads a DAG-CBOR map (RFC 8949, and ipld.io "DAG-CBOR spec": text keys, definite lengths, shortest heads, no key
/// twice, no tag but 42, no simple value but false, true and null). The order of keys does not matter here. Malformed:
/// anything else, or bytes after it. TooLarge: more than kMaxCborItems, or deeper than kMaxCborDepth.
Result<CborMap> decodeCborMap(ByteView in);

} // namespace wherry::codec
