#include "sim/net/simulation.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using codec::SocketAddress;

namespace {

/// Two hosts on one link, "b" counting and remembering what arrives at port 1.
struct Pair {
    explicit Pair(Simulation& simulation, const LinkConfig& config = {})
        : world(simulation),
          a(simulation.network().host("a", {"192.0.2.1", "2001:db8::1"})),
          b(simulation.network().host("b", {"192.0.2.2", "2001:db8::2"})),
          link(simulation.network().connect(a, b, config)) {
        b.bind(1, [this](const Datagram& datagram) {
            arrivals.push_back(world.now().mono);
            got.push_back(datagram);
        });
    }
    Host::Sent send(size_t size, uint8_t mark = 0, uint8_t ecn = 0) {
        return a.send({{}, 9}, {ip("192.0.2.2"), 1}, ecn, Bytes(size, mark));
    }

    Simulation& world;
    Host& a;
    Host& b;
    Link& link;
    std::vector<Instant> arrivals;
    std::vector<Datagram> got;
};

/// inside -- middlebox -- outside, an echo that remembers what it saw on the outside at port 7 of two addresses.
struct Home {
    Home(Simulation& simulation, Device& middle)
        : world(simulation),
          inside(simulation.network().host("inside", {"10.0.0.2", "2001:db8:1::2"})),
          outside(simulation.network().host("outside", {"198.51.100.7", "198.51.100.8", "2001:db8:2::7"})) {
        simulation.network().connect(inside, middle, {});
        simulation.network().connect(middle, outside, {});
        inside.bind(4000, [this](const Datagram& datagram) { back.push_back(datagram); });
        for (uint16_t port : {uint16_t(7), uint16_t(8)})
            outside.bind(port, [this](const Datagram& datagram) { seen.push_back(datagram); });
    }
    /// Sends from the inside and returns the source that the outside sees.
    SocketAddress reach(const std::string& address, uint16_t port) {
        seen.clear();
        inside.send({{}, 4000}, {ip(address), port}, 0, Bytes(10));
        world.runFor(1s);
        return seen.empty() ? SocketAddress{} : seen.front().source;
    }
    bool answer(const std::string& fromAddress, uint16_t fromPort, const SocketAddress& to) {
        back.clear();
        outside.send({ip(fromAddress), fromPort}, to, 0, Bytes(10));
        world.runFor(1s);
        return !back.empty();
    }

    Simulation& world;
    Host& inside;
    Host& outside;
    std::vector<Datagram> seen, back;
};

void noisyHour(Simulation& world) {
    LinkConfig config{
        .delay = 20ms, .jitter = 3ms, .bitsPerSecond = 2'000'000, .queueBytes = 20'000, .loss = 0.05, .reorder = 0.02};
    Pair pair(world, config);
    SeededRandom random = world.random("traffic");
    for (int i = 0; i < 2000; ++i) {
        pair.send(random.between(1, 1400));
        world.runFor(std::chrono::microseconds(random.between(100, 9000)));
    }
    world.runFor(1s);
}

} // namespace

class NetworkTest : public QObject {
    Q_OBJECT

  private slots:
    void aDatagramTakesTheDelayOfTheLink() {
        RUN([](Simulation& world) {
            Pair pair(world, {.delay = 25ms});
            pair.send(100, 42);
            world.runFor(1s);
            world.require(pair.got.size() == 1 && pair.got[0].payload == Bytes(100, 42), "one datagram, unchanged");
            world.require(pair.got[0].source == SocketAddress{ip("192.0.2.1"), 9}, "source chosen by the host");
            world.require(world.elapsed() == 1s, "the clock stands at the limit");
        });
    }

    void theRateSpacesDatagramsAndTheQueueIsBounded() {
        RUN([](Simulation& world) {
            // 1000 bytes at the IP layer take 1 ms at 8 Mbit/s.
            Pair pair(world, {.delay = 10ms, .bitsPerSecond = 8'000'000, .queueBytes = 5000});
            const Instant start = world.now().mono;
            for (int i = 0; i < 8; ++i) pair.send(972);
            world.runFor(1s);
            world.require(pair.got.size() == 5, "five fit the queue, got " + std::to_string(pair.got.size()));
            for (int i = 0; i < 5; ++i)
                world.require(pair.arrivals[static_cast<size_t>(i)] - start == 10ms + (i + 1) * 1ms,
                              "spaced by the rate");
            world.require(world.trace().droppedCount() == 3, "three dropped");
        });
    }

