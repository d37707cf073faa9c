#include "desktop/network_status.h"
#include "support/desktop_pair.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// The figures of the network and the switches beside them, on real engines over loopback, without a window.
class NetworkStatusTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        anna = std::make_unique<DesktopSide>("Anna's laptop");
        for (FiguresModel* model :
             {network()->reach(), network()->relays(), network()->relaying(), network()->tables(), network()->topics()})
            testers.push_back(std::make_unique<QAbstractItemModelTester>(
                model, QAbstractItemModelTester::FailureReportingMode::QtTest));
        QVERIFY(anna->start());
    }
    void cleanup() {
        testers.clear();
        anna.reset();
    }

    void whileSomebodyLooksTheFiguresAreThere();
    void figuresGrowShrinkAndStayWhereTheyAre();
    void aRelayIsNamedAndCounted();
    void inQuietModeIsSaidWhatRests();
    void theSwitchesHoldAtOnceAndAreKept();

  private:
    NetworkStatus* network() { return anna->app.network(); }
    static QStringList rows(const FiguresModel* model) {
        QStringList all;
        for (int row = 0; row < model->rowCount(); ++row) {
            const QModelIndex at = model->index(row, 0);
            all.append(at.data(FiguresModel::TitleRole).toString() + '=' + at.data(FiguresModel::ValueRole).toString());
        }
        return all;
    }
    api::StatusReport status() {
        std::optional<api::StatusReport> report;
        anna->app.engine().submit(api::GetStatus{}, this, [&](const api::Event& event) {
            if (const auto* got = std::get_if<api::StatusReport>(&event)) report = *got;
        });
        (void)QTest::qWaitFor([&] { return report.has_value(); }, kPatienceMs);
        return report.value_or(api::StatusReport());
    }

    std::unique_ptr<DesktopSide> anna;
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
};

void NetworkStatusTest::whileSomebodyLooksTheFiguresAreThere() {
    QCOMPARE(network()->tables()->count(), 0);
    network()->setWatched(true);
    WAIT_FOR(network()->tables()->count() == 2);
    QCOMPARE(rows(network()->tables()),
             (QStringList{"Wherry's hash table=Client", "The public hash table of libp2p=Client"}));
    QCOMPARE(rows(network()->relaying()), QStringList{"This device is no relay="});
    QCOMPARE(rows(network()->relays()), QStringList{"None="});
    QCOMPARE(rows(network()->topics()).first(), QString("Joined now=0"));
    QCOMPARE(rows(network()->reach()).first(), QString("From the internet=Not known"));
}

void NetworkStatusTest::figuresGrowShrinkAndStayWhereTheyAre() {
    FiguresModel model(nullptr);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    model.show({{"a", "1", {}}, {"b", "2", {}}});
    model.show({{"a", "1", {}}, {"b", "3", {}}});
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex().row(), 1);
    model.show({{"a", "1", {}}});
    model.show({{"a", "1", {}}, {"c", "4", {}}});
    QCOMPARE(rows(&model), (QStringList{"a=1", "c=4"}));
    QCOMPARE(inserted.size(), 2);
    QCOMPARE(removed.size(), 1);
    QCOMPARE(changed.size(), 1);
}

void NetworkStatusTest::aRelayIsNamedAndCounted() {
    const auto relay = api::PeerId::parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN").value();
    api::StatusReport report;
    report.relays.push_back({relay, {}, std::chrono::minutes(40), 1u << 30});
    report.relayService = {true, 3, 1, 7, 1'500'000};
    report.dht.push_back({"/wherry/kad/1.0.0", true, 12, 1, 3, 4});
    report.quiet = true;
    network()->show(report);
    const QModelIndex held = network()->relays()->index(0, 0);
    QVERIFY(!held.data(FiguresModel::TitleRole).toString().isEmpty());
    QCOMPARE(held.data(FiguresModel::ValueRole).toString(), QString("asked again within 40 min"));
    QVERIFY(held.data(FiguresModel::DetailRole).toString().contains(QString::fromUtf8("1.1\u00a0GB")));
    QCOMPARE(rows(network()->relaying()),
             (QStringList{"Devices reached through this one=3", "Connections now=1", "Connections since the start=7",
                          QString::fromUtf8("Passed on since the start=1.5\u00a0MB")}));
    QCOMPARE(rows(network()->tables()), QStringList{"Wherry's hash table=Server"});
    const QString detail = network()->tables()->index(0, 0).data(FiguresModel::DetailRole).toString();
    QVERIFY2(detail.contains("12 servers") && detail.contains("values 3, who has something 4"), qPrintable(detail));
    QVERIFY(network()->quiet()); // whatever the settings of this window say
}

void NetworkStatusTest::inQuietModeIsSaidWhatRests() {
    const auto detail = [](const FiguresModel* model) {
        return model->index(0, 0).data(FiguresModel::DetailRole).toString();
    };
    api::StatusReport report;
    network()->show(report);
    QVERIFY(detail(network()->relays()).contains("asked when they are met"));
    QVERIFY(detail(network()->relaying()).contains("may be one"));
    report.quiet = true;
    network()->show(report);
    for (const FiguresModel* model : {network()->reach(), network()->relays(), network()->relaying()})
        QVERIFY2(detail(model).contains("quiet mode is on"), qPrintable(detail(model)));
}

void NetworkStatusTest::theSwitchesHoldAtOnceAndAreKept() {
    QVERIFY(!network()->quiet() && !network()->tellsPresence());
    network()->setQuiet(true);
    network()->setTellsPresence(true);
    QVERIFY(network()->quiet() && network()->tellsPresence());
    QVERIFY(status().quiet);
    QCOMPARE(contentOf(anna->folder.filePath("home/wherry.toml")),
             QByteArray("[network]\nquiet = true\n\n[profile]\npresence = true\n"));
    QCOMPARE(status().gossip.topics, uint64_t(0)); // quiet goes first
    network()->setQuiet(false);
    QVERIFY(!status().quiet && !network()->quiet());
    network()->setTellsPresence(false);
    WAIT_FOR(!anna->app.settings()->now().presence);
}

QTEST_GUILESS_MAIN(NetworkStatusTest)
#include "network_status_test.moc"
