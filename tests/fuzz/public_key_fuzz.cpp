#include "crypto/identity.h"
#include "crypto/public_key.h"

using namespace wherry;
using namespace wherry::crypto;

/// A host key from outside: what is accepted is its own one encoding, has a peer id and refuses a made-up signature.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    if (const auto key = PublicKey::decode(in)) {
        ASSERT(equal(key->encode(), in));
        ASSERT(!key->peerId().empty());
        (void)key->verify(asBytes("text"), in);
        (void)key->verify(in, Bytes(64));
    }
    if (const auto identity = Identity::decode(in)) {
        const Ed25519Signature signature = identity->sign(in);
        ASSERT(verifyEd25519(identity->publicKey(), in, signature));
    }
    return 0;
}
