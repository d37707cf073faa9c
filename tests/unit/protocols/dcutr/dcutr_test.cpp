#include "protocols/dcutr/dcutr.h"
#include "support/hand_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace wherry::dcutr;
using namespace std::chrono_literals;
using codec::Multiaddr;

namespace {
const char* const kId = "/libp2p/dcutr";

Multiaddr publicOf(uint8_t number, uint16_t port = 4001) {
    return Multiaddr::quic({codec::IpAddress::v4({44, number, 0, 1}), port, 0});
}
bool isPublic(const Multiaddr& address, const crypto::PeerId&) {
    const auto at = address.transportAddress();
    return at && at->socket.ip.isPublic();
}

struct Puncher {
    Puncher(PairNetwork& network, uint8_t number, std::vector<Multiaddr> listen)
        : node(network, number, std::move(listen)),
          dcutr(isPublic, node.log) {
        node.swarm.addProtocol(dcutr);
    }
    template <typename Kind> std::vector<Kind> all() { return pollAll<Kind>(dcutr, said); }
    TestNode node;
    DcutrProtocol dcutr;
    std::vector<Action> said;
};

/// A has connected to B through a relay.
struct Pair {
    explicit Pair(bool relayed = true)
        : a(network, 1, {relayed ? circuitOf(1) : publicOf(1)}),
          b(network, 2, {relayed ? circuitOf(2) : publicOf(2)}) {
        if (relayed) a.node.carrier.beRelayed();
        if (relayed) b.node.carrier.beRelayed();
        a.dcutr.setOwnAddresses({publicOf(1)}, now);
        b.dcutr.setOwnAddresses({publicOf(2)}, now);
        a.node.connectTo(b.node, now);
        settle();
    }
    void settle() { run(network, {&a.node, &b.node}, now); }
    void pass(Duration span) {
        const Now to{now.mono + span, now.wall};
        runUntil(network, {&a.node, &b.node}, now, to);
        now = to;
    }
    PairNetwork network;
    Now now = at(0s);
    Puncher a, b;
};

/// B, and an A that is played by hand.
struct Liar {
    explicit Liar(std::vector<std::string> serves = {kId}, bool dialled = false)
        : hand(network, 1, std::move(serves), {circuitOf(1)}),
          b(network, 2, {circuitOf(2)}) {
        hand.protocol.closeWithPeer = false;
        hand.protocol.relayed = true;
        hand.node.carrier.beRelayed();
        b.node.carrier.beRelayed();
        b.dcutr.setOwnAddresses({publicOf(2)}, now);
        dialled ? b.node.connectTo(hand.node, now) : hand.node.connectTo(b.node, now);
        settle();
    }
    void settle() { run(network, {&hand.node, &b.node}, now); }
    void pass(Duration span) {
        const Now to{now.mono + span, now.wall};
        runUntil(network, {&hand.node, &b.node}, now, to);
        now = to;
    }
    void begin() {
        b.dcutr.begin(hand.node.id(), {}, now);
        settle();
    }
    void answer(ByteView frame) {
        for (const auto key : hand.protocol.inbound())
            if (!hand.protocol.streams.at(key).closed && !answered.contains(key)) {
                answered.insert(key);
                hand.node.swarm.streams().write(key, Slice::copyOf(frame), link::Fin::No);
            }
        settle();
    }
    /// As B: an exchange that the hand begins.
    void say(const std::vector<Bytes>& frames) {
        Bytes all;
        for (const Bytes& frame : frames) append(all, frame);
        hand.protocol.greeting = std::string(asText(all));
        hand.protocol.open(b.node.id(), {kId}, ++hand.tag);
        settle();
    }
    PairNetwork network;
    Now now = at(0s);
    HandNode hand;
    Puncher b;
    std::set<link::StreamKey> answered;
};

/// A, and a B that is played by hand.
struct Asker : Liar {
    Asker() : Liar({kId}, true) {}
};

Bytes saidConnect(std::vector<Multiaddr> addresses) {
    return framed(encode(Connect{std::move(addresses)}));
}
} // namespace

class DcutrTest : public QObject {
    Q_OBJECT

