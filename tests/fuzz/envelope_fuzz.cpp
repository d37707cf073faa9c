#include "crypto/crypto_limits.h"
#include "crypto/envelope.h"
#include "crypto/peer_record.h"

using namespace wherry;
using namespace wherry::crypto;

namespace {

const Identity& host() {
    static const Identity kHost = Identity::fromSeed({7});
    return kHost;
}

void check(const Result<PeerRecord>& record) {
    if (!record) return;
    ASSERT(!record->peer.empty());
    ASSERT(record->addresses.size() <= kMaxRecordAddresses);
}

} // namespace

/// The input as an envelope, and as the payload of one whose signature is good.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static constexpr uint8_t kRecordType[] = {0x03, 0x01};
    const ByteView in(data, size);
    check(openPeerRecord(in));
    check(openPeerRecord(sealEnvelope(host(), {"libp2p-peer-record", kRecordType}, in)));
    return 0;
}
