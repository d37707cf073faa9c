#include "base/overloaded.h"
#include "runtime/node_runner.h"

#include <sys/resource.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <deque>

using namespace wherry;
using namespace wherry::runtime;
using codec::Multiaddr;
using node::RequestId;

namespace {

/// A running node with a home of its own that listens on loopback.
struct Peer {
    explicit Peer(std::string homeIn = {},
                  std::vector<Multiaddr> listen = {*Multiaddr::parse("/ip4/127.0.0.1/udp/0/quic-v1")},
                  RuntimeConfig config = {})
        : home(homeIn.empty() ? dir.filePath("home").toStdString() : homeIn) {
        config.home = home;
        config.who = "test";
        config.listen = std::move(listen);
        config.logLevel = LogLevel::Warning;
        config.servePerf = true;
        started = runner.start(config, &context, [this](node::Event event) { events.push_back(std::move(event)); });
    }
    ~Peer() { runner.stop(); }

    /// The oldest event of that kind, removed; waits for it.
    template <typename Kind> std::optional<Kind> wait(int milliseconds = 10'000) {
        std::optional<Kind> found;
        (void)QTest::qWaitFor(
            [&] {
                for (auto at = events.begin(); at != events.end(); ++at)
                    if (auto* kind = std::get_if<Kind>(&*at)) {
                        found = std::move(*kind);
                        events.erase(at);
                        return true;
                    }
                return false;
            },
            milliseconds);
        return found;
    }
    template <typename Kind> std::optional<Kind> waitTransfer(int milliseconds = 20'000) {
        std::optional<Kind> found;
        (void)QTest::qWaitFor(
            [&] {
                for (auto at = events.begin(); at != events.end(); ++at)
                    if (auto* update = std::get_if<node::TransferUpdate>(&*at))
                        if (auto* kind = std::get_if<Kind>(&update->event)) {
                            found = std::move(*kind);
                            events.erase(at);
                            return true;
                        }
                return false;
            },
            milliseconds);
        return found;
    }

    QTemporaryDir dir;
    std::string home;
    QObject context;
    std::deque<node::Event> events;
    NodeRunner runner;
    Result<void> started = makeError(Errc::Internal);
};

node::Target targetOf(Peer& peer) {
    auto ready = peer.wait<node::Ready>();
    return ready ? node::Target{ready->self, ready->listen} : node::Target{};
}

} // namespace

class NodeRunnerTest : public QObject {
    Q_OBJECT

  private slots:
    void saysWhereItListensAndStopsCleanly() {
        Peer peer;
        QVERIFY2(peer.started.has_value(), peer.started ? "" : peer.started.error().text().c_str());
        auto ready = peer.wait<node::Ready>();
        QVERIFY(ready.has_value());
        QCOMPARE(ready->self.text(), peer.runner.names().peerId);
        QCOMPARE(ready->listen.size(), 1u);
        QVERIFY(ready->listen[0].text().starts_with("/ip4/127.0.0.1/udp/"));
        QElapsedTimer timer;
        timer.start();
        peer.runner.stop();
        QVERIFY(timer.elapsed() < 2000);
        QVERIFY(!peer.runner.running());
    }

    void oneNodePerHome() {
        Peer first;
        Peer second(first.home);
        QCOMPARE(second.started.error().code, Errc::Busy);
        QVERIFY(second.started.error().context.find("test (process") != std::string::npos);
        first.runner.stop();
        Peer third(first.home);
        QVERIFY(third.started.has_value());
    }

    void keepsItsKeyAndItsPort() {
        QTemporaryDir dir;
        std::string home = dir.filePath("home").toStdString();
        auto portOf = [](Peer& peer) { return peer.wait<node::Ready>()->listen[0].quicAddress()->port; };
        uint16_t port;
        std::string id;
        {
            Peer peer(home, {});
            QVERIFY(peer.started.has_value());
            port = portOf(peer);
            id = peer.runner.names().peerId;
        }
        Peer peer(home, {});
        QCOMPARE(portOf(peer), port);
        QCOMPARE(peer.runner.names().peerId, id);
        QCOMPARE(identityNames(home)->peerId, id);
    }

