#include "base/assert.h"
#include "protocols/presence/presence_limits.h"
#include "protocols/presence/presence_message.h"

using namespace wherry;

/// Whatever somebody says of itself, it is a time and a span that can be reckoned with, and can be told on as it is.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto said = presence::decodeStatement({data, size});
    if (!said) return 0;
    ASSERT(size <= presence::kMaxMessageBytes && said->sent.nanoseconds >= 0);
    ASSERT(said->promise >= presence::kLeastPromise && said->promise <= presence::kMostPromise);
    ASSERT(presence::decodeStatement(presence::encodeStatement(*said)).value() == *said);
    return 0;
}
