#include "codec/cid.h"
#include "codec/multihash.h"

using namespace wherry;
using namespace wherry::codec;

/// A CID that is read from bytes or text must survive both forms.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    if (const auto hash = decodeMultihash(in)) ASSERT(encodeMultihash(hash->code, hash->digest) == toBytes(in));
    for (const auto& cid : {decodeCid(in), parseCid(asText(in))}) {
        if (!cid) continue;
        ASSERT(*decodeCid(encodeCid(*cid)) == *cid);
        ASSERT(*parseCid(cidText(*cid)) == *cid);
    }
    return 0;
}
