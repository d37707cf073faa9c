#include "sim/sim_endpoint.h"
#include "sim/verify_scenario.h"

#include <map>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

constexpr link::BitRate kTenMegabit{10'000'000};
constexpr size_t kMessage = 32;
constexpr size_t kBulkStreams = 4;
constexpr size_t kPiece = 64 * 1024;
constexpr uint8_t kBulkMark = 'B';
constexpr uint8_t kPingMark = 'P';

BlockPtr blockOf(uint8_t mark, size_t size) {
    auto block = std::make_shared<Block>(size);
    std::fill_n(block->data(), size, mark);
    return block;
}

/// Takes bytes from everybody and echoes messages.
class Server {
  public:
    Server(Simulation& world, Host& host) : m_endpoint(world, host, "server") {
        m_endpoint.onEvent = [this](const link::LinkEvent& event) {
            if (const auto* opened = std::get_if<link::LinkOpened>(&event)) m_peers[opened->link] = opened->peer;
            if (const auto* opened = std::get_if<link::StreamOpened>(&event)) drain(opened->key);
            if (const auto* readable = std::get_if<link::StreamReadable>(&event)) drain(readable->key);
        };
    }
    SimEndpoint& endpoint() { return m_endpoint; }
    /// Bytes of UDP payload from this peer, which is what is limited; content is about 3 % less.
    uint64_t received(const SimEndpoint& from) {
        for (const auto& [link, peer] : m_peers)
            if (peer == from.peerId()) return m_endpoint.quic().stats(link)->bytesReceived;
        return 0;
    }

  private:
    void drain(link::StreamKey key) {
        auto& io = m_endpoint.quic();
        while (const size_t size = io.front(key).size()) {
            if (io.front(key).front() == kPingMark) io.write(key, {m_echo, 0, std::min(size, kMessage)}, link::Fin::No);
            io.consume(key, size);
        }
    }
    SimEndpoint m_endpoint;
    BlockPtr m_echo = blockOf(kPingMark, kMessage);
    std::map<link::LinkId, crypto::PeerId> m_peers;
};

/// Sends as much as it can over several streams, and a small message each 100 ms whose way there and back is measured.
class Client {
  public:
    Client(Simulation& world, Host& host, const std::string& name, SimEndpoint& server)
        : m_world(world),
          m_endpoint(world, host, name) {
        m_endpoint.onEvent = [this](const link::LinkEvent& event) { on(event); };
        auto link = m_endpoint.quic().dial(server.address(), server.peerId(), world.now());
        world.require(link.has_value(), "dial");
        m_link = *link;
        m_endpoint.turn();
    }
    SimEndpoint& endpoint() { return m_endpoint; }
    Duration slowestPing() const { return m_slowest; }
    size_t pings() const { return m_pings; }
    void forgetPings() { m_slowest = {}; }

  private:
    void on(const link::LinkEvent& event) {
        if (std::holds_alternative<link::LinkOpened>(event)) {
            for (size_t i = 0; i < kBulkStreams; ++i) fill(*m_endpoint.quic().openStream(m_link));
            m_ping = *m_endpoint.quic().openStream(m_link);
            sendPing();
        } else if (const auto* writable = std::get_if<link::StreamWritable>(&event)) {
            if (writable->key != m_ping) fill(writable->key);
        } else if (const auto* readable = std::get_if<link::StreamReadable>(&event)) {
            if (readable->key == m_ping) onEcho();
        }
    }
    void fill(link::StreamKey key) {
        auto& io = m_endpoint.quic();
        while (const size_t room = std::min(io.writable(key), kPiece)) io.write(key, {m_bulk, 0, room}, link::Fin::No);
    }
    void sendPing() {
        m_sentAt = m_world.now().mono;
        m_endpoint.quic().write(m_ping, {m_message, 0, kMessage}, link::Fin::No);
    }
    void onEcho() {
        auto& io = m_endpoint.quic();
        m_answered += io.available(m_ping);
        io.consume(m_ping, io.available(m_ping));
        if (m_answered % kMessage != 0) return;
        ++m_pings;
        m_slowest = std::max<Duration>(m_slowest, m_world.now().mono - m_sentAt);
        m_world.after(100ms, [this] {
            sendPing();
            m_endpoint.turn();
        });
    }

