#include "sim/rogue_relay.h"
#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

constexpr size_t kFile = 6'000'000;

/// A sender and a receiver, each behind a NAT that nobody gets through, a relay that does wrong, its accomplice, and an
/// honest relay. The receiver holds reservations with both.
struct Wronged {
    explicit Wronged(Simulation& simulation) : world(simulation), core(simulation.network().router("core")) {
        honest.start();
        rogue.hop().accomplice = accomplice.peerId();
        accomplice.start();
        content = world.random("content").bytes(kFile);
        sourceDisk.addFile("/src/file", content);
        targetDisk.addFolder("/dst");
        before = targetDisk.tree("/");
        sender.start();
    }
    void startReceiver() {
        receiver.start();
        receiver.submit(node::SetReceive{
            {.enabled = true, .accept = transfer::Accept::All, .conflict = {}, .folder = "/dst", .trusted = {}}});
    }
    Host& host(const std::string& name, const std::string& address) {
        Host& made = world.network().host(name, {address});
        join(made, address);
        return made;
    }
    Host& home(const std::string& name, const std::string& outside) {
        Host& made = world.network().host(name, {"192.168.0.2"});
        Nat& nat = world.network().nat(name + "-nat", outside, NatConfig::symmetric());
        world.network().connect(made, nat, {.delay = 1ms});
        join(nat, outside);
        return made;
    }
    void join(Device& device, const std::string& address) {
        world.network().connect(device, core, {.delay = 10ms, .bitsPerSecond = 50'000'000});
        core.addRoute(ip(address), 32, ports++);
    }
    codec::Multiaddr honestAddress() const { return honest.target().addresses.at(0); }
    SimNodeConfig servedBy(const std::vector<codec::Multiaddr>& relays) const {
        SimNodeConfig config;
        config.node.relay.servers = relays;
        config.node.relay.discover = false;
        return config;
    }
    static SimNodeConfig serving() {
        SimNodeConfig config;
        config.node.relay.serve.emplace();
        return config;
    }
    bool reserved(const crypto::PeerId& relay) {
        for (const auto& one : receiver.status().relays)
            if (one.relay == relay) return true;
        return false;
    }
    void haveBoth() {
        startReceiver();
        world.require(world.runUntil([&] { return reserved(rogue.peerId()) && reserved(honest.peerId()); }, 20s),
                      "both relays serve it");
    }
    void send(const codec::Multiaddr& circuit) {
        sender.forgetEvents();
        sender.submit(node::SendFiles{{receiver.peerId(), {circuit}}, {"/src/file"}, 40s});
    }
    void sendThroughTheHonestOne() {
        send(honestAddress().withCircuit());
        requireDelivered("through the honest relay");
    }
    void requireDelivered(const std::string& how) {
        world.require(world.runUntil([&] { return sender.count<transfer::TransferDelivered>() > 0; }, 3min),
                      "delivered " + how);
        world.require(targetDisk.content("/dst/file") == content, "with equal content " + how);
        world.require(targetDisk.tree("/dst").size() == 1, "and nothing beside it " + how);
    }
    std::string failure() {
        world.require(world.runUntil([&] { return sender.last<transfer::TransferFailed>() != nullptr; }, 3min),
                      "the sender is told");
        return sender.last<transfer::TransferFailed>()->error.text();
    }

    Simulation& world;
    Router& core;
    size_t ports = 0;
    testing::MemoryStorage disk, sourceDisk, targetDisk;
    RogueRelay rogue{world, host("rogue", "44.1.0.1"), "rogue"};
    SimNode honest{world, host("honest", "44.2.0.1"), "honest", disk, serving()};
    SimNode accomplice{world, host("accomplice", "44.3.0.1"), "accomplice", disk, servedBy({rogue.address()})};
    SimNode sender{world, home("sender", "44.8.0.1"), "sender", sourceDisk, servedBy({})};
    SimNode receiver{world, home("receiver", "44.9.0.1"), "receiver", targetDisk,
                     servedBy({rogue.address(), honestAddress()})};
    Bytes content;
    testing::MemoryStorage::Tree before;
};

/// A row for each wrong that a relay can do to whatever goes through it.
void addWrongsToBytes() {
    QTest::addColumn<int>("wrong");
    QTest::newRow("corrupts") << int(Wrong::Corrupts);
    QTest::newRow("drops") << int(Wrong::Drops);
    QTest::newRow("skips") << int(Wrong::Skips);
    QTest::newRow("reorders") << int(Wrong::Reorders);
    QTest::newRow("repeats") << int(Wrong::Repeats);
    QTest::newRow("lies about the limit") << int(Wrong::LiesAboutLimit);
}

bool has(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

} // namespace

/// SECURITY D12: whatever a relay does, who is at the other end is proved from end to end, and files arrive whole or
/// not at all.
class RelayWrongsTest : public QObject {
    Q_OBJECT

