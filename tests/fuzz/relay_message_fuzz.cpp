#include "base/assert.h"
#include "protocols/relay/messages.h"
#include "protocols/relay/relay_limits.h"
#include "protocols/relay/voucher.h"

using namespace wherry;
using namespace wherry::relay;

/// Whatever a peer sends, what is kept of it is bounded, and can be said again. The first byte chooses the decoder.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const ByteView in(data + 1, size - 1);
    if (data[0] % 3 == 0) {
        const auto message = decodeHop(in);
        if (!message) return 0;
        if (const auto* said = std::get_if<HopStatus>(&message.value()); said && said->reservation)
            ASSERT(said->reservation->addresses.size() <= kMaxRelayAddresses);
        const Bytes again = encodeHop(*message);
        if (again.size() <= kMaxMessageBytes) ASSERT(decodeHop(again));
    } else if (data[0] % 3 == 1) {
        const auto message = decodeStop(in);
        if (message) ASSERT(decodeStop(encodeStop(*message)).value() == *message);
    } else {
        (void)openVoucher(in);
    }
    return 0;
}
