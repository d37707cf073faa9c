// What a screen reader sees of one program, for tests: where everything stands that has a role and a name.
//
// Takes the place of the accessibility bus and its registry on a message bus of the test's own
// (DBUS_SESSION_BUS_ADDRESS), on which there is no other program than the one that it reads, which needs
// QT_LINUX_ACCESSIBILITY_ALWAYS_ON. Says "ready", then answers each line of its input:
//
//   tree    one line of JSON: the windows of the program, each an object with
//           role, name, description, value, states (names of those that tests ask for), at [x, y, width, height] on the
//           screen, children; null as long as no program has come
#include <QCoreApplication>
#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusInterface>
#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusReply>
#include <QDBusVirtualObject>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSocketNotifier>
#include <cstdio>
#include <iostream>
#include <string>

namespace {

constexpr int kMaxDepth = 60;     // levels of one window, far above any real one
constexpr int kMaxNodes = 20'000; // of one tree
constexpr int kCallMs = 20'000;   // a program that is busy answers at its next turn

const auto kAccessible = QStringLiteral("org.a11y.atspi.Accessible");
const auto kComponent = QStringLiteral("org.a11y.atspi.Component");
const auto kProperties = QStringLiteral("org.freedesktop.DBus.Properties");

struct Place {
    QString service;
    QDBusObjectPath path;
};

QDBusArgument& operator<<(QDBusArgument& argument, const Place& place) {
    argument.beginStructure();
    argument << place.service << place.path;
    argument.endStructure();
    return argument;
}

const QDBusArgument& operator>>(const QDBusArgument& argument, Place& place) {
    argument.beginStructure();
    argument >> place.service >> place.path;
    argument.endStructure();
    return argument;
}

struct State {
    int bit;
    const char* name;
};

/// Numbers of AtspiStateType.
constexpr State kStates[] = {{1, "active"}, {4, "checked"},   {8, "enabled"},  {11, "focusable"}, {12, "focused"},
                             {16, "modal"}, {23, "selected"}, {25, "showing"}, {30, "visible"},   {24, "sensitive"}};

/// Of a program's accessible objects, one call at a time.
class Reader {
  public:
    explicit Reader(QDBusConnection bus) : m_bus(std::move(bus)) {}

    QJsonObject read(const Place& place, int depth = 0) {
        QJsonObject node;
        ++m_nodes;
        node[QLatin1String("role")] = call(place, kAccessible, QStringLiteral("GetRoleName")).value(0).toString();
        node[QLatin1String("name")] = property(place, QStringLiteral("Name"));
        node[QLatin1String("description")] = property(place, QStringLiteral("Description"));
        node[QLatin1String("states")] = states(place);
        node[QLatin1String("at")] = extents(place);
        QJsonArray children;
        for (const Place& child : childrenOf(place))
            if (depth < kMaxDepth && m_nodes < kMaxNodes) children.append(read(child, depth + 1));
        node[QLatin1String("children")] = children;
        return node;
    }

    QList<Place> childrenOf(const Place& place) {
        const QList<QVariant> answer = call(place, kAccessible, QStringLiteral("GetChildren"));
        return answer.isEmpty() ? QList<Place>() : qdbus_cast<QList<Place>>(answer.first());
    }

  private:
    QList<QVariant> call(const Place& place, const QString& face, const QString& method,
                         const QList<QVariant>& with = {}) {
        QDBusMessage message = QDBusMessage::createMethodCall(place.service, place.path.path(), face, method);
        message.setArguments(with);
        const QDBusMessage reply = m_bus.call(message, QDBus::Block, kCallMs);
        return reply.type() == QDBusMessage::ReplyMessage ? reply.arguments() : QList<QVariant>();
    }

    QString property(const Place& place, const QString& name) {
        const QList<QVariant> answer = call(place, kProperties, QStringLiteral("Get"), {kAccessible, name});
        return answer.isEmpty() ? QString() : answer.first().value<QDBusVariant>().variant().toString();
    }

    QJsonArray states(const Place& place) {
        QJsonArray names;
        const QList<QVariant> answer = call(place, kAccessible, QStringLiteral("GetState"));
        const auto words = answer.isEmpty() ? QList<uint>() : qdbus_cast<QList<uint>>(answer.first());
        for (const State& state : kStates)
            if (words.value(state.bit / 32) >> (state.bit % 32) & 1U) names.append(QLatin1String(state.name));
        return names;
    }

    QJsonArray extents(const Place& place) {
        const QList<QVariant> answer = call(place, kComponent, QStringLiteral("GetExtents"), {0U}); // of the screen
        if (answer.isEmpty()) return {};
        QJsonArray at;
        const auto argument = answer.first().value<QDBusArgument>();
        argument.beginStructure();
        for (int i = 0; i < 4; ++i) {
            int number = 0;
            argument >> number;
            at.append(number);
        }
        argument.endStructure();
        return at;
    }

    QDBusConnection m_bus;
    int m_nodes = 0;
};

/// The bus and the registry, as far as a program needs them to show itself.
class Registry final : public QDBusVirtualObject {
  public:
    QString introspect(const QString&) const override { return {}; }

    bool handleMessage(const QDBusMessage& message, const QDBusConnection& connection) override {
        QList<QVariant> answer;
        if (message.member() == QLatin1String("GetAddress")) {
            answer = {qEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS")}; // one bus does for both
        } else if (message.member() == QLatin1String("Embed")) {
            m_program = qdbus_cast<Place>(message.arguments().value(0));
            answer = {QVariant::fromValue(
                Place{connection.baseService(), QDBusObjectPath("/org/a11y/atspi/accessible/root")})};
        } else if (message.member().startsWith(QLatin1String("NotifyListeners"))) {
            answer = {false}; // nobody takes the key away from the program
        } else if (message.member() == QLatin1String("GetRegisteredEvents")) {
            answer = {QVariant::fromValue(QList<Place>())};
        }
        connection.send(message.createReply(answer));
        return true;
    }

    QByteArray tree() const {
        if (m_program.service.isEmpty()) return "null";
        Reader reader(QDBusConnection::sessionBus());
        QJsonArray windows;
        for (const Place& window : reader.childrenOf(m_program)) windows.append(reader.read(window));
        return QJsonDocument(windows).toJson(QJsonDocument::Compact);
    }

    bool turn() const {
        if (m_program.service.isEmpty()) return false;
        return !Reader(QDBusConnection::sessionBus()).childrenOf(m_program).isEmpty();
    }

  private:
    Place m_program;
};

} // namespace

Q_DECLARE_METATYPE(Place)

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    qDBusRegisterMetaType<Place>();
    qDBusRegisterMetaType<QList<Place>>();
    QDBusConnection bus = QDBusConnection::sessionBus();
    Registry registry;
    if (!bus.registerVirtualObject(QStringLiteral("/org/a11y"), &registry, QDBusConnection::SubPath) ||
        !bus.registerService(QStringLiteral("org.a11y.Bus")) ||
        !bus.registerService(QStringLiteral("org.a11y.atspi.Registry"))) {
        std::fputs("no message bus of its own\n", stderr);
        return 1;
    }
    std::puts("ready");
    std::fflush(stdout);
    QSocketNotifier input(0, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &application, [&] {
        std::string line;
        if (!std::getline(std::cin, line)) return QCoreApplication::quit();
        std::puts(line == "turn" ? (registry.turn() ? "true" : "false") : registry.tree().constData());
        std::fflush(stdout);
    });
    return QCoreApplication::exec();
}
