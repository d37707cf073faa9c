#include "transfer/machine_limits.h"
#include "transfer/resume_state.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

constexpr Duration kLifetime = std::chrono::seconds(kRecordLifetimeSeconds);

/// A chunked file deep down and small ones, which leave parts of both kinds.
void addTree(MemoryStorage& disk, const std::string& at) {
    disk.addFile(at + "/deep/er/huge", pattern(1, 12 * kChunkSize));
    for (uint64_t i = 0; i < 8; ++i) disk.addFile(at + "/small/s" + std::to_string(i), pattern(i, 900));
}

/// Begins to send and kills both ends when parts of both kinds are there. False: they never were.
bool leaveParts(TransferWorld& world, const std::string& root) {
    const size_t before = world.receiverHost.disk.parts("/dst").size();
    world.send({root});
    for (int i = 0; i < 5000; ++i) {
        const auto parts = world.receiverHost.disk.parts("/dst");
        const auto small = [](const std::string& part) { return part.find("small/") != std::string::npos; };
        if (parts.size() >= before + 2 && std::any_of(parts.begin(), parts.end(), small)) {
            world.killReceiver();
            world.killSender();
            while (world.network.deliverOne()) world.settled();
            return true;
        }
        if (!world.step()) return false;
    }
    return false;
}

QStringList keysOf(const Host& host, Space space) {
    QStringList keys;
    for (const auto& [key, row] : host.store)
        if (key.first == space) keys.push_back(QString::fromStdString(toHex(key.second)));
    return keys;
}

} // namespace

class LeftOverPartsTest : public QObject {
    Q_OBJECT

    static void sendSomethingElse(TransferWorld& world, const std::string& name = "other") {
        world.senderHost.disk.addFile("/src/" + name, pattern(77, 10));
        world.send({"/src/" + name});
        QVERIFY(world.run());
        QVERIFY(world.receiverHost.disk.exists("/dst/" + name));
    }

  private slots:
    void names_of_parts_survive_the_store_and_damage_is_noticed() {
        const EntryKey a{1};
        const EntryKey b{2};
        const std::vector<std::string> paths = {partName({}, a), "x/y/" + partName({}, a), "x/y/" + partName({}, b),
                                                "z/" + partName({}, b)};
        const Bytes encoded = encodeParts(paths);
        QVERIFY(decodeParts(encoded).value() == paths);
        QVERIFY(decodeParts({}).value().empty());
        for (size_t cut = 1; cut < encoded.size(); ++cut) {
            const auto decoded = decodeParts(ByteView(encoded).first(cut));
            QVERIFY(!decoded || decoded->size() < paths.size());
        }
        QVERIFY(!decodeParts(Bytes{0, 0, 0xff, 0xff, 0xff, 0xff, 1}));
    }

