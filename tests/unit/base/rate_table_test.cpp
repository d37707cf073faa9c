#include "base/rate_table.h"

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
};

QTEST_APPLESS_MAIN(RateTableTest)
#include "rate_table_test.moc"
