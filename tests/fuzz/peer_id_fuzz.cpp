#include "crypto/identity.h"
#include "crypto/peer_id.h"

using namespace wherry;
using namespace wherry::crypto;

/// Reads the input as a multihash, as text and as a registry name; what is accepted must survive its text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    for (const auto& id : {PeerId::fromMultihash(in), PeerId::parse(asText(in))}) {
        if (!id) continue;
        ASSERT(!id->empty());
        ASSERT(*PeerId::parse(id->text()) == *id);
        ASSERT(*PeerId::fromMultihash(id->multihash()) == *id);
    }
    if (const auto key = parseRegistryKey(asText(in))) ASSERT(*parseRegistryKey(keyNames(*key).registryKey) == *key);
    return 0;
}
