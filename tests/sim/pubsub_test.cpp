#include "node/node_limits.h"
#include "sim/three_nodes.h"

#include <QTest>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using node::GossipMessage;
using node::MessagePublished;
using node::RequestFailed;

/// Topics through whole nodes: alice and carol know bob, not each other.
namespace {
struct Topics : ThreeNodes {
    explicit Topics(Simulation& simulation) : ThreeNodes(simulation) {
        for (SimNode* each : {&alice, &bob, &carol}) each->start();
        world.runFor(100ms);
        for (SimNode* each : {&alice, &carol}) each->submit(node::Ping{bob.target(), 1, 30s});
        world.runFor(1s);
    }
    node::RequestId publish(SimNode& by, const std::string& text, Duration wait = 30s) {
        return by.submit(node::PublishMessage{"t", toBytes(asBytes(text)), wait});
    }
};
std::vector<std::string> heard(const SimNode& node) {
    std::vector<std::string> out;
    for (const auto& event : node.events())
        if (const auto* message = std::get_if<GossipMessage>(&event)) out.emplace_back(asText(message->data));
    return out;
}
using Texts = std::vector<std::string>;
#define HOLDS(...) simulation.require((__VA_ARGS__), #__VA_ARGS__)
} // namespace

class PubsubTest : public QObject {
    Q_OBJECT
  private slots:
    void whatOneSaysReachesOverAnotherWhoeverHasJoined();
    void whoHasLeftHearsNothing();
    void nobodyToHearIsUnreachableInTheEnd();
    void aMessageWaitsForTheFirstWhoListens();
    void manyMessagesAtOnceAllArriveAndAreToldSo();
    void aMessageWhoseOnlyCopyIsLostIsSaidAgain();
    void severalShellsOfOneNodeHearEachMessageOnce();
    void whatABlockedPeerSaysIsNeitherToldNorPassedOn();
    void whatMakesNoSenseIsRefused();
    void theEndOfANodeAnswersEverybody();
    void aNetworkThatHasMetThroughOneOfItsDevicesDoesWithoutIt();
};

void PubsubTest::whatOneSaysReachesOverAnotherWhoeverHasJoined() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        for (SimNode* each : {&topics.bob, &topics.carol}) each->submit(node::JoinTopic{"t"});
        simulation.runFor(3s);
        const auto request = topics.publish(topics.alice, "hello");
        simulation.runFor(3s);
        const auto* published = topics.alice.last<MessagePublished>();
        HOLDS(published && published->request == request && published->peers == 1);
        HOLDS(heard(topics.bob) == Texts{"hello"});
        HOLDS(heard(topics.carol) == Texts{"hello"});
        HOLDS(topics.carol.last<GossipMessage>()->from == topics.alice.peerId());
        HOLDS(heard(topics.alice).empty());
        topics.bob.submit(node::GetStatus{});
        simulation.runFor(10ms);
        const node::GossipFigures& figures = topics.bob.last<node::StatusReport>()->gossip;
        HOLDS(figures.topics == 1 && figures.peers == 2 && figures.delivered == 1 && figures.forwarded == 1);
    });
}

void PubsubTest::whoHasLeftHearsNothing() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        const auto request = topics.bob.submit(node::JoinTopic{"t"});
        topics.carol.submit(node::JoinTopic{"t"});
        simulation.runFor(3s);
        topics.bob.submit(node::CancelRequest{request});
        simulation.runFor(1s);
        HOLDS(topics.bob.last<RequestFailed>()->error.code == Errc::Cancelled);
        topics.publish(topics.alice, "hello", 5s); // bob was the only way
        simulation.runFor(10s);
        HOLDS(heard(topics.bob).empty() && heard(topics.carol).empty());
        HOLDS(topics.alice.last<RequestFailed>()->error.code == Errc::Unreachable);
    });
}

void PubsubTest::nobodyToHearIsUnreachableInTheEnd() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        topics.publish(topics.alice, "hello", 7s);
        simulation.runFor(6s);
        HOLDS(!topics.alice.last<RequestFailed>());
        simulation.runFor(2s);
        HOLDS(topics.alice.last<RequestFailed>()->error.code == Errc::Unreachable);
        HOLDS(topics.alice.last<RequestFailed>()->error.context.find("'t'") != std::string::npos);
    });
}

void PubsubTest::aMessageWaitsForTheFirstWhoListens() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        topics.publish(topics.alice, "early");
        simulation.runFor(5s);
        HOLDS(!topics.alice.last<MessagePublished>());
        topics.bob.submit(node::JoinTopic{"t"});
        simulation.runFor(3s);
        HOLDS(topics.alice.last<MessagePublished>());
        HOLDS(heard(topics.bob) == Texts{"early"});
    });
}

void PubsubTest::manyMessagesAtOnceAllArriveAndAreToldSo() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        topics.bob.submit(node::JoinTopic{"t"});
        simulation.runFor(3s);
        for (size_t i = 0; i < node::kMaxWaitingMessages; ++i) topics.publish(topics.alice, std::to_string(i));
        simulation.runFor(31s);
        HOLDS(topics.alice.count<MessagePublished>() == node::kMaxWaitingMessages);
        HOLDS(topics.alice.count<RequestFailed>() == 0);
        HOLDS(heard(topics.bob).size() == node::kMaxWaitingMessages);
    });
}

