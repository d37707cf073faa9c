#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

/// A sender and a receiver, each behind a NAT that nobody gets through, and relays on the internet.
struct Behind {
    /// `others`: of all relays but the first.
    Behind(Simulation& simulation, size_t relayCount, const relay::RelayServerConfig& limits = {},
           const std::optional<relay::RelayServerConfig>& others = {})
        : world(simulation),
          core(simulation.network().router("core")) {
        for (size_t i = 0; i < relayCount; ++i) {
            SimNodeConfig config;
            config.node.relay.serve = i > 0 ? others.value_or(limits) : limits;
            const std::string address = "44." + std::to_string(i + 1) + ".0.1";
            Host& host = world.network().host("relay" + std::to_string(i), {address});
            join(host, address);
            relays.push_back(std::make_unique<SimNode>(world, host, "relay" + std::to_string(i), disk, config));
            relays.back()->start();
        }
        sender = home("sender", "192.168.0.2", "44.8.0.1", sourceDisk, {});
        SimNodeConfig config;
        for (const auto& relay : relays) {
            const auto target = relay->target();
            config.node.relay.servers.push_back(target.addresses.at(0).withPeer(target.peer.multihash()));
        }
        receiver = home("receiver", "192.168.0.2", "44.9.0.1", targetDisk, config);
        sender->start();
        receiver->start();
        receiver->submit(node::SetReceive{{.enabled = true,
                                           .accept = transfer::Accept::All,
                                           .conflict = transfer::Conflict::Rename,
                                           .folder = "/dst",
                                           .trusted = {}}});
        targetDisk.addFolder("/dst");
        world.require(world.runUntil([&] { return receiver->circuits().size() == relayCount; }, 20s),
                      "all relays serve it");
    }
    void join(Device& device, const std::string& address) {
        world.network().connect(device, core, {.delay = 10ms, .bitsPerSecond = 50'000'000});
        core.addRoute(ip(address), 32, ports++);
    }
    std::unique_ptr<SimNode> home(const std::string& name, const std::string& inside, const std::string& outside,
                                  testing::MemoryStorage& storage, const SimNodeConfig& config) {
        Host& host = world.network().host(name, {inside});
        Nat& nat = world.network().nat(name + "-nat", outside, NatConfig::symmetric());
        world.network().connect(host, nat, {.delay = 1ms});
        join(nat, outside);
        return std::make_unique<SimNode>(world, host, name, storage, config);
    }
    void send(size_t bytes) {
        content = world.random("content").bytes(bytes);
        sourceDisk.addFile("/src/file", content);
        sender->submit(node::SendFiles{{receiver->peerId(), receiver->circuits()}, {"/src/file"}, 2min});
    }
    bool delivered(Duration limit) {
        const auto over = [&] {
            return sender->last<transfer::TransferDelivered>() || sender->last<transfer::TransferFailed>();
        };
        world.runUntil(over, limit);
        return sender->last<transfer::TransferDelivered>() && targetDisk.content("/dst/file") == content;
    }
    uint64_t received() const {
        const auto* progress = receiver->last<transfer::TransferProgress>();
        return progress ? progress->figures.bytesVerified : 0;
    }

    Simulation& world;
    Router& core;
    size_t ports = 0;
    testing::MemoryStorage disk, sourceDisk, targetDisk;
    std::vector<std::unique_ptr<SimNode>> relays;
    std::unique_ptr<SimNode> sender, receiver;
    Bytes content;
};

} // namespace

/// Files through relays, between devices that cannot reach each other.
class RelayTest : public QObject {
    Q_OBJECT

  private slots:
    void aFileGoesThroughARelay() {
        RUN([](Simulation& world) {
            Behind net(world, 1);
            net.send(5'000'000);
            world.require(net.delivered(60s), "delivered");
            const auto* path = net.sender->last<node::PathChanged>();
            world.require(path && path->kind == node::PathKind::Relayed, "through the relay");
            const auto service = net.relays[0]->status().relayService;
            // The sender, which nobody reaches either, has one too.
            world.require(service.serving && service.reservations == 2 && service.circuitsServed == 1,
                          "that counts it");
            world.require(service.bytes > 5'000'000, "and what it has passed on");
            world.runFor(1min);
            world.require(net.relays[0]->blocksInUse() == 0, "and keeps nothing");
        });
    }

    void aTransferGoesOnOverTheOtherRelayWhenOneDies() {
        RUN([](Simulation& world) {
            Behind net(world, 2);
            net.send(20'000'000);
            world.require(world.runUntil([&] { return net.received() > 4'000'000; }, 60s), "it runs");
            for (auto& relay : net.relays)
                if (relay->status().relayService.circuits > 0) {
                    relay->kill();
                    break;
                }
            world.require(net.delivered(2min), "delivered all the same");
            const auto* resumed = net.sender->last<transfer::TransferResumed>();
            world.require(resumed && resumed->bytesAlready > 3'000'000, "without beginning anew");
        });
    }