  private slots:
    void bothSendAtTheSameMoment() {
        Pair pair;
        pair.b.dcutr.begin(pair.a.node.id(), {}, pair.now);
        pair.settle();
        const auto dials = pair.a.all<DialNow>();
        QCOMPARE(dials.size(), size_t(1));
        QVERIFY(dials[0].peer == pair.b.node.id());
        QVERIFY(dials[0].addresses == std::vector{publicOf(2)});
        pair.pass(1ms); // without a round trip to wait for
        const auto punches = pair.b.all<PunchNow>();
        QCOMPARE(punches.size(), size_t(1));
        QVERIFY(punches[0].addresses == std::vector{publicOf(1)});
        QCOMPARE(punches[0].tryNumber, 1u);
    }

    void bWaitsForHalfARoundTripAfterSync() {
        Liar world;
        world.begin();
        world.pass(300ms);
        world.answer(saidConnect({publicOf(1)}));
        world.pass(149ms);
        QVERIFY(world.b.all<PunchNow>().empty());
        world.pass(1ms);
        QCOMPARE(world.b.all<PunchNow>().size(), size_t(1));
        const Bytes& said = world.hand.protocol.streams.at(world.hand.protocol.inbound()[0]).received;
        Bytes expected = saidConnect({publicOf(2)});
        append(expected, framed(encode(Sync{})));
        QVERIFY(said == expected);
    }

    void publicAddressesOfThePeerAreDialledFirst() {
        Pair pair;
        pair.b.dcutr.begin(pair.a.node.id(), {publicOf(1, 5000), addressOf(1)}, pair.now);
        pair.settle();
        const auto dials = pair.b.all<DialNow>();
        QCOMPARE(dials.size(), size_t(1));
        QVERIFY(dials[0].addresses == std::vector{publicOf(1, 5000)}); // not the private one
        QVERIFY(pair.a.all<DialNow>().empty());
        pair.pass(kUnilateral - 1ms);
        QVERIFY(pair.a.all<DialNow>().empty());
        pair.pass(1ms);
        QCOMPARE(pair.a.all<DialNow>().size(), size_t(1));
    }

    void aDialThatHasFailedIsNotWaitedFor() {
        Pair pair;
        pair.b.dcutr.begin(pair.a.node.id(), {publicOf(1, 5000)}, pair.now);
        pair.b.dcutr.onDialFailed(pair.a.node.id(), pair.now);
        pair.settle();
        QCOMPARE(pair.a.all<DialNow>().size(), size_t(1));
    }

    void aDirectLinkEndsEverything() {
        Pair pair;
        pair.b.dcutr.begin(pair.a.node.id(), {}, pair.now);
        pair.pass(1ms);
        pair.a.dcutr.onDirect(pair.b.node.id(), pair.now);
        pair.b.dcutr.onDirect(pair.a.node.id(), pair.now);
        QCOMPARE(pair.a.all<StopNow>().size(), size_t(1));
        QCOMPARE(pair.a.all<Ended>().size(), size_t(1));
        QCOMPARE(pair.a.all<Ended>()[0].tries, 1u);
        const auto ended = pair.b.all<Ended>();
        QCOMPARE(ended.size(), size_t(1));
        QVERIFY(ended[0].why.empty());
        QCOMPARE(ended[0].tries, 1u);
        pair.pass(60s);
        QCOMPARE(pair.b.all<PunchNow>().size(), size_t(1));
        QCOMPARE(pair.a.all<DialNow>().size(), size_t(1));
        QVERIFY(!pair.b.dcutr.isAtWork(pair.a.node.id()));
    }

    void afterThreeTriesItIsGivenUpWithAReason() {
        Pair pair;
        pair.b.dcutr.begin(pair.a.node.id(), {}, pair.now);
        pair.pass(60s);
        QCOMPARE(pair.a.all<DialNow>().size(), size_t(3));
        QCOMPARE(pair.b.all<PunchNow>().size(), size_t(3));
        QCOMPARE(pair.b.all<PunchNow>()[2].tryNumber, 3u);
        const auto ended = pair.b.all<Ended>();
        QCOMPARE(ended.size(), size_t(1));
        QCOMPARE(ended[0].why, std::string("no packet of the peer came through"));
        QCOMPARE(ended[0].tries, 3u);
        QVERIFY(ended[0].took >= 3 * kTry && ended[0].took < 3 * kTry + 1s);
        QCOMPARE(pair.b.dcutr.load().attempts + pair.a.dcutr.load().dialling, size_t(0));
    }

