#include "base/assert.h"
#include "crypto/hash_lanes.h"
#include "crypto/sha256.h"

namespace wherry::crypto {

namespace {

constexpr uint8_t kLeafPrefix[] = {0x00};

HashLanes& lanesOfThisThread() {
    thread_local HashLanes lanes;
    return lanes;
}

} // namespace

void sha256Leaves(std::span<const ByteView> messages, std::span<Digest> out) {
    ASSERT(messages.size() == out.size());
    thread_local Sha256 context;
    HashLanes& lanes = lanesOfThisThread();
    while (!messages.empty()) {
        size_t done = lanes.hashSome(messages, out);
        if (done == 0) {
            out[0] = context.update(kLeafPrefix).update(messages[0]).finish();
            done = 1;
        }
        messages = messages.subspan(done);
        out = out.subspan(done);
    }
}

const char* sha256LeavesBackend() {
    return lanesOfThisThread().any() ? "ipsec-mb" : "gnutls";
}

} // namespace wherry::crypto