  private slots:
    void whatItDoesToAHandshakeIsNoticed_data() {
        addWrongsToBytes();
        QTest::newRow("swaps the target") << int(Wrong::SwapsTarget);
        QTest::newRow("swaps the caller") << int(Wrong::SwapsCaller);
    }
    /// The receiver could never know who is there: nothing is offered, nothing written, the person is told which relay
    /// and which peer, and through another relay all is well.
    void whatItDoesToAHandshakeIsNoticed() {
        QFETCH(int, wrong);
        RUN([=](Simulation& world) {
            Wronged net(world);
            net.haveBoth();
            net.rogue.hop().wrong = Wrong{uint8_t(wrong)};
            net.send(net.rogue.circuit());
            const std::string why = net.failure();
            world.require(net.rogue.hop().wronged > 0, "it has done it");
            world.require(has(why, net.rogue.peerId().text()), "the relay is named: " + why);
            world.require(net.sender.last<transfer::TransferFailed>()->peer == net.receiver.peerId(), "and the peer");
            world.require(net.targetDisk.tree("/") == net.before, "nothing was written");
            world.require(net.receiver.count<transfer::OfferMade>() == 0, "and nothing offered");
            world.require(net.accomplice.count<transfer::OfferMade>() == 0, "to nobody");
            net.sendThroughTheHonestOne();
        });
    }

    void whatItDoesToATransferIsNoticed_data() { addWrongsToBytes(); }
    /// In the middle: no chunk that is not the sender's is kept, none is lost, and the rest goes another way.
    void whatItDoesToATransferIsNoticed() {
        QFETCH(int, wrong);
        RUN([=](Simulation& world) {
            Wronged net(world);
            net.haveBoth();
            net.rogue.hop().wrong = Wrong{uint8_t(wrong)};
            net.rogue.hop().after = kFile / 3;
            net.send(net.rogue.circuit());
            net.requireDelivered("all the same");
            world.require(net.rogue.hop().wronged > 0, "it has done it");
            const auto* path = net.sender.last<node::PathChanged>();
            world.require(path && path->relay == net.honest.peerId(), "through the other relay, that it was told of");
            const auto* resumed = net.sender.last<transfer::TransferResumed>();
            world.require(resumed && resumed->bytesAlready > 0, "what had come before stayed");
        });
    }

    void whoseVoucherIsNotGoodIsNoRelayOfOurs_data() {
        QTest::addColumn<int>("wrong");
        QTest::newRow("for another peer") << int(Wrong::ForeignVoucher);
        QTest::newRow("of another relay") << int(Wrong::ForeignSigner);
    }
    void whoseVoucherIsNotGoodIsNoRelayOfOurs() {
        QFETCH(int, wrong);
        RUN([=](Simulation& world) {
            Wronged net(world);
            net.rogue.hop().wrong = Wrong{uint8_t(wrong)};
            net.startReceiver();
            world.runFor(30s);
            world.require(net.rogue.hop().wronged > 0, "it has done it");
            const auto held = net.receiver.status().relays;
            world.require(held.size() == 1 && held[0].relay == net.honest.peerId(), "it is told of nobody");
            net.sendThroughTheHonestOne();
        });
    }

    /// Anybody may say that a friend is a relay, and where: that harms nobody who waits for the friend.
    void whereAStrangerSaysThatAFriendIsARelayIsNotWhereTheFriendIs() {
        RUN([](Simulation& world) {
            Wronged net(world);
            net.send(net.honestAddress().withCircuit());
            std::vector<codec::Multiaddr> lies;
            const auto lie = [&](const std::string& address) {
                const auto at = codec::Multiaddr::parse(address).value();
                lies.push_back(at.withPeer(net.receiver.peerId().multihash()).withCircuit());
            };
            for (int i = 0; i < 31; ++i) lie("/ip4/44.7.7.7/udp/" + std::to_string(5000 + i) + "/quic-v1");
            lie(net.accomplice.target().addresses.at(0).withoutPeer().text()); // who will prove another key
            for (int i = 0; i < 4; ++i) {
                net.sender.submit(node::Ping{{net.rogue.peerId(), lies}, 1, 2s});
                world.runFor(3s);
            }
            world.require(!net.sender.last<transfer::TransferFailed>(), "the transfer waits");
            net.startReceiver();
            net.requireDelivered("when the friend is there");
        });
    }

    void aRelayNamesNoVictims() {
        RUN([](Simulation& world) {
            Wronged net(world);
            net.rogue.hop().wrong = Wrong::VictimAddresses;
            for (const char* victim :
                 {"/ip4/127.0.0.1/udp/4001/quic-v1", "/ip4/192.168.0.7/udp/4001/quic-v1", "/ip4/44.7.7.7/tcp/25",
                  "/ip4/44.7.7.7/udp/53/quic-v1", "/ip4/224.0.0.251/udp/5353/quic-v1", "/ip6/fe80::1/udp/4001/quic-v1",
                  "/dns4/victim.example/udp/4001/quic-v1", "/ip4/44.7.7.7/tcp/1023"})
                net.rogue.hop().victims.push_back(codec::Multiaddr::parse(victim).value());
            net.haveBoth();
            for (const auto& held : net.receiver.status().relays)
                for (const auto& address : held.addresses)
                    world.require(has(address.text(), "/ip4/44.1.0.1/") || has(address.text(), "/ip4/44.2.0.1/"),
                                  address.text() + " is told");
        });
    }
};

QTEST_APPLESS_MAIN(RelayWrongsTest)
#include "relay_wrongs_test.moc"
