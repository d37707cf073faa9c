#include "codec/varint.h"
#include "link/link_limits.h"
#include "link/multistream.h"
#include "support/seeded_random.h"

#include <QTest>

using namespace wherry;
using namespace wherry::link;

namespace {
Bytes messages(std::initializer_list<std::string_view> texts) {
    Bytes out;
    for (const auto text : texts) appendMultistream(out, text);
    return out;
}
constexpr std::string_view kHeader = "/multistream/1.0.0";

MultistreamResponder responder() {
    return MultistreamResponder([](std::string_view id) { return id == "/a/1" || id == "/b/1"; });
}
/// Feeds in pieces; returns how many bytes were taken.
template <typename Negotiator> size_t feed(Negotiator& negotiator, ByteView in, size_t piece) {
    size_t taken = 0;
    while (taken < in.size() && negotiator.state() == Negotiation::Going)
        taken += negotiator.onBytes(in.subspan(taken, std::min(piece, in.size() - taken)));
    return taken;
}
} // namespace

class MultistreamTest : public QObject {
    Q_OBJECT
  private slots:
    void theBytesAreThoseOfTheSpecification();
    void headerAndFirstProposalGoOutTogether();
    void theSecondProposalFollowsARefusal();
    void allRefusedIsUnsupported();
    void theResponderEchoesWhatItServes();
    void theResponderRefusesAndListsNothing();
    void bytesAfterTheLastMessageAreLeftAlone_data();
    void bytesAfterTheLastMessageAreLeftAlone();
    void aMessageAtTheBoundIsTakenAndOneAboveIsRefused();
    void badLengthsAreRefused_data();
    void badLengthsAreRefused();
    void aMessageWithoutNewlineIsRefused();
    void anotherHeaderIsRefusedByBothSides();
    void anEchoOfAnotherProtocolIsAViolation();
    void theLastAllowedProposalIsAnsweredAndOneMoreEndsIt();
    void anyBytesInAnyPiecesGiveTheSameOutcome();
};

void MultistreamTest::theBytesAreThoseOfTheSpecification() {
    QCOMPARE(toHex(messages({kHeader})), std::string("13") + toHex(asBytes("/multistream/1.0.0\n")));
    QCOMPARE(toHex(messages({"na"})), std::string("036e610a"));
    QCOMPARE(toHex(messages({"ls"})), std::string("036c730a"));
}

void MultistreamTest::headerAndFirstProposalGoOutTogether() {
    MultistreamInitiator initiator({"/a/1", "/b/1"});
    QCOMPARE(initiator.takeOutput(), messages({kHeader, "/a/1"}));
    QVERIFY(initiator.takeOutput().empty());
    const Bytes answer = messages({kHeader, "/a/1"});
    QCOMPARE(initiator.onBytes(answer), answer.size());
    QCOMPARE(initiator.state(), Negotiation::Agreed);
    QCOMPARE(initiator.protocolId(), std::string("/a/1"));
}

void MultistreamTest::theSecondProposalFollowsARefusal() {
    MultistreamInitiator initiator({"/x/1", "/b/1"});
    initiator.takeOutput();
    initiator.onBytes(messages({kHeader, "na"}));
    QCOMPARE(initiator.state(), Negotiation::Going);
    QCOMPARE(initiator.takeOutput(), messages({"/b/1"}));
    initiator.onBytes(messages({"/b/1"}));
    QCOMPARE(initiator.state(), Negotiation::Agreed);
    QCOMPARE(initiator.protocolId(), std::string("/b/1"));
}

void MultistreamTest::allRefusedIsUnsupported() {
    MultistreamInitiator initiator({"/x/1", "/y/1"});
    initiator.onBytes(messages({kHeader, "na", "na"}));
    QCOMPARE(initiator.state(), Negotiation::Failed);
    QCOMPARE(initiator.error().code, Errc::Unsupported);
}

void MultistreamTest::theResponderEchoesWhatItServes() {
    auto side = responder();
    side.onBytes(messages({kHeader}));
    QCOMPARE(side.takeOutput(), messages({kHeader}));
    side.onBytes(messages({"/b/1"}));
    QCOMPARE(side.takeOutput(), messages({"/b/1"}));
    QCOMPARE(side.state(), Negotiation::Agreed);
    QCOMPARE(side.protocolId(), std::string("/b/1"));
}

void MultistreamTest::theResponderRefusesAndListsNothing() {
    auto side = responder();
    side.onBytes(messages({kHeader, "ls", "/libp2p/simultaneous-connect", "/x/1", ""}));
    QCOMPARE(side.takeOutput(), messages({kHeader, "na", "na", "na", "na"}));
    QCOMPARE(side.state(), Negotiation::Going);
    side.onBytes(messages({"/a/1"}));
    QCOMPARE(side.state(), Negotiation::Agreed);
}

void MultistreamTest::bytesAfterTheLastMessageAreLeftAlone_data() {
    QTest::addColumn<int>("piece");
    for (const int piece : {1, 2, 3, 19, 20, 21, 1000}) QTest::addRow("pieces of %d", piece) << piece;
}

