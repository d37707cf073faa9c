#include "protocols/relay/relay_client.h"
#include "protocols/relay/relay_server.h"
#include "protocols/relay/voucher.h"
#include "support/hand_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::relay;
using namespace wherry::test;
using namespace std::chrono_literals;
using link::LinkId;
using link::StreamKey;

namespace {

struct ServerNode {
    ServerNode(PairNetwork& network, uint8_t number, RelayServerConfig config = {})
        : node(network, number),
          server(
              identityOf(number), config, [this](const crypto::PeerId& peer) { return trusted == peer; }, log) {
        node.swarm.addProtocol(server);
    }
    TestNode node;
    Log log;
    crypto::PeerId trusted;
    RelayServer server;
};

struct ClientNode {
    ClientNode(PairNetwork& network, uint8_t number) : node(network, number), client(node.id(), log) {
        node.swarm.addProtocol(client);
    }
    template <typename Kind> std::vector<Kind> all() { return pollAll<Kind>(client, events); }
    void write(StreamKey key, const std::string& text, link::Fin fin = link::Fin::No) {
        node.swarm.streams().write(key, Slice::copyOf(asBytes(text)), fin);
    }
    std::string read(StreamKey key) {
        std::string out;
        auto& io = node.swarm.streams();
        while (!io.front(key).empty()) {
            out += asText(io.front(key));
            io.consume(key, io.front(key).size());
        }
        return out;
    }
    bool atEnd(StreamKey key) { return node.swarm.streams().atEnd(key); }

    TestNode node;
    Log log;
    RelayClient client;
    std::vector<ClientEvent> events;
};

/// A relay, one who holds a reservation, and one who wants to reach it.
struct World {
    explicit World(RelayServerConfig config = {}, PairOptions options = {})
        : network(options),
          relay(network, 1, config),
          target(network, 2),
          dialler(network, 3) {
        target.node.connectTo(relay.node, at(0s));
        dialler.node.connectTo(relay.node, at(0s));
        settle();
    }
    std::vector<TestNode*> nodes() { return {&relay.node, &target.node, &dialler.node}; }
    void settle(Duration when = 0s) { run(network, nodes(), at(when)); }
    void pass(Duration from, Duration to) { runUntil(network, nodes(), at(from), at(to)); }
    void reserve(Duration when = 0s) {
        target.client.reserve(relay.node.id(), at(when));
        settle(when);
        target.client.setAccepting(relay.node.id(), true);
    }
    void ask(uint64_t circuit, Duration when = 0s) {
        dialler.client.connect(LinkId{circuit}, relay.node.id(), relay.node.address, target.node.id(), at(when));
        settle(when);
    }
    /// Both ends of a circuit that stands.
    std::pair<StreamKey, StreamKey> circuit(uint64_t number = 1, Duration when = 0s) {
        ask(number, when);
        const auto offered = target.all<CircuitOffered>();
        if (offered.empty()) return {};
        target.client.accept(offered.back().key, target.node.swarm.streams());
        settle(when);
        const auto opened = dialler.all<CircuitOpened>();
        return opened.empty() ? std::pair<StreamKey, StreamKey>() : std::pair(opened.back().key, offered.back().key);
    }
    std::string failure() {
        const auto failed = dialler.all<CircuitFailed>();
        return failed.empty() ? "" : failed.back().error.text();
    }

    PairNetwork network;
    ServerNode relay;
    ClientNode target;
    ClientNode dialler;
};

/// A relay, and peers that begin requests and leave them there.
struct Askers {
    Askers() { nodes.push_back(&relay.node); }
    /// A peer of its own, at this address; gives how many of its requests are taken.
    size_t ask(const std::string& ip, size_t requests, Duration when = 0s) {
        const auto address = codec::Multiaddr::parse(ip + "/udp/4001/quic-v1").value();
        hands.push_back(std::make_unique<HandNode>(network, static_cast<uint8_t>(hands.size() + 2),
                                                   std::vector<std::string>{}, std::vector{address}));
        HandNode& hand = *hands.back();
        nodes.push_back(&hand.node);
        hand.node.connectTo(relay.node, at(when));
        run(network, nodes, at(when));
        hand.protocol.greeting = "\x7f";
        for (swarm::RequestTag tag = 1; tag <= requests; ++tag) hand.protocol.open(relay.node.id(), {kHopId}, tag);
        run(network, nodes, at(when));
        size_t taken = 0;
        for (const auto& [key, stream] : hand.protocol.streams) taken += !stream.reset;
        return taken;
    }
    /// The first of all takes one of its own back.
    void endOne() {
        const StreamKey key = hands.front()->protocol.streams.begin()->first;
        hands.front()->node.swarm.streams().reset(key, link::kNoError);
        run(network, nodes, at(0s));
    }

