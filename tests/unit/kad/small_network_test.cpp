#include "unit/kad/dht_world.h"

#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
constexpr Duration kSoon = 2500ms;

std::string problemOf(const Outcome& outcome) {
    if (outcome.error) return outcome.error->text();
    if (outcome.took > kSoon) return "it took " + std::to_string(outcome.took / 1ms) + " ms";
    return {};
}
} // namespace

/// Fewer servers than k, as every network has that is new.
class SmallNetworkTest : public QObject {
    Q_OBJECT
  private slots:
    void whoeverIsDeadHoldsNoLookUpUp_data();
    void whoeverIsDeadHoldsNoLookUpUp();
    void whoHasGoneIsSoonNamedToNobody();
    void whoIsQuietAsksNobodyUntilSomebodyHereDoes();
};

void SmallNetworkTest::whoeverIsDeadHoldsNoLookUpUp_data() {
    QTest::addColumn<int>("dead");
    for (int i = 1; i < 5; ++i) QTest::addRow("server %d", i) << i;
}

void SmallNetworkTest::whoeverIsDeadHoldsNoLookUpUp() {
    QFETCH(int, dead);
    DhtWorld world;
    world.addServers(5);
    const Bytes key(32, 7), value = {1, 2, 3};
    QVERIFY(!world.carryOut(*world.nodes[0], PutValue{key, value}).error);
    QVERIFY(!world.carryOut(*world.nodes[0], Provide{key}).error);
    world.network.blackhole(world.nodes[static_cast<size_t>(dead)]->node.address);

    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    const Outcome got = world.carryOut(client, GetValue{key});
    QCOMPARE(problemOf(got), std::string());
    QCOMPARE(got.content, value);
    QVERIFY2(got.took < kStallAfter / 2, "others had told it at once");
    // From now on it is known to be silent, and nobody waits for it.
    const Outcome provided = world.carryOut(client, FindProviders{key});
    QCOMPARE(problemOf(provided), std::string());
    QVERIFY2(provided.took < kStallAfter, "it was waited for again");
    QCOMPARE(provided.providers.size(), size_t(1));
    const Outcome closest = world.carryOut(client, FindClosest{key});
    QCOMPARE(problemOf(closest), std::string());
    QCOMPARE(closest.closest.size(), size_t(4));
    QVERIFY2(closest.took < kStallAfter, "it was waited for again");
    const Outcome put = world.carryOut(client, PutValue{Bytes(32, 8), value});
    QCOMPARE(problemOf(put), std::string());
    QCOMPARE(put.stored, size_t(4));
    QVERIFY2(put.took < kStallAfter, "it was waited for again");
}

void SmallNetworkTest::whoHasGoneIsSoonNamedToNobody() {
    DhtWorld world;
    world.addServers(5);
    world.run(3min);
    DhtNode& dead = *world.nodes[3];
    const auto id = dead.id();
    world.network.blackhole(dead.node.address);
    for (const auto& other : world.nodes) dead.node.swarm.disconnect(other->id(), link::kNoError, "goodbye", world.now);
    world.settle();
    world.network.isolate(dead.node.carrier);
    world.run(kDialTimeout + 1s);

    DhtNode& client = world.add(Mode::Client);
    world.join(client);
    const Outcome closest = world.carryOut(client, FindClosest{Bytes(32, 7)});
    QCOMPARE(problemOf(closest), std::string());
    QCOMPARE(closest.closest.size(), size_t(4));
    QVERIFY2(closest.took < kStallAfter, "it was named");
    QVERIFY(world.nodes[0]->dht.table().find(id)); // a burst of loss is no death
}

void SmallNetworkTest::whoIsQuietAsksNobodyUntilSomebodyHereDoes() {
    DhtWorld world;
    world.addServers(5);
    world.run(1min);
    DhtNode& device = *world.nodes[1];
    QVERIFY(!world.carryOut(device, PutValue{Bytes(32, 7), {1}}).error);
    device.dht.setQuiet(true);
    size_t busy = 0;
    for (int i = 0; i < 120; ++i) { // twice as long as its value lasts
        world.run(1min);
        busy += device.dht.asks() + device.dht.lookups();
    }
    QCOMPARE(busy, size_t(0));
    QVERIFY(world.carryOut(device, GetValue{Bytes(32, 7)}).error); // it was not put anew
    QVERIFY(!world.carryOut(device, PutValue{Bytes(32, 8), {1}}).error);
    device.dht.setQuiet(false);
    world.run(1s);
    QVERIFY2(!world.carryOut(*world.nodes[2], GetValue{Bytes(32, 7)}).error, "what was due is done");
}

QTEST_APPLESS_MAIN(SmallNetworkTest)
#include "small_network_test.moc"
