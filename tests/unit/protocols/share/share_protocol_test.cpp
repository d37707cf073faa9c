#include "codec/frame.h"
#include "crypto/identity.h"
#include "protocols/share/share_limits.h"
#include "protocols/share/share_protocol.h"
#include "support/hand_node.h"
#include "support/seeded_random.h"
#include "wire/decode.h"
#include "wire/share.pb.h"

#include <QTest>
#include <functional>
#include <memory>

using namespace wherry;
using namespace wherry::share;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
const char* const kId = "/wherry/share/1";

struct Sharer {
    Sharer(PairNetwork& network, uint8_t number, bool loaded = true)
        : node(network, number),
          protocol(node.id(), book, node.log) {
        node.swarm.addProtocol(protocol);
        if (loaded) book.load({}, at(0s));
    }
    template <typename Event> std::vector<Event> all() { return pollAll<Event>(protocol, events); }
    ShareTicket ticketOf(const Share& share) const {
        return {node.id(), {node.address}, share.id, share.secret, share.expires, share.label};
    }

    SeededRandom random{3};
    ShareBook book{random};
    TestNode node;
    ShareProtocol protocol;
    std::vector<ShareEvent> events;
};
struct Hand : HandNode {
    Hand(PairNetwork& network, uint8_t number, std::vector<std::string> serves = {kId})
        : HandNode(network, number, std::move(serves)) {}
};
const FetchToken kToken{1, 2, 3};

struct Pair {
    Pair() {
        share = a.book.add({{"/a"}, "a", {}, false}, at(0s)).value();
        b.node.connectTo(a.node, at(0s));
        run(network, {&a.node, &b.node}, at(0s));
    }
    void settle() { run(network, {&a.node, &b.node}, at(0s)); }
    PairNetwork network;
    Sharer a{network, 1}, b{network, 2};
    Share share;
};

Bytes framed(const google::protobuf::MessageLite& message) {
    return test::framed(asBytes(message.SerializeAsString()));
}
wire::FetchRequest request(const Share& share, const crypto::PeerId& sharer, const crypto::PeerId& fetcher) {
    const auto proof = fetchProof(share.secret, share.id, kToken, sharer, fetcher);
    wire::FetchRequest r;
    r.set_share(std::string(asText(share.id)));
    r.set_token(std::string(asText(kToken)));
    r.set_proof(std::string(asText(proof)));
    return r;
}
/// The reply that `bytes` hold, if it is one.
std::optional<wire::FetchReply> reply(ByteView bytes) {
    codec::FrameReader reader(kMaxReplyBytes);
    const auto step = reader.push(bytes);
    if (!step || !step->message) return std::nullopt;
    const auto decoded = wire::decode<wire::FetchReply>(*step->message, {"reply", kMaxReplyBytes, kMaxMessageFields});
    return decoded ? std::optional(*decoded) : std::nullopt;
}
/// A sharer, and peers that the test plays: kMaxAsksPerPeer streams of each fill a bound of 64.
struct Crowd {
    static constexpr size_t kPeers = kMaxUnproved / kMaxAsksPerPeer;
    static_assert(kMaxUnproved == kMaxAsksInAll);

    Crowd() {
        share = a.book.add({{"/a"}, "a", {}, false}, at(0s)).value();
        nodes.push_back(&a.node);
        for (size_t i = 0; i < kPeers + 1; ++i) {
            peers.push_back(std::make_unique<Hand>(network, static_cast<uint8_t>(i + 2)));
            nodes.push_back(&peers.back()->node);
            peers.back()->node.connectTo(a.node, at(0s));
        }
        settle();
    }
    void settle() { run(network, nodes, at(0s)); }
    /// One more stream of this peer, which says these bytes and does not end.
    swarm::RequestTag ask(size_t peer, const Bytes& bytes) {
        Hand& hand = *peers[peer];
        hand.protocol.greeting = std::string(asText(bytes));
        hand.protocol.open(a.node.id(), {kId}, ++hand.tag);
        settle();
        return hand.tag;
    }
    /// All but the last peer ask as often as they may.
    void fill(const std::function<Bytes(const Hand&)>& bytes) {
        for (size_t round = 0; round < kMaxAsksPerPeer; ++round)
            for (size_t i = 0; i < kPeers; ++i) ask(i, bytes(*peers[i]));
    }
    Bytes good(const Hand& hand) const { return framed(request(share, a.node.id(), hand.node.id())); }
    Bytes bad(const Hand& hand) const {
        Share wrong = share;
        wrong.secret[0] ^= 1;
        return framed(request(wrong, a.node.id(), hand.node.id()));
    }
    const RecordingProtocol::Stream& stream(size_t peer, swarm::RequestTag tag) {
        return peers[peer]->protocol.streams.at(peers[peer]->protocol.keyOf(tag));
    }

