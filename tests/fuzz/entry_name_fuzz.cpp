#include "base/assert.h"
#include "base/bytes.h"
#include "base/display_text.h"
#include "base/utf8.h"
#include "transfer/entry_name.h"
#include "transfer/name_folding.h"
#include "transfer/transfer_limits.h"

using namespace wherry;
using namespace wherry::transfer;

/// Whatever passes the validator stays below its root, however it is cut; keys are stable and what is shown is one line
/// of UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text = asText({data, size});
    const std::string shown = displayText(text, 100);
    ASSERT(isUtf8(shown));
    for (char c : shown) ASSERT(static_cast<uint8_t>(c) >= 0x20 && c != 0x7f);
    const std::string key = collisionKey(text.substr(0, kMaxNameLength));
    if (isUtf8(text.substr(0, kMaxNameLength))) ASSERT(collisionKey(key) == key);
    if (validateName(text)) {
        ASSERT(!text.empty() && text.size() <= kMaxNameLength && text != "." && text != "..");
        ASSERT(text.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos);
        ASSERT(validatePath(text));
        if (isPortableName(text)) ASSERT(isUtf8(text));
    }
    if (validatePath(text)) {
        ASSERT(text.size() <= kMaxPathLength && text.front() != '/' && text.back() != '/');
        ASSERT(text.find("//") == std::string_view::npos);
        ASSERT(("/" + std::string(text) + "/").find("/../") == std::string::npos);
        (void)destinationWarning(text);
    }
    return 0;
}