    Simulation& m_world;
    SimEndpoint m_endpoint;
    link::LinkId m_link;
    link::StreamKey m_ping;
    BlockPtr m_bulk = blockOf(kBulkMark, kPiece);
    BlockPtr m_message = blockOf(kPingMark, kMessage);
    size_t m_answered = 0;
    size_t m_pings = 0;
    Duration m_slowest{};
    Instant m_sentAt{};
};

/// Two clients and a server around one router, on public addresses unless said otherwise.
struct Star {
    explicit Star(Simulation& simulation, Duration delay = 20ms, const std::string& net = "198.51.100.")
        : world(simulation),
          router(world.network().router("router")),
          serverHost(host(net + "1", delay)),
          hostA(host(net + "2", delay)),
          hostB(host(net + "3", delay)),
          server(world, serverHost) {}
    Host& host(const std::string& address, Duration delay) {
        Host& made = world.network().host(address, {address});
        world.network().connect(made, router,
                                {.delay = delay / 2, .bitsPerSecond = 500'000'000, .queueBytes = 4'000'000});
        router.addRoute(ip(address), 32, m_ports++);
        return made;
    }
    Client& addA() { return *(a = std::make_unique<Client>(world, hostA, "a", server.endpoint())); }
    Client& addB() { return *(b = std::make_unique<Client>(world, hostB, "b", server.endpoint())); }
    /// What the server gets from the client from now on, in Mbit/s.
    double rate(Client& client, Duration time = 10s) {
        const uint64_t before = server.received(client.endpoint());
        world.runFor(time);
        return static_cast<double>(server.received(client.endpoint()) - before) * 8e-6 /
               std::chrono::duration<double>(time).count();
    }
    void requireRate(double measured, double wanted, double part = 0.05) const {
        world.require(std::abs(measured - wanted) <= wanted * part,
                      std::to_string(measured) + " Mbit/s instead of " + std::to_string(wanted));
    }
    void requirePings(const Client& client, Duration slowest) const {
        world.require(client.pings() > 10, "only " + std::to_string(client.pings()) + " pings");
        world.require(client.slowestPing() <= slowest,
                      "a ping took " + std::to_string(client.slowestPing() / 1ms) + " ms");
    }

    Simulation& world;
    Router& router;
    size_t m_ports = 0;
    Host& serverHost;
    Host& hostA;
    Host& hostB;
    Server server;
    std::unique_ptr<Client> a, b;
};

} // namespace

class BandwidthTest : public QObject {
    Q_OBJECT

  private slots:
    void withoutLimitsThePathIsFilled() {
        RUN([](Simulation& world) {
            Star star(world);
            Client& a = star.addA();
            star.rate(a, 2s);
            const double rate = star.rate(a, 2s);
            world.require(rate > 200, std::to_string(rate) + " Mbit/s");
        });
    }

    void anUploadLimitIsKeptFromTheFirstSecondAndPingsStayQuick() {
        RUN([](Simulation& world) {
            Star star(world);
            Client& a = star.addA();
            a.endpoint().setBandwidth({.upload = kTenMegabit});
            star.requireRate(star.rate(a), 10);
            star.requirePings(a, 60ms);
        });
    }

    void aDownloadLimitIsKeptAndPingsStayQuick() {
        RUN([](Simulation& world) {
            Star star(world);
            star.server.endpoint().setBandwidth({.download = kTenMegabit});
            Client& a = star.addA();
            star.requireRate(star.rate(a), 10);
            star.requireRate(star.rate(a), 10);
            star.requirePings(a, 150ms);
        });
    }

