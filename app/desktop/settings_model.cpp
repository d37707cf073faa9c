#include "desktop/settings_model.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/file_opener.h"
#include "desktop/setting_words.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>

namespace wherry::desktop {

namespace {

constexpr int kSettleMs = 200;

QString kindName(api::SettingKind kind) {
    switch (kind) {
    case api::SettingKind::Switch:
        return QStringLiteral("switch");
    case api::SettingKind::Number:
        return QStringLiteral("number");
    case api::SettingKind::Time:
        return QStringLiteral("duration");
    case api::SettingKind::Rate:
        return QStringLiteral("rate");
    case api::SettingKind::Choice:
        return QStringLiteral("choice");
    case api::SettingKind::Text:
        return QStringLiteral("text");
    case api::SettingKind::Folder:
        return QStringLiteral("folder");
    case api::SettingKind::Addresses:
        break;
    }
    return QStringLiteral("addresses");
}

/// "10 Mbit/s" is an amount and a unit; "off" is a unit alone.
struct Quantity {
    explicit Quantity(const std::string& text) {
        const QStringList parts = QString::fromStdString(text).split(QLatin1Char(' '));
        unit = parts.last() == QLatin1String("day") ? QStringLiteral("days") : parts.last();
        if (parts.size() > 1) amount = parts.first();
    }
    QString amount;
    QString unit;
};

QStringList unitsOf(api::SettingKind kind, const QString& present) {
    QStringList units;
    if (kind == api::SettingKind::Time) units = {"s", "min", "h", "days"};
    if (kind == api::SettingKind::Rate) units = {"off", "kbit/s", "Mbit/s", "Gbit/s"};
    if (!units.isEmpty() && !units.contains(present)) units.prepend(present);
    return units;
}

int choiceOf(const api::SettingInfo& setting, const std::string& value) {
    const auto found = std::ranges::find(setting.choices, value);
    return found == setting.choices.end() ? -1 : static_cast<int>(found - setting.choices.begin());
}

} // namespace

SettingsModel::SettingsModel(EngineSession& engine, const api::LastingSettings& now, const std::string& path,
                             QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_table(api::settingsTable()),
      m_started(now),
      m_path(path),
      m_now(now) {
    readAgain();
    m_now = now; // what the command line has said holds for this run
    m_settle.setInterval(kSettleMs);
    m_settle.setSingleShot(true);
    connect(&m_settle, &QTimer::timeout, this, &SettingsModel::readAgain);
    const auto soon = [this] { m_settle.start(); };
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, soon);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, soon);
    connect(&engine, &EngineSession::ready, this, &SettingsModel::watch); // the home is made by then
}

/// A file that is replaced is another one, which is looked for again in its folder.
void SettingsModel::watch() {
    const QFileInfo info(QString::fromStdString(m_path));
    for (const QString& path : {info.absolutePath(), info.absoluteFilePath()})
        if (QFileInfo::exists(path) && !m_watcher.files().contains(path) && !m_watcher.directories().contains(path))
            m_watcher.addPath(path);
}

// --- as a list -----------------------------------------------------------------------------------------------

int SettingsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table.size());
}

QHash<int, QByteArray> SettingsModel::roleNames() const {
    return {{KeyRole, "key"},
            {GroupRole, "group"},
            {TitleRole, "title"},
            {ExplanationRole, "explanation"},
            {KindRole, "kind"},
            {ValueRole, "value"},
            {AmountRole, "amount"},
            {UnitRole, "unit"},
            {UnitsRole, "units"},
            {ChoicesRole, "choices"},
            {ChoiceRole, "choice"},
            {AllowedRole, "allowed"},
            {DefaultRole, "defaultText"},
            {IsDefaultRole, "isDefault"},
            {LiveRole, "live"},
            {PendingRole, "pending"},
            {PassingRole, "passing"},
            {ErrorRole, "error"}};
}

QVariant SettingsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const api::SettingInfo& setting = m_table[static_cast<size_t>(index.row())];
    const std::string value = api::settingText(m_now, setting.key);
    const std::string standard = api::settingText({}, setting.key);
    switch (role) {
    case KeyRole:
        return QString::fromStdString(setting.key);
    case GroupRole:
        return QString::fromStdString(setting.key.substr(0, setting.key.find('.')));
    case Qt::DisplayRole:
    case TitleRole:
        return settingTitle(setting);
    case ExplanationRole:
        return settingExplanation(setting);
    case KindRole:
        return kindName(setting.kind);
    case ValueRole:
        return QString::fromStdString(value);
    case AmountRole:
        return Quantity(value).amount;
    case UnitRole:
        return Quantity(value).unit;
    case UnitsRole:
        return unitsOf(setting.kind, Quantity(value).unit);
    case ChoicesRole:
        return settingChoices(setting);
    case ChoiceRole:
        return choiceOf(setting, value);
    case AllowedRole:
        return settingAllowed(setting);
    case DefaultRole:
        return settingValueText(setting, standard);
    case IsDefaultRole:
        return value == standard;
    case LiveRole:
        return setting.live;
    case PendingRole:
        return !setting.live && value != api::settingText(m_started, setting.key);
    case PassingRole:
        return value != api::settingText(m_file, setting.key);
    case ErrorRole:
        return errorOf(QString::fromStdString(setting.key));
    default:
        return {};
    }
}

