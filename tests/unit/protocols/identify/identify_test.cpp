#include "codec/frame.h"
#include "crypto/peer_record.h"
#include "crypto/public_key.h"
#include "protocols/identify/identify.h"
#include "protocols/identify/identify_limits.h"
#include "support/hand_node.h"
#include "wire/decode.h"
#include "wire/identify.pb.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using identify::Identified;
using identify::IdentifyFailed;

namespace {
const char* const kAsk = "/ipfs/id/1.0.0";
const char* const kPush = "/ipfs/id/push/1.0.0";

struct Teller {
    Teller(PairNetwork& network, uint8_t number, uint8_t key = 0, std::vector<codec::Multiaddr> listen = {})
        : node(network, number, std::move(listen)),
          protocol(identityOf(key ? key : number), {}, node.log) {
        node.swarm.addProtocol(protocol);
        protocol.setListenAddresses({node.address}, at(0s));
        protocol.setProtocols(node.swarm.servedProtocols(), at(0s));
    }
    template <typename Event> std::vector<Event> all() { return pollAll<Event>(protocol, events); }
    TestNode node;
    identify::IdentifyProtocol protocol;
    std::vector<identify::IdentifyEvent> events;
};

/// A peer whose identify the test writes by hand: `answer` goes out on every stream that asks.
struct Hand : HandNode {
    Hand(PairNetwork& network, uint8_t number, std::vector<std::string> serves = {kAsk})
        : HandNode(network, number, std::move(serves)) {
        protocol.closeWithPeer = false;
    }
    void answer(const Bytes& bytes) {
        for (const auto key : protocol.inbound()) node.swarm.streams().write(key, Slice::copyOf(bytes), link::Fin::Yes);
    }
};

Bytes framed(const wire::Identify& message) {
    return test::framed(wire::encode(message));
}
void setKey(wire::Identify& message, uint8_t number) {
    message.set_public_key(std::string(asText(crypto::PublicKey::ofEd25519(identityOf(number).publicKey()).encode())));
}
std::string text(const Bytes& bytes) {
    return std::string(asText(bytes));
}

/// Connects, lets node 1 ask the hand-made node 2, and gives it `answer`.
struct Scene {
    explicit Scene(const Bytes& answer, PairOptions options = {}) : network(options), a(network, 1), b(network, 2) {
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        b.answer(answer);
        run(network, {&a.node, &b.node}, at(0s));
    }
    PairNetwork network;
    Teller a;
    Hand b;
};

/// Two nodes that are connected through a relay.
struct RelayedScene {
    RelayedScene() {
        for (PairCarrier* circuits : {&circuitsA, &circuitsB}) circuits->beRelayed();
        a.node.swarm.addCarrier(circuitsA);
        b.node.swarm.addCarrier(circuitsB);
        a.node.swarm.connect(b.node.id(), {circuitOf(2)}, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
    }
    PairNetwork network;
    Teller a{network, 1}, b{network, 2};
    PairCarrier circuitsA{network, a.node.id(), {circuitOf(1)}}, circuitsB{network, b.node.id(), {circuitOf(2)}};
};
} // namespace

class IdentifyTest : public QObject {
    Q_OBJECT
  private slots:
    void bothEndsLearnWhatTheOtherSays();
    void aChangeIsPushedOnce();
    void severalChangesWhilePushingBecomeOneMorePush();
    void nothingIsPushedToAPeerThatDoesNotListen();
    void theAnswerHoldsKeyRecordAndObservedAddress();
    void overARelayNobodySeesAddresses();
    void whoGoesBackToTheRelayTellsTheOther();
    void aLongAnswerIsSplitAndTheRecordGoesSecond();
    void severalMessagesAreMerged();
    void aMessageCutAnywhereIsUnderstood();
    void anotherPublicKeyFails();
    void aSignedRecordOfAnotherPeerFails();
    void aRecordReplacesTheListAndAnOldRecordIsIgnored();
    void aListWithoutSignatureNeverTakesThePlaceOfARecord();
    void addressesThatDoNotParseAreDropped();
    void aTrailingPeerIdIsStripped();
    void aPushWithMissingFieldsLeavesThemUnchanged();
    void aMessageAtTheByteBoundIsTakenAndOneAboveIsRefused();
    void moreThanTenMessagesAreRefused();
    void tenThousandAddressesAreBounded();
    void listsAndTextsOfAPeerAreBounded();
    void garbageFails();
    void aSilentPeerTimesOut();
    void aPeerWithoutIdentifyIsReported();
    void tooManyInboundExchangesAreRefused();
    void aPeerThatDoesNotReadCostsOneStatementAStream();
    void pushesOfAPeerAreHeldToARate();
    void anExchangeHoldsOneKeyAndOneRecord();
    void noStreamIsLeftOver();
    void eachPeerIsToldWhatLeadsHereFromWhereItIs();
    void aChangeIsPushedOnlyToWhoIsToldOfIt();
};

void IdentifyTest::bothEndsLearnWhatTheOtherSays() {
    PairNetwork network;
    Teller a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<Identified>().size(), size_t(1));
    QCOMPARE(b.all<Identified>().size(), size_t(1));
    const Identified said = a.all<Identified>().front();
    QCOMPARE(said.peer, b.node.id());
    QCOMPARE(said.agent, std::string("wherry/0.1.0"));
    QCOMPARE(said.protocolVersion, std::string("ipfs/0.1.0"));
    QCOMPARE(said.protocols, (std::vector<std::string>{kAsk, kPush}));
    QCOMPARE(said.listenAddresses, std::vector{b.node.address});
    QCOMPARE(said.observed, a.node.address);
    QVERIFY(!said.pushed);
    QVERIFY(a.protocol.known(b.node.id()) == said);
    a.node.swarm.disconnect(b.node.id(), 0, "", at(1s));
    run(network, {&a.node, &b.node}, at(1s));
    QVERIFY(!a.protocol.known(b.node.id()));
}

