// Speaks as the network service of a Linux desktop on a message bus of the test's own (DBUS_SYSTEM_BUS_ADDRESS), with the
// part of its interface that says whether the network is metered:
// https://networkmanager.dev/docs/api/latest/gdbus-org.freedesktop.NetworkManager.html
// Prints "ready"; then each line "yes" or "no" on standard input is what it says from then on.
#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QSocketNotifier>
#include <QTextStream>
#include <QVariantMap>

namespace {

constexpr const char* kService = "org.freedesktop.NetworkManager";
constexpr const char* kPath = "/org/freedesktop/NetworkManager";
constexpr const char* kConnectionPath = "/org/freedesktop/NetworkManager/ActiveConnection/1";
constexpr const char* kDevicePath = "/org/freedesktop/NetworkManager/Devices/1";
constexpr unsigned kModem = 8; // NM_DEVICE_TYPE_MODEM
constexpr unsigned kConnectedGlobal = 70; // NM_STATE_CONNECTED_GLOBAL
constexpr unsigned kFullConnectivity = 4; // NM_CONNECTIVITY_FULL
constexpr unsigned kMeteredYes = 1;
constexpr unsigned kMeteredNo = 2;

} // namespace

/// The connection that the default route goes over, and its device.
class Connection : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.NetworkManager.Connection.Active")
    Q_PROPERTY(QList<QDBusObjectPath> Devices READ devices)

  public:
    QList<QDBusObjectPath> devices() const { return {QDBusObjectPath(QString::fromLatin1(kDevicePath))}; }
};

class Device : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.NetworkManager.Device")
    Q_PROPERTY(unsigned DeviceType READ deviceType)
    Q_PROPERTY(unsigned Metered MEMBER metered)

  public:
    unsigned deviceType() const { return kModem; }
    unsigned metered = kMeteredNo;
};

class Service : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.NetworkManager")
    Q_PROPERTY(unsigned State READ state)
    Q_PROPERTY(unsigned Connectivity READ connectivity)
    Q_PROPERTY(unsigned Metered READ metered)
    Q_PROPERTY(QDBusObjectPath PrimaryConnection READ primaryConnection)

  public:
    unsigned state() const { return kConnectedGlobal; }
    unsigned connectivity() const { return kFullConnectivity; }
    unsigned metered() const { return device.metered; }
    QDBusObjectPath primaryConnection() const { return QDBusObjectPath(QString::fromLatin1(kConnectionPath)); }

    void say(unsigned metered) {
        device.metered = metered;
        auto changed =
            QDBusMessage::createSignal(QString::fromLatin1(kPath), QStringLiteral("org.freedesktop.DBus.Properties"),
                                       QStringLiteral("PropertiesChanged"));
        changed << QString::fromLatin1(kService) << QVariantMap{{QStringLiteral("Metered"), metered}} << QStringList();
        QDBusConnection::systemBus().send(changed);
    }

    Device device;
    Connection connection;
};

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    Service service;
    auto bus = QDBusConnection::systemBus();
    QTextStream out(stdout), in(stdin);
    const auto serve = [&](const char* path, QObject& object) {
        return bus.registerObject(QString::fromLatin1(path), &object, QDBusConnection::ExportAllProperties);
    };
    if (!serve(kPath, service) || !serve(kConnectionPath, service.connection) ||
        !serve(kDevicePath, service.device) || !bus.registerService(QString::fromLatin1(kService))) {
        out << bus.lastError().message() << Qt::endl;
        return 1;
    }
    QSocketNotifier readable(0, QSocketNotifier::Read);
    QObject::connect(&readable, &QSocketNotifier::activated, &app, [&] {
        const QString line = in.readLine();
        if (line.isNull()) return app.quit();
        service.say(line == QStringLiteral("yes") ? kMeteredYes : kMeteredNo);
    });
    out << "ready" << Qt::endl;
    return QCoreApplication::exec();
}

#include "metered_system.moc"
