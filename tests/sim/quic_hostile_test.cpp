#include "sim/bulk_flow.h"
#include "sim/net/simulation.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

/// Sits on the path and, beside passing everything on, replays old datagrams, sends them back, cuts them, glues them
/// together and puts garbage behind real headers.
class Meddler final : public Device {
  public:
    Meddler(Medium& medium, const std::string& name) : Device(medium, name), m_random(medium.seed, name) {}

    void receive(Datagram datagram, size_t port) override {
        const size_t other = 1 - port;
        if (m_random.chance(0.1)) mischief(datagram, port, other);
        if (m_old.size() < 200) m_old.push_back(datagram);
        forward(std::move(datagram), other);
    }

  private:
    void mischief(const Datagram& datagram, size_t port, size_t other) {
        Datagram forged = datagram;
        switch (m_random.below(6)) {
        case 0: // replay
            if (!m_old.empty()) replay(m_old[m_random.below(m_old.size())], port);
            return;
        case 1: // back to where it came from
            std::swap(forged.source, forged.destination);
            return forward(std::move(forged), port);
        case 2:
            forged.payload.resize(m_random.below(forged.payload.size() + 1));
            break;
        case 3:
            append(forged.payload, m_random.bytes(m_random.below(100)));
            break;
        case 4: { // a coalesced datagram of two halves
            const Bytes twice = forged.payload;
            append(forged.payload, twice);
            break;
        }
        default: { // garbage behind the first bytes of a real packet
            const Bytes noise = m_random.bytes(forged.payload.size());
            const size_t keep = std::min<size_t>(forged.payload.size(), m_random.below(30));
            std::copy(noise.begin() + static_cast<std::ptrdiff_t>(keep), noise.end(),
                      forged.payload.begin() + static_cast<std::ptrdiff_t>(keep));
        }
        }
        if (forged.wireSize() <= 1500) forward(std::move(forged), other);
    }
    void replay(Datagram old, size_t) {
        // Ports are in the order home, server; the old datagram goes where it went.
        const bool toServer = old.destination.ip == ip("192.0.2.2");
        forward(std::move(old), toServer ? 1 : 0);
    }

    SeededRandom m_random;
    std::vector<Datagram> m_old;
};

} // namespace

class QuicHostileTest : public QObject {
    Q_OBJECT

  private slots:
    void aMeddlerOnThePathCannotHarm() {
        RUN([](Simulation& world) {
            Medium medium{world.scheduler(), world.trace(), world.seed()};
            Meddler meddler(medium, "meddler");
            Host& a = world.network().host("a", {"192.0.2.1"});
            Host& b = world.network().host("b", {"192.0.2.2"});
            world.network().connect(a, meddler, {.delay = 5ms});
            world.network().connect(meddler, b, {.delay = 5ms, .bitsPerSecond = 50'000'000});
            SimEndpoint dialer(world, a, "a"), listener(world, b, "b");
            BulkFlow flow(world, dialer, listener, 3'000'000);
            flow.start();
            world.runUntil([&] { return flow.closed() || flow.error(); }, 60s);
            world.require(flow.done() && flow.received() == 3'000'000,
                          std::to_string(flow.received()) + " bytes; " + (flow.error() ? flow.error()->text() : ""));
        });
    }

    void aThousandStalledHandshakesNeitherGrowNorLockOut() {
        RUN([](Simulation& world) {
            Router& core = world.network().router("core");
            Host& host = world.network().host("victim", {"198.51.100.7"});
            world.network().connect(core, host, {.delay = 5ms});
            core.addRoute(ip("198.51.100.7"), 32, 0);
            SimEndpoint victim(world, host, "victim");

            // 40 hosts dial 25 times each; nothing that the victim answers reaches them.
            std::vector<std::unique_ptr<SimEndpoint>> attackers;
            for (size_t i = 0; i < 40; ++i) {
                const std::string address = "203.0.113." + std::to_string(i + 1);
                Host& attacker = world.network().host("attacker" + std::to_string(i), {address});
                world.network().connect(attacker, core, {.delay = 5ms}, {.loss = 1});
                core.addRoute(ip(address), 32, i + 1);
                attackers.push_back(std::make_unique<SimEndpoint>(world, attacker, attacker.name()));
                for (int dial = 0; dial < 25; ++dial)
                    world.require(
                        attackers.back()->quic().dial(victim.address(), victim.peerId(), world.now()).has_value(),
                        "dial");
                attackers.back()->turn();
            }
            size_t mostHalfOpen = 0;
            world.runUntil(
                [&] {
                    mostHalfOpen = std::max(mostHalfOpen, victim.quic().load().halfOpen);
                    return false;
                },
                2s);
            world.require(mostHalfOpen > 10 && mostHalfOpen <= quic::kMaxHalfOpen,
                          "half open: " + std::to_string(mostHalfOpen));

            Host& friendly = world.network().host("friend", {"192.0.2.1"});
            world.network().connect(friendly, core, {.delay = 5ms});
            core.addRoute(ip("192.0.2.1"), 32, 41);
            SimEndpoint honest(world, friendly, "friend");
            BulkFlow flow(world, honest, victim, 100'000);
            flow.start();
            world.runUntil([&] { return flow.done() || flow.error(); }, 5s);
            world.require(flow.done(), "an honest peer gets through in the middle of it");

            attackers.clear();
            world.runFor(15s);
            const auto load = victim.quic().load();
            world.require(load.halfOpen == 0 && load.connections <= 1, "all of it is gone after the handshake timeout");
        });
    }
};

QTEST_APPLESS_MAIN(QuicHostileTest)
#include "quic_hostile_test.moc"