    PairNetwork network;
    Sharer a{network, 1};
    Share share;
    std::vector<std::unique_ptr<Hand>> peers;
    std::vector<TestNode*> nodes;
};
} // namespace

class ShareProtocolTest : public QObject {
    Q_OBJECT
  private slots:
    void whoHoldsTheTicketIsGranted();
    void theAnswerOfTheSharerReachesTheFetcher_data();
    void theAnswerOfTheSharerReachesTheFetcher();
    void aWrongSecretLooksLikeAnUnknownShare();
    void aProofIsWorthNothingToAnotherPeer();
    void aRevokedShareIsRefused();
    void anExpiredShareIsRefused();
    void beforeTheBookIsReadTheAnswerIsBusy();
    void ourOwnTicketIsRefused();
    void aPeerThatDoesNotShareIsUnsupported();
    void hostileRequestsAreReset_data();
    void hostileRequestsAreReset();
    void hostileRepliesFail_data();
    void hostileRepliesFail();
    void requestsOfAPeerAreBounded();
    void peersThatSayNothingKeepNoTicketHolderOut();
    void refusedPeersHoldNoPlaces();
    void requestsOfAllPeersAreBounded();
    void ourOwnFetchesAreBounded();
    void aSilentPeerIsLeft();
    void aLostConnectionFailsTheFetchAndForgetsTheAsk();
    void aCancelledFetchSaysNothingMore();
};

void ShareProtocolTest::whoHoldsTheTicketIsGranted() {
    Pair p;
    const FetchId fetch = p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    p.settle();
    const auto asked = p.a.all<FetchAsked>();
    QCOMPARE(asked.size(), size_t(1));
    QCOMPARE(asked.front().peer, p.b.node.id());
    QCOMPARE(asked.front().share, p.share.id);
    QCOMPARE(asked.front().token, kToken);
    QVERIFY(p.b.all<FetchGranted>().empty()); // not before the sharer has looked
    p.a.protocol.answer(asked.front().ask, {}, p.a.node.swarm.streams());
    p.settle();
    QCOMPARE(p.b.all<FetchGranted>(), std::vector{FetchGranted{fetch}});
    QCOMPARE(p.a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(p.b.node.swarm.figures().streams, size_t(0));
    QCOMPARE(p.a.protocol.deadline(), kNever);
    QCOMPARE(p.b.protocol.deadline(), kNever);
}

void ShareProtocolTest::theAnswerOfTheSharerReachesTheFetcher_data() {
    QTest::addColumn<int>("said");
    QTest::addColumn<int>("heard");
    QTest::newRow("gone") << int(Errc::NotFound) << int(Errc::NotFound);
    QTest::newRow("busy") << int(Errc::LimitReached) << int(Errc::Busy);
    QTest::newRow("unreadable") << int(Errc::PermissionDenied) << int(Errc::Io);
}

void ShareProtocolTest::theAnswerOfTheSharerReachesTheFetcher() {
    QFETCH(int, said);
    QFETCH(int, heard);
    Pair p;
    p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    p.settle();
    p.a.protocol.answer(p.a.all<FetchAsked>().front().ask, makeError(Errc(said), "/home/secret"),
                        p.a.node.swarm.streams());
    p.settle();
    const auto failed = p.b.all<FetchFailed>();
    QCOMPARE(failed.size(), size_t(1));
    QCOMPARE(int(failed.front().error.code), heard);
    QVERIFY(failed.front().error.context.find("secret") == std::string::npos);
}

void ShareProtocolTest::aWrongSecretLooksLikeAnUnknownShare() {
    Pair p;
    ShareTicket wrong = p.a.ticketOf(p.share);
    wrong.secret[31] ^= 1;
    ShareTicket unknown = p.a.ticketOf(p.share);
    unknown.share[0] ^= 1;
    p.b.protocol.fetch(wrong, kToken);
    p.b.protocol.fetch(unknown, kToken);
    p.settle();
    QVERIFY(p.a.all<FetchAsked>().empty());
    const auto failed = p.b.all<FetchFailed>();
    QCOMPARE(failed.size(), size_t(2));
    QCOMPARE(failed[0].error, failed[1].error);
    QCOMPARE(failed[0].error.code, Errc::NotFound);
}

void ShareProtocolTest::aProofIsWorthNothingToAnotherPeer() {
    PairNetwork network;
    Sharer a(network, 1);
    Hand thief(network, 3);
    const Share share = a.book.add({{"/a"}, "a", {}, false}, at(0s)).value();
    thief.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &thief.node}, at(0s));
    thief.protocol.open(a.node.id(), {kId}, 1);
    run(network, {&a.node, &thief.node}, at(0s));
    const auto overheard = framed(request(share, a.node.id(), identityOf(2).peerId()));
    thief.node.swarm.streams().write(thief.protocol.keyOf(1), Slice::copyOf(overheard), link::Fin::Yes);
    run(network, {&a.node, &thief.node}, at(0s));
    QVERIFY(a.all<FetchAsked>().empty());
    QCOMPARE(reply(thief.protocol.streams.at(thief.protocol.keyOf(1)).received)->code(), wire::FetchReply::UNKNOWN);
}

