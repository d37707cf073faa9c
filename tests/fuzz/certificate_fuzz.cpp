#include "crypto/certificate_parts.h"
#include "crypto/crypto_limits.h"
#include "crypto/tls_certificate.h"

using namespace wherry;
using namespace wherry::crypto;

/// A peer's certificate (SECURITY D1, D2): any bytes give a verdict, and what is accepted proves an identity.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    const ByteView chain[] = {in};
    const auto verdict = verifyTlsCertificate(chain, UnixTime::fromSeconds(1'800'000'000));
    if (!verdict) {
        ASSERT(!verdict.error().context.empty());
        return 0;
    }
    ASSERT(!verdict->peerId.empty() && verdict->publicKey.size() <= kMaxPublicKeyBytes);
    ASSERT(size <= kMaxCertificateBytes && sliceCertificate(in).has_value());
    return 0;
}
