#include "desktop/dbus_notifier.h"

#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QProcess>
#include <QtTest>

using namespace wherry::desktop;

static constexpr int kPatienceMs = 120'000;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// A bus of this test alone.
class PrivateBus {
  public:
    PrivateBus() {
        m_daemon.start("dbus-daemon", {"--session", "--nofork", "--print-address"});
        while (m_daemon.waitForReadyRead(kPatienceMs) && !m_daemon.canReadLine()) {
        }
        m_address = QString::fromUtf8(m_daemon.readLine()).trimmed();
    }
    ~PrivateBus() {
        for (const QString& name : std::as_const(m_names)) QDBusConnection::disconnectFromBus(name);
        m_daemon.terminate();
        m_daemon.waitForFinished(kPatienceMs);
    }
    QDBusConnection connect(const QString& name) {
        m_names.append(name);
        return QDBusConnection::connectToBus(m_address, name);
    }

  private:
    QProcess m_daemon;
    QString m_address;
    QStringList m_names;
};

/// A notification server as the specification has it.
class FakeServer : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")

  public:
    struct Shown {
        uint id;
        uint replaces;
        QString title;
        QString body;
        QStringList actions;
        QVariantMap hints;
        int timeout;
    };
    QStringList capabilities{"actions", "body"};
    QList<Shown> shown;
    QList<uint> closed;

    bool join(QDBusConnection bus) {
        return bus.registerObject("/org/freedesktop/Notifications", this,
                                  QDBusConnection::ExportAllSlots | QDBusConnection::ExportAllSignals) &&
               bus.registerService("org.freedesktop.Notifications");
    }

  public slots:
    QStringList GetCapabilities() { return capabilities; }
    uint Notify(const QString&, uint replaces, const QString&, const QString& title, const QString& body,
                const QStringList& actions, const QVariantMap& hints, int timeout) {
        const uint id = replaces > 0 ? replaces : ++m_last;
        shown.append({id, replaces, title, body, actions, hints, timeout});
        return id;
    }
    void CloseNotification(uint id) { closed.append(id); }

  signals:
    void ActionInvoked(uint id, const QString& action);
    void NotificationClosed(uint id, uint reason);

  private:
    uint m_last = 6;
};

/// Notifications over D-Bus, to a server on a bus of the test's own.
class DbusNotifierTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        bus = std::make_unique<PrivateBus>();
        server = std::make_unique<FakeServer>();
    }
    void cleanup() {
        notifier.reset();
        server.reset();
        bus.reset();
    }

    void whereNothingShowsNotificationsThereIsNone() {
        QVERIFY(bus->connect("alone").isConnected());
        QVERIFY(!DbusNotifier::on(bus->connect("us")));
        QVERIFY(!DbusNotifier::on(QDBusConnection("no such bus")));
    }

    void itIsShownWithItsActionsAndWhatIsChosenIsTold() {
        QVERIFY(begin());
        QSignalSpy chosen(notifier.get(), &Notifier::chosen);
        QSignalSpy activated(notifier.get(), &Notifier::activated);
        notifier->show(question("offer-1"));
        WAIT_FOR(server->shown.size() == 1);
        const FakeServer::Shown shown = server->shown.constFirst();
        QCOMPARE(shown.title, QString("Anna wants to send"));
        QCOMPARE(shown.actions, (QStringList{"default", "", "accept", "Accept…", "decline", "Decline"}));
        QCOMPARE(shown.timeout, 0); // a question stays
        QCOMPARE(shown.hints.value("category").toString(), QString("transfer"));
        QVERIFY(acknowledged());
        emit server->ActionInvoked(shown.id, "decline");
        WAIT_FOR(chosen.count() == 1);
        QCOMPARE(chosen.constFirst(), (QVariantList{"offer-1", "decline"}));
        emit server->ActionInvoked(shown.id, "default");
        WAIT_FOR(activated.count() == 1);
        emit server->ActionInvoked(shown.id + 100, "decline"); // of another program
        emit server->NotificationClosed(shown.id, 2);
        emit server->ActionInvoked(shown.id, "decline"); // it is closed
        QVERIFY(acknowledged());
        QCOMPARE(chosen.count(), 1);
    }

    void textOfPeersIsNeverMarkup() {
        for (const bool markup : {true, false}) {
            cleanup();
            init();
            if (markup) server->capabilities.append("body-markup");
            QVERIFY(begin());
            Notification one = question("offer-1");
            one.body = "<a href=\"http://x\">&amp;</a>";
            notifier->show(one);
            WAIT_FOR(server->shown.size() == 1);
            QCOMPARE(server->shown.constFirst().body,
                     markup ? QString("&lt;a href=&quot;http://x&quot;&gt;&amp;amp;&lt;/a&gt;") : one.body);
        }
    }

    void aServerWithoutActionsGetsNone() {
        server->capabilities = {"body"};
        QVERIFY(begin());
        notifier->show(question("offer-1"));
        WAIT_FOR(server->shown.size() == 1);
        QVERIFY(server->shown.constFirst().actions.isEmpty());
    }

    void aLaterOneOfTheSameKeyTakesItsPlaceAndAWithdrawnOneIsClosed() {
        QVERIFY(begin());
        notifier->show(question("text"));
        WAIT_FOR(server->shown.size() == 1);
        QVERIFY(acknowledged());
        notifier->show(question("text"));
        WAIT_FOR(server->shown.size() == 2);
        QCOMPARE(server->shown[1].replaces, server->shown[0].id);
        QVERIFY(acknowledged());
        notifier->withdraw("text");
        WAIT_FOR(server->closed.size() == 1);
        QCOMPARE(server->closed.constFirst(), server->shown[0].id);
        notifier->show(question("gone at once"));
        notifier->withdraw("gone at once"); // before the server has given it a number
        WAIT_FOR(server->closed.size() == 2);
        QCOMPARE(server->closed.constLast(), server->shown.constLast().id);
        notifier->withdraw("never shown");
    }

  private:
    static Notification question(const QString& key) {
        return {key,
                Notification::Kind::Question,
                "Anna wants to send",
                "photos",
                {{"accept", "Accept…"}, {"decline", "Decline"}}};
    }
    bool begin() {
        if (!server->join(bus->connect("server"))) return false;
        notifier = DbusNotifier::on(bus->connect("us"));
        return notifier != nullptr;
    }
    /// What was on its way between us and the server has arrived: a call of ours has come back, and its answer with it.
    bool acknowledged() {
        const size_t calls = 3;
        for (size_t i = 0; i < calls; ++i) {
            QDBusMessage ping =
                QDBusMessage::createMethodCall("org.freedesktop.Notifications", "/org/freedesktop/Notifications",
                                               "org.freedesktop.Notifications", "GetCapabilities");
            QDBusPendingCall call = QDBusConnection("us").asyncCall(ping);
            if (!QTest::qWaitFor([&] { return call.isFinished(); }, kPatienceMs)) return false;
            QCoreApplication::processEvents();
        }
        return true;
    }

    std::unique_ptr<PrivateBus> bus;
    std::unique_ptr<FakeServer> server;
    std::unique_ptr<DbusNotifier> notifier;
};

QTEST_GUILESS_MAIN(DbusNotifierTest)
#include "dbus_notifier_test.moc"