void ShareProtocolTest::aRevokedShareIsRefused() {
    Pair p;
    (void)p.a.book.revoke(p.share.id);
    p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    p.settle();
    QCOMPARE(p.b.all<FetchFailed>().front().error.code, Errc::NotFound);
}

void ShareProtocolTest::anExpiredShareIsRefused() {
    Pair p;
    const Share brief = p.a.book.add({{"/b"}, "b", 1ns, false}, at(0s)).value();
    Now later = at(0s);
    later.wall.nanoseconds += 1;
    p.b.protocol.fetch(p.a.ticketOf(brief), kToken);
    run(p.network, {&p.a.node, &p.b.node}, later);
    QCOMPARE(p.b.all<FetchFailed>().front().error.code, Errc::NotFound);
}

void ShareProtocolTest::beforeTheBookIsReadTheAnswerIsBusy() {
    PairNetwork network;
    Sharer a(network, 1, false), b(network, 2);
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.fetch({a.node.id(), {}, {}, {}, {}, {}}, kToken);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(b.all<FetchFailed>().front().error.code, Errc::Busy);
}

void ShareProtocolTest::ourOwnTicketIsRefused() {
    Pair p;
    p.a.protocol.fetch(p.a.ticketOf(p.share), kToken);
    QCOMPARE(p.a.all<FetchFailed>().front().error.code, Errc::InvalidArgument);
}

void ShareProtocolTest::aPeerThatDoesNotShareIsUnsupported() {
    PairNetwork network;
    Sharer b(network, 2);
    Hand a(network, 1, {"/other/1"});
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.fetch({a.node.id(), {}, {}, {}, {}, {}}, kToken);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(b.all<FetchFailed>().size(), size_t(1));
    QCOMPARE(b.all<FetchFailed>().front().error.code, Errc::Unsupported);
}

void ShareProtocolTest::hostileRequestsAreReset_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("fin");
    const auto row = [](const char* name, const Bytes& bytes, bool fin) {
        QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bytes.data()), int(bytes.size())) << fin;
    };
    wire::FetchRequest r = request({}, identityOf(1).peerId(), identityOf(3).peerId());
    r.set_share("short");
    row("a share id of the wrong length", framed(r), true);
    r = request({}, identityOf(1).peerId(), identityOf(3).peerId());
    r.clear_token();
    row("no token", framed(r), true);
    row("not protobuf", {3, 0xff, 0xff, 0xff}, true);
    row("one byte above the bound", {0x81, 0x02}, false); // 257
    row("a length of ten bytes", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, false);
    row("nothing", {}, true);
    row("half a message", {20, 1, 2, 3}, true);
}

void ShareProtocolTest::hostileRequestsAreReset() {
    QFETCH(QByteArray, bytes);
    QFETCH(bool, fin);
    PairNetwork network;
    Sharer a(network, 1);
    Hand hand(network, 3);
    hand.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &hand.node}, at(0s));
    hand.protocol.open(a.node.id(), {kId}, 1);
    run(network, {&a.node, &hand.node}, at(0s));
    const ByteView view(reinterpret_cast<const uint8_t*>(bytes.data()), size_t(bytes.size()));
    hand.node.swarm.streams().write(hand.protocol.keyOf(1), Slice::copyOf(view), fin ? link::Fin::Yes : link::Fin::No);
    run(network, {&a.node, &hand.node}, at(0s));
    QVERIFY(a.all<FetchAsked>().empty());
    QVERIFY(hand.protocol.streams.at(hand.protocol.keyOf(1)).reset.has_value());
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(a.protocol.deadline(), kNever);
}

