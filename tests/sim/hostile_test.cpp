#include "sim/sim_endpoint.h"
#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

void appendMessage(Bytes& to, std::string text) {
    text += '\n';
    to.push_back(static_cast<uint8_t>(text.size())); // all shorter than 128
    append(to, asBytes(text));
}

/// What a peer says first on a stream for `protocol`.
Bytes proposal(const std::string& protocol) {
    Bytes out;
    appendMessage(out, "/multistream/1.0.0");
    appendMessage(out, protocol);
    return out;
}

/// A node that serves everything and accepts every offer, an honest neighbour, and an impostor with a QUIC endpoint of
/// its own.
struct Siege {
    explicit Siege(Simulation& simulation)
        : world(simulation),
          victimHost(simulation.network().host("victim", {"192.0.2.1"})),
          friendHost(simulation.network().host("friend", {"192.0.2.2"})),
          impostorHost(simulation.network().host("impostor", {"192.0.2.3"})),
          core(simulation.network().router("core")),
          victim(simulation, victimHost, "victim", disk, servingPerf()),
          honest(simulation, friendHost, "friend", otherDisk),
          impostor(simulation, impostorHost, "impostor") {
        size_t port = 0;
        for (Host* host : {&victimHost, &friendHost, &impostorHost}) {
            simulation.network().connect(*host, core, {.delay = 3ms, .bitsPerSecond = 100'000'000});
            core.addRoute(host->addresses().front(), 32, port++);
        }
        disk.addFile("/keep/secret", Bytes(100, 1));
        disk.addFolder("/dst");
        victim.start();
        victim.submit(node::SetReceive{
            {.enabled = true, .accept = transfer::Accept::All, .conflict = {}, .folder = "/dst", .trusted = {}}});
        honest.start();
        before = disk.tree("/");
    }
    static SimNodeConfig servingPerf() {
        SimNodeConfig config;
        config.node.servePerf = true;
        return config;
    }

    /// The impostor dials; its link is open afterwards.
    void connect() {
        auto dialled = impostor.quic().dial(victim.target().addresses.front(), victim.peerId(), world.now());
        world.require(dialled.has_value(), "dial");
        link = *dialled;
        impostor.turn();
        world.require(world.runUntil([&] { return impostor.last<link::LinkOpened>() != nullptr; }, 5s), "link open");
    }
    bool connected() const {
        const auto* closed = impostor.last<link::LinkClosed>();
        return !closed || closed->link != link;
    }
    /// Opens a stream and writes; nullopt when the victim allows no more streams or has closed the link.
    std::optional<link::StreamKey> say(const Bytes& bytes, link::Fin fin) {
        auto key = impostor.quic().openStream(link);
        if (!key) return std::nullopt;
        write(*key, bytes, fin);
        return *key;
    }
    void write(link::StreamKey key, const Bytes& bytes, link::Fin fin) {
        const size_t count = std::min(bytes.size(), impostor.quic().writable(key));
        impostor.quic().write(key, Slice::copyOf(ByteView(bytes).first(count)), fin);
        impostor.turn();
    }
    void requireUnharmed(const std::string& when) {
        world.require(victim.running(), "the victim runs " + when);
        world.require(disk.tree("/") == before, "nothing was written " + when);
        world.require(victim.blocksInUse() <= 64, "blocks " + std::to_string(victim.blocksInUse()) + " " + when);
        honest.forgetEvents();
        honest.submit(node::Ping{victim.target(), 1, 5s});
        world.runUntil([&] { return honest.last<node::PingReply>() || honest.last<node::RequestFailed>(); }, 10s);
        world.require(honest.last<node::PingReply>(), "an honest peer is answered " + when);
    }

    Simulation& world;
    testing::MemoryStorage disk, otherDisk;
    Host& victimHost;
    Host& friendHost;
    Host& impostorHost;
    Router& core;
    SimNode victim, honest;
    SimEndpoint impostor;
    link::LinkId link;
    testing::MemoryStorage::Tree before;
};

} // namespace

class HostileTest : public QObject {
    Q_OBJECT

