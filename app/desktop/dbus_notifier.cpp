#include "desktop/dbus_notifier.h"

#include <QDBusConnectionInterface>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QVariantMap>

namespace wherry::desktop {

namespace {

const QString kService = QStringLiteral("org.freedesktop.Notifications");
const QString kPath = QStringLiteral("/org/freedesktop/Notifications");
/// What the specification calls a click on the notification itself.
const QString kDefaultAction = QStringLiteral("default");
/// Notifications whose number is remembered, the oldest of which nobody will click any more.
constexpr int kMaxShown = 100;

QDBusMessage call(const QString& method) {
    return QDBusMessage::createMethodCall(kService, kPath, kService, method);
}

QVariantMap hintsFor(Notification::Kind kind) {
    constexpr uchar kNormal = 1;
    QVariantMap hints{{QStringLiteral("desktop-entry"), QStringLiteral("wherry-desktop")},
                      {QStringLiteral("urgency"), QVariant::fromValue(kNormal)}};
    const QString category = kind == Notification::Kind::Done      ? QStringLiteral("transfer.complete")
                             : kind == Notification::Kind::Failed  ? QStringLiteral("transfer.error")
                             : kind == Notification::Kind::Message ? QStringLiteral("im.received")
                                                                   : QStringLiteral("transfer");
    hints.insert(QStringLiteral("category"), category);
    return hints;
}

} // namespace

std::unique_ptr<DbusNotifier> DbusNotifier::on(const QDBusConnection& bus) {
    if (!bus.isConnected() || !bus.interface()) return nullptr;
    const QDBusConnectionInterface& names = *bus.interface();
    if (const QDBusReply<bool> there = const_cast<QDBusConnectionInterface&>(names).isServiceRegistered(kService);
        there.value())
        return std::unique_ptr<DbusNotifier>(new DbusNotifier(bus));
    const QDBusReply<QStringList> startable = const_cast<QDBusConnectionInterface&>(names).activatableServiceNames();
    if (!startable.value().contains(kService)) return nullptr;
    return std::unique_ptr<DbusNotifier>(new DbusNotifier(bus));
}

DbusNotifier::DbusNotifier(const QDBusConnection& bus) : m_bus(bus) {
    m_bus.connect(kService, kPath, kService, QStringLiteral("ActionInvoked"), this,
                  SLOT(onActionInvoked(uint, QString)));
    m_bus.connect(kService, kPath, kService, QStringLiteral("NotificationClosed"), this,
                  SLOT(onNotificationClosed(uint, uint)));
    askForCapabilities();
}

/// Whether text of peers has to be kept from being markup is known before any of it is shown.
void DbusNotifier::askForCapabilities() {
    auto* watcher = new QDBusPendingCallWatcher(m_bus.asyncCall(call(QStringLiteral("GetCapabilities"))), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
        done->deleteLater();
        const QDBusPendingReply<QStringList> reply = *done;
        m_known = true;
        // A server that does not say is one that may take markup.
        m_markup = reply.isError() || reply.value().contains(QStringLiteral("body-markup"));
        m_actions = !reply.isError() && reply.value().contains(QStringLiteral("actions"));
        for (const Notification& one : std::exchange(m_waiting, {})) send(one);
    });
}

void DbusNotifier::show(const Notification& notification) {
    if (m_known) return send(notification);
    m_waiting.removeIf([&](const Notification& one) { return one.key == notification.key; });
    if (m_waiting.size() < kMaxShown) m_waiting.append(notification);
}

void DbusNotifier::send(const Notification& notification) {
    QStringList actions;
    if (m_actions) {
        actions << kDefaultAction << QString();
        for (const Notification::Action& action : notification.actions) actions << action.id << action.text;
    }
    constexpr int kAsTheServerLikes = -1;
    constexpr int kForever = 0;
    QDBusMessage message = call(QStringLiteral("Notify"));
    // The title is never markup, by the specification.
    message << QStringLiteral("Wherry") << m_shown.value(notification.key).id << QStringLiteral("wherry")
            << notification.title << (m_markup ? notification.body.toHtmlEscaped() : notification.body) << actions
            << hintsFor(notification.kind)
            << (notification.kind == Notification::Kind::Question ? kForever : kAsTheServerLikes);
    if (m_shown.size() >= kMaxShown) m_shown.clear();
    m_shown[notification.key].withdrawn = false;
    auto* watcher = new QDBusPendingCallWatcher(m_bus.asyncCall(message), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this,
            [this, key = notification.key](QDBusPendingCallWatcher* done) { onSent(done, key); });
}

void DbusNotifier::onSent(QDBusPendingCallWatcher* watcher, const QString& key) {
    watcher->deleteLater();
    const QDBusPendingReply<uint> reply = *watcher;
    const auto shown = m_shown.find(key);
    if (reply.isError()) {
        if (shown != m_shown.end() && shown->id == 0) m_shown.erase(shown);
        return;
    }
    if (shown == m_shown.end()) return;
    shown->id = reply.value();
    if (!shown->withdrawn) return;
    close(shown->id);
    m_shown.erase(shown);
}

void DbusNotifier::withdraw(const QString& key) {
    m_waiting.removeIf([&](const Notification& one) { return one.key == key; });
    const auto shown = m_shown.find(key);
    if (shown == m_shown.end()) return;
    if (shown->id == 0) {
        shown->withdrawn = true;
        return;
    }
    close(shown->id);
    m_shown.erase(shown);
}

void DbusNotifier::close(uint id) {
    m_bus.asyncCall(call(QStringLiteral("CloseNotification")) << id);
}

void DbusNotifier::onActionInvoked(uint id, const QString& action) {
    for (auto shown = m_shown.constBegin(); shown != m_shown.constEnd(); ++shown) {
        if (shown->id != id || id == 0) continue;
        const QString key = shown.key();
        if (action == kDefaultAction)
            emit activated(key);
        else
            emit chosen(key, action);
        return;
    }
}

void DbusNotifier::onNotificationClosed(uint id, uint) {
    m_shown.removeIf([&](const std::pair<const QString&, Shown&>& one) { return one.second.id == id && id != 0; });
}

} // namespace wherry::desktop