void IdentifyTest::aChangeIsPushedOnce() {
    PairNetwork network;
    Teller a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.setListenAddresses({addressOf(1), addressOf(11)}, at(1s));
    a.protocol.setListenAddresses({addressOf(1), addressOf(11)}, at(2s));
    run(network, {&a.node, &b.node}, at(2s));
    QCOMPARE(b.all<Identified>().size(), size_t(2));
    QVERIFY(b.all<Identified>()[1].pushed);
    QCOMPARE(b.all<Identified>()[1].listenAddresses, (std::vector{addressOf(1), addressOf(11)}));
}

void IdentifyTest::severalChangesWhilePushingBecomeOneMorePush() {
    PairNetwork network;
    Teller a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.setProtocols({"/x"}, at(1s));
    a.node.settle(at(1s));
    a.protocol.setProtocols({"/x", "/y"}, at(1s));
    a.protocol.setProtocols({"/x", "/y", "/z"}, at(1s));
    runUntil(network, {&a.node, &b.node}, at(1s), at(1s + identify::kPushInterval - 1ns));
    QCOMPARE(b.all<Identified>().size(), size_t(2));
    runUntil(network, {&a.node, &b.node}, at(1s), at(1s + identify::kPushInterval));
    QCOMPARE(a.protocol.deadline(), kNever);
    QCOMPARE(b.all<Identified>().size(), size_t(3));
    QCOMPARE(b.all<Identified>().back().protocols, (std::vector<std::string>{"/x", "/y", "/z"}));
}

void IdentifyTest::nothingIsPushedToAPeerThatDoesNotListen() {
    wire::Identify message;
    message.add_protocols(kAsk);
    Scene s(framed(message));
    s.a.protocol.setProtocols({"/x"}, at(1s));
    run(s.network, {&s.a.node, &s.b.node}, at(1s));
    QCOMPARE(s.b.protocol.inbound().size(), size_t(1));
    QCOMPARE(s.a.all<IdentifyFailed>().size(), size_t(0));
}

