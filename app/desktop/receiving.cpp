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

Receiving::Receiving(EngineSession& engine, const api::LastingSettings& settings, const std::string& home, QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_home(home) {
    m_policy.accept = settings.accept;
    m_policy.conflict = settings.conflict;
    m_policy.folder = QDir(downloadFolder(settings.out)).absolutePath().toStdString();
    connect(&engine, &EngineSession::ready, this, &Receiving::apply);
}

void Receiving::setWanted(bool wanted) {
    if (wanted == m_wanted) return;
    m_wanted = wanted;
    apply();
}

QString Receiving::folder() const {
    return QDir::toNativeSeparators(shown(m_policy.folder));
}

QUrl Receiving::folderUrl() const {
    return QUrl::fromLocalFile(QString::fromStdString(m_policy.folder));
}

void Receiving::setFolder(const QUrl& folder) {
    if (!folder.isLocalFile()) return;
    m_policy.folder = folder.toLocalFile().toStdString();
    apply();
}

void Receiving::apply() {
    m_problem.clear();
    m_policy.enabled = m_wanted && prepareFolder();
    if (!m_policy.enabled) m_active = false;
    if (m_engine.isReady())
        m_engine.submit(api::SetReceive{m_policy}, this, [this](const api::Event& event) { onAnswer(event); });
    emit changed();
}

/// Makes it when it is not there; the engine opens it again, by a way that no link leads astray.
bool Receiving::prepareFolder() {
    const QString wanted = QString::fromStdString(m_policy.folder);
    QDir().mkpath(wanted);
    const QFileInfo info(wanted);
    const QString folder = info.canonicalFilePath();
    if (folder.isEmpty() || !info.isDir() || !info.isWritable()) {
        m_problem = tr("Nothing can be saved in %1").arg(QDir::toNativeSeparators(shown(m_policy.folder)));
        return false;
    }
    if (isIn(folder, QFileInfo(QString::fromStdString(api::homeFolder(m_home))).canonicalFilePath())) {
        m_problem = tr("This is where Wherry keeps its own key and records. Choose another folder.");
        return false;
    }
    m_policy.folder = folder.toStdString();
    m_policy.folderIsHome = folder == QFileInfo(QString::fromStdString(api::userHome())).canonicalFilePath();
    return true;
}

void Receiving::onAnswer(const api::Event& event) {
    const auto* failed = std::get_if<api::RequestFailed>(&event);
    m_active = !failed && m_policy.enabled;
    if (failed) m_problem = shown(failed->error.context);
    emit changed();
}

} // namespace wherry::desktop
