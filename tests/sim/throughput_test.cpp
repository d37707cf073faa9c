#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

class ThroughputTest : public QObject {
    Q_OBJECT

  private slots:
    void aLongLossyPathCarriesMoreThanAHundredMegabit() {
        constexpr size_t kSize = 200'000'000;
        double figure = 0;
        const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
            TransferWorld pair(
                world, {.link = {.delay = 100ms, .bitsPerSecond = 200'000'000, .queueBytes = 5'000'000, .loss = 0.01}});
            pair.addFile("film.mkv", kSize);
            pair.start();
            pair.send();
            const auto arrived = [&] { return pair.receiver.last<transfer::OfferAccepted>() != nullptr; };
            world.require(world.runUntil(arrived, 10s), "accepted");
            const double begin = world.seconds();
            world.require(world.runUntil([&] { return pair.finished(); }, 100s), "finished");
            figure = static_cast<double>(kSize) * 8e-6 / (world.seconds() - begin);
            pair.runToDelivery(1s);
            // Sent and not yet acknowledged: 16 MiB, 64 Blocks. Beside them a frame for each stream and what jobs fill.
            world.require(pair.sender.peakBlocks() <= 64 + 24,
                          "sender's blocks " + std::to_string(pair.sender.peakBlocks()));
            world.require(pair.receiver.peakBlocks() <= 64,
                          "receiver's blocks " + std::to_string(pair.receiver.peakBlocks()));
        });
        std::printf("200 Mbit/s, 200 ms, 1 %% loss: %.1f Mbit/s of verified file content\n", figure);
        VERIFY_REPORT(report);
        QVERIFY2(figure > 100, qPrintable(QString::number(figure)));
    }

    void aCleanPathIsFilled() {
        constexpr size_t kSize = 60'000'000;
        double figure = 0;
        RUN([&](Simulation& world) {
            TransferWorld pair(world, {.link = {.delay = 10ms, .bitsPerSecond = 100'000'000, .queueBytes = 500'000}});
            pair.addFile("film.mkv", kSize);
            pair.start();
            pair.send();
            pair.runToDelivery(60s);
            figure = static_cast<double>(kSize) * 8e-6 / (world.seconds() - 1);
        });
        std::printf("100 Mbit/s, 20 ms: %.1f Mbit/s of verified file content\n", figure);
        QVERIFY2(figure > 80, qPrintable(QString::number(figure)));
    }
};

QTEST_APPLESS_MAIN(ThroughputTest)
#include "throughput_test.moc"
