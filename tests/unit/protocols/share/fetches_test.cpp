#include "crypto/identity.h"
#include "protocols/share/fetches.h"
#include "protocols/share/share_limits.h"
#include "support/seeded_random.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::share;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
constexpr FetchRequestId kRequest{7};
constexpr Duration kWait = 30s;

/// A fetcher without network: the test says what the sharer does.
struct Getter {
    Getter() {
        node.swarm.addProtocol(protocol);
        ticket.peer = identityOf(2).peerId();
        ticket.share.fill(1);
    }
    template <typename Action> std::vector<Action> all() {
        while (auto action = fetches.poll()) actions.push_back(*action);
        std::vector<Action> found;
        for (const auto& action : actions)
            if (const auto* one = std::get_if<Action>(&action)) found.push_back(*one);
        return found;
    }
    void start(bool connected) { fetches.start(kRequest, ticket, kWait, connected, at(0s)); }
    FetchToken token() { return all<FetchOfferExpected>().front().token; }
    link::StreamIo& io() { return node.swarm.streams(); }

    PairNetwork network;
    TestNode node{network, 1};
    SeededRandom random{4};
    ShareBook book{random};
    ShareProtocol protocol{node.id(), book, node.log};
    Fetches fetches{protocol, random};
    ShareTicket ticket;
    std::vector<FetchAction> actions;
};
const Error kLost = makeError(Errc::ConnectionLost, "gone");
} // namespace

class FetchesTest : public QObject {
    Q_OBJECT
  private slots:
    void aFetchEndsWithItsDelivery();
    void anExpiredTicketEndsAtOnce();
    void theSharerIsLookedForUntilTheWaitIsOver();
    void anotherKeyEndsTheFetch();
    void aLossInTheMiddleIsAskedAgainWithTheSameToken();
    void theWaitBeginsAnewAfterALoss();
    void aBusySharerIsAskedAgain();
    void whoWasBusyAndIsGoneWasBusy();
    void aRevokedShareEndsTheFetch();
    void anOfferThatNeverComesIsGivenUp();
    void aDiskThatIsFullEndsTheFetch();
    void theOfferMayOvertakeTheAnswer();
    void aCancelledFetchEndsOnce();
    void fetchesAreBounded();
    void oneShareIsFetchedOnceAtATime();
};

void FetchesTest::aFetchEndsWithItsDelivery() {
    Getter g;
    g.start(false);
    QCOMPARE(g.all<FetchPeerWanted>().size(), size_t(1));
    QVERIFY(g.all<FetchOfferExpected>().empty());
    g.fetches.onPeerConnected(g.ticket.peer);
    QCOMPARE(g.all<FetchOfferExpected>().front().peer, g.ticket.peer);
    g.fetches.on(FetchGranted{FetchId{1}}, at(1s));
    g.fetches.onOffered(g.token());
    QCOMPARE(g.fetches.deadline(), kNever);
    g.fetches.onDelivered(g.token());
    QCOMPARE(g.all<FetchEnded>(), (std::vector{FetchEnded{kRequest, g.ticket.peer, g.token(), std::nullopt}}));
    g.fetches.onDelivered(g.token());
    QCOMPARE(g.all<FetchEnded>().size(), size_t(1));
}

void FetchesTest::anExpiredTicketEndsAtOnce() {
    Getter g;
    g.ticket.expires = at(0s).wall;
    g.start(true);
    QCOMPARE(g.all<FetchEnded>().front().error->code, Errc::NotFound);
    QVERIFY(g.all<FetchOfferExpected>().empty());
}

void FetchesTest::theSharerIsLookedForUntilTheWaitIsOver() {
    Getter g;
    g.start(false);
    Now now = at(0s);
    for (int i = 0; i < 100 && g.all<FetchEnded>().empty(); ++i) {
        g.fetches.onPeerUnreachable(g.ticket.peer, makeError(Errc::Unreachable, "no route"), now);
        now = {g.fetches.deadline(), now.wall};
        g.fetches.onDeadline(g.io(), now);
    }
    QCOMPARE(now.mono, at(kWait).mono);
    QVERIFY(g.all<FetchPeerWanted>().size() > 3);
    QCOMPARE(g.all<FetchEnded>().front().error, (std::optional(makeError(Errc::Unreachable, "no route"))));
}

void FetchesTest::anotherKeyEndsTheFetch() {
    Getter g;
    g.start(false);
    g.fetches.onPeerUnreachable(g.ticket.peer, makeError(Errc::IdentityMismatch, "other"), at(0s));
    QCOMPARE(g.all<FetchEnded>().front().error->code, Errc::IdentityMismatch);
}

void FetchesTest::aLossInTheMiddleIsAskedAgainWithTheSameToken() {
    Getter g;
    g.start(true);
    g.fetches.on(FetchGranted{FetchId{1}}, at(0s));
    g.fetches.onOffered(g.token());
    g.fetches.onTransferFailed(g.token(), kLost, at(5s));
    g.fetches.onPeerGone(g.ticket.peer, kLost, at(5s));
    g.fetches.onDeadline(g.io(), {g.fetches.deadline(), {}});
    QCOMPARE(g.all<FetchPeerWanted>().size(), size_t(1));
    g.fetches.onPeerConnected(g.ticket.peer);
    QCOMPARE(g.all<FetchOfferExpected>().size(), size_t(2));
    QCOMPARE(g.all<FetchOfferExpected>()[1], g.all<FetchOfferExpected>()[0]);
    QVERIFY(g.all<FetchEnded>().empty());
}

