#pragma once

#include <QLocalServer>
#include <QLockFile>
#include <QObject>
#include <memory>
#include <string>

namespace wherry::desktop {

/// One window per home: the first start holds a lock file in it and listens, later ones ask it to come to the front.
/// Needs the home's folder.
class SingleInstance final : public QObject {
    Q_OBJECT

  public:
    explicit SingleInstance(const std::string& home, QObject* parent = nullptr);

    /// Whether this is the first. Otherwise the first has been told, with the files that were named (absolute).
    bool isFirst(const QStringList& paths);

  signals:
    /// Somebody has started the app again.
    void called(const QStringList& paths);

  private:
    void onConnection();
    void call(const QStringList& paths) const;

    const QString m_socket;
    QLockFile m_lock;
    QLocalServer m_server;
};

} // namespace wherry::desktop