QStringList SettingsModel::groups() const {
    return settingGroups();
}

QString SettingsModel::groupTitle(const QString& group) const {
    return settingGroupTitle(group);
}

QString SettingsModel::file() const {
    return QDir::toNativeSeparators(shown(m_path, 4096));
}

void SettingsModel::showFile() {
    const QFileInfo info(QString::fromStdString(m_path));
    FileOpener::show({info.absoluteFilePath()}, info.absolutePath(), this, [this](bool opened) {
        if (!opened) emit failed(tr("No file manager has opened the folder of %1").arg(file()));
    });
}

bool SettingsModel::restartWanted() const {
    return std::ranges::any_of(api::changesBetween(m_started, m_now), [](const auto& change) { return !change.live; });
}

QString SettingsModel::theme() const {
    return QString::fromStdString(api::settingText(m_now, "app.theme"));
}

QString SettingsModel::errorOf(const QString& key) const {
    const auto found = m_errors.find(key.toStdString());
    return found == m_errors.end() ? QString() : found->second;
}

int SettingsModel::rowOf(const std::string& key) const {
    const auto found = std::ranges::find(m_table, key, &api::SettingInfo::key);
    return found == m_table.end() ? -1 : static_cast<int>(found - m_table.begin());
}

// --- changes -------------------------------------------------------------------------------------------------

bool SettingsModel::change(const QString& key, const QString& value) {
    const std::string name = key.toStdString();
    const int row = rowOf(name);
    if (row < 0) return false;
    api::LastingSettings wanted = m_now;
    if (const auto good = api::changeSetting(wanted, name + "=" + value.toStdString()); !good) {
        fail(name, settingError(m_table[static_cast<size_t>(row)], good.error()));
        return false;
    }
    m_errors.erase(name);
    const std::string text = api::settingText(wanted, name);
    const bool same = text == api::settingText(m_now, name) && text == api::settingText(m_file, name);
    if (const auto written = same ? api::Result<void>() : write(name, text); !written) {
        fail(name, shown(written.error().context, 400));
        return false;
    }
    emit dataChanged(index(row), index(row));
    return true;
}

bool SettingsModel::choose(const QString& key, int choice) {
    const int row = rowOf(key.toStdString());
    if (row < 0) return false;
    const auto& choices = m_table[static_cast<size_t>(row)].choices;
    if (choice < 0 || static_cast<size_t>(choice) >= choices.size()) return false;
    return change(key, QString::fromStdString(choices[static_cast<size_t>(choice)]));
}

bool SettingsModel::chooseFolder(const QString& key, const QUrl& folder) {
    return folder.isLocalFile() && change(key, folder.toLocalFile());
}

bool SettingsModel::reset(const QString& key) {
    return rowOf(key.toStdString()) >= 0 &&
           change(key, QString::fromStdString(api::settingText({}, key.toStdString())));
}

/// Into the file, and from there into what runs.
api::Result<void> SettingsModel::write(const std::string& key, const std::string& value) {
    TRY(const std::string before, api::readSettingsText(m_path));
    if (before != m_text) {
        takeUp(before);
        return api::makeError(api::Errc::SourceChanged,
                              tr("The file was changed by another program meanwhile. What it says now is shown here; "
                                 "change it again if that is still wanted.")
                                  .toStdString());
    }
    api::LastingSettings wanted = m_file;
    TRY_OK(api::changeSetting(wanted, key + "=" + value));
    TRY(const std::string after, api::editSettings(before, wanted, key));
    TRY_OK(api::replaceSettingsText(m_path, before, after));
    m_file = wanted;
    TRY_OK(api::changeSetting(m_now, key + "=" + value));
    takeUp(after);
    apply();
    return {};
}

void SettingsModel::readAgain() {
    const auto text = api::readSettingsText(m_path);
    watch();
    if (!text) return setProblem(shown(text.error().context, 1000));
    if (*text != m_text) takeUp(*text);
}

/// What differs from what the file said before is taken up; what the command line says for this run stays otherwise.
void SettingsModel::takeUp(const std::string& text) {
    m_text = text;
    const auto read = api::parseSettings(text, m_path);
    setProblem(read ? QString() : settingsFileProblem(m_path, read.error()));
    if (!read) return;
    const auto changes = api::changesBetween(m_file, *read);
    m_file = *read;
    if (changes.empty()) return;
    for (const api::SettingChange& change : changes)
        (void)api::changeSetting(m_now, change.key + "=" + api::settingText(m_file, change.key));
    m_errors.clear();
    apply();
}

void SettingsModel::apply() {
    m_engine.reconfigure(m_now);
    emit dataChanged(index(0), index(count() - 1));
    emit changed();
}

void SettingsModel::setProblem(const QString& problem) {
    if (problem == m_problem) return;
    m_problem = problem;
    emit problemChanged();
}

void SettingsModel::fail(const std::string& key, const QString& why) {
    m_errors[key] = why;
    const QModelIndex row = index(rowOf(key));
    emit dataChanged(row, row, {ErrorRole});
}

} // namespace wherry::desktop