void FetchesTest::theWaitBeginsAnewAfterALoss() {
    Getter g;
    g.start(true);
    g.fetches.onOffered(g.token());
    g.fetches.onPeerGone(g.ticket.peer, kLost, at(1000s));
    g.fetches.onDeadline(g.io(), at(1000s + kWait - 1ns));
    QVERIFY(g.all<FetchEnded>().empty());
    g.fetches.onDeadline(g.io(), at(1000s + kWait));
    QCOMPARE(g.all<FetchEnded>().front().error->code, Errc::ConnectionLost);
}

void FetchesTest::aBusySharerIsAskedAgain() {
    Getter g;
    g.start(true);
    g.fetches.on(FetchFailed{FetchId{1}, makeError(Errc::Busy)}, at(0s));
    QCOMPARE(g.fetches.deadline(), at(kFirstFetchRetry).mono);
    g.fetches.onDeadline(g.io(), at(kFirstFetchRetry));
    QCOMPARE(g.all<FetchOfferExpected>().size(), size_t(2));
}

void FetchesTest::whoWasBusyAndIsGoneWasBusy() {
    Getter g;
    g.start(true);
    g.fetches.on(FetchFailed{FetchId{1}, makeError(Errc::Busy, "others")}, at(1s));
    g.fetches.onPeerGone(g.ticket.peer, kLost, at(2s));
    g.fetches.onPeerUnreachable(g.ticket.peer, makeError(Errc::Timeout, "no answer"), at(10s));
    g.fetches.onDeadline(g.io(), at(kWait));
    QCOMPARE(g.all<FetchEnded>().size(), size_t(1));
    QCOMPARE(g.all<FetchEnded>().front().error, makeError(Errc::Busy, "others"));
}

void FetchesTest::aRevokedShareEndsTheFetch() {
    Getter g;
    g.start(true);
    g.fetches.on(FetchFailed{FetchId{1}, makeError(Errc::NotFound, "not shared")}, at(0s));
    QCOMPARE(g.all<FetchEnded>().front().error->code, Errc::NotFound);
    QCOMPARE(g.fetches.deadline(), kNever);
}

void FetchesTest::anOfferThatNeverComesIsGivenUp() {
    Getter g;
    g.start(true);
    g.fetches.on(FetchGranted{FetchId{1}}, at(29s));
    QCOMPARE(g.fetches.deadline(), at(29s + kOfferAfterGrant).mono);
    g.fetches.onDeadline(g.io(), at(29s + kOfferAfterGrant));
    QCOMPARE(g.all<FetchEnded>().front().error->code, Errc::ConnectionLost);
}

void FetchesTest::aDiskThatIsFullEndsTheFetch() {
    Getter g;
    g.start(true);
    g.fetches.onOffered(g.token());
    g.fetches.onTransferFailed(g.token(), makeError(Errc::DiskFull, "/d"), at(0s));
    QCOMPARE(g.all<FetchEnded>().front().error->code, Errc::DiskFull);
}

void FetchesTest::theOfferMayOvertakeTheAnswer() {
    Getter g;
    g.start(true);
    g.fetches.onOffered(g.token());
    g.fetches.on(FetchGranted{FetchId{1}}, at(0s));
    QCOMPARE(g.fetches.deadline(), kNever);
    g.fetches.on(FetchFailed{FetchId{1}, kLost}, at(0s));
    QVERIFY(g.all<FetchEnded>().empty());
    QCOMPARE(g.fetches.deadline(), kNever);
}

void FetchesTest::aCancelledFetchEndsOnce() {
    Getter g;
    g.start(true);
    QVERIFY(g.fetches.cancel(kRequest, g.io()).has_value());
    QCOMPARE(g.all<FetchEnded>().front().error->code, Errc::Cancelled);
    QCOMPARE(g.fetches.cancel(kRequest, g.io()).error().code, Errc::NotFound);
    g.fetches.onPeerConnected(g.ticket.peer);
    g.fetches.cancelAll(g.io());
    QCOMPARE(g.all<FetchEnded>().size(), size_t(1));
}

void FetchesTest::fetchesAreBounded() {
    Getter g;
    for (size_t i = 1; i <= kMaxFetches; ++i) {
        g.ticket.share[0] = static_cast<uint8_t>(i);
        g.fetches.start(FetchRequestId{i}, g.ticket, kWait, false, at(0s));
    }
    QVERIFY(g.all<FetchEnded>().empty());
    g.ticket.share[1] ^= 1;
    g.fetches.start(FetchRequestId{1000}, g.ticket, kWait, false, at(0s));
    QCOMPARE(g.all<FetchEnded>().front().error->code, Errc::LimitReached);
}

void FetchesTest::oneShareIsFetchedOnceAtATime() {
    Getter g;
    g.start(true);
    g.fetches.start(FetchRequestId{1000}, g.ticket, kWait, true, at(0s));
    const auto ended = g.all<FetchEnded>();
    QCOMPARE(ended.size(), size_t(1));
    QCOMPARE(ended.front().request, FetchRequestId{1000});
    QCOMPARE(ended.front().error->code, Errc::Busy);
}

QTEST_APPLESS_MAIN(FetchesTest)
#include "fetches_test.moc"
