#pragma once

#include "desktop/notifier.h"

#include <QDBusConnection>
#include <QHash>
#include <memory>

class QDBusPendingCallWatcher;

namespace wherry::desktop {

/// org.freedesktop.Notifications (the Desktop Notifications Specification 1.2), with actions where the server has them.
/// Nothing ever waits for the bus.
class DbusNotifier final : public Notifier {
    Q_OBJECT

  public:
    /// nullptr: this system has no bus, or nothing on it that could show a notification.
    static std::unique_ptr<DbusNotifier> on(const QDBusConnection& bus);

    void show(const Notification& notification) override;
    void withdraw(const QString& key) override;

  private slots:
    void onActionInvoked(uint id, const QString& action);
    void onNotificationClosed(uint id, uint reason);

  private:
    explicit DbusNotifier(const QDBusConnection& bus);
    void askForCapabilities();
    void send(const Notification& notification);
    void onSent(QDBusPendingCallWatcher* watcher, const QString& key);
    void close(uint id);

    /// A notification on its way to the screen, or on it.
    struct Shown {
        uint id = 0;            ///< 0: the server has not said
        bool withdrawn = false; ///< before it did
    };

    QDBusConnection m_bus;
    bool m_known = false; ///< what the server can do
    bool m_markup = false;
    bool m_actions = false;
    QList<Notification> m_waiting; ///< for that
    QHash<QString, Shown> m_shown;
};

} // namespace wherry::desktop