    void aListenAddressThatIsNoneIsAnErrorAndNothingIsLeftRunning() {
        Peer peer({}, {*Multiaddr::parse("/ip4/127.0.0.1/udp/1")});
        QCOMPARE(peer.started.error().code, Errc::InvalidArgument);
        QVERIFY(!peer.runner.running());
        Peer foreign(peer.home, {*Multiaddr::parse("/ip4/192.0.2.77/udp/0/quic-v1")});
        QCOMPARE(foreign.started.error().code, Errc::InvalidArgument);
    }

    void pingsOverRealSockets() {
        Peer server, client;
        auto target = targetOf(server);
        client.runner.submit(RequestId{1}, node::Ping{target, 3, std::chrono::seconds(10)});
        for (uint32_t i = 0; i < 3; ++i) {
            auto reply = client.wait<node::PingReply>();
            QVERIFY(reply.has_value());
            QCOMPARE(reply->index, i);
            QVERIFY(reply->roundTrip > Duration(0));
        }
    }

    void pingsOverTcpAndWebSocket() {
        for (const char* listen : {"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"}) {
            Peer server({}, {*Multiaddr::parse(listen)}), client({}, {*Multiaddr::parse(listen)});
            auto target = targetOf(server);
            QCOMPARE(target.addresses.size(), 1u);
            QVERIFY(target.addresses[0].transportAddress()->socket.port != 0);
            client.runner.submit(RequestId{1}, node::Ping{target, 2, std::chrono::seconds(10)});
            for (uint32_t i = 0; i < 2; ++i) QVERIFY(client.wait<node::PingReply>().has_value());
            QElapsedTimer timer;
            timer.start();
            client.runner.stop(); // the other side hears of it and hangs up too
            server.runner.stop();
            QVERIFY(timer.elapsed() < 8000);
        }
    }

    void aPortWhereNobodyListensForTcpIsReportedAtOnce() {
        Peer server({}, {*Multiaddr::parse("/ip4/127.0.0.1/tcp/0")}), client;
        auto target = targetOf(server);
        server.runner.stop();
        client.runner.submit(RequestId{1}, node::Ping{target, 1, std::chrono::milliseconds(600)});
        auto failed = client.wait<node::RequestFailed>();
        QVERIFY(failed.has_value());
        QVERIFY(failed->error.context.find("/tcp/") != std::string::npos);
    }

    void listensByQuicAndTcpUnlessItIsToldWhere() {
        Peer peer({}, {});
        const auto ready = peer.wait<node::Ready>();
        QVERIFY(ready.has_value() && ready->listen[0].quicAddress());
        QVERIFY(std::ranges::any_of(ready->listen, [](const Multiaddr& a) { return a.tcpAddress().has_value(); }));
        QVERIFY(std::ranges::none_of(ready->listen, [](const Multiaddr& a) { return a.wsAddress().has_value(); }));
    }

    void anUnreachablePeerIsReportedInTime() {
        Peer server, client;
        auto target = targetOf(server);
        server.runner.stop();
        client.runner.submit(RequestId{1}, node::Ping{target, 1, std::chrono::milliseconds(600)});
        auto failed = client.wait<node::RequestFailed>();
        QVERIFY(failed.has_value());
        QCOMPARE(failed->request, RequestId{1});
    }

