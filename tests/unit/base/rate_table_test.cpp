#include "base/rate_table.h"

#include <QElapsedTimer>
#include <QTest>

using namespace wherry;
using namespace std::chrono_literals;

namespace {
Instant at(Duration time) {
    return Instant(1h) + time;
}
} // namespace

class RateTableTest : public QObject {
    Q_OBJECT

  private slots:
    void eachKeyHasItsOwnRate() {
        RateTable<int> table(RateLimit(Duration(10s), 2), 4);
        for (int key : {1, 2}) {
            QVERIFY(table.allow(key, at(0s)));
            QVERIFY(table.allow(key, at(0s)));
            QVERIFY(!table.allow(key, at(10s - 1ns)));
        }
        QVERIFY(table.allow(1, at(10s)));
        QCOMPARE(table.size(), size_t(2));
    }

    void theTableIsBoundedAndWhoHasRecoveredGoesFirst() {
        RateTable<int> table(RateLimit(Duration(10s), 2), 3);
        QVERIFY(table.allow(1, at(0s))); // recovered after 10 s
        for (int key : {2, 3})
            for (int count = 0; count < 2; ++count) QVERIFY(table.allow(key, at(5s + key * 1s))); // after 27 and 28 s
        QCOMPARE(table.size(), size_t(3));
        QVERIFY(table.allow(4, at(10s)));
        QCOMPARE(table.size(), size_t(3));
        QVERIFY(!table.allow(2, at(10s)));
        QVERIFY(!table.allow(3, at(10s)));
        QVERIFY(table.allow(4, at(10s)));
        QVERIFY(!table.allow(4, at(10s))); // after 30 s
        QVERIFY(table.allow(5, at(10s)));  // in the place of 2, which recovers first
        QCOMPARE(table.size(), size_t(3));
        for (int key : {3, 4}) QVERIFY(!table.allow(key, at(10s)));
    }

    void whoHasSaidMoreSinceIsNotTakenForOneWhoRecovers() {
        RateTable<int> table(RateLimit(Duration(10s), 3), 2);
        for (int key : {1, 2}) QVERIFY(table.allow(key, at(key * 1s)));          // after 11 and 12 s
        for (int count = 0; count < 2; ++count) QVERIFY(table.allow(1, at(2s))); // after 31 s
        QVERIFY(table.allow(3, at(3s)));                                         // in the place of 2, after 13 s
        QVERIFY(!table.allow(1, at(3s)));
        QVERIFY(table.allow(4, at(3s))); // in the place of 3
        QVERIFY(!table.allow(1, at(3s)));
        QCOMPARE(table.size(), size_t(2));
    }

    /// Looking through the whole table for each would take 30 s and more.
    void aFloodOfNewKeysCostsLittle() {
        constexpr int keys = 32 * 1024;
        RateTable<int> table(RateLimit(Duration(1h), 10), keys);
        QElapsedTimer timer;
        timer.start();
        for (int key = 0; key < 4 * keys; ++key) QVERIFY(table.allow(key, at(key * 1us)));
        QCOMPARE(table.size(), size_t(keys));
        QVERIFY2(timer.elapsed() < 5000, std::to_string(timer.elapsed()).c_str());
    }

    void anEventMayCostAsMuchAsSeveral() {
        RateLimit limit(Duration(1s), 10);
        QVERIFY(!limit.allow(at(0s), 11));
        QVERIFY(limit.allow(at(0s), 7));
        QVERIFY(!limit.allow(at(0s), 4)); // and nothing of it is counted
        QVERIFY(limit.allow(at(0s), 3));
        QVERIFY(limit.allow(at(0s), 0));
        QCOMPARE(limit.allowsAt(), at(1s));
        QVERIFY(!limit.allow(at(1s) - 1ns));
        limit.spend(at(1s), 5); // it has happened
        QCOMPARE(limit.allowsAt(), at(6s));
        QVERIFY(!limit.allow(at(6s) - 1ns) && limit.allow(at(6s)));
        QCOMPARE(limit.recoveredAt(), at(16s));
    }
};

QTEST_APPLESS_MAIN(RateTableTest)
#include "rate_table_test.moc"
