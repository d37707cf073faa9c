#include "codec/frame.h"
#include "protocols/profile/profile.h"
#include "protocols/profile/profile_message.h"
#include "support/hand_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using peers::Claims;
using peers::DeviceKind;
using profile::ProfileHeard;

namespace {

const char* const kId = "/wherry/profile/1";

struct Teller {
    Teller(PairNetwork& network, uint8_t number) : node(network, number), protocol(node.log) {
        node.swarm.addProtocol(protocol);
    }
    std::vector<ProfileHeard> all() {
        while (auto event = protocol.poll()) heard.push_back(*event);
        return heard;
    }
    TestNode node;
    profile::ProfileProtocol protocol;
    std::vector<ProfileHeard> heard;
};
/// A peer whose profile protocol the test plays by hand.
struct Hand : HandNode {
    Hand(PairNetwork& network, uint8_t number, std::vector<std::string> serves = {kId})
        : HandNode(network, number, std::move(serves)) {}
    void say(const TestNode& to, ByteView bytes) { HandNode::say(to, kId, bytes); }
};

Claims claims(const std::string& alias) {
    return {alias, DeviceKind::Laptop, "friends only"};
}

} // namespace

class ProfileTest : public QObject {
    Q_OBJECT

  private slots:
    void bothSidesHearWhoTheOtherSaysItIs() {
        PairNetwork network;
        Teller a(network, 1), b(network, 2);
        a.protocol.setProfile(claims("Anna"), at(0s));
        b.protocol.setProfile({"\u202eBob", DeviceKind::Phone, {}}, at(0s));
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        QCOMPARE(a.all().size(), size_t(1));
        QCOMPARE(a.all()[0], (ProfileHeard{b.node.id(), {"\u202eBob", DeviceKind::Phone, {}}}));
        QCOMPARE(b.all().size(), size_t(1));
        QCOMPARE(b.all()[0], (ProfileHeard{a.node.id(), claims("Anna")}));
        QCOMPARE(a.node.swarm.figures().streams, size_t(0));
        QCOMPARE(b.node.swarm.figures().streams, size_t(0));
        QCOMPARE(a.protocol.deadline(), kNever);
    }

    void whoHasNothingToSaySaysNothing() {
        PairNetwork network;
        Teller a(network, 1), b(network, 2);
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        QVERIFY(a.all().empty() && b.all().empty());
    }

    void changesAreToldTogetherAfterTheInterval() {
        PairNetwork network;
        Teller a(network, 1), b(network, 2);
        a.protocol.setProfile(claims("1"), at(0s));
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        for (int i = 2; i <= 9; ++i) a.protocol.setProfile(claims(std::to_string(i)), at(1s));
        runUntil(network, {&a.node, &b.node}, at(1s), at(profile::kTellInterval - 1ns));
        QCOMPARE(b.all().size(), size_t(1));
        runUntil(network, {&a.node, &b.node}, at(profile::kTellInterval - 1ns), at(profile::kTellInterval));
        QCOMPARE(b.all().size(), size_t(2));
        QCOMPARE(b.all().back().claims.alias, std::string("9"));
        a.protocol.setProfile(claims("9"), at(3s)); // no change
        runUntil(network, {&a.node, &b.node}, at(3s), at(60s));
        QCOMPARE(b.all().size(), size_t(2));
        QCOMPARE(a.protocol.deadline(), kNever);
    }

    void aReconnectedPeerIsToldAgain() {
        PairNetwork network;
        Teller a(network, 1), b(network, 2);
        a.protocol.setProfile(claims("Anna"), at(0s));
        for (size_t times = 1; times <= 2; ++times) {
            a.node.connectTo(b.node, at(0s));
            run(network, {&a.node, &b.node}, at(0s));
            QCOMPARE(b.all().size(), times);
            a.node.swarm.disconnect(b.node.id(), 0, "bye", at(0s));
            run(network, {&a.node, &b.node}, at(0s));
        }
    }

    void aPeerWithoutTheProtocolIsLeftAlone() {
        PairNetwork network;
        Teller a(network, 1);
        Hand b(network, 2, {"/other/1"});
        a.protocol.setProfile(claims("Anna"), at(0s));
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        a.protocol.setProfile(claims("Bob"), at(5s));
        runUntil(network, {&a.node, &b.node}, at(5s), at(60s));
        QCOMPARE(a.node.swarm.figures().streams, size_t(0));
        QCOMPARE(a.protocol.deadline(), kNever);
    }

    void aPeerThatNeverReadsCostsTenSeconds() {
        PairNetwork network;
        Teller a(network, 1);
        Hand b(network, 2);
        b.protocol.reading = false;
        b.protocol.closeWithPeer = false;
        a.protocol.setProfile(claims("Anna"), at(0s));
        a.node.connectTo(b.node, at(0s));
        runUntil(network, {&a.node, &b.node}, at(0s), at(profile::kExchangeTimeout));
        QCOMPARE(a.node.swarm.figures().streams, size_t(0));
        QCOMPARE(a.protocol.deadline(), kNever);
    }