void IdentifyTest::theAnswerHoldsKeyRecordAndObservedAddress() {
    PairNetwork network;
    Teller a(network, 1);
    Hand b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.endAtOnce = true;
    b.protocol.open(a.node.id(), {kAsk}, 1);
    run(network, {&a.node, &b.node}, at(0s));
    const auto& stream = b.protocol.streams.at(b.protocol.keyOf(1));
    QVERIFY(stream.ended);
    codec::FrameReader frames(8192);
    auto step = frames.push(stream.received);
    QVERIFY(step && step->message);
    QCOMPARE(step->consumed, stream.received.size());
    wire::Identify message;
    QVERIFY(message.ParseFromArray(step->message->data(), int(step->message->size())));
    QCOMPARE(asText(crypto::PublicKey::decode(asBytes(message.public_key()))->peerId().multihash()),
             asText(a.node.id().multihash()));
    QCOMPARE(message.observed_addr(), text(b.node.address.encode()));
    const auto record = crypto::openPeerRecord(asBytes(message.signed_peer_record()));
    QVERIFY(record.has_value());
    QCOMPARE(record.value().peer, a.node.id());
    QCOMPARE(record.value().addresses, std::vector{a.node.address});
    QCOMPARE(record.value().seq, uint64_t(1'800'000'000'000));
}

void IdentifyTest::aLongAnswerIsSplitAndTheRecordGoesSecond() {
    PairNetwork network;
    Teller a(network, 1), b(network, 2);
    std::vector<codec::Multiaddr> many;
    for (int i = 0; i < 100; ++i)
        many.push_back(codec::Multiaddr::parse("/dns4/" + std::string(50, char('a' + i % 26)) + std::to_string(i) +
                                               ".example/udp/1/quic-v1")
                           .value());
    b.protocol.setListenAddresses(many, at(0s));
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<Identified>().size(), size_t(1));
    QCOMPARE(a.all<Identified>().front().listenAddresses.size(), identify::kMaxOwnAddresses);
}

void IdentifyTest::severalMessagesAreMerged() {
    wire::Identify first, second;
    first.set_agent_version("one");
    first.add_protocols("/a");
    second.set_agent_version("two");
    second.add_protocols("/b");
    Bytes both = framed(first);
    append(both, framed(second));
    Scene s(both);
    QCOMPARE(s.a.all<Identified>().size(), size_t(1));
    QCOMPARE(s.a.all<Identified>().front().agent, std::string("two"));
    QCOMPARE(s.a.all<Identified>().front().protocols, (std::vector<std::string>{"/a", "/b"}));
}

void IdentifyTest::aMessageCutAnywhereIsUnderstood() {
    wire::Identify message;
    setKey(message, 2);
    message.add_protocols("/a");
    Scene s(framed(message), {.maxPiece = 1});
    QCOMPARE(s.a.all<Identified>().size(), size_t(1));
}

void IdentifyTest::anotherPublicKeyFails() {
    wire::Identify message;
    setKey(message, 3);
    Scene s(framed(message));
    QVERIFY(s.a.all<Identified>().empty());
    QCOMPARE(s.a.all<IdentifyFailed>().front().error.code, Errc::VerificationFailed);
    QVERIFY(!s.a.protocol.known(s.b.node.id()));
}

void IdentifyTest::aSignedRecordOfAnotherPeerFails() {
    wire::Identify message;
    setKey(message, 2);
    const std::vector addresses{addressOf(66)};
    message.set_signed_peer_record(text(crypto::sealPeerRecord(identityOf(3), 5, addresses)));
    Scene s(framed(message));
    QCOMPARE(s.a.all<IdentifyFailed>().front().error.code, Errc::VerificationFailed);
}

void IdentifyTest::aRecordReplacesTheListAndAnOldRecordIsIgnored() {
    wire::Identify message;
    const std::vector inRecord{addressOf(66)}, inOld{addressOf(77)};
    message.add_listen_addrs(text(addressOf(55).encode()));
    message.set_signed_peer_record(text(crypto::sealPeerRecord(identityOf(2), 5, inRecord)));
    Scene s(framed(message));
    QCOMPARE(s.a.all<Identified>().front().listenAddresses, inRecord);
    message.set_signed_peer_record(text(crypto::sealPeerRecord(identityOf(2), 4, inOld)));
    s.b.protocol.greeting = text(framed(message));
    s.b.protocol.endAtOnce = true;
    s.b.protocol.open(s.a.node.id(), {kPush}, 1);
    run(s.network, {&s.a.node, &s.b.node}, at(1s));
    QCOMPARE(s.a.all<Identified>().size(), size_t(2));
    QCOMPARE(s.a.all<Identified>().back().listenAddresses, inRecord);
}

