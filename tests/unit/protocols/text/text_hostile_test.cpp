#include "unit/protocols/text/texter.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using text::InboxPolicy;
using text::Reply;
using text::TextReceived;

namespace {

/// A receiver, and peers that the test plays.
struct Crowd {
    explicit Crowd(uint8_t hands = 1) {
        for (uint8_t i = 0; i < hands; ++i) {
            peers.push_back(std::make_unique<TextHand>(network, static_cast<uint8_t>(i + 2)));
            nodes.push_back(&peers.back()->node);
        }
        nodes.push_back(&a.node);
        a.start();
        for (auto& peer : peers) peer->node.connectTo(a.node, at(0s));
        settle(at(0s));
    }
    void settle(Now now) {
        do run(network, nodes, now);
        while (a.serveStore(now));
    }
    /// One text; what the receiver answers.
    std::optional<Reply> say(size_t peer, uint8_t id, const std::string& words, Now now = at(0s)) {
        peers[peer]->say(a.node, TextHand::message(id, words));
        settle(now);
        return peers[peer]->reply();
    }
    /// Opens streams on which no whole text comes.
    void hold(size_t peer, size_t count, Now now = at(0s)) {
        auto& protocol = peers[peer]->protocol;
        protocol.greeting = "\x7f";
        protocol.endAtOnce = false;
        for (size_t i = 0; i < count; ++i) protocol.open(a.node.id(), {kTextId}, ++peers[peer]->tag);
        settle(now);
    }
    /// Streams of the peer that the receiver has not left.
    size_t held(size_t peer) const {
        size_t count = 0;
        for (const auto& [key, stream] : peers[peer]->protocol.streams) count += !stream.stopped && !stream.closed;
        return count;
    }
    PairNetwork network;
    Texter a{network, 1};
    std::vector<std::unique_ptr<TextHand>> peers;
    std::vector<TestNode*> nodes;
};

} // namespace

class TextHostileTest : public QObject {
    Q_OBJECT

