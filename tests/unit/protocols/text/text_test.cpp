#include "unit/protocols/text/texter.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using text::Reply;
using text::TextFailed;
using text::TextReceived;
using text::TextSent;

namespace {

/// Two nodes that are connected, and their databases.
struct Pair {
    Pair() {
        a.start();
        b.start();
    }
    void connect(Now now = at(0s)) {
        a.node.connectTo(b.node, now);
        settle(now);
    }
    void settle(Now now = at(0s)) {
        do run(network, {&a.node, &b.node}, now);
        while (a.serveStore(now) || b.serveStore(now));
    }
    void pass(Now from, Now to) {
        runUntil(network, {&a.node, &b.node}, from, to);
        settle(to);
    }
    PairNetwork network;
    Texter a{network, 1};
    Texter b{network, 2};
};

} // namespace

class TextTest : public QObject {
    Q_OBJECT

  private slots:
    void aTextArrivesAndTheSenderHearsThatItIsStored() {
        Pair pair;
        pair.connect();
        pair.a.protocol.send(pair.b.node.id(), "hello\nyou", 5s, at(0s));
        pair.settle();
        const auto received = pair.b.all<TextReceived>();
        QCOMPARE(received.size(), size_t(1));
        QCOMPARE(received[0].peer, pair.a.node.id());
        QCOMPARE(received[0].text, std::string("hello\nyou"));
        QCOMPARE(received[0].sentAt, at(0s).wall);
        QVERIFY(received[0].stranger);
        QCOMPARE(pair.a.all<TextSent>().size(), size_t(1));
        QCOMPARE(pair.a.all<TextSent>()[0].message, received[0].message);
        QCOMPARE(pair.b.textRows(), size_t(1));
        QCOMPARE(pair.a.node.swarm.figures().streams, size_t(0));
        QCOMPARE(pair.b.node.swarm.figures().streams, size_t(0));
        QCOMPARE(pair.a.protocol.deadline(), kNever);
        QCOMPARE(pair.b.protocol.deadline(), kNever);
    }

    void nothingIsAnsweredBeforeTheDatabaseHasIt() {
        Pair pair;
        pair.connect();
        pair.a.protocol.send(pair.b.node.id(), "hello", 5s, at(0s));
        run(pair.network, {&pair.a.node, &pair.b.node}, at(0s)); // the database has not answered
        QVERIFY(pair.b.all<TextReceived>().empty());
        QVERIFY(pair.a.all<TextSent>().empty());
        pair.settle();
        QCOMPARE(pair.a.all<TextSent>().size(), size_t(1));
    }

    void whatTheDatabaseCannotTakeIsNeitherShownNorAcknowledged() {
        Pair pair;
        pair.connect();
        pair.b.diskFull = true;
        pair.a.protocol.send(pair.b.node.id(), "hello", 1s, at(0s));
        pair.settle();
        QVERIFY(pair.b.all<TextReceived>().empty());
        QVERIFY(pair.a.all<TextSent>().empty());
        pair.b.diskFull = false; // and is offered again
        pair.pass(at(0s), at(500ms));
        QCOMPARE(pair.b.all<TextReceived>().size(), size_t(1));
        QCOMPARE(pair.a.all<TextSent>().size(), size_t(1));
    }

    void textsToOnePeerKeepTheirOrder() {
        Pair pair;
        pair.connect();
        QVERIFY(pair.b.book.trust(pair.a.node.id(), at(0s)));
        for (int i = 0; i < 20; ++i) pair.a.protocol.send(pair.b.node.id(), std::to_string(i), 5s, at(0s));
        pair.settle();
        const auto received = pair.b.all<TextReceived>();
        QCOMPARE(received.size(), size_t(20));
        for (size_t i = 0; i < 20; ++i) QCOMPARE(received[i].text, std::to_string(i));
        QVERIFY(!received[0].stranger);
    }