void IdentifyTest::aListWithoutSignatureNeverTakesThePlaceOfARecord() {
    wire::Identify message;
    const std::vector inRecord{addressOf(66)};
    message.set_signed_peer_record(text(crypto::sealPeerRecord(identityOf(2), 0, inRecord)));
    Scene s(framed(message));
    QVERIFY(s.a.all<Identified>().front().certified);
    const auto told = crypto::openPeerRecord(s.a.all<Identified>().front().record);
    QVERIFY(told && told->addresses == s.a.all<Identified>().front().listenAddresses);
    wire::Identify change;
    change.add_listen_addrs(text(addressOf(55).encode()));
    change.add_protocols("/b");
    s.b.say(s.a.node, kPush, framed(change));
    run(s.network, {&s.a.node, &s.b.node}, at(1s));
    const Identified said = s.a.all<Identified>().back();
    QVERIFY(said.pushed && said.certified);
    QCOMPARE(said.protocols, std::vector<std::string>{"/b"});
    QCOMPARE(said.listenAddresses, inRecord);
}

void IdentifyTest::addressesThatDoNotParseAreDropped() {
    wire::Identify message;
    message.add_listen_addrs("\xff\xff garbage");
    message.add_listen_addrs(text(addressOf(55).encode()));
    message.add_listen_addrs("");
    message.set_observed_addr("\x01");
    Scene s(framed(message));
    QCOMPARE(s.a.all<Identified>().front().listenAddresses, std::vector{addressOf(55)});
    QVERIFY(s.a.all<Identified>().front().observed.empty());
}

void IdentifyTest::aTrailingPeerIdIsStripped() {
    wire::Identify message;
    message.set_observed_addr(text(addressOf(1).withPeer(identityOf(1).peerId().multihash()).encode()));
    message.add_listen_addrs(text(addressOf(2).withPeer(identityOf(2).peerId().multihash()).encode()));
    Scene s(framed(message));
    QCOMPARE(s.a.all<Identified>().front().observed, addressOf(1));
    QCOMPARE(s.a.all<Identified>().front().listenAddresses, std::vector{addressOf(2)});
}

void IdentifyTest::aPushWithMissingFieldsLeavesThemUnchanged() {
    wire::Identify message;
    message.set_agent_version("x/1");
    message.add_protocols("/a");
    message.add_listen_addrs(text(addressOf(55).encode()));
    Scene s(framed(message));
    wire::Identify change;
    change.add_protocols("/b");
    s.b.protocol.greeting = text(framed(change));
    s.b.protocol.endAtOnce = true;
    s.b.protocol.open(s.a.node.id(), {kPush}, 1);
    run(s.network, {&s.a.node, &s.b.node}, at(1s));
    const Identified said = s.a.all<Identified>().back();
    QVERIFY(said.pushed);
    QCOMPARE(said.agent, std::string("x/1"));
    QCOMPARE(said.protocols, std::vector<std::string>{"/b"});
    QCOMPARE(said.listenAddresses, std::vector{addressOf(55)});
}

void IdentifyTest::aMessageAtTheByteBoundIsTakenAndOneAboveIsRefused() {
    for (const size_t extra : {size_t(0), size_t(1)}) {
        wire::Identify message;
        message.set_agent_version(std::string(identify::kMaxMessageBytes - 3 + extra, 'x'));
        QCOMPARE(message.ByteSizeLong(), identify::kMaxMessageBytes + extra);
        Scene s(framed(message));
        QCOMPARE(s.a.all<Identified>().size(), size_t(extra == 0 ? 1 : 0));
        QCOMPARE(s.a.all<IdentifyFailed>().size(), size_t(extra));
        if (extra)
            QCOMPARE(s.a.all<IdentifyFailed>().front().error.code, Errc::TooLarge);
        else
            QCOMPARE(s.a.all<Identified>().front().agent.size(), identify::kMaxTextBytes);
    }
}

void IdentifyTest::moreThanTenMessagesAreRefused() {
    for (const size_t count : {identify::kMaxMessages, identify::kMaxMessages + 1}) {
        wire::Identify message;
        message.add_protocols("/a");
        Bytes all;
        for (size_t i = 0; i < count; ++i) append(all, framed(message));
        Scene s(all);
        QCOMPARE(s.a.all<Identified>().size(), size_t(count == identify::kMaxMessages ? 1 : 0));
    }
}