    void aFullQueueMarksCapableDatagramsInsteadOfBeingSilent() {
        RUN([](Simulation& world) {
            Pair pair(world, {.bitsPerSecond = 8'000'000, .queueBytes = 100'000, .markAbove = 2500});
            for (int i = 0; i < 6; ++i) pair.send(972, 0, i == 5 ? 0 : 2);
            world.runFor(1s);
            world.require(pair.got.size() == 6 && pair.got[0].ecn == 2 && pair.got[4].ecn == 3,
                          "the late ones are marked");
            world.require(pair.got[5].ecn == 0, "one that is not capable never is");
        });
    }

    void lossIsAboutWhatWasAskedFor() {
        RUN([](Simulation& world) {
            Pair pair(world, {.loss = 0.1});
            for (int i = 0; i < 10'000; ++i) pair.send(10);
            world.runFor(1s);
            world.require(pair.got.size() > 8800 && pair.got.size() < 9200,
                          std::to_string(pair.got.size()) + " of 10000 arrived");
        });
    }

    void jitterKeepsTheOrderAndReorderingDoesNot() {
        RUN([](Simulation& world) {
            for (double reorder : {0.0, 0.2}) {
                Simulation inner(world.seed());
                Pair pair(inner, {.jitter = 8ms, .reorder = reorder, .reorderBy = 30ms});
                for (int i = 0; i < 200; ++i) {
                    pair.send(10, static_cast<uint8_t>(i));
                    inner.runFor(1ms);
                }
                inner.runFor(1s);
                bool ordered = true;
                for (size_t i = 1; i < pair.got.size(); ++i)
                    ordered &= pair.got[i - 1].payload[0] < pair.got[i].payload[0];
                world.require(pair.got.size() == 200, "nothing lost");
                world.require(ordered == (reorder == 0.0), "order at reorder " + std::to_string(reorder));
            }
        });
    }

    void duplicatesAndCorruptionHappen() {
        RUN([](Simulation& world) {
            Pair pair(world, {.duplicate = 0.5, .corrupt = 0.5});
            for (int i = 0; i < 100; ++i) pair.send(10);
            world.runFor(1s);
            world.require(pair.got.size() > 120 && pair.got.size() < 180, "about half twice");
            size_t damaged = 0;
            for (const auto& datagram : pair.got) damaged += datagram.payload != Bytes(10, 0);
            world.require(damaged > 40 && damaged < pair.got.size() - 40, "about half damaged");
        });
    }

    void theMtuOfTheFirstLinkIsAnErrorAndOfALaterOneABlackHole() {
        RUN([](Simulation& world) {
            Pair pair(world, {.mtu = 1500});
            world.require(pair.send(1472) == Host::Sent::Yes, "1472 + 28 fits");
            world.require(pair.send(1473) == Host::Sent::TooBig, "one more does not");
            Router& router = world.network().router("router");
            Host& near = world.network().host("near", {"203.0.113.1"});
            Host& far = world.network().host("far", {"203.0.113.130"});
            world.network().connect(near, router, {.mtu = 9000});
            world.network().connect(router, far, {.mtu = 1280});
            router.addRoute(ip("203.0.113.0"), 25, 0);
            router.addRoute(ip("203.0.113.128"), 25, 1);
            size_t arrived = 0;
            far.bind(5, [&](const Datagram&) { ++arrived; });
            world.require(near.send({{}, 1}, {ip("203.0.113.130"), 5}, 0, Bytes(1252)) == Host::Sent::Yes, "leaves");
            world.require(near.send({{}, 1}, {ip("203.0.113.130"), 5}, 0, Bytes(1253)) == Host::Sent::Yes,
                          "leaves too");
            world.runFor(1s);
            world.require(arrived == 1, "only the small one arrives");
        });
    }

    void aLinkThatIsDownDropsAlsoWhatIsUnderWay() {
        RUN([](Simulation& world) {
            Pair pair(world, {.delay = 50ms});
            pair.send(1);
            world.runFor(10ms);
            pair.link.setUp(false);
            pair.send(2);
            world.runFor(1s);
            pair.link.setUp(true);
            pair.send(3);
            world.runFor(1s);
            world.require(pair.got.size() == 1 && pair.got[0].payload.size() == 3,
                          "only what was sent after the repair");
        });
    }

    void routersTakeTheLongestPrefixAndBreakLoops() {
        RUN([](Simulation& world) {
            Network& network = world.network();
            Host& a = network.host("a", {"192.0.2.1"});
            Host& b = network.host("b", {"198.51.100.1"});
            Host& c = network.host("c", {"198.51.100.129"});
            Router& one = network.router("one");
            Router& two = network.router("two");
            network.connect(a, one, {});
            network.connect(one, two, {});
            network.connect(two, b, {});
            network.connect(two, c, {});
            one.addRoute(ip("0.0.0.0"), 0, 1);
            one.addRoute(ip("192.0.2.0"), 24, 0);
            two.addRoute(ip("198.51.100.0"), 24, 1);
            two.addRoute(ip("198.51.100.128"), 25, 2);
            two.addRoute(ip("0.0.0.0"), 0, 0);
            std::string order;
            b.bind(1, [&](const Datagram&) { order += 'b'; });
            c.bind(1, [&](const Datagram&) { order += 'c'; });
            for (const char* to : {"198.51.100.1", "198.51.100.129", "203.0.113.9"})
                a.send({{}, 1}, {ip(to), 1}, 0, Bytes(1));
            world.runFor(5s);
            world.require(order == "bc", "each its own way: " + order);
            world.require(world.trace().droppedCount() == 1, "the third ran into the hop limit");
        });
    }

    void endpointIndependentMappingsAreTheSameForEverybody() {
        RUN([](Simulation& world) {
            Home home(world, world.network().nat("nat", "203.0.113.1", NatConfig::fullCone()));
            const auto first = home.reach("198.51.100.7", 7);
            world.require(first == SocketAddress{ip("203.0.113.1"), 4000}, "translated, port kept: " + first.text());
            world.require(home.reach("198.51.100.8", 8) == first, "the same to everybody");
            world.require(home.answer("198.51.100.7", 7, first) &&
                              home.back[0].destination == SocketAddress{ip("10.0.0.2"), 4000},
                          "answer comes in");
            world.require(home.answer("198.51.100.8", 1234, first), "a full cone lets strangers in");
        });
    }

    void filtersLookAtTheAddressOrAtThePortToo() {
        RUN([](Simulation& world) {
            Home restricted(world, world.network().nat("nat", "203.0.113.1", NatConfig::addressRestricted()));
            const auto outer = restricted.reach("198.51.100.7", 7);
            world.require(restricted.answer("198.51.100.7", 8, outer), "another port of a known address may answer");
            world.require(!restricted.answer("198.51.100.8", 7, outer), "another address may not");
        });
        RUN([](Simulation& world) {
            Home strict(world, world.network().nat("nat", "203.0.113.1", NatConfig::portRestricted()));
            const auto outer = strict.reach("198.51.100.7", 7);
            world.require(strict.answer("198.51.100.7", 7, outer), "the very end may answer");
            world.require(!strict.answer("198.51.100.7", 8, outer), "another port may not");
        });
    }

    void aSymmetricNatMapsEveryDestinationAnew() {
        RUN([](Simulation& world) {
            Home home(world, world.network().nat("nat", "203.0.113.1", NatConfig::symmetric()));
            const auto first = home.reach("198.51.100.7", 7);
            world.require(home.reach("198.51.100.7", 8) != first && home.reach("198.51.100.8", 7) != first,
                          "other ports");
            world.require(home.reach("198.51.100.7", 7) == first, "but stable for one destination");
        });
    }

    void mappingsTimeOutAndRebootsForgetThem() {
        RUN([](Simulation& world) {
            NatConfig config = NatConfig::symmetric();
            config.timeout = 20s;
            Nat& nat = world.network().nat("nat", "203.0.113.1", config);
            Home home(world, nat);
            const auto first = home.reach("198.51.100.7", 7);
            world.runFor(17s);
            world.require(home.answer("198.51.100.7", 7, first), "still there just before");
            world.require(home.reach("198.51.100.7", 7) == first, "and used again");
            world.runFor(20s);
            world.require(!home.answer("198.51.100.7", 7, first),
                          "gone after the time-out, inbound traffic does not refresh");
            const auto second = home.reach("198.51.100.7", 7);
            world.require(second != first, "mapped anew");
            nat.reboot();
            world.require(!home.answer("198.51.100.7", 7, second), "a reboot forgets");
            nat.setOuter(ip("203.0.113.99"));
            world.require(home.reach("198.51.100.7", 7).ip == ip("203.0.113.99"), "another outer address");
        });
    }

    void aFirewallLetsAnswersInForBothFamilies() {
        RUN([](Simulation& world) {
            Firewall& firewall = world.network().firewall("firewall", {.stateTimeout = 10s, .openPorts = {4001}});
            Home home(world, firewall);
            const SocketAddress inner4{ip("10.0.0.2"), 4000}, inner6{ip("2001:db8:1::2"), 4000};
            world.require(!home.answer("198.51.100.7", 7, inner4) && !home.answer("2001:db8:2::7", 7, inner6),
                          "closed at first");
            world.require(home.reach("198.51.100.7", 7) == inner4 && home.reach("2001:db8:2::7", 7) == inner6,
                          "out, untranslated");
            world.require(home.answer("198.51.100.7", 7, inner4) && home.answer("2001:db8:2::7", 7, inner6),
                          "answers come in");
            world.require(!home.answer("198.51.100.8", 7, inner4), "others do not");
            world.runFor(10s);
            world.require(!home.answer("198.51.100.7", 7, inner4), "state times out");
            size_t open = 0;
            home.inside.bind(4001, [&](const Datagram&) { ++open; });
            home.answer("198.51.100.8", 9, {ip("10.0.0.2"), 4001});
            world.require(open == 1, "an open port is open");
            firewall.setBlocksUdp(true);
            world.require(home.reach("198.51.100.7", 7) == SocketAddress{}, "nothing passes where UDP is blocked");
        });
    }

    void aHostThatMovesLosesItsOldAddress() {
        RUN([](Simulation& world) {
            Pair pair(world);
            pair.b.removeAddress(ip("192.0.2.2"));
            pair.b.addAddress(ip("192.0.2.77"));
            pair.send(1);
            pair.a.send({{}, 9}, {ip("192.0.2.77"), 1}, 0, Bytes(2));
            world.require(pair.b.send({ip("192.0.2.2"), 1}, {ip("192.0.2.1"), 1}, 0, Bytes(1)) == Host::Sent::NoRoute,
                          "cannot send from it");
            world.runFor(1s);
            world.require(pair.got.size() == 1 && pair.got[0].payload.size() == 2, "only the new one");
        });
    }

    void aHostReachesItself() {
        RUN([](Simulation& world) {
            Pair pair(world);
            pair.b.send({{}, 9}, {ip("2001:db8::2"), 1}, 0, Bytes(30'000));
            world.runFor(1s);
            world.require(pair.got.size() == 1, "without a link and its MTU");
        });
    }

    void theSameSeedGivesTheSameTraceAndAnotherSeedAnother() {
        const RunReport first = runScenario(scenarioSeed(), noisyHour);
        const RunReport again = runScenario(scenarioSeed(), noisyHour);
        const RunReport other = runScenario(scenarioSeed() + 1, noisyHour);
        QVERIFY2(first.passed && first.delivered > 1000 && first.dropped > 50, first.text().c_str());
        QCOMPARE(again.traceHash, first.traceHash);
        QVERIFY(other.traceHash != first.traceHash);
    }

    void aFailureTellsTheSeedAndTheLastEvents() {
        const RunReport report = runScenario(4711, [](Simulation& world) {
            Pair pair(world);
            pair.send(123);
            world.runFor(1s);
            LOG(world.log("a"), Info, "test", "a line of the log");
            world.require(false, "the wished-for end");
        });
        QVERIFY(!report.passed);
        for (const char* part :
             {"WHERRY_SIM_SEED=4711", "the wished-for end", "192.0.2.1:9 -> 192.0.2.2:1 123 B", "a line of the log"})
            QVERIFY2(report.text().find(part) != std::string::npos, report.text().c_str());
    }

    void aWorldThatSpinsIsStopped() {
        const RunReport report = runScenario(1, [](Simulation& world) {
            std::function<void()> again = [&] { world.after(Duration(0), again); };
            again();
            world.runFor(1s);
        });
        QVERIFY(!report.passed);
        QVERIFY(report.failure.find("spins") != std::string::npos);
    }

    void theSystemsClocksAndRandomnessAreTheSimulationsOwn() {
        std::vector<uint64_t> draws;
        for (int run = 0; run < 2; ++run)
            RUN([&](Simulation& world) {
                world.runFor(1000h);
                const auto wall = std::chrono::system_clock::now().time_since_epoch();
                world.require(wall == std::chrono::nanoseconds(world.now().wall.nanoseconds), "wall clock");
                world.require(std::chrono::steady_clock::now().time_since_epoch() ==
                                  world.now().mono.time_since_epoch(),
                              "mono clock");
                world.require(std::time(nullptr) == world.now().wall.seconds(), "time()");
                uint64_t drawn = 0;
                world.require(getentropy(&drawn, sizeof drawn) == 0, "getentropy");
                draws.push_back(drawn);
            });
        QCOMPARE(draws[0], draws[1]);
    }
};

QTEST_APPLESS_MAIN(NetworkTest)
#include "network_test.moc"
