#include "sim/bulk_flow.h"
#include "sim/net/simulation.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

/// home -- router of the home -- internet -- server.
struct Internet {
    Internet(Simulation& world, Device& gateway, const LinkConfig& last)
        : home(world.network().host("home", {"10.0.0.2", "2001:db8:1::2"})),
          server(world.network().host("server", {"198.51.100.7", "2001:db8:2::7"})),
          core(world.network().router("core")) {
        const LinkConfig lan{.delay = 1ms};
        world.network().connect(home, gateway, lan);
        uplink = &world.network().connect(gateway, core, last);
        world.network().connect(core, server, {.delay = 5ms});
        core.addRoute(ip("0.0.0.0"), 0, 0);
        core.addRoute(ip("::"), 0, 0);
        core.addRoute(ip("198.51.100.0"), 24, 1);
        core.addRoute(ip("2001:db8:2::"), 48, 1);
    }
    Host& home;
    Host& server;
    Router& core;
    Link* uplink;
};

struct Pair {
    explicit Pair(Simulation& world, const LinkConfig& config, quic::EndpointConfig quic = {})
        : a(world.network().host("a", {"192.0.2.1"})),
          b(world.network().host("b", {"192.0.2.2"})),
          link(world.network().connect(a, b, config)),
          dialer(world, a, "a", quic),
          listener(world, b, "b", quic) {}
    Host& a;
    Host& b;
    Link& link;
    SimEndpoint dialer, listener;
};

void require(Simulation& world, const BulkFlow& flow, size_t size) {
    const std::string ended = flow.error() ? " link ended: " + flow.error()->text() : "";
    world.require(flow.done() && flow.received() == size,
                  std::to_string(flow.received()) + " of " + std::to_string(size) + " bytes arrived" + ended);
}

void carry(Simulation& world, const LinkConfig& config, size_t size, Duration limit) {
    Pair pair(world, config);
    BulkFlow flow(world, pair.dialer, pair.listener, size);
    flow.start();
    world.runUntil([&] { return flow.closed() || flow.error(); }, limit);
    require(world, flow, size);
}

} // namespace

class QuicTest : public QObject {
    Q_OBJECT

  private slots:
    void theSameSeedGivesTheSameTraceWithRealTls() {
        const auto scenario = [](Simulation& world) {
            carry(world, {.delay = 30ms, .jitter = 4ms, .bitsPerSecond = 20'000'000, .loss = 0.03, .reorder = 0.01},
                  1'000'000, 60s);
        };
        const RunReport first = runScenario(scenarioSeed(), scenario);
        const RunReport again = runScenario(scenarioSeed(), scenario);
        const RunReport other = runScenario(scenarioSeed() + 1, scenario);
        QVERIFY2(first.passed, first.text().c_str());
        QVERIFY2(other.passed, other.text().c_str());
        QCOMPARE(again.delivered, first.delivered);
        QCOMPARE(again.traceHash, first.traceHash);
        QVERIFY(other.traceHash != first.traceHash);
    }

    void bytesSurviveReorderingDuplicatesAndCorruption() {
        RUN([](Simulation& world) {
            carry(world,
                  {.delay = 20ms, .jitter = 10ms, .loss = 0.02, .duplicate = 0.05, .corrupt = 0.05, .reorder = 0.1},
                  2'000'000, 120s);
        });
    }