void IdentifyTest::tenThousandAddressesAreBounded() {
    Bytes all;
    for (int m = 0; m < 10; ++m) {
        wire::Identify message;
        for (int i = 0; i < 500; ++i) {
            const std::string ip =
                "/ip4/10." + std::to_string(m) + "." + std::to_string(i / 250) + "." + std::to_string(i % 250);
            message.add_listen_addrs(text(codec::Multiaddr::parse(ip + "/udp/1/quic-v1").value().encode()));
        }
        append(all, framed(message));
    }
    Scene s(all);
    QCOMPARE(s.a.all<Identified>().front().listenAddresses.size(), identify::kMaxAddresses);
}

void IdentifyTest::listsAndTextsOfAPeerAreBounded() {
    wire::Identify message;
    message.add_protocols(std::string(identify::kMaxTextBytes, 'x'));
    message.add_protocols(std::string(identify::kMaxTextBytes + 1, 'x'));
    for (size_t i = 0; i < identify::kMaxProtocols + 10; ++i) message.add_protocols("/p" + std::to_string(i));
    Scene s(framed(message));
    const auto said = s.a.all<Identified>().front();
    QCOMPARE(said.protocols.size(), identify::kMaxProtocols);
    QCOMPARE(said.protocols[0].size(), identify::kMaxTextBytes);
    QCOMPARE(said.protocols[1], std::string("/p0"));
}

void IdentifyTest::garbageFails() {
    for (const char* hex : {"00ff", "05ffffffffff", "ffffffffffffffffff7f", "8100", "0a0a", "020a7f"}) {
        Scene s(fromHex(hex));
        QVERIFY2(s.a.all<Identified>().empty(), hex);
        QCOMPARE(s.a.all<IdentifyFailed>().size(), size_t(1));
        run(s.network, {&s.a.node, &s.b.node}, at(1s));
        QCOMPARE(s.a.node.swarm.figures().streams, size_t(0));
        QVERIFY(s.a.node.swarm.peer(s.b.node.id()).has_value()); // the connection survives
    }
}

void IdentifyTest::aSilentPeerTimesOut() {
    PairNetwork network;
    Teller a(network, 1);
    Hand b(network, 2);
    a.node.connectTo(b.node, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(identify::kExchangeTimeout - 1ns));
    QVERIFY(a.all<IdentifyFailed>().empty());
    runUntil(network, {&a.node, &b.node}, at(identify::kExchangeTimeout - 1ns), at(identify::kExchangeTimeout));
    QCOMPARE(a.all<IdentifyFailed>().front().error.code, Errc::Timeout);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void IdentifyTest::aPeerWithoutIdentifyIsReported() {
    PairNetwork network;
    Teller a(network, 1);
    Hand b(network, 2, {"/other/1"});
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<IdentifyFailed>().front().error.code, Errc::Unsupported);
    a.protocol.setProtocols({"/x"}, at(1s)); // a push fails as quietly as it may
    run(network, {&a.node, &b.node}, at(1s));
    QCOMPARE(a.all<IdentifyFailed>().size(), size_t(1));
}

void IdentifyTest::tooManyInboundExchangesAreRefused() {
    PairNetwork network;
    Teller a(network, 1);
    Hand b(network, 2, {"/other/1"});
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.greeting = "\x05";
    for (swarm::RequestTag tag = 1; tag <= identify::kMaxInboundPerPeer + 1; ++tag)
        b.protocol.open(a.node.id(), {kPush}, tag);
    run(network, {&a.node, &b.node}, at(0s));
    size_t refused = 0;
    for (const auto& [key, stream] : b.protocol.streams) refused += stream.reset.has_value();
    QCOMPARE(refused, size_t(1));
}

