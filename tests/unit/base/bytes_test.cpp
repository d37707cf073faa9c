#include "base/bytes.h"

#include <QtTest>

using namespace wherry;

class BytesTest : public QObject {
    Q_OBJECT
  private slots:
    void hexGoesThereAndBack();
    void hexTakesCapitalsAndRefusesEverythingElse();
    void bigEndianIntegersHaveTheirMostSignificantByteFirst();
    void equalComparesLengthsFirst();
};

void BytesTest::hexGoesThereAndBack() {
    Bytes all(256);
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint8_t>(i);
    QCOMPARE(toHex(all).size(), size_t{512});
    QCOMPARE(fromHex(toHex(all)), all);
    QCOMPARE(toHex(Bytes{0x00, 0x9f, 0xff}), std::string("009fff"));
}

void BytesTest::hexTakesCapitalsAndRefusesEverythingElse() {
    QCOMPARE(fromHex("AbCd"), (Bytes{0xab, 0xcd}));
    for (const char* bad : {"a", "abc", "0g", "g0", " 0", "0x", "/0", ":0", "@0", "`0"})
        QVERIFY2(fromHex(bad).empty(), bad);
    QVERIFY(fromHex("").empty());
}

void BytesTest::bigEndianIntegersHaveTheirMostSignificantByteFirst() {
    Bytes out(8);
    putBigEndian<uint64_t>(out, 0x0102030405060708);
    QCOMPARE(toHex(out), std::string("0102030405060708"));
    QCOMPARE(getBigEndian<uint64_t>(out), uint64_t{0x0102030405060708});
    putBigEndian<uint16_t>(out, 0xfffe);
    QCOMPARE(getBigEndian<uint16_t>(out), uint16_t{0xfffe});
}

void BytesTest::equalComparesLengthsFirst() {
    QVERIFY(equal({}, {}));
    QVERIFY(equal(asBytes("ab"), asBytes("ab")));
    QVERIFY(!equal(asBytes("ab"), asBytes("abc")));
    QVERIFY(!equal(asBytes("ab"), asBytes("ac")));
}

QTEST_APPLESS_MAIN(BytesTest)
#include "bytes_test.moc"