void ShareProtocolTest::hostileRepliesFail_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    wire::FetchReply strange;
    strange.set_code(wire::FetchReply::UNREADABLE);
    strange.set_message("\x1b[2Jboo");
    const Bytes escape = framed(strange);
    QTest::newRow("escape sequences") << QByteArray(reinterpret_cast<const char*>(escape.data()), int(escape.size()))
                                      << int(Errc::Io);
    QTest::newRow("a code that nobody knows") << QByteArray::fromHex("020863") << int(Errc::Io);
    QTest::newRow("too long") << QByteArray::fromHex("8108") << int(Errc::TooLarge); // 1025
    QTest::newRow("not protobuf") << QByteArray::fromHex("03ffffff") << int(Errc::Malformed);
    QTest::newRow("nothing") << QByteArray() << int(Errc::ConnectionLost);
}

void ShareProtocolTest::hostileRepliesFail() {
    QFETCH(QByteArray, bytes);
    QFETCH(int, code);
    PairNetwork network;
    Sharer b(network, 2);
    Hand hand(network, 1);
    hand.protocol.closeWithPeer = false;
    b.node.connectTo(hand.node, at(0s));
    run(network, {&b.node, &hand.node}, at(0s));
    b.protocol.fetch({hand.node.id(), {}, {}, {}, {}, {}}, kToken);
    run(network, {&b.node, &hand.node}, at(0s));
    const ByteView view(reinterpret_cast<const uint8_t*>(bytes.data()), size_t(bytes.size()));
    hand.node.swarm.streams().write(hand.protocol.inbound().front(), Slice::copyOf(view), link::Fin::Yes);
    run(network, {&b.node, &hand.node}, at(0s));
    QCOMPARE(b.all<FetchFailed>().size(), size_t(1));
    QVERIFY2(int(b.all<FetchFailed>().front().error.code) == code, b.all<FetchFailed>().front().error.text().c_str());
    QVERIFY(b.all<FetchFailed>().front().error.context.find('\x1b') == std::string::npos);
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
}

void ShareProtocolTest::requestsOfAPeerAreBounded() {
    PairNetwork network;
    Sharer a(network, 1);
    Hand hand(network, 3);
    hand.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &hand.node}, at(0s));
    for (size_t i = 1; i <= kMaxAsksPerPeer + 1; ++i) hand.protocol.open(a.node.id(), {kId}, i);
    run(network, {&a.node, &hand.node}, at(0s));
    for (size_t i = 1; i <= kMaxAsksPerPeer; ++i) QVERIFY(!hand.protocol.streams.at(hand.protocol.keyOf(i)).reset);
    QVERIFY(hand.protocol.streams.at(hand.protocol.keyOf(kMaxAsksPerPeer + 1)).reset);
}

void ShareProtocolTest::peersThatSayNothingKeepNoTicketHolderOut() {
    Crowd crowd;
    crowd.fill([](const Hand&) { return Bytes(); });
    QVERIFY(!crowd.stream(0, 1).reset); // the bound is reached, and everybody has a place
    QCOMPARE(crowd.a.protocol.deadline(), at(0s).mono + kRequestTimeout);
    crowd.ask(Crowd::kPeers, crowd.good(*crowd.peers.back()));
    QCOMPARE(crowd.a.all<FetchAsked>().size(), size_t(1));
    QVERIFY(crowd.stream(0, 1).reset); // the oldest gave way, and no other
    for (size_t i = 1; i < Crowd::kPeers; ++i) QVERIFY(!crowd.stream(i, 1).reset);
}

void ShareProtocolTest::refusedPeersHoldNoPlaces() {
    Crowd crowd;
    crowd.fill([&](const Hand& hand) { return crowd.bad(hand); });
    for (size_t i = 0; i < Crowd::kPeers; ++i) {
        QCOMPARE(reply(crowd.stream(i, 1).received)->code(), wire::FetchReply::UNKNOWN);
        QVERIFY(crowd.stream(i, 1).stopped); // nothing more is wanted of it
    }
    QCOMPARE(crowd.a.protocol.deadline(), kNever);
    crowd.ask(Crowd::kPeers, crowd.good(*crowd.peers.back()));
    QCOMPARE(crowd.a.all<FetchAsked>().size(), size_t(1));
    QCOMPARE(crowd.a.protocol.deadline(), at(0s).mono + kReplyTimeout);
    crowd.a.protocol.answer(crowd.a.all<FetchAsked>().front().ask, {}, crowd.a.node.swarm.streams());
    QCOMPARE(crowd.a.protocol.deadline(), kNever); // an answered one holds none either
}

