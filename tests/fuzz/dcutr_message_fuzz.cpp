#include "base/assert.h"
#include "protocols/dcutr/dcutr_limits.h"
#include "protocols/dcutr/messages.h"

using namespace wherry;
using namespace wherry::dcutr;

/// Whatever a peer sends, what is kept of it is bounded, and can be said again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto message = decode(ByteView(data, size));
    if (!message) return 0;
    Message kept = *message;
    if (auto* connect = std::get_if<Connect>(&kept)) {
        ASSERT(connect->addresses.size() <= kMaxSaid);
        for (const auto& address : connect->addresses) ASSERT(!address.empty());
        if (connect->addresses.size() > kMaxCandidates) connect->addresses.resize(kMaxCandidates);
    }
    const Bytes again = encode(kept);
    ASSERT(again.size() <= kMaxMessageBytes || std::holds_alternative<Connect>(kept));
    if (again.size() <= kMaxMessageBytes) ASSERT(decode(again).value() == kept);
    return 0;
}
