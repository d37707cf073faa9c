#include "crypto/web_tls.h"
#include "runtime/clock.h"
#include "runtime/node_runner.h"
#include "runtime/web_certificates.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <deque>

using namespace wherry;
using namespace wherry::runtime;
using codec::Multiaddr;

namespace {

/// What fails is tried for so long; where it is to work in the end, again and again.
constexpr Duration kTry = std::chrono::seconds(1);

std::string pathOf(const char* name) {
    return std::string(WHERRY_TEST_DATA "/web/") + name;
}

/// As whoever renews a certificate does: the whole at once.
void put(const std::string& path, const std::string& content) {
    const QString target = QString::fromStdString(path), fresh = target + ".new";
    QFile file(fresh);
    if (!file.open(QIODevice::WriteOnly) ||
        file.write(content.data(), qint64(content.size())) != qint64(content.size()))
        qFatal("cannot write");
    file.close();
    QFile::remove(target);
    if (!QFile::rename(fresh, target)) qFatal("cannot rename");
}

struct Peer {
    explicit Peer(RuntimeConfig configIn) : config(std::move(configIn)) {
        config.home = dir.filePath("home").toStdString();
        config.who = "test";
        started = runner.start(config, &context, [this](node::Event event) { events.push_back(std::move(event)); });
    }
    ~Peer() { runner.stop(); }

    template <typename Kind> std::optional<Kind> wait() {
        std::optional<Kind> found;
        (void)QTest::qWaitFor([&] { return (found = take<Kind>()).has_value(); }, 60'000);
        return found;
    }
    /// The oldest event of that kind, removed.
    template <typename Kind> std::optional<Kind> take() {
        for (auto at = events.begin(); at != events.end(); ++at)
            if (auto* kind = std::get_if<Kind>(&*at)) {
                Kind found = std::move(*kind);
                events.erase(at);
                return found;
            }
        return std::nullopt;
    }
    /// Whether the other one answers a ping within `wait`, by a secure WebSocket.
    bool reaches(const node::Target& target, Duration wait = std::chrono::seconds(50)) {
        runner.submit(node::RequestId{++requests}, node::Ping{target, 1, wait});
        std::optional<node::PingReply> reply;
        std::optional<node::RequestFailed> failed;
        (void)QTest::qWaitFor(
            [&] {
                reply = take<node::PingReply>();
                failed = take<node::RequestFailed>();
                return reply || failed;
            },
            60'000);
        return reply.has_value();
    }

    QTemporaryDir dir;
    RuntimeConfig config;
    QObject context;
    std::deque<node::Event> events;
    NodeRunner runner;
    Result<void> started = makeError(Errc::Internal);
    uint64_t requests = 0;
};

RuntimeConfig listening(const std::string& certificate, const std::string& key) {
    RuntimeConfig config;
    config.listen = {*Multiaddr::parse("/ip4/127.0.0.1/tcp/0/tls/ws")};
    config.webCertificate = certificate;
    config.webCertificateKey = key;
    config.logLevel = LogLevel::Error;
    return config;
}
RuntimeConfig trusting(const std::string& certificates) {
    RuntimeConfig config;
    config.listen = {*Multiaddr::parse("/ip4/127.0.0.1/tcp/0")};
    config.webTrusted = certificates;
    config.logLevel = LogLevel::Error;
    return config;
}
node::Target targetOf(Peer& peer) {
    auto ready = peer.wait<node::Ready>();
    return ready ? node::Target{ready->self, ready->listen} : node::Target{};
}

} // namespace

class WebCertificatesTest : public QObject {
    Q_OBJECT

  private slots:
    void aNodeIsCalledByTheFirstNameThatNamesOneHost() {
        QFile chain(QString::fromStdString(pathOf("server.pem"))),
            key(QString::fromStdString(pathOf("server.key.pem")));
        QVERIFY(chain.open(QIODevice::ReadOnly) && key.open(QIODevice::ReadOnly));
        const auto served =
            crypto::WebCertificate::fromPem(chain.readAll().toStdString(), key.readAll().toStdString()).value();
        QCOMPARE(served->dnsNames().at(0), std::string("node.example.org"));
        QCOMPARE(nameIn(*served), std::string("node.example.org"));
        const auto local = crypto::WebCertificate::forLocalhost(readClocks().wall).value();
        QCOMPARE(local->dnsNames(), std::vector<std::string>{"localhost"});
        QCOMPARE(nameIn(*local), std::string());
    }

    void aNodeTellsTheNameInItsCertificate() {
        Peer peer(listening(pathOf("server.pem"), pathOf("server.key.pem")));
        QVERIFY2(peer.started.has_value(), peer.started ? "" : peer.started.error().text().c_str());
        const auto target = targetOf(peer);
        QCOMPARE(target.addresses.size(), size_t(1));
        QCOMPARE(target.addresses[0].wssTarget()->serverName, std::string("node.example.org"));
    }

    void aRenewedCertificateTakesNoNewStart() {
        QTemporaryDir dir;
        const std::string shown = dir.filePath("shown.pem").toStdString(),
                          mine = dir.filePath("mine.pem").toStdString();
        const std::string first = crypto::makeLocalhostPem(readClocks().wall).value();
        const std::string second = crypto::makeLocalhostPem(readClocks().wall).value();
        put(shown, first);
        Peer server(listening(shown, shown));
        QVERIFY2(server.started.has_value(), server.started ? "" : server.started.error().text().c_str());
        const auto target = targetOf(server);
        put(mine, first);
        Peer before(trusting(mine));
        QVERIFY(before.reaches(target));

        put(shown, "rubbish");
        server.runner.readCertificates(server.config);
        const auto warning = server.wait<node::Warning>();
        QVERIFY(warning.has_value());
        QVERIFY2(warning->error.context.find("network.certificate") != std::string::npos,
                 warning->error.text().c_str());
        QVERIFY(Peer(trusting(mine)).reaches(target)); // that of before is still shown

        put(shown, second);
        server.runner.readCertificates(server.config);
        put(mine, second);
        Peer after(trusting(mine));
        QVERIFY(QTest::qWaitFor([&] { return after.reaches(target, kTry); }, 60'000));
        QVERIFY(before.reaches(target)); // its connection has gone on
    }

    void whomToTrustIsReadAgainToo() {
        QTemporaryDir dir;
        const std::string shown = dir.filePath("shown.pem").toStdString(),
                          mine = dir.filePath("mine.pem").toStdString();
        put(shown, crypto::makeLocalhostPem(readClocks().wall).value());
        Peer server(listening(shown, shown));
        const auto target = targetOf(server);
        Peer client(trusting(mine)); // there is no such file yet
        QVERIFY(!client.reaches(target, kTry));
        QFile::copy(QString::fromStdString(shown), QString::fromStdString(mine));
        QVERIFY(!client.reaches(target, kTry)); // the failure is remembered
        client.runner.readCertificates(client.config);
        QVERIFY(QTest::qWaitFor([&] { return client.reaches(target, kTry); }, 60'000));
    }
};

QTEST_GUILESS_MAIN(WebCertificatesTest)
#include "web_certificates_test.moc"
