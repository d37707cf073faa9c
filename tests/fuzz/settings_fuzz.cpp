#include "base/assert.h"
#include "base/bytes.h"
#include "runtime/settings_edit.h"
#include "runtime/settings_file.h"
#include "runtime/settings_table.h"
#include "runtime/settings_toml.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::runtime;

namespace {

/// A line of a terminal and of a log: nothing in it that commands either.
bool isHarmless(const std::string& text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
    return true;
}

/// One key of a file that a person has written, in whichever way; which one, the file itself says.
void edit(std::string_view text) {
    const auto table = settingsTable();
    const SettingSpec& spec = table[text.size() % table.size()];
    const auto edited = editSettings(text, spec, valueText(spec, Settings{}));
    if (!edited) return;
    const auto entries = parseToml(*edited);
    ASSERT(entries.has_value());
    const auto keyOf = [&](const TomlEntry& entry) { return entry.key == spec.key; };
    ASSERT(std::ranges::count_if(*entries, keyOf) == 1);
    const auto without = editSettings(*edited, spec, {});
    ASSERT(!without || parseToml(*without).has_value());
}

} // namespace

/// Whatever a settings file or a command line holds: what is taken writes itself out and reads the same again, and a
/// refusal shows nothing raw; what is changed in a file is all that is changed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text = asText({data, size});
    if (const auto settings = parseSettings(text, "f")) {
        std::string written;
        for (const SettingSpec& spec : settingsTable())
            written += std::string(spec.key) + " = " + valueText(spec, *settings) + "\n";
        const auto again = parseSettings(written, "f");
        ASSERT(again.has_value() && *again == *settings);
    }
    edit(text);
    Settings settings;
    if (const auto set = setSetting(settings, text); !set) ASSERT(isHarmless(set.error().context));
    return 0;
}