    PairNetwork network;
    ServerNode relay{network, 1};
    std::vector<std::unique_ptr<HandNode>> hands;
    std::vector<TestNode*> nodes;
};

bool has(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

} // namespace

class RelayTest : public QObject {
    Q_OBJECT
  private slots:
    void aReservationIsGrantedWithItsVoucher();
    void bytesGoBothWaysAndEndsOneByOne();
    void whatIsSentWithTheAnswerIsNotLost();
    void whoHasNoReservationIsNotReached();
    void aReservationEndsWithItsTimeAndWithItsPeer();
    void whoeverDoesNotAnswerIsGivenUp();
    void theTargetMayRefuse();
    void aRelayWithoutReservationBringsNobody();
    void theBytesOfTheLimitAreTheLast();
    void theTimeOfTheLimitEndsACircuit();
    void aResetEndsBothEnds();
    void aReaderThatWaitsHoldsUpTheWriter();
    void memoryThatSlowReadersHoldIsBounded();
    void whoBringsTooManyIsCut();
    void everyLimitIsKept();
    void strangersAreKeptOutWhereOnlyTrustedOnesMay();
    void aRequestThatIsNoneIsAnsweredAndEnded();
    void halfARequestIsGivenUpInTime();
    void noPlaceTakesAllRequests();
    void thereIsABoundOnAllRequestsTogether();
    void nothingIsDoneOverARelayedConnection();
    void aRelayThatIsNotConnectedIsWanted();
    void lyingAnswersAreRefused();
    void aFloodOfRequestsIsCut();
};

void RelayTest::aReservationIsGrantedWithItsVoucher() {
    World world;
    world.relay.server.setAddresses({world.relay.node.address});
    world.reserve();
    const auto reserved = world.target.all<Reserved>();
    QCOMPARE(reserved.size(), size_t(1));
    QCOMPARE(reserved[0].until, at(kReservationTtl).mono);
    QVERIFY(reserved[0].told == std::vector{world.relay.node.address.withPeer(world.relay.node.id().multihash())});
    QCOMPARE(reserved[0].limit.bytes, kCircuitBytes);
    QVERIFY(world.relay.server.hasReservation(world.target.node.id()));
    QVERIFY(!world.target.node.swarm.hasStreams(world.relay.node.id()));
    world.reserve(10s); // again: it is longer
    QCOMPARE(world.target.all<Reserved>().back().until, at(10s + kReservationTtl).mono);
    QCOMPARE(world.relay.server.figures().reservations, uint64_t(1));
}

void RelayTest::bytesGoBothWaysAndEndsOneByOne() {
    World world;
    world.reserve();
    const auto [from, to] = world.circuit();
    QCOMPARE(world.target.all<CircuitOffered>().back().peer, world.dialler.node.id());
    world.dialler.write(from, "there");
    world.target.write(to, "back", link::Fin::Yes);
    world.settle();
    QCOMPARE(world.target.read(to), std::string("there"));
    QCOMPARE(world.dialler.read(from), std::string("back"));
    QVERIFY(world.dialler.atEnd(from) && !world.target.atEnd(to));
    QCOMPARE(world.relay.server.figures().circuits, uint64_t(1));
    world.dialler.write(from, " more", link::Fin::Yes);
    world.settle();
    QCOMPARE(world.target.read(to), std::string(" more"));
    QVERIFY(world.target.atEnd(to));
    QCOMPARE(world.relay.server.figures().circuits, uint64_t(0));
    QCOMPARE(world.relay.server.figures().bytes, uint64_t(14));
    QVERIFY(!world.relay.node.swarm.hasStreams(world.target.node.id()));
}

void RelayTest::whatIsSentWithTheAnswerIsNotLost() {
    World world;
    world.reserve();
    world.ask(1);
    const StreamKey to = world.target.all<CircuitOffered>().back().key;
    world.target.client.accept(to, world.target.node.swarm.streams());
    world.target.write(to, "at once"); // behind the answer, before anybody has read it
    world.settle();
    QCOMPARE(world.dialler.read(world.dialler.all<CircuitOpened>().back().key), std::string("at once"));
}

void RelayTest::whoHasNoReservationIsNotReached() {
    World world;
    world.ask(1);
    QVERIFY2(has(world.failure(), "NO_RESERVATION"), world.failure().c_str());
    QVERIFY(has(world.failure(), world.relay.node.id().text()));
    QCOMPARE(world.relay.server.figures().circuits, uint64_t(0));
}

void RelayTest::aReservationEndsWithItsTimeAndWithItsPeer() {
    World world;
    world.reserve();
    world.pass(0s, kReservationTtl - 1s);
    QVERIFY(world.relay.server.hasReservation(world.target.node.id()));
    world.pass(kReservationTtl - 1s, kReservationTtl);
    QVERIFY(!world.relay.server.hasReservation(world.target.node.id()));
    world.reserve(kReservationTtl);
    QVERIFY(world.relay.server.hasReservation(world.target.node.id()));
    world.target.node.swarm.disconnect(world.relay.node.id(), 0, "bye", at(kReservationTtl));
    world.settle(kReservationTtl);
    QVERIFY(!world.relay.server.hasReservation(world.target.node.id()));
}

void RelayTest::whoeverDoesNotAnswerIsGivenUp() {
    World world;
    world.reserve();
    world.ask(1);
    QCOMPARE(world.target.all<CircuitOffered>().size(), size_t(1));
    world.pass(0s, kHopTimeout + 5s);
    QVERIFY2(has(world.failure(), "relay"), world.failure().c_str());
    // Nothing is left of it.
    const auto [from, to] = world.circuit(2, kHopTimeout + 5s);
    QVERIFY(from.link.value != 0);
}

void RelayTest::theTargetMayRefuse() {
    World world;
    world.reserve();
    world.ask(1);
    world.target.client.refuse(world.target.all<CircuitOffered>().back().key, status::kResourceLimitExceeded,
                               world.target.node.swarm.streams());
    world.settle();
    QVERIFY2(has(world.failure(), "CONNECTION_FAILED"), world.failure().c_str());
    QVERIFY(!world.relay.node.swarm.hasStreams(world.target.node.id()));
}

void RelayTest::aRelayWithoutReservationBringsNobody() {
    World world;
    world.reserve();
    world.target.client.setAccepting(world.relay.node.id(), false);
    world.ask(1);
    QVERIFY(world.target.all<CircuitOffered>().empty());
    QVERIFY(has(world.failure(), "CONNECTION_FAILED"));
}

void RelayTest::theBytesOfTheLimitAreTheLast() {
    World world({.circuitBytes = 10});
    world.reserve();
    auto [from, to] = world.circuit();
    world.dialler.write(from, "0123456789");
    world.target.write(to, "0123456789", link::Fin::Yes); // as many each way
    world.settle();
    QCOMPARE(world.target.read(to), std::string("0123456789"));
    QCOMPARE(world.dialler.read(from), std::string("0123456789"));
    QCOMPARE(world.relay.server.figures().circuits, uint64_t(1));
    world.dialler.write(from, "x");
    world.settle();
    QCOMPARE(world.relay.server.figures().circuits, uint64_t(0));
    QVERIFY(world.target.read(to).empty());
    QVERIFY(!world.dialler.all<CircuitEnded>().empty() && !world.target.all<CircuitEnded>().empty());
}

void RelayTest::theTimeOfTheLimitEndsACircuit() {
    World world({.circuitDuration = 1min});
    world.reserve();
    const auto [from, to] = world.circuit();
    world.dialler.write(from, "hello"); // or its silence would end it
    world.target.write(to, "hello");
    world.settle();
    world.pass(0s, 59s);
    QCOMPARE(world.relay.server.figures().circuits, uint64_t(1));
    world.pass(59s, 1min);
    QCOMPARE(world.relay.server.figures().circuits, uint64_t(0));
    QVERIFY(!world.dialler.all<CircuitEnded>().empty() && !world.target.all<CircuitEnded>().empty());
}

void RelayTest::aResetEndsBothEnds() {
    World world;
    world.reserve();
    const auto [from, to] = world.circuit();
    world.dialler.node.swarm.streams().reset(from, 0);
    world.settle();
    QVERIFY(!world.target.all<CircuitEnded>().empty());
    QCOMPARE(world.relay.server.figures().circuits, uint64_t(0));
}

void RelayTest::aReaderThatWaitsHoldsUpTheWriter() {
    World world;
    world.reserve();
    const auto [from, to] = world.circuit();
    auto& io = world.dialler.node.swarm.streams();
    size_t written = 0;
    for (;;) { // the target reads nothing
        const size_t room = io.writable(from);
        if (room == 0) break;
        world.dialler.write(from, std::string(room, 'x'));
        written += room;
        world.settle();
    }
    // Two windows, two buffers, and nothing in the relay beside them.
    QVERIFY(written <= 4 * 256 * 1024);
    size_t read = 0;
    for (size_t last = 1; last > 0; read += last) {
        last = world.target.read(to).size();
        world.settle();
    }
    QCOMPARE(read, written);
}

void RelayTest::memoryThatSlowReadersHoldIsBounded() {
    // A copier with little memory, between four streams of two hands that nobody reads.
    PairNetwork network({.streamWindow = 64 * 1024, .sendBuffer = 16 * 1024});
    HandNode a(network, 1, {"/x"}), relay(network, 2, {"/x"}), b(network, 3, {"/x"});
    relay.protocol.reading = b.protocol.reading = false;
    a.node.connectTo(relay.node, at(0s));
    relay.node.connectTo(b.node, at(0s));
    const std::vector<TestNode*> nodes{&a.node, &relay.node, &b.node};
    run(network, nodes, at(0s));
    a.protocol.greeting = relay.protocol.greeting = "!";
    for (swarm::RequestTag tag = 1; tag <= 2; ++tag) {
        a.protocol.open(relay.node.id(), {"/x"}, tag);
        relay.protocol.open(b.node.id(), {"/x"}, tag);
        run(network, nodes, at(0s));
    }
    auto& io = relay.node.swarm.streams();
    CircuitCopier copier(100'000); // the window of one stream fits, two do not
    const auto inbound = relay.protocol.inbound();
    for (swarm::RequestTag tag = 1; tag <= 2; ++tag)
        copier.add({inbound[tag - 1], relay.protocol.keyOf(tag), {a.node.id(), b.node.id(), {}}}, Limit{}, io, at(0s));
    QCOMPARE(copier.circuits(), size_t(2));
    auto& from = a.node.swarm.streams();
    const auto fill = [&](swarm::RequestTag tag, size_t bytes) {
        while (bytes > 0) {
            const size_t count = std::min(bytes, from.writable(a.protocol.keyOf(tag)));
            if (count == 0) return;
            from.write(a.protocol.keyOf(tag), Slice::copyOf(Bytes(count)), link::Fin::No);
            bytes -= count;
            run(network, nodes, at(0s));
            for (const StreamKey key : inbound) copier.onReadable(key, io, at(0s));
            run(network, nodes, at(0s));
        }
    };
    fill(1, 1'000'000);
    QCOMPARE(copier.circuits(), size_t(2));
    QVERIFY(copier.heldBytes() > 60'000 && copier.heldBytes() <= 64 * 1024);
    fill(2, 1'000'000);
    QCOMPARE(copier.circuits(), size_t(1));
    QVERIFY(copier.heldBytes() <= 100'000);
}

void RelayTest::whoBringsTooManyIsCut() {
    PairNetwork network;
    HandNode hand(network, 1, {kHopId});
    ClientNode client(network, 2);
    const std::vector<TestNode*> nodes{&hand.node, &client.node};
    hand.node.connectTo(client.node, at(0s));
    run(network, nodes, at(0s));
    client.client.setAccepting(hand.node.id(), true);
    hand.protocol.greeting = "\x7f"; // half a message
    for (size_t i = 0; i < kMaxStopsPerRelay + 2; ++i) hand.protocol.open(client.node.id(), {kStopId}, ++hand.tag);
    run(network, nodes, at(0s));
    size_t refused = 0;
    for (const auto& [key, stream] : hand.protocol.streams) refused += stream.reset.has_value();
    QCOMPARE(refused, size_t(2)); // no more at a time
    runUntil(network, nodes, at(0s), at(kStopTimeout));
    QVERIFY(!client.node.swarm.hasStreams(hand.node.id()));

    hand.protocol.greeting = std::string(asText(framed(encodeStop(StopConnect{identityOf(9).peerId(), {}}))));
    const auto bring = [&] {
        const size_t before = client.all<CircuitOffered>().size();
        hand.protocol.open(client.node.id(), {kStopId}, ++hand.tag);
        run(network, nodes, at(kStopTimeout));
        const auto offered = client.all<CircuitOffered>();
        if (offered.size() == before) return false;
        client.client.accept(offered.back().key, client.node.swarm.streams());
        run(network, nodes, at(kStopTimeout));
        return true;
    };
    for (size_t i = 0; i < kMaxAcceptedPerRelay; ++i) QVERIFY(bring());
    QVERIFY(!bring());
    client.client.forget(client.all<CircuitOffered>().back().key);
    QVERIFY(bring()); // when one has ended there is room for another
    QVERIFY(!bring());
}

void RelayTest::everyLimitIsKept() {
    // Reservations in all, and of one address: test nodes have one each.
    PairNetwork network;
    ServerNode relay(network, 1, {.reservations = 2});
    std::vector<std::unique_ptr<ClientNode>> clients;
    std::vector<TestNode*> nodes{&relay.node};
    for (uint8_t i = 2; i <= 4; ++i) {
        clients.push_back(std::make_unique<ClientNode>(network, i));
        nodes.push_back(&clients.back()->node);
        clients.back()->node.connectTo(relay.node, at(0s));
    }
    run(network, nodes, at(0s));
    for (auto& client : clients) {
        client->client.reserve(relay.node.id(), at(0s));
        run(network, nodes, at(0s));
    }
    QCOMPARE(clients[0]->all<Reserved>().size() + clients[1]->all<Reserved>().size(), size_t(2));
    QVERIFY(has(clients[2]->all<ReserveFailed>().back().error.text(), "RESERVATION_REFUSED"));
    clients[0]->client.reserve(relay.node.id(), at(1s)); // whoever has one may ask again
    run(network, nodes, at(1s));
    QCOMPARE(clients[0]->all<Reserved>().size(), size_t(2));

    ReservationBook book(10, 2);
    const auto from = codec::parseIp("192.0.2.1").value();
    QVERIFY(book.grant(identityOf(1).peerId(), from, at(1h).mono));
    QVERIFY(book.grant(identityOf(2).peerId(), from, at(1h).mono));
    QVERIFY(!book.grant(identityOf(3).peerId(), from, at(1h).mono));
    QVERIFY(book.grant(identityOf(2).peerId(), from, at(2h).mono));
    QVERIFY(book.grant(identityOf(3).peerId(), codec::parseIp("2001:db8::1").value(), at(1h).mono));
    QVERIFY(book.grant(identityOf(4).peerId(), codec::parseIp("2001:db8::2").value(), at(1h).mono));
    QVERIFY(!book.grant(identityOf(5).peerId(), codec::parseIp("2001:db8::3").value(), at(1h).mono));
    book.drop(identityOf(1).peerId());
    QVERIFY(book.grant(identityOf(5).peerId(), from, at(1h).mono));
    QCOMPARE(book.size(), size_t(4));

    for (const bool inAll : {true, false}) { // circuits in all, and of one peer
        RelayServerConfig config;
        (inAll ? config.circuits : config.circuitsPerPeer) = 2;
        World world(config);
        world.reserve();
        const auto first = world.circuit(1), second = world.circuit(2);
        QVERIFY(second.first.link.value != 0);
        world.ask(3);
        QVERIFY2(has(world.failure(), "RESOURCE_LIMIT_EXCEEDED"), world.failure().c_str());
        world.dialler.node.swarm.streams().reset(first.first, 0);
        world.settle();
        QVERIFY(world.circuit(4).first != second.first);
        QCOMPARE(world.relay.server.figures().circuits, uint64_t(2));
    }
}

void RelayTest::strangersAreKeptOutWhereOnlyTrustedOnesMay() {
    World world({.access = Access::Trusted});
    world.target.client.reserve(world.relay.node.id(), at(0s));
    world.settle();
    const auto refused = world.target.all<ReserveFailed>();
    QVERIFY(refused.back().error.code == Errc::PermissionDenied);
    world.relay.trusted = world.target.node.id();
    world.reserve();
    QCOMPARE(world.target.all<Reserved>().size(), size_t(1));
    world.ask(1); // the other end is a stranger still
    QVERIFY(has(world.failure(), "PERMISSION_DENIED"));
}

void RelayTest::aRequestThatIsNoneIsAnsweredAndEnded() {
    PairNetwork network;
    ServerNode relay(network, 1);
    HandNode hand(network, 2, {});
    hand.node.connectTo(relay.node, at(0s));
    const std::vector<TestNode*> nodes{&relay.node, &hand.node};
    run(network, nodes, at(0s));
    const auto answerTo = [&](const Bytes& request) {
        hand.say(relay.node, kHopId, request);
        run(network, nodes, at(0s));
        const auto& stream = hand.protocol.streams.at(hand.protocol.keyOf(hand.tag));
        Bytes answer = stream.received;
        if (answer.empty() || !stream.ended) return uint32_t{0};
        answer.erase(answer.begin()); // its length
        return std::get<HopStatus>(decodeHop(answer).value()).status;
    };
    QCOMPARE(answerTo(framed(fromHex("0805"))), status::kMalformedMessage);
    QCOMPARE(answerTo(framed({})), status::kMalformedMessage);
    QCOMPARE(answerTo(Bytes(12, 0xff)), status::kMalformedMessage);
    QCOMPARE(answerTo(fromHex("8120")), status::kMalformedMessage); // 4097 bytes
    QCOMPARE(answerTo(framed(encodeHop(HopStatus{}))), status::kUnexpectedMessage);
    QCOMPARE(answerTo(framed(encodeHop(HopConnect{hand.node.id()}))), status::kPermissionDenied);
    QCOMPARE(answerTo(framed(encodeHop(HopConnect{relay.node.id()}))), status::kNoReservation);
    QVERIFY(!relay.node.swarm.hasStreams(hand.node.id()));
}

void RelayTest::halfARequestIsGivenUpInTime() {
    PairNetwork network;
    ServerNode relay(network, 1);
    HandNode hand(network, 2, {});
    hand.node.connectTo(relay.node, at(0s));
    const std::vector<TestNode*> nodes{&relay.node, &hand.node};
    run(network, nodes, at(0s));
    hand.protocol.greeting = "\x7f";
    for (swarm::RequestTag tag = 1; tag <= kMaxRequestsPerPeer + 2; ++tag)
        hand.protocol.open(relay.node.id(), {kHopId}, tag);
    run(network, nodes, at(0s));
    size_t refused = 0;
    for (const auto& [key, stream] : hand.protocol.streams) refused += stream.reset.has_value();
    QCOMPARE(refused, size_t(2)); // no more at a time
    runUntil(network, nodes, at(0s), at(kRequestTimeout - 1ms));
    QVERIFY(relay.node.swarm.hasStreams(hand.node.id()));
    runUntil(network, nodes, at(kRequestTimeout - 1ms), at(kRequestTimeout));
    QVERIFY(!relay.node.swarm.hasStreams(hand.node.id()));
}

void RelayTest::noPlaceTakesAllRequests() {
    Askers askers;
    const std::string household = "/ip6/2001:db8::";
    for (size_t i = 1; i <= kMaxRequestsPerPrefix / kMaxRequestsPerPeer; ++i)
        QCOMPARE(askers.ask(household + std::to_string(i), kMaxRequestsPerPeer), kMaxRequestsPerPeer);
    QCOMPARE(askers.ask(household + "1:0", 1), size_t(0));
    QCOMPARE(askers.ask("/ip6/2001:db8:0:1::1", 1), size_t(1));
}

void RelayTest::thereIsABoundOnAllRequestsTogether() {
    Askers askers;
    size_t waiting = 0;
    const auto place = [&] { return "/ip4/203.0.113." + std::to_string(askers.hands.size() + 1); };
    for (; waiting < kMaxRequests; waiting += kMaxRequestsPerPeer)
        QCOMPARE(askers.ask(place(), std::min(kMaxRequestsPerPeer, kMaxRequests - waiting)),
                 std::min(kMaxRequestsPerPeer, kMaxRequests - waiting));
    QCOMPARE(askers.ask(place(), 1), size_t(0));
    QCOMPARE(askers.ask(place(), 2), size_t(0)); // nor anybody else
    askers.endOne();
    QCOMPARE(askers.ask(place(), 2), size_t(1)); // the place of the one that has ended
    runUntil(askers.network, askers.nodes, at(0s), at(kRequestTimeout));
    QCOMPARE(askers.ask(place(), 1, kRequestTimeout), size_t(1));
}

void RelayTest::nothingIsDoneOverARelayedConnection() {
    PairNetwork network;
    ServerNode relay(network, 1);
    ClientNode client(network, 2);
    // The relay is reached through another one, as its address says.
    TestNode far(network, 5, {circuitOf(5)});
    Log log;
    RelayServer server(
        identityOf(5), {}, [](const auto&) { return true; }, log);
    far.swarm.addProtocol(server);
    far.carrier.beRelayed();
    client.node.carrier.beRelayed();
    client.node.swarm.connect(far.id(), {far.address}, at(0s));
    const std::vector<TestNode*> nodes{&relay.node, &client.node, &far};
    run(network, nodes, at(0s));
    QVERIFY(client.node.swarm.peer(far.id())->relayed());
    client.client.reserve(far.id(), at(0s));
    client.client.connect(LinkId{1}, far.id(), far.address, identityOf(7).peerId(), at(0s));
    run(network, nodes, at(0s));
    QVERIFY(has(client.all<ReserveFailed>().back().error.text(), "not connected directly"));
    QVERIFY(has(client.all<CircuitFailed>().back().error.text(), "itself reached only through a relay"));
}

void RelayTest::aRelayThatIsNotConnectedIsWanted() {
    PairNetwork network;
    ServerNode relay(network, 1);
    ClientNode client(network, 2);
    const std::vector<TestNode*> nodes{&relay.node, &client.node};
    const auto target = identityOf(7).peerId();
    for (uint64_t i = 1; i <= 2; ++i)
        client.client.connect(LinkId{i}, relay.node.id(), relay.node.address, target, at(0s));
    QCOMPARE(client.all<RelayWanted>().size(), size_t(2));
    client.node.connectTo(relay.node, at(0s));
    run(network, nodes, at(0s));
    QCOMPARE(client.all<CircuitFailed>().size(), size_t(2)); // both were asked for
    // Nobody there, and never an answer.
    client.client.connect(LinkId{3}, identityOf(8).peerId(), addressOf(8), target, at(0s));
    client.client.onUnreachable(identityOf(8).peerId(), makeError(Errc::Unreachable, "refused"));
    QVERIFY(has(client.all<CircuitFailed>().back().error.text(), "cannot be reached: refused"));
    client.client.connect(LinkId{4}, identityOf(8).peerId(), addressOf(8), target, at(0s));
    runUntil(network, nodes, at(0s), at(kConnectTimeout));
    QVERIFY(client.all<CircuitFailed>().back().error.code == Errc::Timeout);
    client.client.connect(LinkId{5}, client.node.id(), addressOf(2), target, at(0s));
    client.client.connect(LinkId{6}, target, addressOf(7), target, at(0s));
    QCOMPARE(client.all<CircuitFailed>().size(), size_t(6));
    for (uint64_t i = 0; i < kMaxConnecting + 1; ++i)
        client.client.connect(LinkId{100 + i}, identityOf(8).peerId(), addressOf(8), target, at(1h));
    QVERIFY(client.all<CircuitFailed>().back().error.code == Errc::LimitReached);
}

void RelayTest::lyingAnswersAreRefused() {
    PairNetwork network;
    HandNode hand(network, 1, {kHopId});
    ClientNode client(network, 2);
    client.node.connectTo(hand.node, at(0s));
    const std::vector<TestNode*> nodes{&hand.node, &client.node};
    run(network, nodes, at(0s));
    const auto seconds = static_cast<uint64_t>(at(0s).wall.seconds());
    const auto verdictOn = [&](const HopMessage& answer) {
        const size_t before = client.all<ReserveFailed>().size();
        client.client.reserve(hand.node.id(), at(0s));
        run(network, nodes, at(0s));
        for (const StreamKey key : hand.protocol.inbound())
            hand.node.swarm.streams().write(key, Slice::copyOf(framed(encodeHop(answer))), link::Fin::Yes);
        run(network, nodes, at(0s));
        hand.protocol.streams.clear();
        return client.all<ReserveFailed>().size() == before;
    };
    const auto granted = [](uint64_t expire, Bytes voucher) {
        return HopStatus{status::kOk, Reservation{expire, {}, std::move(voucher)}, {}};
    };
    const auto voucher = [&](uint8_t relay, uint8_t peer, uint64_t until) {
        return sealVoucher(identityOf(relay), identityOf(peer).peerId(), until);
    };
    QVERIFY(!verdictOn(HopStatus{}));          // OK, and nothing granted
    QVERIFY(!verdictOn(granted(seconds, {}))); // over already
    QVERIFY(!verdictOn(granted(0, {})));
    QVERIFY(!verdictOn(HopReserve{}));                                         // no answer
    QVERIFY(!verdictOn(granted(seconds + 100, Bytes(10))));                    // no voucher
    QVERIFY(!verdictOn(granted(seconds + 100, voucher(3, 2, seconds + 100)))); // another relay's
    QVERIFY(!verdictOn(granted(seconds + 100, voucher(1, 3, seconds + 100)))); // another peer's
    QVERIFY(!verdictOn(granted(seconds + 100, voucher(1, 2, seconds))));       // an old one
    const uint64_t soon = seconds + static_cast<uint64_t>(kMinUsefulTtl / 1s);
    QVERIFY(!verdictOn(granted(soon - 1, voucher(1, 2, soon - 1)))); // hardly worth telling
    QVERIFY(verdictOn(granted(soon, voucher(1, 2, soon))));
    QVERIFY(verdictOn(granted(seconds + 100, voucher(1, 2, seconds + 100))));
    QVERIFY(verdictOn(granted(UINT64_MAX, voucher(1, 2, UINT64_MAX)))); // believed, but not for ever
    QCOMPARE(client.all<Reserved>().back().until, at(kMaxBelievedTtl).mono);
}

void RelayTest::aFloodOfRequestsIsCut() {
    PairNetwork network;
    ServerNode relay(network, 1);
    HandNode hand(network, 2, {});
    hand.node.connectTo(relay.node, at(0s));
    const std::vector<TestNode*> nodes{&relay.node, &hand.node};
    run(network, nodes, at(0s));
    size_t granted = 0;
    for (int i = 0; i < 100; ++i) {
        hand.say(relay.node, kHopId, framed(encodeHop(HopReserve{})));
        run(network, nodes, at(0s));
        Bytes answer = hand.protocol.streams.at(hand.protocol.keyOf(hand.tag)).received;
        granted += answer.size() > 20; // with a voucher: a signature has been made
    }
    QCOMPARE(granted, size_t(kRequestBurst));
}

QTEST_APPLESS_MAIN(RelayTest)
#include "relay_test.moc"
