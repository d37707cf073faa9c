#include "codec/multiaddr.h"
#include "crypto/peer_record.h"
#include "crypto/public_key.h"
#include "wire/decode.h"
#include "wire/identify.pb.h"

using namespace wherry;

/// An identify message and everything inside it that we decode.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t kMaxFields = 256;
    const auto message = wire::decode<wire::Identify>({data, size}, {"identify", 8192, kMaxFields, {}});
    if (!message) return 0;
    ASSERT(static_cast<size_t>(message->listen_addrs_size() + message->protocols_size()) <= kMaxFields);
    for (const std::string& address : message->listen_addrs())
        (void)codec::Multiaddr::decode(asBytes(address)).has_value();
    (void)codec::Multiaddr::decode(asBytes(message->observed_addr())).has_value();
    (void)crypto::PublicKey::decode(asBytes(message->public_key())).has_value();
    (void)crypto::openPeerRecord(asBytes(message->signed_peer_record())).has_value();
    const auto again = wire::decode<wire::Identify>(wire::encode(*message), {"identify", 16384, kMaxFields, {}});
    ASSERT(again && wire::encode(*again) == wire::encode(*message));
    return 0;
}
