#include "codec/ip.h"

using namespace wherry;
using namespace wherry::codec;

/// An address that is read must be written in a form that reads as the same address, and stay that form.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto address = parseIp(asText(ByteView(data, size)));
    if (!address) return 0;
    const std::string text = address->text();
    ASSERT(text.size() <= 39);
    const auto again = parseIp(text);
    ASSERT(again && *again == *address && again->text() == text);
    ASSERT(address->budgetPrefix().budgetPrefix() == address->budgetPrefix());
    ASSERT(!address->isLoopback() || address->isPrivate());
    return 0;
}
