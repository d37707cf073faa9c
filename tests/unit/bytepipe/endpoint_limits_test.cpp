#include "bytepipe/upgrade.h"
#include "link/multistream.h"
#include "unit/bytepipe/pipe_wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::bytepipe;
using namespace wherry::bytepipe::test;
using link::LinkId;

namespace {
Bytes hello(std::string_view protocol) {
    Bytes out;
    link::appendMultistream(out, "/multistream/1.0.0");
    link::appendMultistream(out, protocol);
    return out;
}
codec::SocketAddress stranger(size_t i) {
    return {codec::IpAddress::v4({44, 0, uint8_t(i >> 8), uint8_t(i)}), 5000, 0};
}
} // namespace

/// SECURITY.md D4, D8, D13: what somebody who has proved no key can cost.
class EndpointLimitsTest : public QObject {
    Q_OBJECT
  private slots:
    void aStrangerWhoSaysNothingIsClosedInTime();
    void aDialWithoutAnAnswerTimesOut();
    void aHandshakeThatStopsInTheMiddleTimesOut();
    void nonsenseClosesThePipeAndNobodyIsTold_data();
    void nonsenseClosesThePipeAndNobodyIsTold();
    void bytesBeforeAProofAreBounded();
    void handshakesOfOneAddressAreBoundedAndTheOldestGivesWay();
    void handshakesInAllAreBoundedAndTheOldestGivesWay();
    void linksOfOneAddressAreBounded();
    void whoSaysNothingTakesNoPlaceOfOneAddress();
    void strangersNeverTakeThePlacesOfDials();
    void whenManyHangNewOnesStillGetIn();
};

void EndpointLimitsTest::aStrangerWhoSaysNothingIsClosedInTime() {
    PipeWire wire;
    PipeNode& node = wire.add();
    const auto pipe = wire.connectByHand(node, stranger(1));
    QVERIFY(pipe);
    QCOMPARE(node.endpoint.deadline(), wire.now.mono + kUpgradeTimeout);
    wire.advance(kUpgradeTimeout - Duration(1));
    QVERIFY(node.closedPipes.empty());
    wire.advance(Duration(1));
    QCOMPARE(node.closedPipes, std::vector{*pipe});
    QVERIFY(node.events.empty());
    QCOMPARE(node.endpoint.load().connections, size_t(0));
    QCOMPARE(node.endpoint.deadline(), kNever);
}

void EndpointLimitsTest::aDialWithoutAnAnswerTimesOut() {
    PipeWire wire;
    PipeNode& node = wire.add();
    const LinkId link = *node.endpoint.dial(codec::Multiaddr::tcp(stranger(1)), {}, wire.now);
    QVERIFY(std::holds_alternative<OpenPipe>(*node.endpoint.pollAction())); // the system tries and tries
    wire.advance(kUpgradeTimeout);
    QCOMPARE(node.all<link::LinkClosed>().at(0).error.code, Errc::Timeout);
    QCOMPARE(node.closedPipes, std::vector{link});
}

void EndpointLimitsTest::aHandshakeThatStopsInTheMiddleTimesOut() {
    PipeWire wire;
    PipeNode& node = wire.add();
    const auto pipe = wire.connectByHand(node, stranger(1));
    Bytes in = hello("/noise");
    append(in, fromHex("0020"));
    append(in, Bytes(31, 7));
    for (const uint8_t byte : in) {
        wire.advance(std::chrono::milliseconds(100)); // slow drips win no time
        node.endpoint.onBytes(*pipe, {&byte, 1}, wire.now);
    }
    wire.run();
    QCOMPARE(asText(wire.received(node, *pipe)), asText(hello("/noise")));
    wire.advance(kUpgradeTimeout - std::chrono::milliseconds(100) * int(in.size()));
    QCOMPARE(node.closedPipes, std::vector{*pipe});
}

void EndpointLimitsTest::nonsenseClosesThePipeAndNobodyIsTold_data() {
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char* name, const Bytes& bytes) {
        QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bytes.data()), int(bytes.size()));
    };
    row("HTTP",
        toBytes(asBytes("GET / HTTP/1.1\r\nHost: example.org\r\nAccept: text/html\r\nConnection: close\r\n\r\n")));
    Bytes tls = fromHex("16030100c2010000be0303");
    tls.resize(100);
    row("TLS", tls);
    row("zeros", Bytes(100));
    Bytes noise = hello("/noise");
    append(noise, fromHex("ffff"));
    row("a huge handshake message", noise);
    Bytes small = hello("/noise");
    append(small, fromHex("0020"));
    append(small, Bytes(32));
    row("a key of small order", small);
}

void EndpointLimitsTest::nonsenseClosesThePipeAndNobodyIsTold() {
    QFETCH(QByteArray, bytes);
    PipeWire wire;
    PipeNode& node = wire.add();
    const auto pipe = wire.connectByHand(node, stranger(1));
    node.endpoint.onBytes(*pipe, asBytes(std::string_view(bytes.data(), size_t(bytes.size()))), wire.now);
    wire.run();
    QCOMPARE(node.closedPipes, std::vector{*pipe});
    QVERIFY(node.events.empty());
    QCOMPARE(node.endpoint.load().connections, size_t(0));
    node.endpoint.onBytes(*pipe, asBytes("more"), wire.now); // what the system still had
    node.endpoint.onPipeEnded(*pipe);
    wire.run();
}

