#include "gateway/gateway_limits.h"
#include "gateway/list_turns.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gateway;

static constexpr ClientId kAnna{10};
static constexpr ClientId kBert{11};

static Request shares(uint64_t id) {
    return {{id}, node::Command(node::ListShares{})};
}
static bool always(ClientId) {
    return true;
}

class ListTurnsTest : public QObject {
    Q_OBJECT
  private slots:
    void whatMayBeLongIsAList() {
        QVERIFY(isList(node::Command(node::ListShares{})) && isList(node::Command(node::ListPeers{})));
        QVERIFY(isList(node::Command(node::ListHistory{})) && isList(node::Command(node::ListTransfers{})));
        QVERIFY(isList(node::Command(node::GetStatus{})) && isList(node::Command(node::ListMessages{})));
        QVERIFY(!isList(node::Command(node::Ping{})) && !isList(Subscribe{}));
    }
    void oneListIsMadeAtATimeOldestFirst() {
        ListTurns turns;
        QVERIFY(turns.add(kAnna, shares(1)) && turns.add(kBert, shares(1)) && turns.add(kAnna, shares(2)));
        QCOMPARE(turns.next(always)->client.value, kAnna.value);
        QVERIFY(!turns.next(always));
        turns.onAnswered(kBert, {1}); // another one's
        turns.onAnswered(kAnna, {2}); // another request
        QVERIFY(!turns.next(always));
        turns.onAnswered(kAnna, {1});
        QCOMPARE(turns.next(always)->client.value, kBert.value);
    }
    void whoeverDoesNotReadWaitsAndHoldsUpNobody() {
        ListTurns turns;
        QVERIFY(turns.add(kAnna, shares(1)) && turns.add(kBert, shares(1)));
        const auto bertReads = [](ClientId client) { return client == kBert; };
        QCOMPARE(turns.next(bertReads)->client.value, kBert.value);
        turns.onAnswered(kBert, {1});
        QVERIFY(!turns.next(bertReads) && turns.waits(kAnna) && !turns.waits(kBert));
        QCOMPARE(turns.next(always)->client.value, kAnna.value);
    }
    void whoeverLeavesTakesHisTurnsAlong() {
        ListTurns turns;
        QVERIFY(turns.add(kAnna, shares(1)) && turns.add(kAnna, shares(2)) && turns.add(kBert, shares(1)));
        QVERIFY(turns.next(always));
        turns.leave(kAnna);
        QCOMPARE(turns.next(always)->client.value, kBert.value);
        turns.onAnswered(kBert, {1});
        QVERIFY(!turns.next(always));
    }
    void eachClientMayHaveSoManyWaiting() {
        ListTurns turns;
        for (uint64_t id = 1; id <= kMaxRequestsPerClient; ++id) QVERIFY(turns.add(kAnna, shares(id)));
        QVERIFY(!turns.add(kAnna, shares(1000)));
        QVERIFY(turns.add(kBert, shares(1)));
    }
};

QTEST_APPLESS_MAIN(ListTurnsTest)
#include "list_turns_test.moc"