    void aPeerThatNeverEndsItsProfileIsCutOff() {
        PairNetwork network;
        Teller a(network, 1);
        Hand b(network, 2);
        b.node.connectTo(a.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        b.say(a.node, framed(profile::encodeProfile(claims("Bob"))));
        b.protocol.endAtOnce = false;
        runUntil(network, {&a.node, &b.node}, at(0s), at(profile::kExchangeTimeout - 1ns));
        QVERIFY(a.all().empty());
        QVERIFY(!b.protocol.streams.begin()->second.reset);
        runUntil(network, {&a.node, &b.node}, at(profile::kExchangeTimeout - 1ns), at(profile::kExchangeTimeout));
        QVERIFY(a.all().empty());
        QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    }

    void whatBreaksTheRulesChangesNothing_data() {
        QTest::addColumn<QByteArray>("bytes");
        const auto row = [](const char* name, const Bytes& bytes) {
            QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bytes.data()), qsizetype(bytes.size()));
        };
        const Bytes good = framed(profile::encodeProfile(claims("Bob")));
        Bytes twice = good;
        append(twice, good);
        row("cut", Bytes(good.begin(), good.end() - 1));
        row("twice", twice);
        row("no protobuf", framed(Bytes{0xff, 0xff}));
        row("alias not UTF-8", framed(Bytes{0x0a, 0x02, 0xc0, 0xaf}));
        Bytes longAlias{0x0a, 0x41};
        longAlias.resize(2 + 65, 'a');
        row("alias of 65 characters", framed(longAlias));
        Bytes longPolicy{0x1a, 0x81, 0x08};
        longPolicy.resize(3 + 1025, 'a');
        row("policy of 1025 bytes", framed(longPolicy));
        row("a length of 2^62", Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f});
        row("one byte too long", framed(Bytes(profile::kMaxMessageBytes + 1)));
        Bytes fields;
        for (size_t i = 0; i <= profile::kMaxFields; ++i) append(fields, Bytes{0x10, 0x01});
        row("a field too many", framed(fields));
    }
    void whatBreaksTheRulesChangesNothing() {
        QFETCH(QByteArray, bytes);
        PairNetwork network;
        Teller a(network, 1);
        Hand b(network, 2);
        b.node.connectTo(a.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        b.say(a.node, asBytes(bytes.toStdString()));
        run(network, {&a.node, &b.node}, at(0s));
        QVERIFY(a.all().empty());
        QCOMPARE(a.node.swarm.figures().streams, size_t(0));
        QVERIFY(a.node.swarm.peer(b.node.id())); // the connection survives
        b.say(a.node, framed(profile::encodeProfile(claims("Bob"))));
        run(network, {&a.node, &b.node}, at(0s));
        QCOMPARE(a.all().size(), size_t(1));
    }

    void boundsThemselvesAreAccepted() {
        Claims most{std::string(), DeviceKind::Server, std::string(peers::kMaxPolicyBytes, 'p')};
        for (size_t i = 0; i < peers::kMaxAliasCharacters; ++i) most.alias += "\U0001F680";
        QVERIFY(profile::checkOwnProfile(most));
        QCOMPARE(*profile::decodeProfile(profile::encodeProfile(most)), most);
        most.policy += "p";
        QCOMPARE(profile::checkOwnProfile(most).error().code, Errc::InvalidArgument);
        QCOMPARE(profile::checkOwnProfile({"\xff", DeviceKind::Server, {}}).error().code, Errc::InvalidArgument);
        QCOMPARE(profile::decodeProfile(Bytes{0x10, 0x63})->kind, DeviceKind::Unknown); // of a later version
    }

    void aFloodIsCutToTheRate() {
        PairNetwork network;
        Teller a(network, 1);
        Hand b(network, 2);
        b.node.connectTo(a.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        for (uint64_t i = 0; i < 10 * profile::kHearBurst; ++i) {
            b.say(a.node, framed(profile::encodeProfile(claims(std::to_string(i)))));
            run(network, {&a.node, &b.node}, at(0s));
        }
        QCOMPARE(a.all().size(), size_t(profile::kHearBurst));
        b.say(a.node, framed(profile::encodeProfile(claims("later"))));
        run(network, {&a.node, &b.node}, at(1s));
        QCOMPARE(a.all().size(), size_t(profile::kHearBurst) + 1);
    }

    void aNewConnectionDoesNotRenewTheRate() {
        PairNetwork network;
        Teller a(network, 1);
        Hand b(network, 2);
        for (uint64_t i = 0; i < 3 * profile::kHearBurst; ++i) {
            b.node.connectTo(a.node, at(0s));
            run(network, {&a.node, &b.node}, at(0s));
            b.say(a.node, framed(profile::encodeProfile(claims(std::to_string(i)))));
            run(network, {&a.node, &b.node}, at(0s));
            a.node.swarm.disconnect(b.node.id(), 0, "bye", at(0s));
            run(network, {&a.node, &b.node}, at(0s));
        }
        QCOMPARE(a.all().size(), size_t(profile::kHearBurst));
    }

    void aThirdProfileAtOnceIsRefused() {
        PairNetwork network;
        Teller a(network, 1);
        Hand b(network, 2);
        b.node.connectTo(a.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        b.protocol.greeting = "\x05";
        for (swarm::RequestTag tag = 1; tag <= profile::kMaxInboundPerPeer + 1; ++tag) {
            b.protocol.open(a.node.id(), {kId}, tag);
            run(network, {&a.node, &b.node}, at(0s));
        }
        size_t refused = 0;
        for (const auto& [key, stream] : b.protocol.streams) refused += stream.stopped.has_value();
        QCOMPARE(refused, size_t(1));
    }
};

QTEST_APPLESS_MAIN(ProfileTest)
#include "profile_test.moc"
