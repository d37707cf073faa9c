#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

constexpr size_t kTree = 1'500'000;

TransferWorldConfig fastLink() {
    return {.link = {.delay = 3ms, .bitsPerSecond = 200'000'000}, .wait = 20s};
}

/// The error that a person sees says what happened and to which file.
void requireNamed(Simulation& world, const transfer::TransferFailed& failed, Errc expected) {
    world.require(failed.error.code == expected, "code: " + failed.error.text());
    world.require(!failed.file.empty() || failed.error.context.find("in") != std::string::npos ||
                      failed.error.context.find("dst") != std::string::npos,
                  "names what it is about: " + failed.error.text());
}

} // namespace

class TransferDiskTest : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        const RunReport report = runScenario(scenarioSeed(), [this](Simulation& world) {
            TransferWorld pair(world, fastLink());
            pair.addMixedTree(kTree);
            pair.start();
            pair.send();
            pair.runToDelivery(60s);
            m_changes = pair.targetDisk.changes();
        });
        VERIFY_REPORT(report);
    }

    void theDiskFailsAtEveryWriteAndIsWellAgain_data() {
        QTest::addColumn<int>("code");
        QTest::newRow("disk full") << int(Errc::DiskFull);
        QTest::newRow("read-only") << int(Errc::ReadOnly);
        QTest::newRow("i/o error") << int(Errc::Io);
        QTest::newRow("volume gone") << int(Errc::VolumeGone);
    }
    void theDiskFailsAtEveryWriteAndIsWellAgain() {
        QFETCH(int, code);
        int runs = 0, failures = 0;
        for (uint64_t nth = 1; nth <= m_changes; nth += 1 + nth / 8) {
            const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
                TransferWorld pair(world, fastLink());
                pair.addMixedTree(kTree);
                pair.start();
                pair.targetDisk.failChange(nth, Errc(code), testing::MemoryStorage::Repeat::Forever);
                pair.send();
                world.require(world.runUntil([&] { return pair.finished(); }, 60s), "it ends");
                const auto* failed = pair.sender.last<transfer::TransferFailed>();
                failures += failed != nullptr;
                ++runs;
                if (failed) requireNamed(world, *failed, Errc(code));
                if (!failed) world.require(pair.sender.last<transfer::TransferDelivered>(), "delivered or failed");
                if (!failed) pair.requireEqualTrees();
                const uint64_t sentBefore = pair.bytesSentInAll();

                pair.targetDisk.failChange(0, Errc(code));
                pair.send();
                pair.runToDelivery(60s);
                // What was verified before the failure was kept: all of it together is not sent twice.
                world.require(pair.bytesSentInAll() - sentBefore <= pair.sourceBytes(), "sent again");
            });
            if (!report.passed) std::fprintf(stderr, "%s\n", ("change " + std::to_string(nth)).c_str());
            VERIFY_REPORT(report);
        }
        // The very last changes (times of folders) need not fail a transfer.
        QVERIFY2(failures > runs / 2, qPrintable(QString("%1 of %2").arg(failures).arg(runs)));
        std::printf("%d of %d failures were told\n", failures, runs);
    }

    void oneFailureOfOneFileNeverEndsInAMix() {
        for (uint64_t nth = 1; nth <= m_changes; nth += 1 + nth / 6) {
            const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
                TransferWorld pair(world, fastLink());
                pair.addMixedTree(kTree);
                pair.start();
                pair.targetDisk.failChange(nth, Errc::PermissionDenied);
                pair.send();
                world.require(world.runUntil([&] { return pair.finished(); }, 60s), "it ends");
                // Whatever landed under its final name is complete.
                const auto sent = pair.sourceDisk.tree("/src/in");
                for (const auto& [path, entry] : pair.targetDisk.tree("/dst/in")) {
                    if (entry.kind != testing::MemoryStorage::Kind::File || path.ends_with(".part")) continue;
                    world.require(sent.contains(path) && sent.at(path).content == entry.content,
                                  path + " is not what was sent");
                }
                pair.send();
                pair.runToDelivery(60s);
            });
            if (!report.passed) std::fprintf(stderr, "%s\n", ("change " + std::to_string(nth)).c_str());
            VERIFY_REPORT(report);
        }
    }

    void aVolumeThatIsTooSmallIsToldBeforeAnythingIsWritten() {
        const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
            TransferWorld pair(world, fastLink());
            pair.addMixedTree(kTree);
            pair.targetDisk.setCapacity(kTree / 2);
            pair.start();
            pair.send();
            world.require(world.runUntil([&] { return pair.finished(); }, 60s), "it ends");
            world.require(!pair.sender.last<transfer::TransferDelivered>(), "not delivered");
            world.require(pair.targetDisk.tree("/dst").empty(), "nothing was written");
            pair.targetDisk.setCapacity(kTree * 3);
            pair.send();
            pair.runToDelivery(60s);
        });
        VERIFY_REPORT(report);
    }

    void aSourceThatCannotBeReadOrChangesIsNeverAMix() {
        for (uint64_t nth = 1; nth <= 40; nth += 1 + nth / 4) {
            const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
                TransferWorld pair(world, fastLink());
                pair.addMixedTree(kTree);
                pair.start();
                pair.sourceDisk.failRead(nth, Errc::Io);
                pair.send();
                world.require(world.runUntil([&] { return pair.finished(); }, 60s), "it ends");
                if (const auto* failed = pair.sender.last<transfer::TransferFailed>())
                    world.require(!failed->file.empty(), "names the file: " + failed->error.text());
                pair.send();
                pair.runToDelivery(60s);
            });
            if (!report.passed) std::fprintf(stderr, "%s\n", ("read " + std::to_string(nth)).c_str());
            VERIFY_REPORT(report);
        }
        const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
            TransferWorld pair(world, fastLink());
            pair.addMixedTree(kTree);
            pair.start();
            pair.sourceDisk.onSourceRead([&](const std::string& path, uint64_t reads) {
                if (path.ends_with("big.bin") && reads == 4) pair.addFile("big.bin", kTree / 2 + 7);
            });
            pair.send();
            world.require(world.runUntil([&] { return pair.finished(); }, 60s), "it ends");
            const auto* failed = pair.sender.last<transfer::TransferFailed>();
            world.require(failed && failed->error.code == Errc::SourceChanged,
                          failed ? failed->error.text() : "not failed");
            world.require(failed->file.find("big.bin") != std::string::npos, "names the file: " + failed->file);
            world.require(!pair.targetDisk.exists("/dst/in/big.bin"), "no mix under the final name");
            pair.sourceDisk.onSourceRead({});
            pair.send();
            pair.runToDelivery(60s);
        });
        VERIFY_REPORT(report);
    }

  private:
    uint64_t m_changes = 0;
};

QTEST_APPLESS_MAIN(TransferDiskTest)
#include "transfer_disk_test.moc"
