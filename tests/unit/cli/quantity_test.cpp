#include "cli/quantity.h"

#include <QTest>
#include <cmath>

using namespace wherry::cli;

class QuantityTest : public QObject {
    Q_OBJECT

  private slots:
    void byteCountsTakeUnitsOfBothKinds();
    void nonsenseAndOverflowAreRefused();
    void bytesHaveThreeDigits();
    void timesReadLikeTimes();
    void countsAreGroupedAndInflected();
};

void QuantityTest::byteCountsTakeUnitsOfBothKinds() {
    QCOMPARE(*parseByteCount("0"), uint64_t(0));
    QCOMPARE(*parseByteCount("17"), uint64_t(17));
    QCOMPARE(*parseByteCount("17B"), uint64_t(17));
    QCOMPARE(*parseByteCount("5k"), uint64_t(5000));
    QCOMPARE(*parseByteCount("5MB"), uint64_t(5000000));
    QCOMPARE(*parseByteCount("64MiB"), uint64_t(64) << 20);
    QCOMPARE(*parseByteCount("1gi"), uint64_t(1) << 30);
    QCOMPARE(*parseByteCount("2T"), uint64_t(2000000000000));
    QCOMPARE(*parseByteCount("18446744073709551615"), UINT64_MAX);
}

void QuantityTest::nonsenseAndOverflowAreRefused() {
    for (const char* text : {"", "k", "-1", "+1", "1.5G", "1 G", "1x", "1kk", "1iB", "0x10", "18446744073709551616",
                             "18446744073709552k", "16777216Ti"})
        QVERIFY2(!parseByteCount(text), text);
    QVERIFY(!parseCount("12a") && !parseCount(" 1") && !parseCount(""));
}

void QuantityTest::bytesHaveThreeDigits() {
    QCOMPARE(bytesText(0), std::string("0 B"));
    QCOMPARE(bytesText(999), std::string("999 B"));
    QCOMPARE(bytesText(1000), std::string("1.00 kB"));
    QCOMPARE(bytesText(34'000'000), std::string("34.0 MB"));
    QCOMPARE(bytesText(999'499), std::string("999 kB"));
    QCOMPARE(bytesText(999'999), std::string("1.00 MB"));
    QCOMPARE(bytesText(321'000'000'000), std::string("321 GB"));
    QCOMPARE(bytesText(UINT64_MAX), std::string("18.4 EB"));
    QCOMPARE(rateText(-1), std::string("0 B/s"));
    QCOMPARE(rateText(INFINITY), std::string("0 B/s"));
    QCOMPARE(rateText(312e6), std::string("312 MB/s"));
}

void QuantityTest::timesReadLikeTimes() {
    QCOMPARE(clockText(0), std::string("0:00"));
    QCOMPARE(clockText(6.2), std::string("0:07"));
    QCOMPARE(clockText(3723), std::string("1:02:03"));
    QCOMPARE(clockText(NAN), std::string("-"));
    QCOMPARE(clockText(-1), std::string("-"));
    QCOMPARE(clockText(1e9), std::string("-"));
    QCOMPARE(durationText(0.42), std::string("0.42 s"));
    QCOMPARE(durationText(12.34), std::string("12.3 s"));
    QCOMPARE(durationText(125), std::string("2 min 05 s"));
    QCOMPARE(durationText(3720), std::string("1 h 02 min"));
}

void QuantityTest::countsAreGroupedAndInflected() {
    QCOMPARE(countText(0, "file"), std::string("0 files"));
    QCOMPARE(countText(1, "file"), std::string("1 file"));
    QCOMPARE(countText(999, "file"), std::string("999 files"));
    QCOMPARE(countText(1000, "file"), std::string("1 000 files"));
    QCOMPARE(countText(12345678, "file"), std::string("12 345 678 files"));
}

QTEST_APPLESS_MAIN(QuantityTest)
#include "quantity_test.moc"
