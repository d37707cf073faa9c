#include "desktop/launch_options.h"

namespace wherry::desktop {

namespace {

/// The value of `--name VALUE` or `--name=VALUE` at `at`, which moves on; null when the word is another option.
QString valueOf(const QString& name, const QStringList& words, qsizetype& at, QString& error) {
    if (words[at].startsWith(name + QLatin1Char('='))) return words[at].mid(name.size() + 1);
    if (words[at] != name) return {};
    if (at + 1 < words.size()) return words[++at];
    error = name + QStringLiteral(" needs a value");
    return QStringLiteral("");
}

} // namespace

LaunchOptions readLaunchOptions(const QStringList& words) {
    LaunchOptions options;
    bool onlyPaths = false;
    for (qsizetype at = 0; at < words.size() && options.error.isEmpty(); ++at) {
        const QString& word = words[at];
        if (onlyPaths || !word.startsWith(QLatin1Char('-'))) {
            options.paths.append(word);
        } else if (word == QLatin1String("--")) {
            onlyPaths = true;
        } else if (word == QLatin1String("--help") || word == QLatin1String("-h")) {
            options.help = true;
        } else if (word == QLatin1String("--version")) {
            options.version = true;
        } else if (word == QLatin1String("--start-hidden")) {
            options.startHidden = true;
        } else if (word == QLatin1String("--no-mdns")) {
            options.assignments.emplace_back("network.mdns=false");
        } else if (const QString home = valueOf(QStringLiteral("--home"), words, at, options.error); !home.isNull()) {
            options.home = home.toStdString();
        } else if (const QString file = valueOf(QStringLiteral("--config"), words, at, options.error); !file.isNull()) {
            options.configFile = file.toStdString();
        } else if (const QString set = valueOf(QStringLiteral("--set"), words, at, options.error); !set.isNull()) {
            options.assignments.push_back(set.toStdString());
        } else {
            options.error = QStringLiteral("unknown option ") + word;
        }
    }
    return options;
}

QString launchHelp() {
    return QStringLiteral(
        "Usage: wherry-desktop [OPTION...] [FILE-OR-FOLDER...]\n"
        "\n"
        "The window of Wherry. Files and folders that are named are ready to be sent in it.\n"
        "It shares its engine with the command line: `wherry send` and the others of the same user and home use it.\n"
        "A second start with the same home brings the first window to the front.\n"
        "\n"
        "  --home DIR         where identity, database and settings are kept\n"
        "  --config FILE      settings; by default wherry.toml in the home, if there is one\n"
        "  --set KEY=VALUE    changes one setting for this run; may be repeated\n"
        "  --no-mdns          neither look for devices on the local network nor tell them of this one\n"
        "  --start-hidden     stay in the tray until called, where there is a tray\n"
        "  --version          print the version\n"
        "  -h, --help         print this\n");
}

api::Result<api::LastingSettings> lastingSettings(const LaunchOptions& options) {
    return api::readSettings(options.home, options.configFile, options.assignments);
}

} // namespace wherry::desktop