    void withoutAnAddressOfItsOwnBWaitsUntilItIsSeen() {
        Pair pair;
        pair.b.dcutr.setOwnAddresses({}, pair.now);
        pair.b.dcutr.begin(pair.a.node.id(), {}, pair.now);
        pair.pass(2s);
        QVERIFY(pair.a.all<DialNow>().empty());
        pair.b.dcutr.setOwnAddresses({publicOf(2)}, pair.now);
        pair.settle();
        QCOMPARE(pair.a.all<DialNow>().size(), size_t(1));
    }

    void aNodeThatNobodySeesGivesUp() {
        Pair pair;
        pair.b.dcutr.setOwnAddresses({}, pair.now);
        pair.b.dcutr.begin(pair.a.node.id(), {}, pair.now);
        pair.pass(kOwnAddressWait);
        QCOMPARE(pair.b.all<Ended>().size(), size_t(1));
        QVERIFY(pair.a.all<DialNow>().empty());
    }

    void aPeerThatDoesNotPunchIsAskedOnce() {
        Liar world({"/other"});
        world.begin();
        world.pass(60s);
        const auto ended = world.b.all<Ended>();
        QCOMPARE(ended.size(), size_t(1));
        QCOMPARE(ended[0].why, std::string("the peer does not punch"));
        QCOMPARE(ended[0].tries, 1u);
    }

    void aSilentPeerCostsThreeTimeOuts() {
        Liar world;
        world.begin();
        world.pass(3 * kExchange);
        const auto ended = world.b.all<Ended>();
        QCOMPARE(ended.size(), size_t(1));
        QCOMPARE(ended[0].why, std::string("the peer did not answer in time"));
        QVERIFY(world.b.all<PunchNow>().empty());
    }

    void aPeerThatGoesIsForgotten() {
        Liar world;
        world.begin();
        world.hand.node.swarm.disconnect(world.b.node.id(), 0, "", world.now);
        world.settle();
        world.pass(60s);
        QCOMPARE(world.b.dcutr.load().attempts, size_t(0));
        QVERIFY(world.b.all<PunchNow>().empty());
    }

    void aSlowPeerIsNotWaitedForLongerThanTheBound() {
        Liar world;
        world.begin();
        world.pass(4900ms);
        world.answer(saidConnect({publicOf(1)}));
        world.pass(kMaxHalfRoundTrip);
        QCOMPARE(world.b.all<PunchNow>().size(), size_t(1));
    }

    void ofManyAddressesAFewHostsAreTried() {
        Liar world;
        world.begin();
        std::string bytes = "\x08\x64";
        for (uint8_t number = 1; number <= 60; ++number) {
            const Bytes address = publicOf(number).encode();
            bytes += '\x12';
            bytes += static_cast<char>(address.size());
            bytes += std::string(asText(address));
        }
        world.answer(framed(asBytes(bytes)));
        world.pass(1s);
        QCOMPARE(world.b.all<PunchNow>().at(0).addresses.size(), kMaxHosts);
    }

    void manyPortsOfOneHostAreBounded() {
        Liar world;
        std::string bytes = "\x08\x64";
        for (uint16_t port = 2000; port < 2040; ++port) {
            const Bytes address = publicOf(1, port).encode();
            bytes += '\x12';
            bytes += static_cast<char>(address.size());
            bytes += std::string(asText(address));
        }
        world.begin();
        world.answer(framed(asBytes(bytes)));
        world.pass(1s);
        QCOMPARE(world.b.all<PunchNow>().at(0).addresses.size(), kMaxCandidates);
    }

    void addressesThatMayNotBeTriedAreNot() {
        Liar world;
        world.begin();
        world.answer(
            saidConnect({addressOf(1), circuitOf(5), Multiaddr::parse("/ip4/224.0.0.1/udp/4001/quic-v1").value()}));
        world.pass(1s);
        QVERIFY(world.b.all<PunchNow>().empty());
    }