void ShareProtocolTest::requestsOfAllPeersAreBounded() {
    Crowd crowd;
    crowd.fill([&](const Hand& hand) { return crowd.good(hand); });
    QCOMPARE(crowd.a.all<FetchAsked>().size(), kMaxAsksInAll);
    const auto more = crowd.ask(Crowd::kPeers, crowd.good(*crowd.peers.back()));
    QCOMPARE(crowd.a.all<FetchAsked>().size(), kMaxAsksInAll);
    QCOMPARE(reply(crowd.stream(Crowd::kPeers, more).received)->code(), wire::FetchReply::BUSY);
    crowd.a.protocol.answer(crowd.a.all<FetchAsked>().front().ask, {}, crowd.a.node.swarm.streams());
    crowd.ask(Crowd::kPeers, crowd.good(*crowd.peers.back()));
    QCOMPARE(crowd.a.all<FetchAsked>().size(), kMaxAsksInAll + 1);
}

void ShareProtocolTest::ourOwnFetchesAreBounded() {
    Pair p;
    for (size_t i = 0; i < kMaxFetches; ++i) p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    QVERIFY(p.b.all<FetchFailed>().empty());
    p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    QCOMPARE(p.b.all<FetchFailed>().front().error.code, Errc::LimitReached);
}

void ShareProtocolTest::aSilentPeerIsLeft() {
    Pair p;
    p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    p.settle();
    QCOMPARE(p.b.protocol.deadline(), at(0s).mono + kReplyTimeout);
    p.b.node.swarm.onDeadline(at(kReplyTimeout));
    run(p.network, {&p.a.node, &p.b.node}, at(kReplyTimeout));
    QCOMPARE(p.b.all<FetchFailed>().front().error.code, Errc::Timeout);
    // The ask is forgotten with its stream; an answer that comes now is harmless.
    p.a.protocol.answer(p.a.all<FetchAsked>().front().ask, {}, p.a.node.swarm.streams());
    QCOMPARE(p.a.protocol.deadline(), kNever);
    // A peer that opens a stream and says nothing.
    PairNetwork network;
    Sharer a(network, 1);
    Hand hand(network, 3);
    hand.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &hand.node}, at(0s));
    hand.protocol.open(a.node.id(), {kId}, 1);
    run(network, {&a.node, &hand.node}, at(0s));
    QCOMPARE(a.protocol.deadline(), at(0s).mono + kRequestTimeout);
    a.node.swarm.onDeadline(at(kRequestTimeout));
    run(network, {&a.node, &hand.node}, at(kRequestTimeout));
    QVERIFY(hand.protocol.streams.at(hand.protocol.keyOf(1)).reset);
}

void ShareProtocolTest::aLostConnectionFailsTheFetchAndForgetsTheAsk() {
    Pair p;
    p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    p.settle();
    const AskId ask = p.a.all<FetchAsked>().front().ask;
    p.b.node.swarm.disconnect(p.a.node.id(), link::kNoError, "bye", at(0s));
    p.settle();
    QCOMPARE(p.b.all<FetchFailed>().size(), size_t(1));
    QCOMPARE(p.b.all<FetchFailed>().front().error.code, Errc::ConnectionLost);
    p.a.protocol.answer(ask, {}, p.a.node.swarm.streams());
    QCOMPARE(p.a.protocol.deadline(), kNever);
}

void ShareProtocolTest::aCancelledFetchSaysNothingMore() {
    Pair p;
    const FetchId fetch = p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    p.settle();
    p.b.protocol.cancel(fetch, p.b.node.swarm.streams());
    p.settle();
    QVERIFY(p.b.all<FetchFailed>().empty());
    QCOMPARE(p.b.protocol.deadline(), kNever);
    QCOMPARE(p.b.node.swarm.figures().streams, size_t(0));
    const FetchId early = p.b.protocol.fetch(p.a.ticketOf(p.share), kToken);
    p.b.protocol.cancel(early, p.b.node.swarm.streams());
    p.settle();
    QVERIFY(p.b.all<FetchGranted>().empty() && p.b.all<FetchFailed>().empty());
}

QTEST_APPLESS_MAIN(ShareProtocolTest)
#include "share_protocol_test.moc"
