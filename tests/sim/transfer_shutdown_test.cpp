#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

constexpr size_t kFiles = 200;

struct Landed {
    size_t named = 0;
    size_t parts = 0;
};

Landed landed(const TransferWorld& pair) {
    Landed found;
    for (const auto& [path, entry] : pair.targetDisk.tree("/dst")) {
        if (entry.kind != testing::MemoryStorage::Kind::File) continue;
        ++(path.ends_with(".part") ? found.parts : found.named);
    }
    return found;
}

} // namespace

class TransferShutdownTest : public QObject {
    Q_OBJECT

  private slots:
    /// The disk is so slow that their job has not begun, or has not ended, when the node is told to stop.
    void smallFilesThatHaveArrivedAsAWholeGetTheirNamesBeforeTheNodeHasStopped() {
        int nameless = 0;
        for (uint64_t seed = scenarioSeed(); seed < scenarioSeed() + 16; ++seed) {
            const RunReport report = runScenario(seed, [&nameless](Simulation& world) {
                TransferWorldConfig config{.link = {.delay = 3ms, .bitsPerSecond = 200'000'000}};
                config.receiver.speed.perSync = 400ms;
                TransferWorld pair(world, config);
                for (size_t number = 0; number < kFiles; ++number) pair.addFile(std::to_string(number), 1000);
                pair.start();
                pair.send();
                const auto arrived = [&] { return landed(pair).parts + landed(pair).named == kFiles; };
                world.require(world.runUntil(arrived, 60s), "all have arrived");
                world.runUntil([] { return false; }, 20ms); // the node has heard so from the workers
                nameless += landed(pair).named == 0; // the effect of a job shows when it begins or when it ends
                pair.receiver.shutdown();
                world.require(world.runUntil([&] { return !pair.receiver.running(); }, 3s), "it stops");
                world.require(landed(pair).named > 0, "some have their names");
                pair.startReceiver(); // the sender has gone on trying
                pair.runToDelivery(60s);
            });
            VERIFY_REPORT(report);
        }
        QVERIFY(nameless > 0);
    }
};

QTEST_APPLESS_MAIN(TransferShutdownTest)
#include "transfer_shutdown_test.moc"
