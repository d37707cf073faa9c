#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

/// What stands between a node and the internet; tests/netns/nat_worlds.py has the same on the real kernel.
enum class Kind : uint8_t { None, Cone, Address, Port, Symmetric, Firewall6, Nat66 };
constexpr std::pair<Kind, const char*> kKinds[] = {
    {Kind::None, "none"},           {Kind::Cone, "cone"},           {Kind::Address, "address"}, {Kind::Port, "port"},
    {Kind::Symmetric, "symmetric"}, {Kind::Firewall6, "firewall6"}, {Kind::Nat66, "nat66"}};

bool hasIpv4(Kind kind) {
    return kind != Kind::Firewall6 && kind != Kind::Nat66;
}
bool hasIpv6(Kind kind) {
    return kind == Kind::None || !hasIpv4(kind);
}

/// Whether there is a direct way at all: a family that both have, and not a filter by port in front of a peer whose
/// port nobody can know.
bool canBeDirect(Kind a, Kind b) {
    if (a == Kind::None || b == Kind::None) return true;
    if (hasIpv4(a) != hasIpv4(b)) return false;
    const auto blocks = [](Kind one, Kind other) {
        return one == Kind::Symmetric && (other == Kind::Port || other == Kind::Symmetric);
    };
    return !blocks(a, b) && !blocks(b, a);
}

NatConfig natOf(Kind kind) {
    if (kind == Kind::Cone) return NatConfig::fullCone();
    if (kind == Kind::Address) return NatConfig::addressRestricted();
    return kind == Kind::Symmetric ? NatConfig::symmetric() : NatConfig::portRestricted();
}

/// A core, two relays, and the sites of a sender and a receiver.
class PunchWorld {
  public:
    PunchWorld(Simulation& simulation, Kind sends, Kind receives, double loss)
        : world(simulation),
          core(simulation.network().router("core")),
          line{.delay = 20ms, .bitsPerSecond = 50'000'000, .loss = loss} {
        for (const char* number : {"1", "2"}) {
            SimNodeConfig config;
            config.node.relay.serve.emplace();
            Host& host = simulation.network().host(
                std::string("relay") + number, {std::string("45.") + number + ".0.1", publicV6(40 + *number - '0')});
            plug(host, {std::string("45.") + number + ".0.1", publicV6(40 + *number - '0')});
            relays.push_back(std::make_unique<SimNode>(world, host, host.name(), disk, config));
        }
        sender = site("sender", 7, sends);
        receiver = site("receiver", 8, receives);
        receiverKind = receives;
        disk.addFile("/out/file", world.random("content").bytes(kFile));
    }

    void start() {
        for (auto& relay : relays) relay->start();
        receiver->start();
        sender->start();
        receiver->submit(node::SetReceive{{.enabled = true, .accept = transfer::Accept::All, .folder = "/dst", .trusted = {}}});
        world.require(world.runUntil([&] { return relayedAddress().has_value(); }, 60s),
                      "the receiver has a reservation");
    }
    void send() {
        began = world.elapsed();
        sender->submit(node::SendFiles{{receiver->peerId(), {*relayedAddress()}}, {"/out/file"}, 60s});
    }
    bool delivered() const { return sender->count<transfer::TransferDelivered>() > 0; }
    bool isDirect() const {
        const auto info = sender->node().peer(receiver->peerId());
        return info && !info->relayed();
    }
    std::optional<codec::Multiaddr> relayedAddress() const {
        for (const auto& relay : relays) {
            if (receiver->node().peer(relay->peerId()) == std::nullopt) continue;
            for (const auto& address : addressesOf(*relay))
                if (reaches(address, senderKind)) return circuit(address, *relay);
        }
        return std::nullopt;
    }

    static constexpr size_t kFile = 400'000;
    Simulation& world;
    testing::MemoryStorage disk;
    Router& core;
    LinkConfig line;
    std::vector<std::unique_ptr<SimNode>> relays;
    std::unique_ptr<SimNode> sender, receiver;
    Kind senderKind = Kind::None, receiverKind = Kind::None;
    Duration began{};