void PubsubTest::aMessageWhoseOnlyCopyIsLostIsSaidAgain() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        topics.bob.submit(node::JoinTopic{"t"});
        simulation.runFor(3s);
        topics.publish(topics.alice, "hello");
        simulation.runFor(1ms);
        topics.bob.kill(); // the message is under way
        simulation.runFor(2s);
        topics.bob.start();
        simulation.runFor(100ms);
        topics.bob.submit(node::JoinTopic{"t"});
        topics.bob.submit(node::Ping{topics.alice.target(), 1, 20s});
        simulation.runFor(15s);
        HOLDS(heard(topics.bob) == Texts{"hello"});
        HOLDS(topics.alice.last<MessagePublished>() && !topics.alice.last<RequestFailed>());
    });
}

void PubsubTest::severalShellsOfOneNodeHearEachMessageOnce() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        const auto first = topics.bob.submit(node::JoinTopic{"t"});
        topics.bob.submit(node::JoinTopic{"t"});
        simulation.runFor(3s);
        topics.publish(topics.alice, "one");
        simulation.runFor(2s);
        HOLDS(topics.bob.count<GossipMessage>() == size_t(2));
        topics.bob.submit(node::CancelRequest{first});
        simulation.runFor(1s);
        topics.publish(topics.alice, "two");
        simulation.runFor(2s);
        HOLDS(heard(topics.bob) == (Texts{"one", "one", "two"}));
    });
}

void PubsubTest::whatABlockedPeerSaysIsNeitherToldNorPassedOn() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        for (SimNode* each : {&topics.bob, &topics.carol}) each->submit(node::JoinTopic{"t"});
        topics.carol.submit(node::BlockPeer{topics.alice.target()});
        simulation.runFor(3s);
        topics.publish(topics.alice, "hello");
        simulation.runFor(3s);
        HOLDS(heard(topics.bob) == Texts{"hello"});
        HOLDS(heard(topics.carol).empty());
    });
}

void PubsubTest::whatMakesNoSenseIsRefused() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        const auto code = [&](node::Command command) {
            topics.alice.forgetEvents();
            topics.alice.submit(std::move(command));
            simulation.runFor(10ms);
            const auto* failed = topics.alice.last<RequestFailed>();
            return failed ? failed->error.code : Errc::Internal;
        };
        HOLDS(code(node::JoinTopic{""}) == Errc::InvalidArgument);
        HOLDS(code(node::JoinTopic{std::string(257, 't')}) == Errc::InvalidArgument);
        HOLDS(code(node::PublishMessage{"", {}, 1s}) == Errc::InvalidArgument);
        HOLDS(code(node::PublishMessage{"t", Bytes(64 * 1024 + 1), 1s}) == Errc::TooLarge);
        for (size_t i = 0; i < node::kMaxWaitingMessages; ++i) topics.alice.submit(node::PublishMessage{"t", {}, 30s});
        HOLDS(code(node::PublishMessage{"t", {}, 30s}) == Errc::LimitReached);
        for (size_t i = 0; i < node::kMaxPendingRequests; ++i) topics.bob.submit(node::JoinTopic{"t"});
        topics.bob.submit(node::JoinTopic{"t"});
        simulation.runFor(10ms);
        HOLDS(topics.bob.count<RequestFailed>() == size_t(1));
    });
}

void PubsubTest::theEndOfANodeAnswersEverybody() {
    RUN([](Simulation& simulation) {
        Topics topics(simulation);
        topics.alice.submit(node::JoinTopic{"t"});
        topics.publish(topics.alice, "never");
        simulation.runFor(100ms);
        topics.alice.shutdown();
        simulation.runFor(1s);
        HOLDS(!topics.alice.running());
        HOLDS(topics.alice.count<RequestFailed>() == size_t(2));
    });
}

/// Each hears of others from the one that they all know, by what these have signed for their own network.
void PubsubTest::aNetworkThatHasMetThroughOneOfItsDevicesDoesWithoutIt() {
    RUN([](Simulation& simulation) {
        testing::MemoryStorage disk;
        Router& core = simulation.network().router("core");
        std::vector<std::unique_ptr<SimNode>> devices;
        for (size_t i = 0; i < 20; ++i) {
            const std::string name = "device" + std::to_string(i);
            const auto address = ip("192.168.0." + std::to_string(i + 1));
            Host& host = simulation.network().host(name, {"192.168.0." + std::to_string(i + 1)});
            simulation.network().connect(host, core, {.delay = 1ms});
            core.addRoute(address, 32, i);
            SimNodeConfig config;
            if (i > 0) config.node.dht.bootstrap = {devices.front()->target().addresses.front()};
            devices.push_back(std::make_unique<SimNode>(simulation, host, name, disk, config));
        }
        for (auto& each : devices) each->start();
        for (auto& each : devices) each->submit(node::JoinTopic{"t"});
        simulation.runFor(20s);
        devices.front()->kill();
        devices.back()->submit(node::PublishMessage{"t", toBytes(asBytes("still here")), 30s});
        simulation.runFor(5s);
        for (size_t i = 1; i + 1 < devices.size(); ++i) HOLDS(heard(*devices[i]) == Texts{"still here"});
    });
}

QTEST_APPLESS_MAIN(PubsubTest)
#include "pubsub_test.moc"
