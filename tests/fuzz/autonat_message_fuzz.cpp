#include "base/assert.h"
#include "protocols/autonat/autonat_limits.h"
#include "protocols/autonat/messages.h"

using namespace wherry;
using namespace wherry::autonat;

/// Whatever a peer sends, what is kept of it is bounded, and can be said again. The first byte chooses the decoder.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const ByteView in(data + 1, size - 1);
    if (data[0] % 3 == 0) {
        const auto message = decodeMessage1(in);
        if (!message) return 0;
        if (const auto* dial = std::get_if<Dial1>(&message.value())) {
            ASSERT(dial->addresses.size() <= kMaxAddresses && !dial->peer.empty());
        } else {
            ASSERT(std::get<Response1>(*message).text.size() <= kMaxStatusText);
            ASSERT(decodeMessage1(encodeMessage1(*message)).value() == *message);
        }
        ASSERT(decodeMessage1(encodeMessage1(*message)));
    } else if (data[0] % 3 == 1) {
        const auto message = decodeMessage2(in);
        if (!message) return 0;
        if (const auto* request = std::get_if<DialRequest>(&message.value()))
            ASSERT(request->addresses.size() <= kMaxAddresses);
        ASSERT(decodeMessage2(encodeMessage2(*message)).value() == *message);
    } else {
        if (const auto nonce = decodeDialBack(in)) ASSERT(decodeDialBack(encodeDialBack(*nonce)).value() == *nonce);
        (void)decodeDialBackResponse(in);
    }
    return 0;
}