void IdentifyTest::aPeerThatDoesNotReadCostsOneStatementAStream() {
    PairNetwork network({.streamWindow = 100, .linkWindow = 100'000, .sendBuffer = 100});
    Teller a(network, 1);
    Hand b(network, 2, {"/other/1"});
    b.protocol.reading = false;
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    for (swarm::RequestTag tag = 1; tag <= 50; ++tag) b.protocol.open(a.node.id(), {kAsk}, tag);
    run(network, {&a.node, &b.node}, at(0s));
    size_t served = 0;
    for (const auto& [key, stream] : b.protocol.streams) served += !stream.reset.has_value();
    QCOMPARE(served, identify::kMaxInboundPerPeer);
    runUntil(network, {&a.node, &b.node}, at(0s), at(identify::kExchangeTimeout));
    for (const auto& [key, stream] : b.protocol.streams) QVERIFY(stream.reset.has_value());
}

void IdentifyTest::pushesOfAPeerAreHeldToARate() {
    wire::Identify message;
    message.add_protocols("/a");
    Scene s(framed(message));
    s.b.protocol.greeting = text(framed(message));
    s.b.protocol.endAtOnce = true;
    swarm::RequestTag tag = 0;
    const auto push = [&](Now now) {
        s.b.protocol.open(s.a.node.id(), {kPush}, ++tag);
        run(s.network, {&s.a.node, &s.b.node}, now);
        return !s.b.protocol.streams.at(s.b.protocol.keyOf(tag)).reset;
    };
    for (size_t i = 0; i < identify::kHearBurst; ++i) QVERIFY(push(at(0s)));
    QVERIFY(!push(at(0s)));
    QCOMPARE(s.a.all<Identified>().size(), size_t(1 + identify::kHearBurst));
    s.b.node.swarm.disconnect(s.a.node.id(), 0, "again", at(0s)); // which gives no new rate
    run(s.network, {&s.a.node, &s.b.node}, at(0s));
    s.b.node.connectTo(s.a.node, at(0s));
    run(s.network, {&s.a.node, &s.b.node}, at(0s));
    const size_t before = s.a.all<Identified>().size();
    QVERIFY(!push(at(0s)));
    QVERIFY(push(at(1s)));
    QVERIFY(!push(at(1s)));
    QCOMPARE(s.a.all<Identified>().size(), before + 1);
}

void IdentifyTest::anExchangeHoldsOneKeyAndOneRecord() {
    const std::vector addresses{addressOf(66)};
    wire::Identify one, record, other, nothing;
    setKey(one, 2);
    setKey(other, 3);
    record.set_signed_peer_record(text(crypto::sealPeerRecord(identityOf(2), 5, addresses)));
    nothing.set_signed_peer_record("no record");
    const auto joined = [](std::initializer_list<wire::Identify> messages) {
        Bytes all;
        for (const auto& each : messages) append(all, framed(each));
        return all;
    };
    Scene good(joined({one, record, one})); // some say their key in each message
    QCOMPARE(good.a.all<Identified>().front().listenAddresses, addresses);
    for (const Bytes& bad : {joined({record, record}), joined({nothing, record}), joined({one, other})}) {
        Scene s(bad);
        QVERIFY(s.a.all<Identified>().empty());
        QCOMPARE(s.a.all<IdentifyFailed>().size(), size_t(1));
    }
}

void IdentifyTest::noStreamIsLeftOver() {
    PairNetwork network;
    Teller a(network, 1), b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    for (int i = 0; i < 300; ++i) { // none is refused, however much changes
        a.protocol.setProtocols({"/x" + std::to_string(i)}, at(i * identify::kPushInterval));
        run(network, {&a.node, &b.node}, at(i * identify::kPushInterval));
    }
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.all<Identified>().size(), size_t(301));
    QCOMPARE(a.protocol.deadline(), kNever);
    QCOMPARE(b.protocol.deadline(), kNever);
}

void IdentifyTest::overARelayNobodySeesAddresses() {
    RelayedScene s;
    Teller &a = s.a, &b = s.b;
    QCOMPARE(a.all<Identified>().size(), size_t(1));
    QVERIFY(a.all<Identified>().front().observed.empty());
    QVERIFY(b.all<Identified>().front().observed.empty());
    QVERIFY(b.all<Identified>().front().listenAddresses.empty()); // it could be anywhere
    // Once there is a direct link, both ask again, and are told what leads to the other from there.
    a.node.swarm.connectDirectly(b.node.id(), {b.node.address}, swarm::DialPace::Staggered, at(1s));
    run(s.network, {&a.node, &b.node}, at(1s));
    QCOMPARE(a.all<Identified>().back().observed, a.node.address);
    QCOMPARE(b.all<Identified>().back().observed, b.node.address);
    const auto pushed = b.all<Identified>();
    QVERIFY(std::ranges::any_of(pushed, &Identified::pushed));
    QCOMPARE(pushed.back().listenAddresses, std::vector{a.node.address});
}

namespace {
const codec::Multiaddr kLoopback = codec::Multiaddr::parse("/ip4/127.0.0.1/udp/4001/quic-v1").value();
const codec::Multiaddr kLocal = codec::Multiaddr::parse("/ip4/192.168.7.7/udp/4001/quic-v1").value();
const codec::Multiaddr kGlobal = codec::Multiaddr::parse("/ip6/2a00::7/udp/4001/quic-v1").value();

/// One node, and a peer of it in each place.
struct Places {
    Places() {
        a.protocol.setListenAddresses({kLoopback, kLocal, kGlobal}, at(0s));
        for (Teller* each : peers) a.node.connectTo(each->node, at(0s));
        settle(at(0s));
    }
    static std::vector<codec::Multiaddr> only(const char* text) { return {codec::Multiaddr::parse(text).value()}; }
    void settle(Now now) { run(network, {&a.node, &here.node, &near.node, &far.node}, now); }

    PairNetwork network;
    Teller a{network, 1};
    Teller here{network, 2, 2, only("/ip4/127.0.0.2/udp/4001/quic-v1")};
    Teller near{network, 3, 3, only("/ip4/10.0.0.3/udp/4001/quic-v1")};
    Teller far{network, 4, 4, only("/ip4/9.9.9.9/udp/4001/quic-v1")};
    std::vector<Teller*> peers{&here, &near, &far};
};
} // namespace

void IdentifyTest::eachPeerIsToldWhatLeadsHereFromWhereItIs() {
    using codec::Reach;
    Places places;
    const auto expect = [](Teller& peer, const std::vector<codec::Multiaddr>& told, Reach farthest) {
        const Identified said = peer.all<Identified>().front();
        QCOMPARE(said.listenAddresses, told);
        QVERIFY(said.certified && said.recordFarthest == farthest);
        const auto record = crypto::openPeerRecord(said.record);
        QVERIFY(record && record->addresses == told && record->seq == 1'800'000'000'001);
    };
    expect(places.here, {kLoopback, kLocal, kGlobal}, Reach::Loopback);
    expect(places.near, {kLocal, kGlobal}, Reach::Local);
    expect(places.far, {kGlobal}, Reach::Global);
}

void IdentifyTest::aChangeIsPushedOnlyToWhoIsToldOfIt() {
    Places places;
    const auto pushes = [&] {
        std::string out;
        for (Teller* each : places.peers) out += std::to_string(each->all<Identified>().size() - 1);
        return out;
    };
    places.a.protocol.setListenAddresses({kLocal, kGlobal}, at(5s));
    places.settle(at(5s));
    QCOMPARE(pushes(), std::string("100"));
    places.a.protocol.setListenAddresses({kGlobal}, at(10s));
    places.settle(at(10s));
    QCOMPARE(pushes(), std::string("210"));
    places.a.protocol.setListenAddresses({kLoopback, kLocal}, at(15s));
    places.settle(at(15s));
    QCOMPARE(pushes(), std::string("321"));
    // What is none of its business is taken back, not left unchanged.
    QVERIFY(places.far.all<Identified>().back().listenAddresses.empty());
    places.a.protocol.setProtocols({"/x"}, at(20s));
    places.settle(at(20s));
    QCOMPARE(pushes(), std::string("432"));
}

void IdentifyTest::whoGoesBackToTheRelayTellsTheOther() {
    RelayedScene s;
    Teller &a = s.a, &b = s.b;
    a.node.swarm.connectDirectly(b.node.id(), {b.node.address}, swarm::DialPace::Staggered, at(1s));
    run(s.network, {&a.node, &b.node}, at(1s));
    // Only one of them has noticed that the direct link is dead.
    a.node.carrier.breakLink(a.node.carrier.links().front(), makeError(Errc::Timeout, "silence"));
    run(s.network, {&a.node, &b.node}, at(40s));
    QVERIFY(a.node.swarm.peer(b.node.id())->relayed());
    QVERIFY(b.node.swarm.peer(a.node.id())->relayed());
}

QTEST_APPLESS_MAIN(IdentifyTest)
#include "identify_test.moc"
