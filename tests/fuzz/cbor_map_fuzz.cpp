#include "base/assert.h"
#include "codec/cbor_map.h"
#include "codec/codec_limits.h"

using namespace wherry;
using namespace wherry::codec;

/// Whatever comes, what is kept is no more than was there.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto map = decodeCborMap({data, size});
    if (!map) return 0;
    size_t bytes = 0;
    for (const auto& [key, value] : map->bytes) bytes += key.size() + value.size();
    ASSERT(bytes <= size);
    ASSERT(map->bytes.size() + map->numbers.size() <= kMaxCborItems / 2);
    return 0;
}
