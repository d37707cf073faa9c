#include "node/node_limits.h"
#include "node/waiting_requests.h"

#include "crypto/identity.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;
using namespace std::chrono_literals;

namespace {

crypto::PeerId somebody() {
    return crypto::Identity::fromSeed({7}).peerId();
}

Ping pingFor(Duration wait) {
    Ping ping;
    ping.target.peer = somebody();
    ping.wait = wait;
    return ping;
}

Now at(Duration offset) {
    return {Instant(1000s) + offset, {}};
}

template <typename Action> bool nextIs(WaitingRequests& requests) {
    const auto action = requests.poll();
    return action && std::holds_alternative<Action>(*action);
}

} // namespace

class WaitingRequestsTest : public QObject {
    Q_OBJECT

  private slots:
    void aRequestToAConnectedPeerStartsAtOnce() {
        WaitingRequests requests;
        requests.add({1}, pingFor(1s), true, at(0s));
        QVERIFY(nextIs<RequestCanStart>(requests));
        QVERIFY(requests.deadline() == kNever);
    }

    void aRequestAsksForItsPeerAndStartsWhenItIsThere() {
        WaitingRequests requests;
        requests.add({1}, pingFor(1s), false, at(0s));
        QVERIFY(nextIs<PeerWanted>(requests));
        requests.onConnected(somebody());
        QVERIFY(nextIs<RequestCanStart>(requests));
    }

    void theNextTryComesAfterAPauseThatDoubles() {
        WaitingRequests requests;
        requests.add({1}, pingFor(30s), false, at(0s));
        QVERIFY(nextIs<PeerWanted>(requests));
        requests.onUnreachable(somebody(), makeError(Errc::Unreachable, "nobody there"), at(0s));
        QVERIFY(requests.deadline() == at(kFirstRetryPause).mono);
        requests.onDeadline(at(kFirstRetryPause));
        QVERIFY(nextIs<PeerWanted>(requests));
        requests.onUnreachable(somebody(), makeError(Errc::Unreachable, "nobody there"), at(kFirstRetryPause));
        QVERIFY(requests.deadline() == at(3 * kFirstRetryPause).mono);
    }

    void aRequestGivesUpWhenItsWaitIsOver() {
        WaitingRequests requests;
        requests.add({1}, pingFor(1s), false, at(0s));
        QVERIFY(nextIs<PeerWanted>(requests));
        requests.onDeadline(at(999ms));
        QVERIFY(!requests.poll());
        requests.onDeadline(at(1s));
        QVERIFY(nextIs<RequestGaveUp>(requests));
        QVERIFY(requests.deadline() == kNever);
    }

    void aRequestWaitsToTheEndOfItsWaitAlsoWhenNoFurtherTryFitsIn() {
        WaitingRequests requests;
        requests.add({1}, pingFor(200ms), false, at(0s)); // less than the first pause
        QVERIFY(nextIs<PeerWanted>(requests));
        requests.onUnreachable(somebody(), makeError(Errc::Unreachable, "nobody there"), at(10ms));
        QVERIFY(!requests.poll());
        QVERIFY(requests.deadline() == at(200ms).mono);
        requests.onDeadline(at(200ms));
        const auto action = requests.poll();
        QVERIFY(action && std::holds_alternative<RequestGaveUp>(*action));
        QCOMPARE(std::get<RequestGaveUp>(*action).error.context, std::string("nobody there"));
        QVERIFY(!requests.poll());

        requests.add({2}, pingFor(200ms), false, at(1s));
        QVERIFY(nextIs<PeerWanted>(requests));
        requests.onUnreachable(somebody(), makeError(Errc::Unreachable, "nobody there"), at(1s));
        requests.onConnected(somebody());
        QVERIFY(nextIs<RequestCanStart>(requests));
    }

    void anotherKeyEndsARequestAtOnce() {
        WaitingRequests requests;
        requests.add({1}, pingFor(30s), false, at(0s));
        QVERIFY(nextIs<PeerWanted>(requests));
        requests.onUnreachable(somebody(), makeError(Errc::IdentityMismatch, "another key"), at(0s));
        QVERIFY(nextIs<RequestGaveUp>(requests));
    }

    void waitingRequestsAreBounded() {
        WaitingRequests requests;
        for (uint64_t i = 1; i <= kMaxPendingRequests; ++i) {
            requests.add({i}, pingFor(1s), false, at(0s));
            QVERIFY(nextIs<PeerWanted>(requests));
        }
        requests.add({kMaxPendingRequests + 1}, pingFor(1s), false, at(0s));
        QVERIFY(nextIs<RequestGaveUp>(requests));
    }
};

QTEST_APPLESS_MAIN(WaitingRequestsTest)
#include "waiting_requests_test.moc"