    void aDownloadLimitIsKeptOverALongPath() {
        RUN([](Simulation& world) {
            Star star(world, 100ms);
            star.server.endpoint().setBandwidth({.download = {50'000'000}});
            Client& a = star.addA();
            star.rate(a, 6s); // windows grow
            star.requireRate(star.rate(a), 50);
        });
    }

    void aSlowLimitIsKeptToo() {
        RUN([](Simulation& world) {
            Star star(world);
            star.server.endpoint().setBandwidth({.download = {1'000'000}});
            Client& a = star.addA();
            star.rate(a, 2s);
            star.requireRate(star.rate(a), 1);
            a.endpoint().setBandwidth({.upload = {256'000}});
            a.endpoint().turn();
            star.rate(a, 5s);
            star.requireRate(star.rate(a), 0.256);
            star.requirePings(a, 500ms);
        });
    }

    void twoPeersShareTheServersDownloadLimit() {
        RUN([](Simulation& world) {
            Star star(world);
            star.server.endpoint().setBandwidth({.download = kTenMegabit});
            Client& a = star.addA();
            Client& b = star.addB();
            star.rate(a, 2s);
            const uint64_t before = star.server.received(b.endpoint());
            const double rateA = star.rate(a);
            const double rateB = static_cast<double>(star.server.received(b.endpoint()) - before) * 8e-7;
            star.requireRate(rateA + rateB, 10);
            star.requireRate(rateA, 5, 0.1);
        });
    }

    void aPeersOwnLimitDoesNotSlowTheOther() {
        RUN([](Simulation& world) {
            Star star(world);
            star.server.endpoint().setBandwidth({.download = {40'000'000}, .downloadPerPeer = kTenMegabit});
            Client& a = star.addA();
            Client& b = star.addB();
            star.rate(a, 2s);
            const uint64_t before = star.server.received(b.endpoint());
            star.requireRate(star.rate(a), 10);
            star.requireRate(static_cast<double>(star.server.received(b.endpoint()) - before) * 8e-7, 10);
        });
    }

    void peersOnAPrivateNetworkAreExemptUnlessTheLimitsSayOtherwise() {
        RUN([](Simulation& world) {
            Star star(world, 20ms, "10.0.0.");
            Client& a = star.addA();
            a.endpoint().setBandwidth({.upload = kTenMegabit});
            star.rate(a, 2s);
            const double rate = star.rate(a, 2s);
            world.require(rate > 200, std::to_string(rate) + " Mbit/s");
            a.endpoint().setBandwidth({.upload = kTenMegabit, .limitLan = true});
            a.endpoint().turn();
            star.rate(a, 1s);
            star.requireRate(star.rate(a), 10);
        });
    }

    void limitsCanBeSetAndLiftedWhileBytesFlow() {
        RUN([](Simulation& world) {
            Star star(world);
            Client& a = star.addA();
            star.rate(a, 2s);
            auto& server = star.server.endpoint();
            server.setBandwidth({.download = kTenMegabit});
            server.turn();
            star.rate(a, 5s); // what had credit arrives, and is paid
            star.rate(a, 5s);
            star.requireRate(star.rate(a, 60s), 10, 0.1); // in steps of half a window, which had grown
            server.setBandwidth({});
            server.turn();
            star.rate(a, 3s);
            const double rate = star.rate(a, 2s);
            world.require(rate > 100, std::to_string(rate) + " Mbit/s");
        });
    }

    void aLimitedSenderSleepsBetweenItsTurns() {
        RUN([](Simulation& world) {
            Star star(world);
            Client& a = star.addA();
            a.endpoint().setBandwidth({.upload = {1'000'000}});
            star.rate(a, 2s);
            const uint64_t before = world.scheduler().eventsRun();
            star.rate(a);
            // A few events for each datagram there and back: 1000 of them. A busy loop makes millions.
            const uint64_t events = world.scheduler().eventsRun() - before;
            world.require(events < 40'000, std::to_string(events) + " events");
        });
    }
};

QTEST_APPLESS_MAIN(BandwidthTest)
#include "bandwidth_test.moc"