    void carriesAFolderToTheOtherDisk() {
        Peer receiver, sender;
        auto target = targetOf(receiver);
        QDir in(sender.dir.path());
        QVERIFY(in.mkpath("in/sub/empty"));
        QByteArray big(3'000'000, 'b');
        for (int i = 0; i < big.size(); ++i) big[i] = char(i * 31 + i / 977);
        auto write = [&](const QString& name, const QByteArray& bytes) {
            QFile file(in.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        };
        write("in/big", big);
        write("in/nothing", {});
        for (int i = 0; i < 200; ++i) write(QStringLiteral("in/sub/%1").arg(i), QByteArray::number(i));

        transfer::ReceivePolicy policy;
        policy.enabled = true;
        policy.accept = transfer::Accept::All;
        policy.folder = receiver.dir.filePath("out").toStdString();
        receiver.runner.submit(RequestId{1}, node::SetReceive{policy});
        sender.runner.submit(RequestId{1},
                             node::SendFiles{target, {in.filePath("in").toStdString()}, std::chrono::seconds(10)});
        auto delivered = sender.waitTransfer<transfer::TransferDelivered>();
        QVERIFY(delivered.has_value());
        QCOMPARE(delivered->figures.filesTotal, 202u);
        QDir out(QString::fromStdString(policy.folder));
        auto read = [&](const QString& name) {
            QFile file(out.filePath(name));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("missing");
        };
        QCOMPARE(read("in/big"), big);
        QCOMPARE(read("in/nothing"), QByteArray());
        for (int i = 0; i < 200; ++i) QCOMPARE(read(QStringLiteral("in/sub/%1").arg(i)), QByteArray::number(i));
        QVERIFY(out.exists("in/sub/empty"));
        QCOMPARE(out.entryList({"*.part"}, QDir::Files | QDir::Hidden).size(), 0);
    }

    void stopsCleanlyInTheMiddleOfATransferWhichThenGoesOn() {
        RuntimeConfig slow; // a second for the whole: there is a middle on every machine
        slow.uploadLimit = {8 * 96'000'000};
        slow.limitLan = true;
        Peer receiver;
        Peer sender({}, {*Multiaddr::parse("/ip4/127.0.0.1/udp/0/quic-v1")}, slow);
        auto target = targetOf(receiver);
        QFile source(sender.dir.filePath("large"));
        QVERIFY(source.open(QIODevice::WriteOnly));
        QByteArray block(1 << 20, 0);
        for (int i = 0; i < 96; ++i) {
            for (qsizetype at = 0; at < block.size(); ++at) block[at] = char((at * 2654435761u + i * 40503u) >> 13);
            source.write(block);
        }
        source.close();
        transfer::ReceivePolicy policy;
        policy.enabled = true;
        policy.accept = transfer::Accept::All;
        policy.folder = receiver.dir.filePath("out").toStdString();
        receiver.runner.submit(RequestId{1}, node::SetReceive{policy});
        node::SendFiles send{target, {source.fileName().toStdString()}, std::chrono::seconds(30)};
        sender.runner.submit(RequestId{1}, send);
        QVERIFY(sender.waitTransfer<transfer::TransferProgress>().has_value());
        QElapsedTimer timer;
        timer.start();
        sender.runner.stop();
        QVERIFY(timer.elapsed() < 10'000);
        Peer again(sender.home);
        QVERIFY(again.started.has_value());
        again.runner.submit(RequestId{1}, send);
        QVERIFY(again.waitTransfer<transfer::TransferDelivered>(60'000).has_value());
        QFile arrived(receiver.dir.filePath("out/large"));
        QVERIFY(arrived.open(QIODevice::ReadOnly) && source.open(QIODevice::ReadOnly));
        QVERIFY(arrived.readAll() == source.readAll());
    }

    void aNodeThatWaitsSleeps() {
        Peer server, client;
        auto target = targetOf(server);
        server.runner.stop();
        rusage before{}, after{};
        getrusage(RUSAGE_SELF, &before);
        client.runner.submit(RequestId{1}, node::Ping{target, 1, std::chrono::seconds(2)});
        QVERIFY(client.wait<node::RequestFailed>().has_value()); // after the two seconds
        getrusage(RUSAGE_SELF, &after);
        long wakes = after.ru_nvcsw - before.ru_nvcsw;
        qInfo() << "voluntary switches, test's own event loop included:" << wakes;
        QVERIFY(wakes < 600); // the test's own loop wakes about 100 times a second
    }
};

QTEST_GUILESS_MAIN(NodeRunnerTest)
#include "node_runner_test.moc"