    void everyKindOfNatLetsADialOut_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("full cone") << 0;
        QTest::newRow("address restricted") << 1;
        QTest::newRow("port restricted") << 2;
        QTest::newRow("symmetric") << 3;
    }
    void everyKindOfNatLetsADialOut() {
        QFETCH(int, kind);
        RUN([&](Simulation& world) {
            const NatConfig configs[] = {NatConfig::fullCone(), NatConfig::addressRestricted(),
                                         NatConfig::portRestricted(), NatConfig::symmetric()};
            Internet net(world, world.network().nat("nat", "203.0.113.1", configs[kind]), {.delay = 15ms});
            SimEndpoint home(world, net.home, "home"), server(world, net.server, "server");
            BulkFlow flow(world, home, server, 300'000);
            flow.start();
            world.runUntil([&] { return flow.done() || flow.error(); }, 20s);
            require(world, flow, 300'000);
        });
    }

    void aNatThatForgetsInTheMiddleIsSurvived() {
        RUN([](Simulation& world) {
            Nat& nat = world.network().nat("nat", "203.0.113.1", NatConfig::portRestricted());
            Internet net(world, nat, {.delay = 15ms, .bitsPerSecond = 20'000'000});
            SimEndpoint home(world, net.home, "home"), server(world, net.server, "server");
            BulkFlow flow(world, home, server, 5'000'000);
            flow.start();
            for (auto when : {500ms, 1000ms, 1500ms}) world.after(when, [&] { nat.reboot(); });
            world.runUntil([&] { return flow.done() || flow.error(); }, 30s);
            require(world, flow, 5'000'000);
            world.require(flow.moves() >= 3, "the server has seen " + std::to_string(flow.moves()) + " moves");
        });
    }

    void aClientThatChangesItsAddressGoesOn() {
        RUN([](Simulation& world) {
            Router& gateway = world.network().router("gateway");
            Internet net(world, gateway, {.delay = 15ms, .bitsPerSecond = 20'000'000});
            gateway.addRoute(ip("0.0.0.0"), 0, 1);
            gateway.addRoute(ip("10.0.0.0"), 8, 0);
            SimEndpoint home(world, net.home, "home"), server(world, net.server, "server");
            BulkFlow flow(world, home, server, 5'000'000);
            flow.start();
            world.after(700ms, [&] {
                net.home.removeAddress(ip("10.0.0.2"));
                net.home.addAddress(ip("10.7.7.7"));
                home.addressesChanged();
            });
            world.runUntil([&] { return flow.done() || flow.error(); }, 30s);
            require(world, flow, 5'000'000);
            world.require(flow.moves() >= 1, "the move was told");
        });
    }

    void aShortOutageIsSurvivedAndALongOneIsToldAsATimeout() {
        RUN([](Simulation& world) {
            Pair pair(world, {.delay = 20ms, .bitsPerSecond = 20'000'000});
            BulkFlow flow(world, pair.dialer, pair.listener, 5'000'000);
            flow.start();
            world.after(500ms, [&] { pair.link.setUp(false); });
            world.after(5500ms, [&] { pair.link.setUp(true); });
            world.runUntil([&] { return flow.done() || flow.error(); }, 60s);
            require(world, flow, 5'000'000);
        });
        RUN([](Simulation& world) {
            Pair pair(world, {.delay = 20ms, .bitsPerSecond = 20'000'000});
            BulkFlow flow(world, pair.dialer, pair.listener, 50'000'000);
            flow.start();
            world.after(500ms, [&] { pair.link.setUp(false); });
            world.runUntil([&] { return flow.error() && pair.listener.last<link::LinkClosed>(); }, 120s);
            world.require(flow.error().has_value(), "the dialler has noticed");
            world.require(pair.listener.last<link::LinkClosed>(), "the listener has noticed");
            world.require(flow.error()->code == Errc::Timeout || flow.error()->code == Errc::ConnectionLost,
                          flow.error()->text());
            world.require(world.elapsed() < 45s, "within the idle timeout");
        });
    }

    void aPathThatSwallowsBigDatagramsStillCarries() {
        RUN([](Simulation& world) {
            Router& gateway = world.network().router("gateway");
            gateway.addRoute(ip("0.0.0.0"), 0, 1);
            gateway.addRoute(ip("10.0.0.0"), 8, 0);
            Internet net(world, gateway, {.delay = 15ms, .mtu = 1280});
            SimEndpoint home(world, net.home, "home"), server(world, net.server, "server");
            BulkFlow flow(world, home, server, 2'000'000);
            flow.start();
            world.runUntil([&] { return flow.done() || flow.error(); }, 60s);
            require(world, flow, 2'000'000);
        });
    }

    void aBlockedPathEndsTheDialInTime() {
        RUN([](Simulation& world) {
            Internet net(world, world.network().firewall("firewall", {.blocksUdp = true}), {});
            SimEndpoint home(world, net.home, "home"), server(world, net.server, "server");
            BulkFlow flow(world, home, server, 1000);
            flow.start();
            world.runUntil([&] { return flow.error().has_value(); }, 60s);
            world.require(flow.error().has_value(), "the dial ends");
            world.require(world.elapsed() <= 11s, "after the handshake timeout");
        });
    }

    void aStatefulFirewallIsNoObstacleForWhoDialsOut() {
        RUN([](Simulation& world) {
            Internet net(world, world.network().firewall("firewall"), {.delay = 10ms});
            SimEndpoint home(world, net.home, "home"), server(world, net.server, "server");
            BulkFlow flow(world, home, server, 300'000);
            flow.start();
            world.runUntil([&] { return flow.done() || flow.error(); }, 20s);
            require(world, flow, 300'000);
        });
    }
};

QTEST_APPLESS_MAIN(QuicTest)
#include "quic_test.moc"