  private slots:
    void garbageOnEveryProtocolHarmsNobody_data() {
        QTest::addColumn<QString>("protocol");
        for (const char* protocol : {"/wherry/transfer/1", "/ipfs/ping/1.0.0", "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0",
                                     "/perf/1.0.0", "/no/such/thing"})
            QTest::newRow(protocol) << protocol;
    }
    void garbageOnEveryProtocolHarmsNobody() {
        QFETCH(QString, protocol);
        RUN([&](Simulation& world) {
            Siege siege(world);
            siege.connect();
            SeededRandom random = world.random("garbage");
            for (int i = 0; i < 400; ++i) {
                if (!siege.connected()) siege.connect();
                Bytes bytes = proposal(protocol.toStdString());
                if (random.chance(0.1)) bytes.resize(random.below(bytes.size()));
                Bytes noise = random.bytes(random.below(random.chance(0.2) ? 100'000 : 200));
                // Lengths that a decoder of messages would believe.
                if (random.chance(0.5) && noise.size() > 4) noise[0] = static_cast<uint8_t>(random.below(100));
                append(bytes, noise);
                const auto key = siege.say(bytes, random.chance(0.7) ? link::Fin::Yes : link::Fin::No);
                if (key && random.chance(0.3)) siege.impostor.quic().reset(*key, random.next() >> 2);
                if (key && random.chance(0.3)) siege.impostor.quic().stop(*key, random.next() >> 2);
                siege.impostor.turn();
                world.runFor(std::chrono::milliseconds(random.below(20)));
            }
            siege.requireUnharmed("under garbage");
        });
    }

    void aPeerThatOpensEverythingAndSaysNothingIsBounded() {
        RUN([](Simulation& world) {
            Siege siege(world);
            siege.connect();
            size_t opened = 0;
            for (int round = 0; round < 30; ++round) {
                while (siege.connected() && siege.say({0x13}, link::Fin::No)) ++opened;
                world.runFor(1s);
            }
            // Refused ones make room for others, one round trip later.
            world.require(opened >= 100 && opened <= 30 * 256, std::to_string(opened) + " streams in 30 s");
            siege.requireUnharmed("with all its streams stalled");
        });
    }

    void aPeerThatAsksAndNeverReadsDoesNotGrowTheQueues() {
        RUN([](Simulation& world) {
            Siege siege(world);
            siege.connect();
            // Pings and perf downloads whose answers are never taken: no credit comes back.
            Bytes pings = proposal("/ipfs/ping/1.0.0");
            append(pings, Bytes(32 * 2000, 7));
            Bytes download = proposal("/perf/1.0.0");
            append(download, Bytes{0, 0, 0, 1, 0, 0, 0, 0}); // 4 GiB
            for (int i = 0; i < 20; ++i) {
                siege.say(pings, link::Fin::No);
                siege.say(download, link::Fin::Yes);
            }
            const uint64_t before = world.trace().deliveredCount();
            world.runFor(20s);
            const auto stats = siege.impostor.quic().stats(siege.link);
            const uint64_t bytes = stats ? stats->bytesReceived : 0;
            world.require(bytes < 20'000'000, std::to_string(bytes) + " bytes were sent to who reads nothing");
            world.require(world.trace().deliveredCount() - before < 40'000, "a window's worth of datagrams");
            siege.requireUnharmed("with unread answers");
        });
    }

    void aThousandStalledHandshakesDoNotKeepHonestPeersOut() {
        RUN([](Simulation& world) {
            Siege siege(world);
            // 40 hosts dial 25 times each; nothing that the victim answers reaches them.
            std::vector<std::unique_ptr<SimEndpoint>> crowd;
            for (size_t i = 0; i < 40; ++i) {
                const std::string address = "203.0.113." + std::to_string(i + 1);
                Host& host = world.network().host("mute" + std::to_string(i), {address});
                world.network().connect(host, siege.core, {.delay = 5ms}, {.loss = 1});
                siege.core.addRoute(ip(address), 32, 3 + i);
                crowd.push_back(std::make_unique<SimEndpoint>(world, host, host.name()));
                for (int dial = 0; dial < 25; ++dial)
                    world.require(crowd.back()
                                      ->quic()
                                      .dial(siege.victim.target().addresses.front(), siege.victim.peerId(), world.now())
                                      .has_value(),
                                  "dial");
                crowd.back()->turn();
            }
            world.runFor(2s);
            siege.requireUnharmed("while a thousand handshakes hang");
            siege.connect(); // and a stranger who finishes his
            world.runFor(5s);
            world.require(siege.connected(), "the finished link stays");
            crowd.clear();
            world.runFor(15s);
            siege.requireUnharmed("after they have timed out");
        });
    }

    void manyIdentitiesFromOneAddressAreLimited() {
        RUN([](Simulation& world) {
            Siege siege(world);
            std::vector<std::unique_ptr<SimEndpoint>> crowd;
            size_t open = 0;
            for (uint16_t i = 0; i < 150; ++i) {
                crowd.push_back(std::make_unique<SimEndpoint>(world, siege.impostorHost, "crowd" + std::to_string(i),
                                                              quic::EndpointConfig{}, static_cast<uint16_t>(5000 + i)));
                auto dialled = crowd.back()->quic().dial(siege.victim.target().addresses.front(), siege.victim.peerId(),
                                                         world.now());
                world.require(dialled.has_value(), "dial");
                crowd.back()->turn();
                world.runFor(50ms);
            }
            world.runFor(5s);
            for (const auto& one : crowd) open += one->last<link::LinkOpened>() && !one->last<link::LinkClosed>();
            world.require(open > 0 && open <= quic::kMaxConnectionsPerPrefix, std::to_string(open) + " are connected");
            siege.requireUnharmed("in a crowd");
        });
    }
};

QTEST_APPLESS_MAIN(HostileTest)
#include "hostile_test.moc"