void MultistreamTest::bytesAfterTheLastMessageAreLeftAlone() {
    QFETCH(int, piece);
    Bytes in = messages({kHeader, "/a/1"});
    const size_t own = in.size();
    append(in, messages({"/a/1"}));
    auto side = responder();
    QCOMPARE(feed(side, in, size_t(piece)), own);
    MultistreamInitiator initiator({"/a/1"});
    QCOMPARE(feed(initiator, in, size_t(piece)), own);
    QCOMPARE(initiator.state(), Negotiation::Agreed);
}

void MultistreamTest::aMessageAtTheBoundIsTakenAndOneAboveIsRefused() {
    auto side = responder();
    side.onBytes(messages({kHeader, std::string(kMaxMultistreamMessage - 1, 'x')}));
    QCOMPARE(side.state(), Negotiation::Going);
    QCOMPARE(side.takeOutput(), messages({kHeader, "na"}));
    Bytes above;
    codec::appendVarint(above, kMaxMultistreamMessage + 1);
    QCOMPARE(above.size(), kMaxMultistreamLength);
    side.onBytes(above);
    QCOMPARE(side.state(), Negotiation::Failed);
}

void MultistreamTest::badLengthsAreRefused_data() {
    QTest::addColumn<QByteArray>("hex");
    QTest::newRow("zero") << QByteArray("00");
    QTest::newRow("not minimal") << QByteArray("8300");
    QTest::newRow("three bytes") << QByteArray("808001");
    QTest::newRow("2^63") << QByteArray("80808080808080808001");
    QTest::newRow("all ones") << QByteArray("ffffffffffffffffffff");
}

void MultistreamTest::badLengthsAreRefused() {
    QFETCH(QByteArray, hex);
    const Bytes in = fromHex(hex.toStdString());
    auto side = responder();
    QVERIFY(side.onBytes(in) <= 2);
    QCOMPARE(side.state(), Negotiation::Failed);
    MultistreamInitiator initiator({"/a/1"});
    initiator.onBytes(in);
    QCOMPARE(initiator.state(), Negotiation::Failed);
    QCOMPARE(initiator.error().code, Errc::ProtocolViolation);
}

void MultistreamTest::aMessageWithoutNewlineIsRefused() {
    auto side = responder();
    side.onBytes(fromHex("03616263"));
    QCOMPARE(side.state(), Negotiation::Failed);
}

void MultistreamTest::anotherHeaderIsRefusedByBothSides() {
    auto side = responder();
    side.onBytes(messages({"/multistream/2.0.0"}));
    QCOMPARE(side.state(), Negotiation::Failed);
    MultistreamInitiator initiator({"/a/1"});
    initiator.onBytes(messages({"/a/1"}));
    QCOMPARE(initiator.state(), Negotiation::Failed);
}

void MultistreamTest::anEchoOfAnotherProtocolIsAViolation() {
    MultistreamInitiator initiator({"/a/1", "/b/1"});
    initiator.onBytes(messages({kHeader, "/b/1"}));
    QCOMPARE(initiator.error().code, Errc::ProtocolViolation);
}

void MultistreamTest::theLastAllowedProposalIsAnsweredAndOneMoreEndsIt() {
    auto side = responder();
    side.onBytes(messages({kHeader}));
    for (size_t i = 1; i < kMaxProposals; ++i) side.onBytes(messages({"/x/1"}));
    QCOMPARE(side.state(), Negotiation::Going);
    QCOMPARE(side.takeOutput().size(), 20 + (kMaxProposals - 1) * 4);
    side.onBytes(messages({"/x/1"}));
    QCOMPARE(side.state(), Negotiation::Failed);
    MultistreamInitiator many(std::vector<std::string>(kMaxProposals, "/x/1"));
    QCOMPARE(many.state(), Negotiation::Going);
}

void MultistreamTest::anyBytesInAnyPiecesGiveTheSameOutcome() {
    test::SeededRandom random(7);
    for (int run = 0; run < 3000; ++run) {
        Bytes in = messages({kHeader});
        for (uint64_t i = random.below(4); i > 0; --i) append(in, messages({random.below(2) ? "na" : "/x/1"}));
        append(in, messages({random.below(3) ? "/a/1" : "ls"}));
        if (random.below(2)) in[random.below(in.size())] = uint8_t(random.below(256));
        in.resize(1 + random.below(in.size()));
        auto whole = responder();
        MultistreamInitiator wholeOut({"/x/1", "/a/1"});
        const size_t taken = feed(whole, in, in.size()), takenOut = feed(wholeOut, in, in.size());
        for (const size_t piece : {1, 2, 5, 13}) {
            auto cut = responder();
            MultistreamInitiator cutOut({"/x/1", "/a/1"});
            const size_t cutTaken = feed(cut, in, piece);
            QCOMPARE(cut.state(), whole.state());
            QCOMPARE(cut.protocolId(), whole.protocolId());
            if (whole.state() != Negotiation::Failed) QCOMPARE(cutTaken, taken);
            const size_t cutTakenOut = feed(cutOut, in, piece);
            QCOMPARE(cutOut.state(), wholeOut.state());
            if (wholeOut.state() != Negotiation::Failed) QCOMPARE(cutTakenOut, takenOut);
        }
    }
}

QTEST_APPLESS_MAIN(MultistreamTest)
#include "multistream_test.moc"
