#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

class TransferLossTest : public QObject {
    Q_OBJECT

  private slots:
    void tenMegabytesArriveOverEveryLossAndDistance_data() {
        QTest::addColumn<double>("loss");
        QTest::addColumn<int>("roundTrip");
        for (int percent : {0, 1, 5, 10})
            for (int roundTrip : {10, 50, 120, 300})
                QTest::addRow("%d %% loss, %d ms", percent, roundTrip) << percent / 100.0 << roundTrip;
    }
    void tenMegabytesArriveOverEveryLossAndDistance() {
        QFETCH(double, loss);
        QFETCH(int, roundTrip);
        const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
            TransferWorld pair(world, {.link = {.delay = std::chrono::microseconds(roundTrip * 500),
                                                .jitter = std::chrono::microseconds(roundTrip * 20),
                                                .bitsPerSecond = 100'000'000,
                                                .queueBytes = 500'000,
                                                .loss = loss}});
            pair.addMixedTree(10'000'000);
            pair.start();
            pair.send();
            pair.runToDelivery(600s);
            // Loss is QUIC's to repair: nothing is sent twice by the transfer.
            world.require(pair.figures().chunksResent == 0, "no chunk was sent again");
            world.require(pair.figures().bytesSent <= pair.sourceBytes(), "no byte was sent twice");
            world.require(pair.figures().chunksCompressed > 0, "text was compressed");
            world.require(pair.figures().filesBatched > 50, "small files were batched");
            world.require(pair.figures().streamsUsed > 1, "several streams were used");
            world.require(pair.sender.peakBlocks() <= 64 && pair.receiver.peakBlocks() <= 64,
                          "blocks: " + std::to_string(pair.sender.peakBlocks()) + " and " +
                              std::to_string(pair.receiver.peakBlocks()));
        });
        VERIFY_REPORT(report);
    }

    void theSameSeedGivesTheSameTrace() {
        const auto scenario = [](Simulation& world) {
            TransferWorld pair(world,
                               {.link = {.delay = 20ms, .jitter = 3ms, .bitsPerSecond = 50'000'000, .loss = 0.02}});
            pair.addMixedTree(2'000'000);
            pair.start();
            pair.send();
            pair.runToDelivery(60s);
        };
        const RunReport first = runScenario(scenarioSeed(), scenario);
        const RunReport again = runScenario(scenarioSeed(), scenario);
        const RunReport other = runScenario(scenarioSeed() + 1, scenario);
        QVERIFY2(first.passed, first.text().c_str());
        QVERIFY2(other.passed, other.text().c_str());
        QCOMPARE(again.traceHash, first.traceHash);
        QVERIFY(other.traceHash != first.traceHash);
    }

    void manySmallFilesOverALossyLink() {
        const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
            TransferWorld pair(world, {.link = {.delay = 40ms, .bitsPerSecond = 50'000'000, .loss = 0.02}});
            for (int i = 0; i < 3000; ++i)
                pair.addFile("d" + std::to_string(i % 40) + "/f" + std::to_string(i),
                             200 + static_cast<size_t>(i) % 900);
            pair.start();
            pair.send();
            pair.runToDelivery(60s);
            world.require(pair.figures().filesBatched == 3000,
                          std::to_string(pair.figures().filesBatched) + " batched");
        });
        VERIFY_REPORT(report);
    }
};

QTEST_APPLESS_MAIN(TransferLossTest)
#include "transfer_loss_test.moc"
