#include "desktop/single_instance.h"

#include "api/settings.h"

#include <QCryptographicHash>
#include <QDataStream>
#include <QDir>
#include <QFileInfo>
#include <QLocalSocket>
#include <QStandardPaths>

namespace wherry::desktop {

namespace {

/// Bytes of a path that every system takes as the name of a socket, less what Qt adds while it makes one.
constexpr qsizetype kMaxSocketPath = 90;
/// The first window may be busy; it answers at its next turn.
constexpr int kConnectMs = 5000;
/// Bytes of a call: some thousand paths.
constexpr qint64 kMaxCall = 1024 * 1024;

QString folderOf(const std::string& home) {
    const QString given = QString::fromStdString(api::homeFolder(home));
    const QString canonical = QFileInfo(given).canonicalFilePath();
    return canonical.isEmpty() ? QDir(given).absolutePath() : canonical;
}

QString socketOf(const QString& folder) {
    const QString path = folder + QStringLiteral("/window.sock");
    if (path.toUtf8().size() <= kMaxSocketPath) return path;
    const QByteArray hash = QCryptographicHash::hash(folder.toUtf8(), QCryptographicHash::Sha256).toHex().left(32);
    return QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation) + QStringLiteral("/wherry-window-") +
           QString::fromLatin1(hash);
}

} // namespace

SingleInstance::SingleInstance(const std::string& home, QObject* parent)
    : QObject(parent),
      m_socket(socketOf(folderOf(home))),
      m_lock(folderOf(home) + QStringLiteral("/window.lock")) {
    m_lock.setStaleLockTime(0); // however long it runs; one whose process has died counts as left over all the same
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &SingleInstance::onConnection);
}

bool SingleInstance::isFirst(const QStringList& paths) {
    if (!m_lock.tryLock()) {
        call(paths);
        return false;
    }
    QLocalServer::removeServer(m_socket);
    m_server.listen(m_socket);
    return true;
}

void SingleInstance::call(const QStringList& paths) const {
    QLocalSocket socket;
    socket.connectToServer(m_socket);
    if (!socket.waitForConnected(kConnectMs)) return;
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    stream << paths;
    socket.write(bytes);
    socket.disconnectFromServer();
    if (socket.state() != QLocalSocket::UnconnectedState) socket.waitForDisconnected(kConnectMs);
}

void SingleInstance::onConnection() {
    while (QLocalSocket* socket = m_server.nextPendingConnection()) {
        connect(socket, &QLocalSocket::disconnected, this, [this, socket] {
            QStringList paths;
            QDataStream stream(socket->read(kMaxCall));
            stream >> paths;
            socket->deleteLater();
            emit called(stream.status() == QDataStream::Ok ? paths : QStringList());
        });
        if (socket->state() == QLocalSocket::UnconnectedState) emit socket->disconnected();
    }
}

} // namespace wherry::desktop
