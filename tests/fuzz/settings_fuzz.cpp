#include "base/assert.h"
#include "base/bytes.h"
#include "runtime/settings_file.h"
#include "runtime/settings_table.h"

using namespace wherry;
using namespace wherry::runtime;

namespace {

/// A line of a terminal and of a log: nothing in it that commands either.
bool isHarmless(const std::string& text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
    return true;
}

} // namespace

/// Whatever a settings file or a command line holds: what is taken writes itself out and reads the same again, and a
/// refusal shows nothing raw.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text = asText({data, size});
    if (const auto settings = parseSettings(text, "f")) {
        std::string written;
        for (const SettingSpec& spec : settingsTable())
            written += std::string(spec.key) + " = " + valueText(spec, *settings) + "\n";
        const auto again = parseSettings(written, "f");
        ASSERT(again.has_value() && *again == *settings);
    }
    Settings settings;
    if (const auto set = setSetting(settings, text); !set) ASSERT(isHarmless(set.error().context));
    return 0;
}
