#include "base/assert.h"
#include "gateway/control_message.h"

#include <cstddef>
#include <cstdint>

/// Both directions of the control socket. What is read is written and read again: the second line is the first one's
/// canonical form and stays as it is.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace wherry::gateway;
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto read = decodeRequest(line);
    if (const auto* request = std::get_if<Request>(&read)) {
        const std::string written = encodeRequest(*request).value();
        const auto again = decodeRequest(written);
        ASSERT(std::holds_alternative<Request>(again));
        ASSERT(encodeRequest(std::get<Request>(again)).value() == written);
    }
    if (const auto report = decodeReport(line)) {
        const std::string written = encodeReport(*report).value();
        const auto again = decodeReport(written);
        ASSERT(again.has_value());
        ASSERT(encodeReport(*again).value() == written);
    }
    (void)decodeGreeting(line).has_value();
    return 0;
}
