#pragma once

#include "base/result.h"
#include "runtime/settings.h"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wherry::runtime {

/// Whether a running engine takes a change up.
enum class Applies : uint8_t { Live, Restart };

/// A value of a kind that no setting takes: a fraction, a date, a table; as it is shown in a message.
struct ForeignValue {
    std::string_view kind;
    bool operator==(const ForeignValue&) const = default;
};
/// A value as it was written, before its setting has judged it.
using SettingValue = std::variant<ForeignValue, bool, int64_t, std::string, std::vector<std::string>>;

/// A folder, a file and a text are all std::string in Settings, and judged differently.
struct FolderMember {
    std::string Settings::*member;
    bool isFile = false;
};
using SettingMember =
    std::variant<bool Settings::*, uint32_t Settings::*, Duration Settings::*, link::BitRate Settings::*,
                 std::string Settings::*, FolderMember, LogLevel Settings::*, Theme Settings::*,
                 quic::CongestionControl Settings::*, transfer::Accept Settings::*, transfer::Conflict Settings::*,
                 peers::DeviceKind Settings::*, relay::Access Settings::*, std::vector<codec::Multiaddr> Settings::*>;

/// One setting: file, command line, documentation and settings page read the same row.
struct SettingSpec {
    std::string_view key; ///< "limits.max_connections": table and name in the file
    SettingMember member;
    /// Inclusive. uint32_t: the number; Duration: nanoseconds; BitRate: bits per second ("off" is always allowed); text
    /// and folder: bytes; list: elements.
    uint64_t least = 0;
    uint64_t most = 0;
    Applies applies = Applies::Restart;
    std::string_view title; ///< a few words for a page that shows them all
    std::string_view help;  ///< one or two sentences
};

/// In the order of the documented file; keys of one table stand together.
std::span<const SettingSpec> settingsTable();
/// Nullptr when there is none.
const SettingSpec* findSetting(std::string_view key);
/// The key that `key` most likely means, or empty.
std::string_view closestSetting(std::string_view key);
/// What the setting takes, for people: `1 to 10000`, `"bbr" or "cubic"`.
std::string allowedText(const SettingSpec& spec);
/// The words that a setting of a few choices takes; of others none.
std::vector<std::string> choicesOf(const SettingSpec& spec);
/// As a person types it and setSetting() reads it behind `KEY=`.
std::string plainText(const SettingSpec& spec, const Settings& settings);
/// As TOML writes it.
std::string valueText(const SettingSpec& spec, const Settings& settings);
/// Checks and stores. InvalidArgument: `limits.max_connections = 0: allowed 1 to 10000`.
Result<void> setSetting(Settings& settings, const SettingSpec& spec, const SettingValue& value);
/// The same for a command line: `KEY=VALUE`, a text with or without quotation marks, a list as `A,B` or as TOML writes
/// it. An unknown key is an error with a suggestion.
Result<void> setSetting(Settings& settings, std::string_view assignment);
/// What is said about an unknown key: `limits.max_conections is not a setting; did you mean limits.max_connections?`.
Error unknownSetting(std::string_view key);

} // namespace wherry::runtime