    void aTextWaitsForItsPeerAndGivesUpWhenItsTimeIsOver() {
        Pair pair;
        pair.a.protocol.send(pair.b.node.id(), "one", 3s, at(0s));
        pair.a.drain();
        QCOMPARE(pair.a.wants, std::vector{pair.b.node.id()});
        pair.a.protocol.onPeerUnreachable(pair.b.node.id(), makeError(Errc::Unreachable, "nobody"), at(0s));
        pair.pass(at(0s), at(text::kFirstRetryPause));
        pair.a.drain();
        QCOMPARE(pair.a.wants.size(), size_t(2));
        pair.connect(at(1s));
        QCOMPARE(pair.a.all<TextSent>().size(), size_t(1));

        pair.a.node.swarm.disconnect(pair.b.node.id(), 0, "bye", at(1s));
        pair.settle(at(1s));
        pair.a.protocol.send(pair.b.node.id(), "two", 3s, at(1s));
        pair.a.protocol.onPeerUnreachable(pair.b.node.id(), makeError(Errc::Unreachable, "nobody"), at(2s));
        pair.pass(at(2s), at(4s - 1ns));
        QVERIFY(pair.a.all<TextFailed>().empty());
        pair.pass(at(4s - 1ns), at(4s));
        QCOMPARE(pair.a.all<TextFailed>().size(), size_t(1));
        QCOMPARE(pair.a.all<TextFailed>()[0].error, makeError(Errc::Unreachable, "nobody"));
        QCOMPARE(pair.a.protocol.deadline(), kNever);
    }

    void anotherKeyFailsItAtOnce() {
        Pair pair;
        pair.a.protocol.send(pair.b.node.id(), "one", 30s, at(0s));
        pair.a.protocol.send(pair.b.node.id(), "two", 30s, at(0s));
        pair.a.protocol.onPeerUnreachable(pair.b.node.id(), makeError(Errc::IdentityMismatch, "another"), at(0s));
        QCOMPARE(pair.a.all<TextFailed>().size(), size_t(2));
        QCOMPARE(pair.a.all<TextFailed>()[1].error.code, Errc::IdentityMismatch);
    }

    void anAnswerThatIsLostLeadsToOneTextOnly() {
        Pair pair;
        pair.connect();
        pair.a.protocol.send(pair.b.node.id(), "hello", 30s, at(0s));
        run(pair.network, {&pair.a.node, &pair.b.node}, at(0s)); // arrived, on its way into the database
        pair.a.node.swarm.disconnect(pair.b.node.id(), 0, "cut", at(0s));
        pair.settle();
        QCOMPARE(pair.b.all<TextReceived>().size(), size_t(1));
        QVERIFY(pair.a.all<TextSent>().empty());
        pair.connect(at(1s));
        QCOMPARE(pair.a.all<TextSent>().size(), size_t(1));
        QCOMPARE(pair.b.all<TextReceived>().size(), size_t(1));
        QCOMPARE(pair.b.textRows(), size_t(1));
    }

    void aReceiverThatWasKilledShowsTheTextOnceAndAnswersTheSecondTime() {
        for (const bool shown : {false, true}) {
            std::map<Bytes, Bytes> rows;
            {
                PairNetwork network;
                Texter b(network, 2);
                TextHand a(network, 1);
                b.start();
                a.node.connectTo(b.node, at(0s));
                run(network, {&a.node, &b.node}, at(0s));
                a.say(b.node, TextHand::message(7, "hello"));
                run(network, {&a.node, &b.node}, at(0s));
                while (auto op = b.protocol.pollStore()) { // the database has it, nobody has heard so
                    if (const auto* put = std::get_if<StorePut>(&*op)) b.rows[put->key] = put->value;
                    if (const auto* scan = std::get_if<StoreScan>(&*op); scan && shown)
                        b.protocol.onStoreScanned(
                            {scan->id, std::vector<std::pair<Bytes, Bytes>>{{scan->prefix, b.rows[scan->prefix]}}},
                            b.node.swarm.streams(), at(0s));
                }
                QCOMPARE(b.all<TextReceived>().size(), size_t(shown));
                rows = b.rows;
            }
            PairNetwork network;
            Texter b(network, 2);
            TextHand a(network, 1);
            b.rows = rows;
            b.start();
            a.node.connectTo(b.node, at(0s));
            run(network, {&a.node, &b.node}, at(0s));
            a.say(b.node, TextHand::message(7, "hello"));
            do run(network, {&a.node, &b.node}, at(0s));
            while (b.serveStore(at(0s)));
            QCOMPARE(a.reply(), std::optional(Reply::Stored));
            QCOMPARE(b.all<TextReceived>().size(), size_t(!shown));
            QCOMPARE(b.textRows(), size_t(1));
        }
    }