    void aTransferThatIsLargerThanTheLimitGoesOnOverTheNextCircuit() {
        RUN([](Simulation& world) {
            Behind net(world, 1, {.circuitBytes = 4'000'000});
            net.send(10'000'000);
            world.require(net.delivered(2min), "delivered");
            world.require(net.relays[0]->status().relayService.circuitsServed >= 3, "over several");
        });
    }

    void littleIsLostWhereCircuitsCarryLittle_data() {
        QTest::addColumn<quint64>("limit");
        QTest::addColumn<quint64>("bytes");
        QTest::newRow("64 KiB") << quint64(64 * 1024) << quint64(1'000'000);
        QTest::newRow("128 KiB") << quint64(128 * 1024) << quint64(5'000'000);
        QTest::newRow("1 MiB") << quint64(1024 * 1024) << quint64(5'000'000);
    }
    /// A chunk is larger than the smaller of these.
    void littleIsLostWhereCircuitsCarryLittle() {
        QFETCH(quint64, limit);
        QFETCH(quint64, bytes);
        RUN([=](Simulation& world) {
            Behind net(world, 1, {.circuitBytes = limit});
            net.sender->submit(node::SetAlias{{net.relays[0]->peerId(), {}}, "office"});
            net.send(bytes);
            world.require(net.delivered(2min), "delivered");
            const auto service = net.relays[0]->status().relayService;
            const std::string figures =
                std::to_string(service.circuitsServed) + " circuits, " + std::to_string(service.bytes) + " bytes";
            qInfo("%s", figures.c_str());
            world.require(service.circuitsServed <= bytes * 5 / 4 / limit + 2, figures);
            world.require(service.bytes <= bytes * 5 / 4 + limit, figures);
            const std::string said = std::string(" lets ") + QTest::currentDataTag() + " through";
            const std::map<const SimNode*, std::string> names{
                {net.sender.get(), "relay 'office'"},
                {net.receiver.get(), "relay " + net.relays[0]->peerId().shortText()}};
            for (const auto& [node, name] : names) {
                const std::string why = node->last<transfer::TransferInterrupted>()->error.text();
                world.require(why.find(name + said) != std::string::npos,
                              node->name() + " hears whose limit it is: " + why);
            }
        });
    }

