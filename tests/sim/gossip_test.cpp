#include "unit/protocols/gossipsub/router_world.h"

#include <QTest>
#include <set>

using namespace wherry;
using namespace wherry::gossipsub;
using namespace wherry::gossipsub::test;
using namespace std::chrono_literals;

/// Networks of routers on light links (see router_world.h): one topic, nobody connected with everybody, peers that come
/// and go.
namespace {

constexpr size_t kLinks = 10; ///< that a newcomer opens to others

struct Network {
    Network(uint64_t seed, size_t count) : world(seed, 30ms) {
        for (size_t i = 0; i < count; ++i) join();
    }
    /// A peer comes in, and meets some of those who are there.
    void join() {
        const size_t node = world.add(++keys);
        ASSERT(world[node].router->subscribe("t", {}, world.now()));
        meetOthers(node);
        online[node] = world.now().mono;
    }
    void meetOthers(size_t node) {
        std::vector<size_t> others;
        for (const auto& [other, since] : online)
            if (other != node) others.push_back(other);
        shuffle(others, world.random);
        for (size_t i = 0; i < others.size() && world.linksOf(node).size() < kLinks; ++i)
            world.connect(node, others[i]);
    }
    void leave() {
        const size_t at = world.random.below(online.size());
        const auto gone = std::next(online.begin(), static_cast<ptrdiff_t>(at));
        world.remove(gone->first);
        online.erase(gone);
        // Whoever has lost a link makes another one, as a node does whose mesh is too small.
        for (const auto& [node, since] : online)
            if (world.linksOf(node).size() < kLinks / 2) meetOthers(node);
    }

    World world;
    uint32_t keys = 0;
    std::map<size_t, Instant> online; ///< since when
};

struct Said {
    std::string text;
    std::set<size_t> to; ///< who was online and had been for a while
};

/// Of those who were subscribed from before a message until some seconds after it, how many have it: wanted, had.
std::pair<size_t, size_t> churn(uint64_t seed, size_t peers, size_t seconds, Duration between) {
    Network network(seed, peers);
    network.world.run(10s);
    const Duration settled = 10s;
    std::vector<Said> said;
    Duration nextLeave = between;
    for (size_t second = 0; second < seconds; ++second) {
        const size_t index = network.world.random.below(network.online.size());
        const size_t from = std::next(network.online.begin(), static_cast<ptrdiff_t>(index))->first;
        Said message{"message " + std::to_string(second), {}};
        for (const auto& [node, since] : network.online)
            if (node != from && network.world.now().mono - since >= settled) message.to.insert(node);
        ASSERT(network.world[from].router->publish("t", toBytes(asBytes(message.text)), network.world.now()));
        said.push_back(std::move(message));
        for (Duration left = 1s; left > Duration(0);) {
            const Duration step = std::min(left, nextLeave);
            network.world.run(step);
            left -= step;
            nextLeave -= step;
            if (nextLeave > Duration(0)) continue;
            network.leave();
            network.join();
            nextLeave = between;
        }
    }
    network.world.run(5s);
    size_t wanted = 0, had = 0;
    for (const Said& each : said)
        for (const size_t node : each.to) {
            if (!network.online.contains(node)) continue; // it has gone since
            ++wanted;
            had += network.world.deliveredTo(node, each.text) == 1;
        }
    return {wanted, had};
}

} // namespace

class GossipTest : public QObject {
    Q_OBJECT
  private slots:
    void withATenthOfThePeersReplacedEachMinuteEverybodyHearsEverything();
    void theSameSeedGivesTheSameRun();
    void aSilentThirdOfTheNetworkKeepsNothingFromTheOthers();
};

void GossipTest::withATenthOfThePeersReplacedEachMinuteEverybodyHearsEverything() {
    // 100 peers, ten of which go each minute, and ten others come.
    const auto [wanted, had] = churn(1, 100, 60, 6s);
    QVERIFY(wanted > 4000);
    QVERIFY2(had * 1000 >= wanted * 999, qPrintable(QString("%1 of %2").arg(had).arg(wanted)));
}

void GossipTest::theSameSeedGivesTheSameRun() {
    const auto bytes = [](uint64_t seed) {
        Network network(seed, 20);
        network.world.run(3s);
        for (int i = 0; i < 5; ++i) {
            (void)network.world[0].router->publish("t", Bytes{1}, network.world.now());
            network.world.run(1s);
        }
        return network.world.bytesSent();
    };
    QCOMPARE(bytes(7), bytes(7));
    QVERIFY(bytes(7) != bytes(8));
}

/// Peers that take everything and pass nothing on: flood publishing and gossip go around them.
void GossipTest::aSilentThirdOfTheNetworkKeepsNothingFromTheOthers() {
    Network network(3, 0);
    const auto ignoresAll = [](const crypto::PeerId&, const Message&) { return Verdict::Ignore; };
    std::set<size_t> silent;
    for (size_t i = 0; i < 60; ++i) {
        network.join();
        const size_t node = network.world.size() - 1;
        if (i % 3 != 0) continue;
        silent.insert(node);
        network.world[node].router->unsubscribe("t", network.world.now());
        ASSERT(network.world[node].router->subscribe("t", ignoresAll, network.world.now()));
    }
    network.world.run(15s);
    size_t wanted = 0, had = 0;
    for (size_t i = 0; i < 20; ++i) {
        size_t from = network.world.random.below(60);
        while (silent.contains(from)) from = network.world.random.below(60);
        const std::string text = "message " + std::to_string(i);
        ASSERT(network.world[from].router->publish("t", toBytes(asBytes(text)), network.world.now()));
        network.world.run(5s);
        for (size_t node = 0; node < 60; ++node)
            if (node != from && !silent.contains(node)) {
                ++wanted;
                had += network.world.deliveredTo(node, text) == 1;
            }
    }
    QVERIFY2(had == wanted, qPrintable(QString("%1 of %2").arg(had).arg(wanted)));
}

QTEST_APPLESS_MAIN(GossipTest)
#include "gossip_test.moc"