    void theSameIdOfAnotherPeerIsAnotherText() {
        PairNetwork network;
        Texter c(network, 3);
        TextHand a(network, 1), b(network, 2);
        c.start();
        for (TextHand* hand : {&a, &b}) {
            hand->node.connectTo(c.node, at(0s));
            run(network, {&a.node, &b.node, &c.node}, at(0s));
            hand->say(c.node, TextHand::message(7, "hello"));
            do run(network, {&a.node, &b.node, &c.node}, at(0s));
            while (c.serveStore(at(0s)));
        }
        QCOMPARE(c.all<TextReceived>().size(), size_t(2));
    }

    void aSilentPeerIsAskedAgainUntilTheWaitIsOver() {
        PairNetwork network;
        Texter a(network, 1);
        TextHand b(network, 2);
        a.start();
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        a.protocol.send(b.node.id(), "hello", 15s, at(0s));
        runUntil(network, {&a.node, &b.node}, at(0s), at(15s));
        QVERIFY(a.all<TextFailed>().empty()); // the second attempt has its ten seconds
        runUntil(network, {&a.node, &b.node}, at(15s), at(21s));
        QCOMPARE(b.protocol.inbound().size(), size_t(2));
        QCOMPARE(a.all<TextFailed>().size(), size_t(1));
        QCOMPARE(a.all<TextFailed>()[0].error.code, Errc::Timeout);
        QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    }