    void aRelayThatLetsTooLittleThroughIsNamed_data() {
        QTest::addColumn<quint64>("limit");
        QTest::newRow("1 KiB") << quint64(1024);
        QTest::newRow("6000 bytes") << quint64(6000);
        QTest::newRow("16 KiB") << quint64(16 * 1024);
    }
    /// A batch of one file is more than it carries.
    void aRelayThatLetsTooLittleThroughIsNamed() {
        QFETCH(quint64, limit);
        RUN([=](Simulation& world) {
            Behind net(world, 1, {.circuitBytes = limit});
            net.send(60'000);
            world.require(!net.delivered(150s), "it cannot be delivered");
            const auto* failed = net.sender->last<transfer::TransferFailed>();
            world.require(failed != nullptr, "which is told");
            const std::string why = failed->error.text();
            world.require(why.find(net.relays[0]->peerId().shortText()) != std::string::npos, "with the relay: " + why);
            world.require(why.find(QTest::currentDataTag()) != std::string::npos, "and its limit: " + why);
            const auto served = net.relays[0]->status().relayService.circuitsServed;
            const std::string tried = std::to_string(served) + " circuits were tried";
            world.require(served < 60, tried);
            qInfo("%s (%s)", why.c_str(), tried.c_str());
        });
    }

    void theOtherRelayHelpsWhereOneLetsTooLittleThrough() {
        RUN([](Simulation& world) {
            Behind net(world, 2, {.circuitBytes = 16 * 1024}, relay::RelayServerConfig{.circuitBytes = 1024 * 1024});
            net.send(60'000);
            world.require(net.delivered(60s), "delivered");
        });
    }

    void aLimitOfTimeIsNamed() {
        RUN([](Simulation& world) {
            Behind net(world, 1, {.circuitDuration = 10s});
            net.send(60'000'000);
            world.require(world.runUntil([&] { return net.sender->count<transfer::TransferInterrupted>() > 0; }, 60s),
                          "it is cut");
            world.runFor(1s);
            for (const SimNode* node : {net.sender.get(), net.receiver.get()}) {
                const std::string why = node->last<transfer::TransferInterrupted>()->error.text();
                world.require(why.find(net.relays[0]->peerId().shortText() + " ends a connection after 10 seconds") !=
                                  std::string::npos,
                              node->name() + " hears whose limit it is: " + why);
            }
        });
    }

    void aRelayThatFallsSilentIsNamed() {
        RUN([](Simulation& world) {
            Behind net(world, 1);
            net.send(100'000'000);
            world.require(world.runUntil([&] { return net.received() > 1'000'000; }, 20s), "it is under way");
            net.relays[0]->kill();
            const auto cut = [](const SimNode& node) { return node.count<transfer::TransferInterrupted>() > 0; };
            world.require(world.runUntil([&] { return cut(*net.sender) && cut(*net.receiver); }, 2min), "both notice");
            for (const SimNode* node : {net.sender.get(), net.receiver.get()}) {
                const std::string why = node->last<transfer::TransferInterrupted>()->error.text();
                world.require(why.find("relay " + net.relays[0]->peerId().shortText()) != std::string::npos,
                              node->name() + " hears who is gone: " + why);
            }
        });
    }

    /// The relay keeps to what it has said, and the other one is gone: nobody waits for that one.
    void aRelayIsNotBlamedForItsLimit() {
        RUN([](Simulation& world) {
            Behind net(world, 2, {.circuitBytes = 4'000'000});
            net.relays[1]->kill();
            net.send(20'000'000);
            world.require(net.delivered(15s), "delivered");
            world.require(net.relays[0]->status().relayService.circuitsServed >= 5, "over several circuits of one");
        });
    }

    /// It is of use to others only where they reach it.
    void whoIsARelayItselfAsksForNoReservation() {
        RUN([](Simulation& world) {
            Behind net(world, 1);
            SimNodeConfig config;
            config.node.relay.serve.emplace();
            const auto relay = net.home("third", "192.168.0.2", "44.10.0.1", net.disk, config);
            relay->start();
            for (SimNode* node : {relay.get(), net.sender.get()}) node->submit(node::Ping{net.relays[0]->target(), 1});
            const auto isServed = [&] { return !net.sender->circuits().empty(); };
            world.require(world.runUntil(isServed, 20s), "who is none gets one");
            world.runFor(1min);
            world.require(relay->status().connectionsTotal == 1, "the other one has met it, too");
            world.require(relay->circuits().empty(), "and has none");
        });
    }

    /// A reservation is made over a direct connection alone: one through another relay is no reason to leave it there.
    void aRelayThatIsReachedThroughAnotherOneIsDialledDirectly() {
        RUN([](Simulation& world) {
            Behind net(world, 1);
            SimNode& first = *net.relays[0];
            const auto met = first.target();
            SimNodeConfig config;
            config.node.relay.serve.emplace();
            config.node.relay.servers.push_back(met.addresses.at(0).withPeer(met.peer.multihash()));
            Host& host = world.network().host("second", {"44.11.0.1"});
            net.join(host, "44.11.0.1");
            SimNode second(world, host, "second", net.disk, config);
            second.start();
            world.require(world.runUntil([&] { return second.circuits().size() == 1; }, 20s),
                          "the second relay is reached through the first");
            SimNodeConfig named;
            named.node.relay.discover = false;
            named.node.relay.servers.push_back(
                codec::Multiaddr::parse("/dns4/second/udp/4001/quic-v1/p2p/" + second.peerId().text()).value());
            // Nobody punches a hole to an address that is none of the internet.
            const auto device = net.home("third", "192.168.0.2", "100.64.8.1", net.disk, named);
            device->start();
            device->submit(node::Ping{{second.peerId(), second.circuits()}, 1000});
            const auto kind = [&] {
                const auto all = device->status().connections;
                const auto it = std::ranges::find(all, second.peerId(), &node::ConnectionInfo::peer);
                return it == all.end() ? node::PathKind::Routed : it->kind;
            };
            world.require(world.runUntil([&] { return device->count<node::PingReply>() > 30; }, 60s), "it is reached");
            world.require(kind() == node::PathKind::Relayed && device->circuits().empty(),
                          "through the first one alone");
            device->setNames({{"/dns4/second/udp/4001/quic-v1", second.target().addresses}});
            world.require(world.runUntil([&] { return !device->circuits().empty(); }, 5min), "it serves");
            world.require(kind() == node::PathKind::Direct4, "over a direct connection");
        });
    }

    void aRelayThatComesBackIsAskedAgain() {
        RUN([](Simulation& world) {
            Behind net(world, 1);
            net.relays[0]->kill();
            world.require(world.runUntil([&] { return net.receiver->circuits().empty(); }, 2min),
                          "it is told no longer");
            net.relays[0]->start();
            world.require(world.runUntil([&] { return net.receiver->circuits().size() == 1; }, 5min), "and told again");
        });
    }
};

QTEST_APPLESS_MAIN(RelayTest)
#include "relay_test.moc"
