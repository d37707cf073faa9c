#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

/// A sender and a receiver, each behind a router as most homes have it, two relays on the internet, and a line between
/// the homes that can be cut while both still reach the relays.
struct Homes {
    explicit Homes(Simulation& simulation) : world(simulation), core(simulation.network().router("core")) {
        for (const char* name : {"relay1", "relay2"}) {
            SimNodeConfig config;
            config.node.relay.serve.emplace();
            const std::string address = "44." + std::to_string(m_ports + 1) + ".0.1";
            Host& host = world.network().host(name, {address});
            join(host, address);
            relays.push_back(std::make_unique<SimNode>(world, host, name, disk, config));
            relays.back()->start();
        }
        sender = home("sender", kSenderHome);
        receiver = home("receiver", kReceiverHome);
        disk.addFile("/src/file", world.random("content").bytes(kFile));
    }

    void send(transfer::Accept accept) {
        receiver->submit(node::SetReceive{{.enabled = true, .accept = accept, .folder = "/dst", .trusted = {}}});
        world.require(world.runUntil([&] { return !receiver->circuits().empty(); }, 30s),
                      "the receiver has a reservation");
        sender->submit(node::SendFiles{{receiver->peerId(), receiver->circuits()}, {"/src/file"}, 2min});
    }
    void cut() { core.part(ip(kSenderHome), ip(kReceiverHome)); }
    void mend() { core.join(ip(kSenderHome), ip(kReceiverHome)); }

    bool connected(bool directly) const {
        const auto there = sender->node().peer(receiver->peerId()), here = receiver->node().peer(sender->peerId());
        return there && here && there->relayed() != directly && here->relayed() != directly;
    }
    uint64_t verified() const {
        const auto* progress = receiver->last<transfer::TransferProgress>();
        return progress ? progress->figures.bytesVerified : 0;
    }
    void requireRunning(uint64_t from, const std::string& what) const {
        const uint64_t here = verified();
        world.note(what + " with " + std::to_string(here) + " bytes there");
        world.require(here >= from && here < kFile - kFile / 8, what + ": the transfer runs");
    }
    void requireDelivered() {
        const auto over = [&] {
            return sender->count<transfer::TransferDelivered>() + sender->count<transfer::TransferFailed>() > 0;
        };
        world.runUntil(over, 3min);
        world.require(sender->count<transfer::TransferDelivered>() == 1, "delivered");
        world.require(disk.content("/dst/file") == disk.content("/src/file"), "with equal content");
        for (const SimNode* node : {sender.get(), receiver.get()}) {
            world.require(node->count<transfer::TransferInterrupted>() == 0, node->name() + " heard of no loss");
            world.require(node->count<transfer::OfferMade>() == 1, node->name() + " heard of one offer");
        }
    }
    uint64_t resent() const { return sender->last<transfer::TransferDelivered>()->figures.chunksResent; }
    /// Circuits that the relays still carry.
    uint32_t carried() {
        uint32_t count = 0;
        for (auto& relay : relays) count += relay->status().relayService.circuits;
        return count;
    }

    static constexpr size_t kFile = 16'000'000; ///< eight seconds over these lines
    static constexpr const char* kSenderHome = "44.7.0.1";
    static constexpr const char* kReceiverHome = "44.8.0.1";
    Simulation& world;
    Router& core;
    testing::MemoryStorage disk;
    std::vector<std::unique_ptr<SimNode>> relays;
    std::unique_ptr<SimNode> sender, receiver;

  private:
    void join(Device& device, const std::string& address) {
        world.network().connect(device, core, {.delay = 15ms, .bitsPerSecond = 16'000'000});
        core.addRoute(ip(address), 32, m_ports++);
    }
    std::unique_ptr<SimNode> home(const std::string& name, const std::string& outside) {
        Host& host = world.network().host(name, {"192.168.0.2"});
        Nat& nat = world.network().nat(name + "-nat", outside, NatConfig::portRestricted());
        world.network().connect(host, nat, {.delay = 1ms});
        join(nat, outside);
        SimNodeConfig config;
        for (const auto& relay : relays) {
            const node::Target at = relay->target();
            config.node.relay.servers.push_back(at.addresses.at(0).withPeer(at.peer.multihash()));
        }
        auto node = std::make_unique<SimNode>(world, host, name, disk, config);
        node->start();
        return node;
    }

