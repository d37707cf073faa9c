#include "runtime/settings_file.h"

#include "runtime/rooted_dir.h"
#include "runtime/runtime_limits.h"
#include "runtime/settings_toml.h"

#include <QSaveFile>
#include <algorithm>
#include <optional>

namespace wherry::runtime {

namespace {

/// Columns of the explanations in the documented file.
constexpr size_t kCommentWidth = 100;

Result<void> apply(Settings& settings, const TomlEntry& entry) {
    const SettingSpec* spec = findSetting(entry.key);
    if (spec) return setSetting(settings, *spec, entry.value);
    const auto isTable = [&](const SettingSpec& one) { return one.key.starts_with(entry.key + "."); };
    const auto* foreign = std::get_if<ForeignValue>(&entry.value);
    if (foreign && foreign->kind == kTableKind && std::ranges::any_of(settingsTable(), isTable)) return {};
    return unknownSetting(entry.key);
}

/// Nothing: there is no such file.
Result<std::optional<std::string>> textOf(const std::string& path, WhenMissing missing) {
    const auto file = openRootFile(path);
    if (!file && file.error().code == Errc::NotFound && missing == WhenMissing::Defaults)
        return std::optional<std::string>();
    if (!file) return file.error().within("settings");
    // One byte more than allowed shows that there is more, also when the size lies.
    Bytes bytes(kMaxSettingsFile + 1);
    TRY(const size_t count, file->readAt(0, bytes));
    return std::optional(std::string(reinterpret_cast<const char*>(bytes.data()), count));
}

/// Breaks text into comment lines.
void appendComment(std::string& out, std::string_view text) {
    while (!text.empty()) {
        size_t end = text.size();
        if (end > kCommentWidth) end = text.rfind(' ', kCommentWidth);
        if (end == std::string_view::npos) end = text.size();
        out += "# " + std::string(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

} // namespace

std::string defaultSettingsPath(const std::string& home) {
    return home + "/wherry.toml";
}

Result<Settings> parseSettings(std::string_view text, std::string_view name) {
    auto entries = parseToml(text);
    if (!entries) return makeError(entries.error().code, std::string(name) + ":" + entries.error().context);
    Settings settings;
    std::string first;
    size_t more = 0;
    for (const TomlEntry& entry : *entries) {
        const auto applied = apply(settings, entry);
        if (applied) continue;
        if (!first.empty()) {
            ++more;
            continue;
        }
        first = std::string(name) + ":" + std::to_string(entry.line) + ":" + std::to_string(entry.column) + ": " +
                applied.error().context;
    }
    if (first.empty()) return settings;
    if (more > 0) first += " (and " + std::to_string(more) + (more == 1 ? " more error)" : " more errors)");
    return makeError(Errc::InvalidArgument, std::move(first));
}

Result<Settings> readSettings(const std::string& path, WhenMissing missing) {
    TRY(const auto text, textOf(path, missing));
    return text ? parseSettings(*text, path) : Settings{};
}

Result<std::string> readSettingsText(const std::string& path) {
    TRY(auto text, textOf(path, WhenMissing::Defaults));
    if (!text) return std::string();
    if (text->size() > kMaxSettingsFile) return makeError(Errc::TooLarge, path + ": too long for a settings file");
    return std::move(*text);
}

Result<void> replaceSettingsText(const std::string& path, std::string_view before, std::string_view after) {
    const auto failed = [&](const QSaveFile& file) {
        const bool denied = file.error() == QFileDevice::PermissionsError || file.error() == QFileDevice::OpenError;
        return makeError(denied ? Errc::PermissionDenied : Errc::Io,
                         path + " cannot be written: " + file.errorString().toStdString());
    };
    QSaveFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::WriteOnly)) return failed(file);
    const auto size = static_cast<qint64>(after.size());
    if (file.write(after.data(), size) != size) return failed(file);
    TRY(const std::string now, readSettingsText(path)); // as late as can be
    if (now != before) return makeError(Errc::SourceChanged, path + " was changed by another program meanwhile");
    if (!file.commit()) return failed(file);
    return {};
}

std::string documentedSettings() {
    std::string out;
    appendComment(out,
                  "Settings of Wherry. The program reads HOME/wherry.toml (HOME: see `wherry --help`, --home) or the "
                  "file named by --config; options of the command line beat it.");
    appendComment(out,
                  "Every setting stands here at its default. To change one, remove the # before it. Those marked live "
                  "can be changed while the program runs; the others take a restart.");
    const Settings defaults;
    std::string_view table;
    for (const SettingSpec& spec : settingsTable()) {
        const size_t dot = spec.key.find('.');
        if (spec.key.substr(0, dot) != table) {
            table = spec.key.substr(0, dot);
            out += "\n[" + std::string(table) + "]\n";
        }
        out += "\n";
        appendComment(out, std::string(spec.title) + ". " + std::string(spec.help));
        appendComment(out, "Allowed: " + allowedText(spec) + "." + (spec.applies == Applies::Live ? " Live." : ""));
        out += "#" + std::string(spec.key.substr(dot + 1)) + " = " + valueText(spec, defaults) + "\n";
    }
    return out;
}

std::vector<SettingChange> changesBetween(const Settings& before, const Settings& after) {
    std::vector<SettingChange> changes;
    for (const SettingSpec& spec : settingsTable()) {
        std::string old = valueText(spec, before);
        std::string now = valueText(spec, after);
        if (old != now) changes.push_back({&spec, std::move(old), std::move(now)});
    }
    return changes;
}

} // namespace wherry::runtime
