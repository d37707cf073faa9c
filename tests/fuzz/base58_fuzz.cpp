#include "codec/base58.h"
#include "codec/codec_limits.h"
#include "codec/multibase.h"

using namespace wherry;
using namespace wherry::codec;

/// Text that is read must be the text of its bytes; bytes must survive every base.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    if (const auto bytes = decodeBase58(asText(in))) ASSERT(encodeBase58(*bytes) == asText(in));
    if (const auto bytes = decodeMultibase(asText(in))) ASSERT(bytes->size() <= kMaxMultibaseChars);
    if (size > kMaxRadixBytes) return 0;
    ASSERT(*decodeBase58(encodeBase58(in)) == toBytes(in));
    for (const Multibase base : {Multibase::Base32, Multibase::Base36, Multibase::Base58Btc, Multibase::Base64Url})
        ASSERT(*decodeMultibase(encodeMultibase(base, in)) == toBytes(in));
    return 0;
}