  private:
    static std::string publicV6(int number) { return "2a0a:" + std::to_string(number) + "::1"; }
    static bool reaches(const codec::Multiaddr& address, Kind kind) {
        const auto at = address.transportAddress();
        return at && (at->socket.ip.isV4() ? hasIpv4(kind) : hasIpv6(kind));
    }
    static codec::Multiaddr circuit(const codec::Multiaddr& address, const SimNode& relay) {
        return codec::Multiaddr::parse(address.withoutPeer().text() + "/p2p/" + relay.peerId().text() + "/p2p-circuit")
            .value();
    }
    static std::vector<codec::Multiaddr> addressesOf(const SimNode& relay) { return relay.target().addresses; }

    void plug(Device& edge, const std::vector<std::string>& outside) {
        world.network().connect(edge, core, line);
        for (const std::string& address : outside)
            core.addRoute(ip(address), address.find(':') == std::string::npos ? 32 : 128, m_ports);
        ++m_ports;
    }
    std::unique_ptr<SimNode> site(const std::string& name, int number, Kind kind) {
        if (name == "sender") senderKind = kind;
        const std::string v4 = "44." + std::to_string(number) + ".0.1", v6 = publicV6(number);
        std::vector<std::string> own;
        if (kind == Kind::None || kind == Kind::Firewall6) {
            if (kind == Kind::None) own.push_back(v4);
            own.push_back(v6);
        } else {
            own.push_back(kind == Kind::Nat66 ? "fd00::" + std::to_string(number)
                                              : "192.168.0." + std::to_string(number));
        }
        Host& host = world.network().host(name, own);
        if (kind == Kind::None) {
            plug(host, own);
        } else {
            Device& wall = kind == Kind::Firewall6
                               ? static_cast<Device&>(world.network().firewall(name + "-wall"))
                               : world.network().nat(name + "-nat", kind == Kind::Nat66 ? v6 : v4, natOf(kind));
            world.network().connect(host, wall, {.delay = 1ms});
            plug(wall, {hasIpv4(kind) ? v4 : v6});
        }
        SimNodeConfig config;
        for (const auto& relay : relays)
            for (const codec::Multiaddr& address : addressesOf(*relay))
                if (reaches(address, kind))
                    config.node.relay.servers.push_back(address.withPeer(relay->peerId().multihash()));
        return std::make_unique<SimNode>(world, host, name, disk, config);
    }

    size_t m_ports = 0;
};

void addPairs() {
    QTest::addColumn<int>("sends");
    QTest::addColumn<int>("receives");
    for (const auto& [sends, sendsName] : kKinds)
        for (const auto& [receives, receivesName] : kKinds)
            QTest::newRow((std::string(sendsName) + " to " + receivesName).c_str()) << int(sends) << int(receives);
}

} // namespace

/// From a relayed link to a direct one, between every two kinds of NAT, over lines that lose packets.
class PunchTest : public QObject {
    Q_OBJECT

  private slots:
    void everyPairDeliversAndEveryPairThatCanGoesDirect_data() { addPairs(); }
    void everyPairDeliversAndEveryPairThatCanGoesDirect() {
        QFETCH(int, sends);
        QFETCH(int, receives);
        const Kind a{uint8_t(sends)}, b{uint8_t(receives)};
        RUN([=](Simulation& simulation) {
            PunchWorld net(simulation, a, b, 0.02);
            net.start();
            net.send();
            simulation.require(simulation.runUntil([&] { return net.delivered(); }, 60s), "delivered");
            simulation.require(net.disk.content("/dst/file") == net.disk.content("/out/file"), "with equal content");
            const bool direct = simulation.runUntil([&] { return net.isDirect(); }, 60s);
            simulation.require(direct == canBeDirect(a, b), direct ? "direct against all expectation" : "never direct");
            qInfo("%s %.2f s", direct ? "delivered, and direct, after" : "relayed;",
                  std::chrono::duration<double>(simulation.elapsed() - net.began).count());
        });
    }
};

QTEST_APPLESS_MAIN(PunchTest)
#include "punch_test.moc"