    size_t m_ports = 0;
};

} // namespace

/// Transfers of whole nodes that go over from a relay to a direct line and back while they run.
class RelayedMoveTest : public QObject {
    Q_OBJECT

  private slots:
    void aTransferThatBeginsRelayedEndsDirect() {
        RUN([](Simulation& world) {
            Homes net(world);
            net.cut();
            net.send(transfer::Accept::All);
            world.require(world.runUntil([&] { return net.verified() > 1'000'000; }, 60s), "it runs");
            world.require(net.connected(false), "through the relay");
            net.mend();
            world.require(world.runUntil([&] { return net.connected(true); }, 60s), "a direct link comes up");
            net.requireRunning(1'000'000, "direct");
            net.requireDelivered();
            world.require(net.connected(true), "over the direct link");
            world.require(net.resent() == 0, std::to_string(net.resent()) + " chunks were sent twice");
            world.require(world.runUntil([&] { return net.carried() == 0; }, 2min), "the circuit is given back");
            world.require(net.connected(true), "and nobody misses it");
        });
    }

    void itGoesBackToTheRelayWhenTheDirectLineDies() {
        RUN([](Simulation& world) {
            Homes net(world);
            net.send(transfer::Accept::All);
            world.require(world.runUntil([&] { return net.connected(true); }, 60s), "a direct link comes up");
            const uint64_t before = net.verified();
            world.require(world.runUntil([&] { return net.verified() > before + 2'000'000; }, 60s), "it runs there");
            net.cut();
            net.requireRunning(before, "cut");
            const Duration cutAt = world.elapsed();
            world.require(world.runUntil([&] { return net.connected(false); }, 60s), "the relay stands in");
            net.requireRunning(before, "relayed again");
            const double silent = std::chrono::duration<double>(world.elapsed() - cutAt).count();
            net.requireDelivered();
            world.require(net.connected(false), "through the relay");
            qInfo("relayed again after %.1f s, %llu chunks were sent twice", silent,
                  static_cast<unsigned long long>(net.resent()));
            world.require(net.resent() * kChunkSize <= 4'000'000, "and little was sent twice");
        });
    }

    void itGoesDirectAgainWhenTheLineIsBack() {
        RUN([](Simulation& world) {
            Homes net(world);
            net.send(transfer::Accept::All);
            world.require(world.runUntil([&] { return net.connected(true); }, 60s), "a direct link comes up");
            const uint64_t before = net.verified();
            world.require(world.runUntil([&] { return net.verified() > before + 1'000'000; }, 60s), "it runs there");
            net.cut();
            world.require(world.runUntil([&] { return net.connected(false); }, 60s), "the relay stands in");
            net.mend();
            world.require(world.runUntil([&] { return net.connected(true); }, 60s), "and gives way again");
            net.requireDelivered();
        });
    }

    void anOfferThatWaitsForItsAnswerComesOver() {
        RUN([](Simulation& world) {
            Homes net(world);
            net.send(transfer::Accept::Ask);
            world.require(world.runUntil([&] { return net.receiver->count<transfer::OfferMade>() > 0; }, 60s),
                          "the offer is there");
            const auto id = net.receiver->last<transfer::OfferMade>()->transfer;
            world.require(world.runUntil([&] { return net.connected(true); }, 60s), "a direct link comes up");
            world.require(world.runUntil([&] { return net.carried() == 0; }, 2min), "and is all that is left");
            net.receiver->submit(node::AnswerOffer{id, true, {}, {}});
            net.requireDelivered();
        });
    }
};

QTEST_APPLESS_MAIN(RelayedMoveTest)
#include "relayed_move_test.moc"