    void parts_that_nobody_came_back_for_are_removed_with_their_records_after_a_week() {
        for (const Duration age : {kLifetime - std::chrono::seconds(1), kLifetime}) {
            TransferWorld world(3);
            addTree(world.senderHost.disk, "/src/in");
            QVERIFY(leaveParts(world, "/src/in"));
            world.receiverHost.disk.addFile("/dst/in/small/.0123456789abcdef.part", pattern(5, 5)); // somebody else's
            const auto parts = world.receiverHost.disk.parts("/dst");
            const auto began = decodeRecord(world.receiverHost.store.lower_bound({Space::Transfers, {}})->second.value);
            world.passTime(age - std::chrono::nanoseconds(world.now.wall.nanoseconds -
                                                          began.value().touchedSeconds * 1'000'000'000));
            sendSomethingElse(world);
            const bool swept = age >= kLifetime;
            QCOMPARE(world.receiverHost.disk.parts("/dst").size(), swept ? size_t(1) : parts.size());
            QVERIFY(world.receiverHost.disk.exists("/dst/in/small/.0123456789abcdef.part"));
            QCOMPARE(world.receiverHost.rowsIn(Space::Transfers), size_t(swept ? 1 : 2));
            QCOMPARE(world.receiverHost.rowsIn(Space::Chunks) == 0, swept);
        }
    }

    void the_same_offer_after_a_week_begins_anew_and_its_old_parts_go() {
        TransferWorld world(4);
        addTree(world.senderHost.disk, "/src/in");
        QVERIFY(leaveParts(world, "/src/in"));
        world.passTime(2 * kLifetime);
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
        QVERIFY(world.receiver->eventsOf<TransferResumed>().empty());
        QVERIFY(world.receiverHost.disk.tree("/dst/in (1)") == world.senderHost.disk.tree("/src/in"));
        QVERIFY(world.receiverHost.disk.parts("/dst").empty());
        QCOMPARE(world.receiverHost.rowsIn(Space::Transfers), size_t(1));
        QCOMPARE(world.receiverHost.rowsIn(Space::Chunks), size_t(0));
    }

    void one_sweep_is_bounded_and_the_next_goes_on_an_hour_later() {
        TransferWorld world(5);
        for (size_t i = 0; i <= kMaxRecordsPerSweep; ++i) {
            const std::string root = "/src/r" + std::to_string(i) + "/in" + std::to_string(i);
            addTree(world.senderHost.disk, root);
            QVERIFY(leaveParts(world, root));
        }
        QCOMPARE(world.receiverHost.rowsIn(Space::Transfers), kMaxRecordsPerSweep + 1);
        world.passTime(2 * kLifetime);
        sendSomethingElse(world, "a");
        QCOMPARE(world.receiverHost.rowsIn(Space::Transfers), size_t(2));
        QVERIFY(!world.receiverHost.disk.parts("/dst").empty());
        world.passTime(kSweepInterval - std::chrono::minutes(1));
        sendSomethingElse(world, "b");
        QVERIFY(!world.receiverHost.disk.parts("/dst").empty());
        world.passTime(std::chrono::minutes(1));
        sendSomethingElse(world, "c");
        QVERIFY(world.receiverHost.disk.parts("/dst").empty());
        QCOMPARE(world.receiverHost.rowsIn(Space::Transfers), size_t(3));
    }

    void another_folder_is_left_alone() {
        TransferWorld world(6);
        addTree(world.senderHost.disk, "/src/in");
        QVERIFY(leaveParts(world, "/src/in"));
        world.passTime(2 * kLifetime);
        ReceivePolicy elsewhere = world.policy;
        elsewhere.folder = "/elsewhere";
        world.setPolicy(elsewhere);
        world.senderHost.disk.addFile("/src/other", pattern(77, 10));
        world.send({"/src/other"});
        QVERIFY(world.run());
        QVERIFY(world.receiverHost.disk.exists("/elsewhere/other"));
        QVERIFY(!world.receiverHost.disk.parts("/dst").empty());
        QCOMPARE(world.receiverHost.rowsIn(Space::Transfers), size_t(2));
    }

    void parts_that_cannot_be_removed_stay_on_record_for_the_next_time() {
        TransferWorld world(7);
        addTree(world.senderHost.disk, "/src/in");
        QVERIFY(leaveParts(world, "/src/in"));
        const QStringList rows = keysOf(world.receiverHost, Space::Chunks);
        world.passTime(2 * kLifetime);
        world.receiver->tamper = [](const Job& job, JobDone& done) {
            if (std::holds_alternative<RemovePartsJob>(job.work)) done.outcome = makeError(Errc::Io, "stuck");
        };
        sendSomethingElse(world, "a");
        QCOMPARE(keysOf(world.receiverHost, Space::Chunks), rows);
        world.killReceiver(); // and with it the tampering
        addTree(world.senderHost.disk, "/src/in2");
        QVERIFY(leaveParts(world, "/src/in2"));
        world.passTime(2 * kLifetime);
        sendSomethingElse(world, "b");
        QVERIFY(world.receiverHost.disk.parts("/dst").empty());
        QCOMPARE(world.receiverHost.rowsIn(Space::Chunks), size_t(0));
    }

    void parts_of_an_older_version_go_when_the_newer_one_is_delivered() {
        TransferWorld world(8);
        addTree(world.senderHost.disk, "/src/in");
        QVERIFY(leaveParts(world, "/src/in"));
        world.senderHost.disk.rewrite("/src/in/deep/er/huge", pattern(2, 12 * kChunkSize));
        for (uint64_t i = 0; i < 8; ++i)
            world.senderHost.disk.rewrite("/src/in/small/s" + std::to_string(i), pattern(100 + i, 900));
        QVERIFY(!world.receiverHost.disk.parts("/dst").empty());
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
        QVERIFY(world.receiverHost.disk.tree("/dst/in") == world.senderHost.disk.tree("/src/in"));
        QVERIFY(world.receiverHost.disk.parts("/dst").empty());
        QCOMPARE(world.receiverHost.rowsIn(Space::Chunks), size_t(0));
    }

    void names_of_parts_outlive_the_memory_of_their_transfer_but_a_delivered_one_does_not() {
        TransferWorld world(9);
        addTree(world.senderHost.disk, "/src/in");
        QVERIFY(leaveParts(world, "/src/in"));
        const UnixTime week = recordExpiry(world.now.wall);
        for (const auto& [key, row] : world.receiverHost.store)
            if (key.first == Space::Transfers || key.first == Space::Chunks)
                QVERIFY(row.expires > UnixTime::fromSeconds(week.seconds() + 24 * 3600));
        world.send({"/src/in"});
        QVERIFY(world.run());
        for (const auto& [key, row] : world.receiverHost.store) QVERIFY(row.expires <= recordExpiry(world.now.wall));
    }
};

QTEST_APPLESS_MAIN(LeftOverPartsTest)
#include "left_over_parts_test.moc"
