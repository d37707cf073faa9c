#include "desktop/setting_words.h"

#include "desktop/display.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QLocale>
#include <QRegularExpression>
#include <algorithm>

namespace wherry::desktop {

namespace {

struct Words {
    const char* key;
    const char* text;
};

constexpr Words kGroups[] = {
    {"app", QT_TRANSLATE_NOOP("Settings", "This window")},
    {"profile", QT_TRANSLATE_NOOP("Settings", "What others see")},
    {"receive", QT_TRANSLATE_NOOP("Settings", "Receiving")},
    {"transfers", QT_TRANSLATE_NOOP("Settings", "Transfers")},
    {"history", QT_TRANSLATE_NOOP("Settings", "History")},
    {"limits", QT_TRANSLATE_NOOP("Settings", "Limits")},
    {"network", QT_TRANSLATE_NOOP("Settings", "Network")},
    {"dht", QT_TRANSLATE_NOOP("Settings", "Finding devices by their key")},
    {"relay", QT_TRANSLATE_NOOP("Settings", "Relays")},
    {"log", QT_TRANSLATE_NOOP("Settings", "For finding faults")},
};

/// `key=choice`
constexpr Words kChoices[] = {
    {"app.theme=system", QT_TRANSLATE_NOOP("Settings", "Same as the system")},
    {"app.theme=light", QT_TRANSLATE_NOOP("Settings", "Light")},
    {"app.theme=dark", QT_TRANSLATE_NOOP("Settings", "Dark")},
    {"app.theme=black", QT_TRANSLATE_NOOP("Settings", "Black")},
    {"network.congestion=bbr", QT_TRANSLATE_NOOP("Settings", "BBR")},
    {"network.congestion=cubic", QT_TRANSLATE_NOOP("Settings", "CUBIC")},
    {"relay.access=everybody", QT_TRANSLATE_NOOP("Settings", "Everybody")},
    {"relay.access=trusted", QT_TRANSLATE_NOOP("Settings", "Trusted devices")},
    {"profile.device=auto", QT_TRANSLATE_NOOP("Settings", "Same as the system")},
    {"profile.device=desktop", QT_TRANSLATE_NOOP("Settings", "Desktop")},
    {"profile.device=laptop", QT_TRANSLATE_NOOP("Settings", "Laptop")},
    {"profile.device=phone", QT_TRANSLATE_NOOP("Settings", "Phone")},
    {"profile.device=tablet", QT_TRANSLATE_NOOP("Settings", "Tablet")},
    {"profile.device=server", QT_TRANSLATE_NOOP("Settings", "Server")},
    {"receive.accept=ask", QT_TRANSLATE_NOOP("Settings", "Ask about each offer")},
    {"receive.accept=all", QT_TRANSLATE_NOOP("Settings", "Take all, from everybody")},
    {"receive.accept=trusted", QT_TRANSLATE_NOOP("Settings", "From trusted devices only")},
    {"receive.conflict=rename", QT_TRANSLATE_NOOP("Settings", "Keep both, as NAME (1)")},
    {"receive.conflict=replace", QT_TRANSLATE_NOOP("Settings", "Replace what is there")},
    {"receive.conflict=skip", QT_TRANSLATE_NOOP("Settings", "Skip what comes")},
    {"receive.conflict=fail", QT_TRANSLATE_NOOP("Settings", "Stop the transfer")},
    {"log.level=trace", QT_TRANSLATE_NOOP("Settings", "Everything")},
    {"log.level=debug", QT_TRANSLATE_NOOP("Settings", "Details")},
    {"log.level=info", QT_TRANSLATE_NOOP("Settings", "What happens")},
    {"log.level=warning", QT_TRANSLATE_NOOP("Settings", "Warnings")},
    {"log.level=error", QT_TRANSLATE_NOOP("Settings", "Errors")},
    {"log.level=off", QT_TRANSLATE_NOOP("Settings", "Nothing")},
};

QString tr(const char* text) {
    return QCoreApplication::translate("Settings", text);
}

template <size_t N> QString find(const Words (&table)[N], const QString& key) {
    const auto found = std::ranges::find_if(table, [&](const Words& one) { return key == QLatin1String(one.key); });
    return found == std::end(table) ? QString() : tr(found->text);
}

QString choiceText(const api::SettingInfo& setting, const std::string& choice) {
    const QString words = find(kChoices, QString::fromStdString(setting.key + "=" + choice));
    return words.isEmpty() ? QString::fromStdString(choice) : words;
}

/// The file's quotation marks say nothing to whoever does not write the file.
QString unquoted(const std::string& text) {
    return QString::fromStdString(text).remove(QLatin1Char('"'));
}

/// Long numbers as people of this place write them.
QString withGroups(QString text) {
    static const QRegularExpression number(QStringLiteral("\\b\\d{5,9}\\b"));
    for (auto found = number.match(text); found.hasMatch(); found = number.match(text, found.capturedEnd()))
        text.replace(found.capturedStart(), found.capturedLength(), QLocale().toString(found.captured().toUInt()));
    return text;
}

} // namespace

QStringList settingGroups() {
    QStringList groups;
    for (const Words& group : kGroups) groups.append(QLatin1String(group.key));
    for (const api::SettingInfo& setting : api::settingsTable()) {
        const QString group = QString::fromStdString(setting.key.substr(0, setting.key.find('.')));
        if (!groups.contains(group)) groups.append(group);
    }
    return groups;
}

QString settingGroupTitle(const QString& group) {
    const QString title = find(kGroups, group);
    return title.isEmpty() ? group : title;
}

QString settingTitle(const api::SettingInfo& setting) {
    return tr(setting.title.c_str());
}

/// Other settings are named by their titles, which are what the page shows.
QString settingExplanation(const api::SettingInfo& setting) {
    QString text = tr(setting.help.c_str());
    for (const api::SettingInfo& other : api::settingsTable()) {
        const QString name = QString::fromStdString(other.key.substr(other.key.find('.') + 1));
        if (name.contains(QLatin1Char('_'))) text.replace(name, QStringLiteral("“%1”").arg(settingTitle(other)));
    }
    return text;
}

QString settingAllowed(const api::SettingInfo& setting) {
    const QString text = withGroups(unquoted(setting.allowed));
    return setting.kind == api::SettingKind::Rate ? QString(text).replace(QLatin1String("off"), tr("no limit")) : text;
}

QStringList settingChoices(const api::SettingInfo& setting) {
    QStringList texts;
    for (const std::string& choice : setting.choices) texts.append(choiceText(setting, choice));
    return texts;
}

QString settingValueText(const api::SettingInfo& setting, const std::string& value) {
    switch (setting.kind) {
    case api::SettingKind::Switch:
        return value == "true" ? tr("on") : tr("off");
    case api::SettingKind::Choice:
        return choiceText(setting, value);
    default:
        return value.empty() ? tr("empty") : shown(value);
    }
}

/// "key = value: what is wrong; allowed ..." without its beginning, which stands beside it.
QString settingError(const api::SettingInfo& setting, const api::Error& error) {
    QString text = shown(error.context, 400);
    const QString mark = QStringLiteral(": ");
    if (text.startsWith(QString::fromStdString(setting.key)) && text.contains(mark))
        text = text.mid(text.lastIndexOf(mark) + mark.size());
    return capitalized(withGroups(text.remove(QLatin1Char('"'))));
}

/// "path:line:column: what is wrong", of a setting "key = value: what; allowed ...".
QString settingsFileProblem(const std::string& path, const api::Error& error) {
    QString text = shown(error.context, 1000);
    const QString file = shown(path, 4096);
    const QString name = QFileInfo(file).fileName();
    static const QRegularExpression place(QStringLiteral(":(\\d+):\\d+: "));
    const auto at = text.startsWith(file) ? place.match(text, file.size(), QRegularExpression::NormalMatch,
                                                        QRegularExpression::AnchorAtOffsetMatchOption)
                                          : QRegularExpressionMatch();
    if (!at.hasMatch()) return text;
    text = text.mid(at.capturedEnd());
    static const QRegularExpression others(QStringLiteral(" \\(and (\\d+) more errors?\\)$"));
    const auto more = others.match(text);
    if (more.hasMatch()) text.truncate(more.capturedStart());
    const QString below = more.hasMatch() ? tr(" Others are further below.") : QString();
    for (const api::SettingInfo& setting : api::settingsTable()) {
        const QString key = QString::fromStdString(setting.key) + QLatin1String(" = ");
        if (!text.startsWith(key)) continue;
        const bool quoted = text.mid(key.size()).startsWith(QLatin1Char('"'));
        const qsizetype end = text.indexOf(quoted ? QStringLiteral("\": ") : QStringLiteral(": "), key.size() + 1);
        const QString value = text.mid(key.size(), end < 0 ? -1 : end + quoted - key.size());
        return tr("“%1” is %2; allowed: %3 (line %4 of %5).")
            .arg(settingTitle(setting), value, settingAllowed(setting), at.captured(1), name) + below;
    }
    return tr("%1 (line %2 of %3)").arg(text, at.captured(1), name) + below;
}

} // namespace wherry::desktop