void EndpointLimitsTest::bytesBeforeAProofAreBounded() {
    PipeWire wire;
    PipeNode& node = wire.add();
    // Proposals that we refuse: 31 are answered, and each may be a kilobyte.
    Bytes in;
    link::appendMultistream(in, "/multistream/1.0.0");
    for (int i = 0; i < 31; ++i) link::appendMultistream(in, std::string(link::kMaxMultistreamMessage - 1, 'x'));
    QVERIFY(in.size() < kMaxUnprovenBytes);
    const auto pipe = wire.connectByHand(node, stranger(1));
    node.endpoint.onBytes(*pipe, in, wire.now);
    wire.run();
    QVERIFY(node.closedPipes.empty());
    Bytes rest;
    link::appendMultistream(rest, "/noise");
    append(rest, fromHex("1000")); // a handshake message of 4096 bytes
    rest.resize(kMaxUnprovenBytes - in.size(), 7);
    node.endpoint.onBytes(*pipe, rest, wire.now);
    wire.run();
    QVERIFY(node.closedPipes.empty());
    node.endpoint.onBytes(*pipe, asBytes("x"), wire.now);
    wire.run();
    QCOMPARE(node.closedPipes, std::vector{*pipe});
}

void EndpointLimitsTest::handshakesOfOneAddressAreBoundedAndTheOldestGivesWay() {
    PipeWire wire;
    PipeNode& node = wire.add();
    QVERIFY(wire.connectByHand(node, stranger(2)));
    std::vector<LinkId> pipes;
    for (size_t i = 0; i < link::kMaxHalfOpenPerPrefix; ++i) pipes.push_back(*wire.connectByHand(node, stranger(1)));
    QVERIFY(wire.connectByHand(node, stranger(1)));
    wire.run();
    QCOMPARE(node.closedPipes, std::vector{pipes.front()}); // and not the older one of somebody else
    QCOMPARE(node.endpoint.load().halfOpen, link::kMaxHalfOpenPerPrefix + 1);
}

void EndpointLimitsTest::handshakesInAllAreBoundedAndTheOldestGivesWay() {
    PipeWire wire;
    PipeNode& node = wire.add();
    std::vector<LinkId> pipes;
    for (size_t i = 0; i < link::kMaxHalfOpen; ++i) pipes.push_back(*wire.connectByHand(node, stranger(i)));
    QVERIFY(wire.connectByHand(node, stranger(1000))); // all have one, and all are new
    wire.run();
    QCOMPARE(node.closedPipes, std::vector{pipes.front()});
    QVERIFY(wire.connectByHand(node, stranger(7))); // that one has two now
    QVERIFY(wire.connectByHand(node, stranger(1001)));
    wire.run();
    QCOMPARE(node.closedPipes, (std::vector{pipes[0], pipes[1], pipes[7]}));
    QCOMPARE(node.endpoint.load().halfOpen, link::kMaxHalfOpen);
}

void EndpointLimitsTest::linksOfOneAddressAreBounded() {
    EndpointConfig config;
    config.maxConnectionsPerPrefix = 3;
    PipeWire wire;
    PipeNode &node = wire.add(config), &other = wire.add();
    for (int i = 0; i < 3; ++i) wire.dial(other, node, node.self());
    QCOMPARE(node.all<link::LinkOpened>().size(), size_t(3));
    const LinkId refused = wire.dial(other, node, node.self());
    QCOMPARE(other.all<link::LinkClosed>().at(0).link, refused);
    other.endpoint.close(other.all<link::LinkOpened>()[0].link, 0, {}, wire.now);
    wire.run();
    wire.dial(other, node, node.self());
    QCOMPARE(node.all<link::LinkOpened>().size(), size_t(4));
}

void EndpointLimitsTest::whoSaysNothingTakesNoPlaceOfOneAddress() {
    EndpointConfig config;
    config.maxConnectionsPerPrefix = 3;
    PipeWire wire;
    PipeNode &node = wire.add(config), &other = wire.add();
    wire.dial(other, node, node.self());
    const codec::SocketAddress there = other.address;
    for (uint16_t i = 1; i < 10; ++i)
        QVERIFY(wire.connectByHand(node, {there.ip, static_cast<uint16_t>(50'000 + i), 0}));
    wire.dial(other, node, node.self());
    QCOMPARE(node.all<link::LinkOpened>().size(), size_t(2));
    QCOMPARE(node.endpoint.load().connections, size_t(3));
}

void EndpointLimitsTest::strangersNeverTakeThePlacesOfDials() {
    EndpointConfig config;
    config.maxConnections = 16;
    PipeWire wire;
    PipeNode& node = wire.add(config);
    size_t accepted = 0;
    for (size_t i = 0; i < 30; ++i) accepted += wire.connectByHand(node, stranger(i)).has_value();
    QCOMPARE(accepted, link::inboundShare(16));
    size_t dialled = 0;
    for (uint16_t i = 1; i < 30; ++i)
        dialled += node.endpoint.dial(codec::Multiaddr::tcp(addressOf(77, i)), {}, wire.now).has_value();
    QCOMPARE(dialled, 16 - link::inboundShare(16));
}

void EndpointLimitsTest::whenManyHangNewOnesStillGetIn() {
    PipeWire wire;
    PipeNode &node = wire.add(), &honest = wire.add();
    for (int round = 0; round < 20; ++round) {
        for (size_t i = 0; i < 100; ++i) wire.connectByHand(node, stranger(i % 4));
        wire.advance(std::chrono::milliseconds(500));
        const LinkId link = wire.dial(honest, node, node.self());
        QCOMPARE(honest.all<link::LinkOpened>().size(), size_t(round + 1));
        honest.endpoint.close(link, 0, {}, wire.now);
        wire.run();
    }
}

QTEST_APPLESS_MAIN(EndpointLimitsTest)
#include "endpoint_limits_test.moc"
