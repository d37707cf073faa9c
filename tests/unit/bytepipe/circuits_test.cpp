#include "pipe_wire.h"

#include <QTest>

using namespace wherry;
using namespace wherry::bytepipe;
using namespace wherry::bytepipe::test;
using namespace std::chrono_literals;

namespace {

EndpointConfig overRelays() {
    EndpointConfig config;
    config.circuits = true;
    return config;
}

/// Two endpoints and a relay between them, played by hand.
struct World {
    PipeNode a{1, overRelays()};
    PipeNode b{2, overRelays()};
    PipeNode other{3, overRelays()};
    Now now{{}, UnixTime::fromSeconds(1'790'000'000)};
    codec::Multiaddr circuit =
        codec::Multiaddr::parse("/ip4/44.1.0.1/udp/4001/quic-v1/p2p/" + other.self().text() + "/p2p-circuit").value();
    std::optional<OpenPipe> asked;
    link::LinkId atA, atB;

    /// `brings`: whom the relay says that it brings.
    void dial(const crypto::PeerId& expected, const crypto::PeerId& brings) {
        if (!a.endpoint.dial(circuit, expected, now)) return;
        settle();
        atA = asked->pipe;
        PipePath path;
        path.kind = PipeKind::Circuit;
        path.circuit = circuit;
        atB = b.endpoint.onPipeAccepted(path, now, brings).value();
        a.endpoint.onPipeOpened(atA, {});
        settle();
    }
    void settle() {
        while (step(a, b, atB) || step(b, a, atA)) {
        }
    }
    bool step(PipeNode& node, PipeNode& peer, link::LinkId there) {
        bool moved = false;
        while (const auto event = node.endpoint.poll()) {
            node.events.push_back(*event);
            moved = true;
        }
        Bytes out;
        while (node.endpoint.nextWrite(out, now)) {
            peer.endpoint.onBytes(there, out, now);
            moved = true;
        }
        while (const auto action = node.endpoint.pollAction()) {
            moved = true;
            if (const auto* open = std::get_if<OpenPipe>(&*action)) asked = *open;
            if (!std::holds_alternative<ClosePipe>(*action)) continue;
            peer.endpoint.onBytes(there, std::get<ClosePipe>(*action).farewell, now);
            peer.endpoint.onPipeEnded(there);
        }
        return moved;
    }
};

bool has(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

} // namespace

/// Pipes that lead through relays.
class CircuitsTest : public QObject {
    Q_OBJECT

  private slots:
    void circuitsAreDialledAndNothingElse() {
        World world;
        const auto tcp = codec::Multiaddr::tcp(addressOf(2));
        QVERIFY(world.a.endpoint.canDial(world.circuit));
        QVERIFY(!world.a.endpoint.canDial(tcp));
        QVERIFY(!world.a.endpoint.dial(tcp, world.b.self(), world.now));
        PipeNode plain(4, {});
        QVERIFY(plain.endpoint.canDial(tcp) && !plain.endpoint.canDial(world.circuit));
    }

    void bothProveTheirKeysThroughARelay() {
        World world;
        world.dial(world.b.self(), world.a.self());
        QVERIFY(world.asked->circuit == world.circuit);
        QVERIFY(world.asked->peer == world.b.self());
        const auto opened = world.a.all<link::LinkOpened>(), accepted = world.b.all<link::LinkOpened>();
        QCOMPARE(opened.size(), size_t(1));
        QCOMPARE(accepted.size(), size_t(1));
        QVERIFY(opened[0].peer == world.b.self() && accepted[0].peer == world.a.self());
        QVERIFY(opened[0].remote == world.circuit && accepted[0].remote == world.circuit);
        const auto key = world.a.endpoint.openStream(opened[0].link);
        QVERIFY(key.has_value());
        world.a.endpoint.write(*key, Slice::copyOf(asBytes("hello")), link::Fin::Yes);
        world.settle();
        const auto streams = world.b.all<link::StreamOpened>();
        QCOMPARE(streams.size(), size_t(1));
        QVERIFY(asText(world.b.endpoint.front(streams[0].key)) == "hello");
    }

    void somebodyElseAtTheOtherEndIsRefused() {
        World world;
        world.dial(world.other.self(), world.a.self());
        const auto closed = world.a.all<link::LinkClosed>();
        QCOMPARE(closed.size(), size_t(1));
        QVERIFY(closed[0].error.code == Errc::IdentityMismatch);
        QVERIFY2(has(closed[0].error.text(), world.circuit.text()), closed[0].error.text().c_str());
        QVERIFY(world.a.all<link::LinkOpened>().empty() && world.b.all<link::LinkOpened>().empty());
    }

    void whoIsNotWhomTheRelayNamesIsRefused() {
        World world;
        world.dial(world.b.self(), world.other.self());
        QVERIFY(world.b.all<link::LinkOpened>().empty());
        const auto closed = world.a.all<link::LinkClosed>();
        QCOMPARE(closed.size(), size_t(1));
        QVERIFY2(has(closed[0].error.text(), world.circuit.text()), closed[0].error.text().c_str());
    }

    void whatEndsIsNamedByItsRelay() {
        World world;
        world.dial(world.b.self(), world.a.self());
        world.a.endpoint.onPipeEnded(world.atA);
        world.settle();
        const auto closed = world.a.all<link::LinkClosed>();
        QCOMPARE(closed.size(), size_t(1));
        QVERIFY2(has(closed[0].error.text(), world.circuit.text() + " closed the connection"),
                 closed[0].error.text().c_str());
    }

    void aHandshakeThatDoesNotEndIsGivenUp() {
        EndpointConfig config = overRelays();
        PipeNode node(5, config);
        World world;
        QVERIFY(node.endpoint.dial(world.circuit, world.b.self(), world.now).has_value());
        QVERIFY(node.endpoint.deadline() <= world.now.mono + config.upgradeTimeout);
        world.now.mono += config.upgradeTimeout;
        node.endpoint.onDeadline(world.now);
        const auto event = node.endpoint.poll();
        const auto* closed = event ? std::get_if<link::LinkClosed>(&*event) : nullptr;
        QVERIFY(closed && closed->error.code == Errc::Timeout);
        QVERIFY2(has(closed->error.text(), world.circuit.text()), closed->error.text().c_str());
    }
};

QTEST_APPLESS_MAIN(CircuitsTest)
#include "circuits_test.moc"