    void aPeerWithoutTextsIsUnsupportedAtOnce() {
        PairNetwork network;
        Texter a(network, 1);
        TextHand b(network, 2, {"/other/1"});
        a.start();
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        a.protocol.send(b.node.id(), "hello", 30s, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        QCOMPARE(a.all<TextFailed>()[0].error.code, Errc::Unsupported);
    }

    void answersAreUnderstood_data() {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<int>("sent");
        QTest::addColumn<int>("code"); // -1: tried again
        QTest::newRow("stored") << QByteArray("\x02\x08\x01") << 1 << -1;
        QTest::newRow("refused") << QByteArray("\x02\x08\x02") << 0 << int(Errc::Declined);
        QTest::newRow("not now") << QByteArray("\x02\x08\x03") << 0 << -1;
        QTest::newRow("failed") << QByteArray("\x02\x08\x04") << 0 << -1;
        QTest::newRow("of a later version") << QByteArray("\x02\x08\x63") << 0 << -1;
        QTest::newRow("no message") << QByteArray("\x02\xff\xff") << 0 << int(Errc::ProtocolViolation);
        QTest::newRow("too long") << QByteArray("\xff\x7f") << 0 << int(Errc::ProtocolViolation);
    }
    void answersAreUnderstood() {
        QFETCH(QByteArray, answer);
        QFETCH(int, sent);
        QFETCH(int, code);
        PairNetwork network;
        Texter a(network, 1);
        TextHand b(network, 2);
        a.start();
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        a.protocol.send(b.node.id(), "hello", 30s, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        b.node.swarm.streams().write(b.protocol.inbound().front(), Slice::copyOf(asBytes(answer.toStdString())),
                                     link::Fin::Yes);
        run(network, {&a.node, &b.node}, at(0s));
        QCOMPARE(a.all<TextSent>().size(), size_t(sent));
        QCOMPARE(a.all<TextFailed>().size(), size_t(code >= 0));
        if (code >= 0) QCOMPARE(int(a.all<TextFailed>()[0].error.code), code);
        runUntil(network, {&a.node, &b.node}, at(0s), at(text::kFirstRetryPause));
        QCOMPARE(b.protocol.inbound().size(), size_t(sent || code >= 0 ? 1 : 2));
    }

    void anAnswerBeforeTheEndOfTheTextIsNone() {
        PairNetwork network({.streamWindow = 1000, .sendBuffer = 1000});
        Texter a(network, 1);
        TextHand b(network, 2);
        b.protocol.reading = false;
        a.start();
        a.node.connectTo(b.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        a.protocol.send(b.node.id(), std::string(5000, 'x'), 30s, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
        const auto key = b.protocol.inbound().front();
        b.node.swarm.streams().write(key, Slice::copyOf(fromHex("020801")), link::Fin::Yes); // stored
        run(network, {&a.node, &b.node}, at(0s));
        QVERIFY(a.all<TextSent>().empty());
        QCOMPARE(a.all<TextFailed>().size(), size_t(1));
        QCOMPARE(a.all<TextFailed>()[0].error.code, Errc::ProtocolViolation);
        QVERIFY(b.protocol.streams.at(key).reset); // our half does not stay
        QCOMPARE(a.node.swarm.figures().streams, size_t(0));
        QCOMPARE(a.protocol.deadline(), kNever);
    }

    void textsOnTheirWayAreBounded() {
        Pair pair;
        for (size_t i = 0; i < text::kMaxOutgoing; ++i) pair.a.protocol.send(pair.b.node.id(), "x", 1s, at(0s));
        QVERIFY(pair.a.all<TextFailed>().empty());
        pair.a.protocol.send(pair.b.node.id(), "x", 1s, at(0s));
        QCOMPARE(pair.a.all<TextFailed>().size(), size_t(1));
        QCOMPARE(pair.a.all<TextFailed>()[0].error.code, Errc::LimitReached);
        pair.pass(at(0s), at(1s)); // they give up, and make room
        QCOMPARE(pair.a.all<TextFailed>().size(), text::kMaxOutgoing + 1);
        pair.a.protocol.send(pair.b.node.id(), "x", 1s, at(1s));
        QCOMPARE(pair.a.all<TextFailed>().size(), text::kMaxOutgoing + 1);
    }

    void whatIsNoTextIsNotSent() {
        Pair pair;
        pair.connect();
        for (const std::string& words : {std::string(), std::string("\xff"), std::string(text::kMaxTextBytes + 1, 'x')})
            pair.a.protocol.send(pair.b.node.id(), words, 1s, at(0s));
        QCOMPARE(pair.a.all<TextFailed>().size(), size_t(3));
        pair.a.protocol.send(pair.b.node.id(), std::string(text::kMaxTextBytes, 'x'), 1s, at(0s));
        pair.settle();
        QCOMPARE(pair.a.all<TextSent>().size(), size_t(1));
        QCOMPARE(pair.b.all<TextReceived>()[0].text.size(), text::kMaxTextBytes);
    }

    void cancelAndShutdownEndTexts() {
        Pair pair;
        const auto first = pair.a.protocol.send(pair.b.node.id(), "one", 9s, at(0s));
        pair.a.protocol.send(pair.b.node.id(), "two", 9s, at(0s));
        QVERIFY(pair.a.protocol.cancel(first, pair.a.node.swarm.streams()));
        QVERIFY(!pair.a.protocol.cancel(first, pair.a.node.swarm.streams()));
        pair.connect();
        QCOMPARE(pair.b.all<TextReceived>().size(), size_t(1));
        QCOMPARE(pair.b.all<TextReceived>()[0].text, std::string("two"));
        pair.a.protocol.send(pair.b.node.id(), "three", 9s, at(0s));
        pair.a.protocol.shutdown(pair.a.node.swarm.streams());
        pair.settle();
        QCOMPARE(pair.a.all<TextFailed>().size(), size_t(2));
        QCOMPARE(pair.b.all<TextReceived>().size(), size_t(1));
        QCOMPARE(pair.a.protocol.deadline(), kNever);
    }
};

QTEST_APPLESS_MAIN(TextTest)
#include "text_test.moc"