  private slots:
    void whatBreaksTheRulesIsCutOffAndTheConnectionSurvives_data() {
        QTest::addColumn<QByteArray>("bytes");
        const auto row = [](const char* name, const Bytes& bytes) {
            QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bytes.data()), qsizetype(bytes.size()));
        };
        const Bytes good = TextHand::message(1, "hello");
        Bytes twice = good;
        append(twice, good);
        row("cut", Bytes(good.begin(), good.end() - 1));
        row("twice", twice);
        row("no protobuf", framed(Bytes{0xff, 0xff}));
        row("no text", TextHand::message(1, ""));
        row("not UTF-8", TextHand::message(1, "a\xc0\xaf"));
        row("a surrogate", TextHand::message(1, "\xed\xa0\x80"));
        row("a byte too long", TextHand::message(1, std::string(text::kMaxTextBytes + 1, 'x')));
        row("a message too long", framed(Bytes(text::kMaxMessageBytes + 1)));
        row("a length of 2^62", Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f});
        row("an id of 15 bytes",
            framed(Bytes{0x0a, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x01, 'x'}));
        row("no id", framed(Bytes{0x1a, 0x01, 'x'}));
        Bytes fields;
        for (size_t i = 0; i <= text::kMaxFields; ++i) append(fields, Bytes{0x10, 0x01});
        row("a field too many", framed(fields));
    }
    void whatBreaksTheRulesIsCutOffAndTheConnectionSurvives() {
        QFETCH(QByteArray, bytes);
        Crowd crowd;
        crowd.peers[0]->say(crowd.a.node, asBytes(bytes.toStdString()));
        crowd.settle(at(0s));
        if (crowd.a.textRows() > 0)
            QVERIFY(std::string_view(QTest::currentDataTag()) == "twice"); // its first half was good
        else
            QVERIFY(crowd.a.all<TextReceived>().empty());
        QCOMPARE(crowd.a.node.swarm.figures().streams, size_t(0));
        QVERIFY(crowd.a.node.swarm.peer(crowd.peers[0]->node.id()));
        QCOMPARE(crowd.say(0, 9, "good"), std::optional(Reply::Stored));
    }

    void timesAtTheirMaximumAreNoTimes() {
        text::Message message;
        message.text = "x";
        Bytes bytes = text::encodeMessage(message);
        append(bytes, Bytes{0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
        QCOMPARE(text::decodeMessage(bytes)->sentAt, UnixTime());
        message.sentAt = {std::numeric_limits<int64_t>::max()};
        QVERIFY(text::decodeMessage(text::encodeMessage(message))->sentAt > UnixTime::fromSeconds(9'000'000'000));
        message.sentAt = {-1};
        QCOMPARE(text::decodeMessage(text::encodeMessage(message))->sentAt, UnixTime());
    }

    void aTextKeepsItsCharactersAndIsNeutralisedByWhoShowsIt() {
        Crowd crowd;
        const std::string words = "\u202egpj.exe\x1b[2J\u200b\r\n";
        QCOMPARE(crowd.say(0, 1, words), std::optional(Reply::Stored));
        QCOMPARE(crowd.a.all<TextReceived>()[0].text, words);
    }

    void aStrangerHasAFewWordsAndThenWaits() {
        Crowd crowd;
        for (uint8_t i = 0; i < text::kStrangerBurst; ++i) QCOMPARE(crowd.say(0, i, "x"), std::optional(Reply::Stored));
        QCOMPARE(crowd.say(0, 100, "x"), std::optional(Reply::NotNow));
        QCOMPARE(crowd.say(0, 101, "x", at(text::kStrangerInterval)), std::optional(Reply::Stored));
        QCOMPARE(crowd.a.all<TextReceived>().size(), size_t(text::kStrangerBurst) + 1);
        QVERIFY(crowd.a.book.setAlias(crowd.peers[0]->node.id(), "friend", at(0s))); // known from now on
        QCOMPARE(crowd.say(0, 102, "x", at(text::kStrangerInterval)), std::optional(Reply::Stored));
        QVERIFY(!crowd.a.all<TextReceived>().back().stranger);
    }

    void connectingAnewGivesAStrangerNoNewShare() {
        Crowd crowd;
        Now now = at(0s);
        size_t stored = 0;
        for (uint8_t i = 0; i < 3 * text::kMaxTextsPerStranger; ++i) {
            now.mono += 60s;
            stored += crowd.say(0, i, "x", now) == Reply::Stored;
            crowd.peers[0]->node.swarm.disconnect(crowd.a.node.id(), 0, "again", now);
            crowd.settle(now);
            crowd.peers[0]->node.connectTo(crowd.a.node, now);
            crowd.settle(now);
        }
        QCOMPARE(stored, text::kMaxTextsPerStranger);
        QCOMPARE(crowd.a.textRows(), text::kMaxTextsPerStranger);
        now.wall = UnixTime::fromSeconds(now.wall.seconds() + text::kStrangerLifetimeSeconds); // a week later
        QCOMPARE(crowd.say(0, 200, "x", now), std::optional(Reply::Stored));
        QCOMPARE(crowd.a.textRows(), size_t(1));
    }

    void connectingAnewGivesAStrangerNoNewRate() {
        Crowd crowd;
        for (uint8_t i = 0; i < text::kStrangerBurst; ++i) QCOMPARE(crowd.say(0, i, "x"), std::optional(Reply::Stored));
        for (uint8_t i = 0; i < 3; ++i) {
            crowd.peers[0]->node.swarm.disconnect(crowd.a.node.id(), 0, "again", at(0s));
            crowd.settle(at(0s));
            crowd.peers[0]->node.connectTo(crowd.a.node, at(0s));
            crowd.settle(at(0s));
            QCOMPARE(crowd.say(0, static_cast<uint8_t>(100 + i), "x"), std::optional(Reply::NotNow));
        }
        QCOMPARE(crowd.say(0, 101, "x", at(text::kStrangerInterval)), std::optional(Reply::Stored));
    }

    void strangersOfOneNetworkLeaveRoomForOthers() {
        Crowd crowd(20);
        const auto comeFrom = [&](size_t peer, const std::string& address) {
            swarm::PeerInfo info;
            info.peer = crowd.peers[peer]->node.id();
            info.remote = *codec::Multiaddr::parse("/ip6/" + address + "/udp/4001/quic-v1");
            crowd.a.protocol.onPeerMoved(info, at(0s));
        };
        for (size_t peer = 0; peer < 19; ++peer) comeFrom(peer, "2001:db8::" + std::to_string(peer + 1));
        comeFrom(19, "2001:db8:0:1::1");
        size_t stored = 0;
        for (size_t peer = 0; peer < 19; ++peer) stored += crowd.say(peer, 1, "x") == Reply::Stored;
        QCOMPARE(stored, size_t(text::kPrefixBurst));
        QCOMPARE(crowd.say(19, 1, "x"), std::optional(Reply::Stored));
        QCOMPARE(crowd.say(18, 2, "x", at(text::kPrefixInterval)), std::optional(Reply::Stored));
    }

    void aCrowdOfStrangersIsHeldToOneRate() {
        Crowd crowd(40);
        size_t stored = 0;
        for (size_t peer = 0; peer < 40; ++peer) stored += crowd.say(peer, 1, "x") == Reply::Stored;
        QCOMPARE(stored, size_t(text::kStrangersBurst));
        QVERIFY(crowd.a.book.trust(crowd.peers[39]->node.id(), at(0s)));
        QCOMPARE(crowd.say(39, 2, "x"), std::optional(Reply::Stored)); // friends are not held up by it
    }

    void strangersPushOutNothingOfFriends() {
        Log log;
        peers::PeerBook book(log);
        book.start({});
        book.onLoaded(std::vector<std::pair<Bytes, Bytes>>(), at(0s));
        const auto friendly = identityOf(200).peerId();
        QVERIFY(book.trust(friendly, at(0s)));
        text::TextShelf shelf(book, log);
        shelf.start();
        shelf.onScanned({std::get<StoreScan>(*shelf.pollStore()).id, std::vector<std::pair<Bytes, Bytes>>()});
        text::Message message;
        message.text = std::string(text::kMaxStrangerBytes / text::kMaxStrangerTexts, 'x');
        size_t taken = 0;
        for (uint32_t i = 0; i < 2 * text::kMaxStrangerTexts; ++i) {
            putBigEndian<uint32_t>(message.id, i);
            const auto stranger = identityOf(static_cast<uint8_t>(i % 100)).peerId();
            taken += shelf.put(stranger, message, text::Quota::OfStrangers, at(0s)) == text::Shelving::Begun;
        }
        QCOMPARE(taken, text::kMaxStrangerTexts);
        message.text = std::string(text::kMaxTextBytes, 'x');
        for (uint32_t i = 0; i < 2 * text::kMaxTextsBytes / text::kMaxTextBytes; ++i) {
            putBigEndian<uint32_t>(message.id, 1'000'000 + i);
            const Now later{at(0s).mono, {at(0s).wall.nanoseconds + 1 + i}};
            QCOMPARE(shelf.put(friendly, message, text::Quota::OfStrangers, later), text::Shelving::Begun);
        }
        QVERIFY(shelf.size() <= text::kMaxTextsBytes / text::kMaxTextBytes);
        putBigEndian<uint32_t>(message.id, 5);
        QCOMPARE(shelf.put(identityOf(150).peerId(), message, text::Quota::OfStrangers, at(1s)),
                 text::Shelving::NoRoom);
        QCOMPARE(shelf.put(identityOf(150).peerId(), message, text::Quota::None, at(1s)), text::Shelving::Begun);
    }

    void theNumberOfTextsIsBounded() {
        Log log;
        peers::PeerBook book(log);
        book.start({});
        book.onLoaded(std::vector<std::pair<Bytes, Bytes>>(), at(0s));
        const auto friendly = identityOf(200).peerId();
        QVERIFY(book.trust(friendly, at(0s)));
        text::TextShelf shelf(book, log);
        text::Message message;
        message.text = "x";
        QCOMPARE(shelf.put(friendly, message, text::Quota::None, at(0s)), text::Shelving::NotReady);
        shelf.start();
        shelf.onScanned({std::get<StoreScan>(*shelf.pollStore()).id, std::vector<std::pair<Bytes, Bytes>>()});
        for (uint32_t i = 0; i <= text::kMaxTexts; ++i) {
            putBigEndian<uint32_t>(message.id, i);
            QCOMPARE(shelf.put(friendly, message, text::Quota::None, at(Duration(0))), text::Shelving::Begun);
            QCOMPARE(shelf.size(), std::min<size_t>(i + 1, text::kMaxTexts));
            QCOMPARE(shelf.poll().has_value(), i == text::kMaxTexts); // whoever waits for the oldest hears that it went
        }
    }

    void blockedPeersAndClosedInboxesAreRefused() {
        Crowd crowd(2);
        QVERIFY(crowd.a.book.block(crowd.peers[0]->node.id(), at(0s)));
        QVERIFY(crowd.a.book.trust(crowd.peers[1]->node.id(), at(0s)));
        for (const auto policy : {InboxPolicy::Closed, InboxPolicy::Trusted, InboxPolicy::Guarded, InboxPolicy::Open}) {
            crowd.a.protocol.setInbox(policy);
            const auto id = static_cast<uint8_t>(policy);
            QCOMPARE(crowd.say(0, id, "x"), std::optional(Reply::Refused));
            QCOMPARE(crowd.say(1, id, "x"),
                     std::optional(policy == InboxPolicy::Closed ? Reply::Refused : Reply::Stored));
        }
        QCOMPARE(crowd.a.all<TextReceived>().size(), size_t(3));
    }

    void strangersAreRefusedWhenOnlyTrustedOnesAreTakenAndUnboundedWhenAllAre() {
        Crowd crowd;
        crowd.a.protocol.setInbox(InboxPolicy::Trusted);
        QCOMPARE(crowd.say(0, 100, "x"), std::optional(Reply::Refused));
        crowd.a.protocol.setInbox(InboxPolicy::Open);
        for (uint8_t i = 0; i < text::kMaxTextsPerStranger + 8; ++i)
            QCOMPARE(crowd.say(0, i, "x"), std::optional(Reply::Stored));
    }

    void whileNobodyKnowsWhoIsBlockedNothingIsTaken() {
        PairNetwork network;
        Texter a(network, 1);
        TextHand b(network, 2);
        b.node.connectTo(a.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        b.say(a.node, TextHand::message(1, "x")); // the texts have not been read
        run(network, {&a.node, &b.node}, at(0s));
        QCOMPARE(b.reply(), std::optional(Reply::NotNow));
        a.protocol.start();
        a.storeFails = true; // nor can they be
        a.serveStore(at(0s));
        b.say(a.node, TextHand::message(1, "x"));
        run(network, {&a.node, &b.node}, at(0s));
        QCOMPARE(b.reply(), std::optional(Reply::NotNow));
        QVERIFY(a.all<TextReceived>().empty());
    }

    void streamsOfOnePeerAreBounded() {
        Crowd crowd;
        crowd.hold(0, text::kMaxInboundPerPeer);
        QCOMPARE(crowd.held(0), text::kMaxInboundPerPeer);
        crowd.hold(0, 1);
        QCOMPARE(crowd.held(0), text::kMaxInboundPerPeer);
        QVERIFY(crowd.peers[0]->protocol.streams.at(crowd.peers[0]->protocol.keyOf(crowd.peers[0]->tag)).stopped);
    }

    void silentStrangersGiveWayToEachOtherAndKeepNoFriendOut() {
        constexpr size_t strangers = text::kMaxInboundOfStrangers / text::kMaxInboundPerPeer;
        Crowd crowd(strangers + 2);
        const size_t late = strangers, friendly = strangers + 1;
        QVERIFY(crowd.a.book.trust(crowd.peers[friendly]->node.id(), at(0s)));
        for (size_t i = 0; i < strangers; ++i) crowd.hold(i, text::kMaxInboundPerPeer, at(i * 1ms));
        for (size_t i = 0; i < strangers; ++i) QCOMPARE(crowd.held(i), text::kMaxInboundPerPeer);
        QCOMPARE(crowd.say(late, 1, "x", at(1s)), std::optional(Reply::Stored)); // one past their bound
        QCOMPARE(crowd.held(0), text::kMaxInboundPerPeer - 1);                   // the oldest
        QCOMPARE(crowd.say(friendly, 1, "x", at(1s)), std::optional(Reply::Stored));
        for (size_t i = 1; i < strangers; ++i) QCOMPARE(crowd.held(i), text::kMaxInboundPerPeer);
        runUntil(crowd.network, crowd.nodes, at(1s), at(1s + text::kReceiveTimeout));
        QCOMPARE(crowd.a.node.swarm.figures().streams, size_t(0));
    }

    void streamsOfAllAreBoundedAndStrangersGiveWayToFriends() {
        constexpr size_t friends = text::kMaxInbound / text::kMaxInboundPerPeer;
        Crowd crowd(friends + 2);
        const size_t stranger = friends, last = friends + 1;
        crowd.hold(stranger, text::kMaxInboundPerPeer);
        for (size_t i = 0; i < friends; ++i) {
            QVERIFY(crowd.a.book.trust(crowd.peers[i]->node.id(), at(0s)));
            crowd.hold(i, text::kMaxInboundPerPeer);
            QCOMPARE(crowd.held(i), text::kMaxInboundPerPeer);
        }
        QCOMPARE(crowd.held(stranger), size_t(0));
        crowd.hold(last, 1); // the bound of all
        QCOMPARE(crowd.held(last), size_t(0));
        for (size_t i = 0; i < friends; ++i) QCOMPARE(crowd.held(i), text::kMaxInboundPerPeer);
    }

    void blockedPeersCountAsStrangers() {
        constexpr size_t blocked = text::kMaxInboundOfStrangers / text::kMaxInboundPerPeer;
        Crowd crowd(blocked + 1);
        for (size_t i = 0; i <= blocked; ++i) {
            QVERIFY(crowd.a.book.block(crowd.peers[i]->node.id(), at(0s)));
            crowd.hold(i, text::kMaxInboundPerPeer, at(i * 1ms));
        }
        QCOMPARE(crowd.held(0), size_t(0));
        for (size_t i = 1; i <= blocked; ++i) QCOMPARE(crowd.held(i), text::kMaxInboundPerPeer);
    }

    void whatWaitsForTheDatabaseIsBounded() {
        Crowd crowd;
        crowd.a.protocol.setInbox(InboxPolicy::Open);
        size_t notNow = 0;
        for (uint8_t i = 0; i <= text::kMaxPending; ++i) { // the database does not answer; the peer goes on
            crowd.peers[0]->say(crowd.a.node, TextHand::message(i, "x"));
            run(crowd.network, crowd.nodes, at(std::chrono::seconds(i)));
            notNow += crowd.peers[0]->reply() == Reply::NotNow;
            const auto key = crowd.peers[0]->protocol.keyOf(crowd.peers[0]->tag);
            crowd.peers[0]->node.swarm.streams().stop(key, 0);
            run(crowd.network, crowd.nodes, at(std::chrono::seconds(i)));
        }
        QCOMPARE(notNow, size_t(1));
        crowd.settle(at(65s));
        QCOMPARE(crowd.a.all<TextReceived>().size(), text::kMaxPending); // they were sent, and are shown
    }

    void aTextThatGoesBeforeItIsStoredIsAnswered() {
        PairNetwork network;
        Texter a(network, 1);
        TextHand b(network, 2), c(network, 3);
        const std::vector<TestNode*> nodes{&a.node, &b.node, &c.node};
        for (uint32_t i = 0; i < text::kMaxTexts; ++i) { // a full shelf, from when the clock was ahead
            const ByteView peer = b.node.id().multihash();
            Bytes key{1, static_cast<uint8_t>(peer.size())}, value(13);
            append(key, peer);
            key.resize(key.size() + text::kMessageIdBytes);
            putBigEndian<uint32_t>(MutableBytes(key).last(4), i);
            putBigEndian<uint64_t>(value, static_cast<uint64_t>(at(0s).wall.nanoseconds + 1 + i));
            a.rows[key] = value;
        }
        a.start();
        for (TextHand* hand : {&b, &c}) {
            QVERIFY(a.book.trust(hand->node.id(), at(0s)));
            hand->node.connectTo(a.node, at(0s));
        }
        run(network, nodes, at(0s));
        b.say(a.node, TextHand::message(1, "first"));
        run(network, nodes, at(0s)); // the database has not answered
        c.say(a.node, TextHand::message(2, "second"));
        do run(network, nodes, at(0s));
        while (a.serveStore(at(0s)));
        QCOMPARE(b.reply(), std::optional(Reply::Failed)); // the oldest, as the clock has it
        QCOMPARE(c.reply(), std::optional(Reply::Stored));
        QCOMPARE(a.all<TextReceived>().size(), size_t(1));
        QCOMPARE(a.textRows(), size_t(1));
    }

    void damagedRowsAreDropped() {
        PairNetwork network;
        Texter a(network, 1);
        a.rows[{1}] = {};
        a.rows[{1, 200, 1, 2, 3}] = Bytes(13);
        Bytes key{1, 34, 0x12, 0x20};
        key.resize(2 + 34 + 16);
        a.rows[key] = Bytes(12);
        key.back() = 1;
        a.rows[key] = Bytes(13, 0xff); // bytes and time beyond all bounds
        key.back() = 2;
        a.rows[key] = Bytes(13);
        a.start();
        a.serveStore(at(0s));
        QCOMPARE(a.rows.size(), size_t(1));
    }
};

QTEST_APPLESS_MAIN(TextHostileTest)
#include "text_hostile_test.moc"
