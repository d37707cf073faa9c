#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

constexpr size_t kTree = 6'000'000;
/// What may be sent twice for each crash: see transfer_vanish_test.
constexpr uint64_t kWindow = 4 * 1024 * 1024;

TransferWorldConfig broadband() {
    return {.link = {.delay = 10ms, .jitter = 1ms, .bitsPerSecond = 80'000'000, .loss = 0.005}, .wait = 60s};
}

/// Whatever has its final name after a power cut is complete; only parts may be damaged.
void requireNoFalseFiles(Simulation& world, TransferWorld& pair) {
    const auto sent = pair.sourceDisk.tree("/src/in");
    for (const auto& [path, entry] : pair.targetDisk.tree("/dst")) {
        const size_t root = path.find('/');
        if (entry.kind != testing::MemoryStorage::Kind::File || path.ends_with(".part") || root == std::string::npos)
            continue;
        const auto original = sent.find(path.substr(root + 1));
        world.require(original != sent.end(), path + " was never sent");
        world.require(original->second.content == entry.content, path + " looks complete and is not");
    }
}

/// Kills one side or both at random times, several times over, with the same commands again each time.
void crashes(Simulation& world, bool power) {
    TransferWorld pair(world, broadband());
    pair.addMixedTree(kTree);
    SeededRandom random = world.random("crashes");
    pair.start();
    pair.send();
    const uint64_t count = random.between(1, 4);
    for (uint64_t i = 0; i < count; ++i) {
        const bool sender = random.chance(0.5), both = random.chance(0.2);
        const Duration pause = std::chrono::milliseconds(random.between(0, 3000));
        const uint64_t lost = random.below(6), cut = random.next();
        world.after(std::chrono::milliseconds(random.between(0, 4000)),
                    [&pair, &world, sender, both, pause, power, lost, cut] {
                        if (pair.finished()) return;
                        if ((sender || both) && pair.sender.running()) pair.crashSender(pause);
                        if ((!sender || both) && pair.receiver.running()) {
                            pair.crashReceiver(pause);
                            if (power) pair.receiver.store().loseTail(lost);
                            if (power) pair.targetDisk.powerCut(cut);
                            if (power) world.note("power cut, " + std::to_string(lost) + " operations lost");
                            if (power) requireNoFalseFiles(world, pair);
                        }
                    });
    }
    // A database that has lost the record of a transfer knows nothing of it: the next attempt lands beside the first.
    if (power) pair.mayLandBeside();
    pair.runToDelivery(300s);
    world.require(pair.bytesSentInAll() <= pair.sourceBytes() + count * kWindow,
                  "sent " + std::to_string(pair.bytesSentInAll()));
}

} // namespace

class TransferCrashTest : public QObject {
    Q_OBJECT

  private slots:
    void eitherSideIsKilledAtRandomAndTheSameCommandFinishesIt() { manySeeds(25, false); }
    void thePowerFailsAtRandomAndTheSameCommandFinishesIt() { manySeeds(25, true); }

    void whatWasDeliveredSurvivesAPowerCutAtOnce() {
        for (uint64_t i = 0; i < 10; ++i) {
            const RunReport report = runScenario(scenarioSeed() + i, [&](Simulation& world) {
                TransferWorld pair(world, broadband());
                pair.addMixedTree(kTree / 4);
                pair.start();
                pair.send();
                const auto said = [&] { return pair.receiver.last<transfer::TransferDelivered>() != nullptr; };
                world.require(world.runUntil(said, 60s), "the receiver says delivered");
                pair.receiver.kill();
                pair.targetDisk.powerCut(world.random("cut").next());
                pair.requireEqualTrees();
            });
            VERIFY_REPORT(report);
        }
    }

    void theSameSeedCrashesInTheSameWay() {
        const auto scenario = [](Simulation& world) { crashes(world, true); };
        const RunReport first = runScenario(scenarioSeed(), scenario);
        const RunReport again = runScenario(scenarioSeed(), scenario);
        VERIFY_REPORT(first);
        QCOMPARE(again.traceHash, first.traceHash);
    }

    void aTransferThatIsDoneIsNotSentAgain() {
        const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addMixedTree(kTree);
            pair.start();
            pair.send();
            pair.runToDelivery(60s);
            const uint64_t sent = pair.bytesSentInAll();
            pair.crashReceiver(1s);
            pair.sender.kill();
            world.runFor(2s);
            pair.startSender();
            pair.send();
            pair.runToDelivery(60s);
            world.require(pair.bytesSentInAll() == sent, "not a byte of content");
            world.require(!pair.targetDisk.exists("/dst/in (1)"), "into the same place");
        });
        VERIFY_REPORT(report);
    }

  private:
    void manySeeds(uint64_t seeds, bool power) {
        for (uint64_t i = 0; i < seeds; ++i) {
            const RunReport report = runScenario(scenarioSeed() + i, [&](Simulation& world) { crashes(world, power); });
            VERIFY_REPORT(report);
        }
    }
};

QTEST_APPLESS_MAIN(TransferCrashTest)
#include "transfer_crash_test.moc"
