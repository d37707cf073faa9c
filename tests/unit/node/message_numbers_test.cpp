#include "node/message_numbers.h"
#include "node/node_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;

namespace {

constexpr uint64_t kFirst = 1'000'000'000'000;

/// What the store holds from then on.
StoreScanned holding(const StoreOp& op) {
    const auto& put = std::get<StorePut>(op);
    return {{}, std::vector<std::pair<Bytes, Bytes>>{{put.key, put.value}}};
}
StoreScanned holding(Bytes value) {
    return {{}, std::vector<std::pair<Bytes, Bytes>>{{{}, std::move(value)}}};
}

} // namespace

class MessageNumbersTest : public QObject {
    Q_OBJECT
  private slots:
    void whoTalksAllTheTimeWritesNowAndThen() {
        MessageNumbers numbers;
        QVERIFY(!numbers.isReady());
        QCOMPARE(numbers.onScanned({{}, std::vector<std::pair<Bytes, Bytes>>()}), uint64_t(0));
        QVERIFY(numbers.isReady());
        QVERIFY(!numbers.reserve(0));
        size_t written = 0;
        for (uint64_t number = kFirst; number < kFirst + 100 * kNumbersReserved; number += kNumbersReserved / 1000)
            written += numbers.reserve(number).has_value();
        QVERIFY(written >= 99 && written <= 101);
    }

    void theNextRunBeginsAboveAllThatWasReached() {
        MessageNumbers crashed;
        crashed.onScanned({{}, std::vector<std::pair<Bytes, Bytes>>()});
        const auto reserved = crashed.reserve(kFirst);
        QVERIFY(reserved && !crashed.reserve(kFirst + kNumbersReserved));
        MessageNumbers next;
        QCOMPARE(next.onScanned(holding(*reserved)), kFirst + kNumbersReserved);
        const uint64_t last = kFirst + kNumbersReserved + 1;
        QVERIFY(next.reserve(last));
        MessageNumbers third;
        QCOMPARE(third.onScanned(holding(*next.close(last))), last); // and not ahead for ever
        QVERIFY(!third.close(0));
        QVERIFY(!third.reserve(last));
        third.onStoreBegunAnew();
        QVERIFY(third.reserve(last));
    }

    void whatMakesNoSenseIsNotBelieved() {
        MessageNumbers numbers;
        QCOMPARE(numbers.onScanned({{}, makeError(Errc::Io)}), uint64_t(0));
        QVERIFY(numbers.isReady());
        QCOMPARE(numbers.onScanned(holding(Bytes(8, 0xff))), uint64_t(0));
        QCOMPARE(numbers.onScanned(holding(Bytes(7, 1))), uint64_t(0));
        QVERIFY(numbers.reserve(1));
    }
};

QTEST_APPLESS_MAIN(MessageNumbersTest)
#include "message_numbers_test.moc"
