#include "base/assert.h"
#include "crypto/sha256.h"

namespace wherry::crypto {

namespace {

constexpr uint8_t kLeafPrefix[] = {0x00};

} // namespace

void sha256Leaves(std::span<const ByteView> messages, std::span<Digest> out) {
    ASSERT(messages.size() == out.size());
    thread_local Sha256 context;
    for (size_t i = 0; i < messages.size(); ++i) out[i] = context.update(kLeafPrefix).update(messages[i]).finish();
}

const char* sha256LeavesBackend() {
    return "gnutls";
}

} // namespace wherry::crypto
