#include "desktop/receiving.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>
#include <QUrl>

namespace wherry::desktop {

namespace {

QString downloadFolder(const std::string& chosen) {
    if (!chosen.empty()) return QString::fromStdString(chosen);
    return QStandardPaths::writableLocation(QStandardPaths::DownloadLocation);
}

bool isIn(const QString& folder, const QString& outer) {
    return !outer.isEmpty() && (folder == outer || folder.startsWith(outer + QLatin1Char('/')));
}

} // namespace

Receiving::Receiving(EngineSession& engine, const api::LastingSettings& settings, const std::string& home,
                     QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_home(home) {
    read(settings);
    // At once: who was cut off by a crash here comes again as soon as this device listens, and is not to be sent away.
    connect(&engine, &EngineSession::started, this, &Receiving::apply);
    connect(&engine, &EngineSession::ready, this, &Receiving::apply);
}

void Receiving::setWanted(bool wanted) {
    if (wanted == m_wanted) return;
    m_wanted = wanted;
    apply();
}

QString Receiving::folderName() const {
    return folder().section(QDir::separator(), -1, -1, QString::SectionSkipEmpty);
}

QString Receiving::folder() const {
    return QDir::toNativeSeparators(shown(m_policy.folder));
}

QUrl Receiving::folderUrl() const {
    return QUrl::fromLocalFile(QString::fromStdString(m_policy.folder));
}

void Receiving::read(const api::LastingSettings& settings) {
    m_policy.accept = settings.accept;
    m_policy.conflict = settings.conflict;
    m_policy.folder = QDir(downloadFolder(settings.out)).absolutePath().toStdString();
}

void Receiving::takeUp(const api::LastingSettings& settings) {
    const api::ReceivePolicy before = m_policy;
    read(settings);
    if (before.accept != m_policy.accept || before.conflict != m_policy.conflict || before.folder != m_policy.folder)
        apply();
}

void Receiving::apply() {
    m_problem.clear();
    if (auto prepared = policyFor(QString::fromStdString(m_policy.folder), m_problem)) m_policy = std::move(*prepared);
    m_policy.enabled = m_wanted && m_problem.isEmpty();
    if (!m_policy.enabled) m_active = false;
    if (m_engine.isRunning())
        m_engine.submit(api::SetReceive{m_policy}, this, [this](const api::Event& event) { onAnswer(event); });
    emit changed();
}

/// The engine opens the folder again, by a way that no link leads astray.
std::optional<api::ReceivePolicy> Receiving::policyFor(const QString& wanted, QString& problem) const {
    problem.clear();
    QDir().mkpath(wanted);
    const QFileInfo info(wanted);
    const QString folder = info.canonicalFilePath();
    if (folder.isEmpty() || !info.isDir() || !info.isWritable()) {
        problem = tr("Nothing can be saved in %1").arg(QDir::toNativeSeparators(shown(wanted.toStdString())));
        return std::nullopt;
    }
    if (QString own = ownThingsProblem(folder); !own.isEmpty()) {
        problem = std::move(own);
        return std::nullopt;
    }
    api::ReceivePolicy policy = m_policy;
    policy.folder = folder.toStdString();
    policy.folderIsHome = folder == QFileInfo(QString::fromStdString(api::userHome())).canonicalFilePath();
    return policy;
}

QString Receiving::ownThingsProblem(const QString& folder) const {
    const QString home = QFileInfo(QString::fromStdString(api::homeFolder(m_home))).canonicalFilePath();
    if (!isIn(QFileInfo(folder).canonicalFilePath(), home)) return {};
    return tr("This is where Wherry keeps its own key and records. Choose another folder.");
}

void Receiving::onAnswer(const api::Event& event) {
    const auto* failed = std::get_if<api::RequestFailed>(&event);
    m_active = !failed && m_policy.enabled;
    if (failed) m_problem = shown(failed->error.context);
    emit changed();
}

} // namespace wherry::desktop