    void nonsenseEndsATryAndNotMore() {
        Liar world;
        world.begin();
        world.answer(framed(encode(Sync{})));
        world.answer(framed(asBytes(std::string_view("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))));
        world.answer(Bytes{0xff, 0xff, 0x7f}); // a message of two megabytes
        world.pass(60s);
        QCOMPARE(world.b.all<Ended>().size(), size_t(1));
        QVERIFY(world.b.all<PunchNow>().empty());
    }

    void whoHasDialledUsIsAskedAndNotAnswered() {
        Liar world;
        world.say({saidConnect({publicOf(1)}), framed(encode(Sync{}))});
        QVERIFY(world.hand.protocol.streams.at(world.hand.protocol.keyOf(1)).reset);
        QVERIFY(world.b.all<DialNow>().empty());
    }

    void aDirectLinkBeforeSyncWasNotPunched() {
        Liar world;
        world.begin();
        world.b.dcutr.onDirect(world.hand.node.id(), world.now);
        const auto ended = world.b.all<Ended>();
        QCOMPARE(ended.size(), size_t(1));
        QVERIFY(ended[0].why.empty());
        QCOMPARE(ended[0].tries, 0u);
    }

    void beginSaysWhetherAnythingIsBegun() {
        Pair pair;
        QVERIFY(pair.b.dcutr.begin(pair.a.node.id(), {}, pair.now));
        QVERIFY(!pair.b.dcutr.begin(pair.a.node.id(), {}, pair.now));
        for (uint8_t number = 10; number < 9 + kMaxAttempts; ++number)
            QVERIFY(pair.b.dcutr.begin(identityOf(number).peerId(), {}, pair.now));
        QVERIFY(!pair.b.dcutr.begin(identityOf(200).peerId(), {}, pair.now));
    }

    void onlyDialsThatAreAgreedOnAreCalledSo() {
        Pair pair;
        pair.b.dcutr.begin(pair.a.node.id(), {publicOf(1, 5000)}, pair.now);
        pair.b.dcutr.onDialFailed(pair.a.node.id(), pair.now);
        pair.settle();
        QVERIFY(!pair.b.all<DialNow>().at(0).agreed);
        QVERIFY(pair.a.all<DialNow>().at(0).agreed);
    }

    void syncWithoutConnectIsRefused() {
        Asker world;
        world.say({framed(encode(Sync{}))});
        QVERIFY(world.b.all<DialNow>().empty());
        QVERIFY(world.hand.protocol.streams.at(world.hand.protocol.keyOf(1)).reset);
        QCOMPARE(world.b.dcutr.load().answers, size_t(0));
    }

    void aSecondConnectIsRefused() {
        Asker world;
        world.say({saidConnect({publicOf(1)}), saidConnect({publicOf(1)})});
        QVERIFY(world.hand.protocol.streams.at(world.hand.protocol.keyOf(1)).reset);
        QVERIFY(world.b.all<DialNow>().empty());
    }

    void whoSaysNothingAfterConnectIsForgotten() {
        Asker world;
        world.say({saidConnect({publicOf(1)})});
        QCOMPARE(world.b.dcutr.load().answers, size_t(1));
        world.pass(kExchange);
        QCOMPARE(world.b.dcutr.load().answers, size_t(0));
        QVERIFY(world.b.all<DialNow>().empty());
    }

    void exchangesOfOnePeerAreRationed() {
        Asker world;
        for (int i = 0; i < 50; ++i) {
            world.say({saidConnect({publicOf(1)}), framed(encode(Sync{}))});
            world.pass(10ms);
        }
        QCOMPARE(world.b.all<DialNow>().size(), size_t(kAnswersAtOnce));
    }

    void peersThatAreTriedAtOnceAreBounded() {
        Liar world;
        const auto begin = [&](size_t number) {
            const auto peer = identityOf(static_cast<uint8_t>(10 + number)).peerId();
            world.b.dcutr.begin(peer, {publicOf(static_cast<uint8_t>(number))}, world.now);
        };
        for (size_t number = 1; number <= kMaxAttempts + 1; ++number) begin(number);
        QCOMPARE(world.b.dcutr.load().attempts, kMaxAttempts);
        QCOMPARE(world.b.all<DialNow>().size(), kMaxAttempts);
        world.b.dcutr.onPeerGone(identityOf(11).peerId(), {}, world.now);
        begin(kMaxAttempts + 1); // it has its turn
        QCOMPARE(world.b.all<DialNow>().size(), kMaxAttempts + 1);
    }

    void exchangesAtOnceAreBoundedAndEnd() {
        PairNetwork network;
        Puncher b(network, 150, {circuitOf(150)});
        b.node.carrier.beRelayed();
        std::vector<TestNode*> nodes{&b.node};
        std::vector<std::unique_ptr<HandNode>> hands;
        for (size_t number = 1; number <= kMaxAnswers + 1; ++number) {
            const auto small = static_cast<uint8_t>(number);
            hands.push_back(std::make_unique<HandNode>(network, small, std::vector<std::string>{kId},
                                                       std::vector{circuitOf(small)}));
            hands.back()->node.carrier.beRelayed();
            hands.back()->protocol.relayed = true;
            nodes.push_back(&hands.back()->node);
            b.node.connectTo(hands.back()->node, at(0s));
            run(network, nodes, at(0s));
            hands.back()->protocol.greeting = std::string(asText(saidConnect({publicOf(small)})));
            hands.back()->protocol.open(b.node.id(), {kId}, 1);
            run(network, nodes, at(0s));
            QCOMPARE(b.dcutr.load().answers, std::min(number, kMaxAnswers)); // half open, until SYNC
        }
        QVERIFY(hands.back()->protocol.streams.begin()->second.reset.has_value());
        runUntil(network, nodes, at(0s), at(kExchange));
        QCOMPARE(b.dcutr.load().answers, size_t(0));
        QVERIFY(b.all<DialNow>().empty());
    }

    void aMessageMayHaveSoManyBytesAndNotOneMore() {
        const auto padded = [](size_t length) {
            Bytes bytes = fromHex("08ac02"); // SYNC
            const size_t rest = length - bytes.size() - 3;
            append(bytes, Bytes{0x7a, static_cast<uint8_t>(0x80 | (rest & 0x7f)), static_cast<uint8_t>(rest >> 7)});
            bytes.resize(length);
            return bytes;
        };
        QVERIFY(decode(padded(kMaxMessageBytes)).has_value());
        QVERIFY(decode(padded(kMaxMessageBytes + 1)).error().code == Errc::TooLarge);
    }

    void whoConnectsAgainAndAgainHasNobodyDialForIt() {
        Pair pair;
        for (int i = 0; i < 50; ++i) {
            pair.b.dcutr.begin(pair.a.node.id(), {publicOf(7)}, pair.now);
            pair.b.dcutr.onPeerGone(pair.a.node.id(), makeError(Errc::ConnectionLost), pair.now);
        }
        QCOMPARE(pair.b.all<DialNow>().size(), size_t(kAnswersAtOnce));
    }

    void aDialForAPeerEndsByItself() {
        Asker world;
        world.say({saidConnect({publicOf(1)}), framed(encode(Sync{}))});
        QCOMPARE(world.b.dcutr.load().dialling, size_t(1));
        world.pass(kTry);
        QCOMPARE(world.b.all<StopNow>().size(), size_t(1));
        QCOMPARE(world.b.dcutr.load().dialling, size_t(0));
    }

    void overADirectLinkNobodyIsAnswered() {
        Pair pair(false);
        pair.b.dcutr.begin(pair.a.node.id(), {}, pair.now);
        pair.settle();
        QVERIFY(pair.a.all<DialNow>().empty());
        QVERIFY(pair.b.all<Ended>().at(0).why.empty());
    }

    void messagesAreThoseOfTheSpecification() {
        const Bytes connectBytes = encode(Connect{{Multiaddr::parse("/ip4/127.0.0.1/udp/4001/quic-v1").value(),
                                                   Multiaddr::parse("/ip4/127.0.0.1/tcp/4001").value()}});
        QCOMPARE(toHex(connectBytes), std::string("0864120b047f00000191020fa1cd031208047f000001060fa1"));
        QCOMPARE(toHex(encode(Sync{})), std::string("08ac02"));
        QVERIFY(!decode(ByteView()));
        QVERIFY(!decode(Bytes(kMaxMessageBytes + 1, 0)));
    }
};

QTEST_APPLESS_MAIN(DcutrTest)
#include "dcutr_test.moc"
