#include "crypto/hkdf.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::crypto;

class HkdfTest : public QObject {
    Q_OBJECT
  private slots:
    void theVectorsOfRfc5869Hold();
    void theLongestOutputIsMade();
};

void HkdfTest::theVectorsOfRfc5869Hold() {
    Bytes out(42);
    hkdfSha256(Bytes(22, 0x0b), fromHex("000102030405060708090a0b0c"), fromHex("f0f1f2f3f4f5f6f7f8f9"), out);
    QCOMPARE(toHex(out),
             std::string("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
    // Test case 3: neither salt nor info.
    hkdfSha256(Bytes(22, 0x0b), {}, {}, out);
    QCOMPARE(toHex(out),
             std::string("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
}

void HkdfTest::theLongestOutputIsMade() {
    Bytes longest(255 * 32);
    hkdfSha256(Bytes(32, 1), {}, asBytes("label"), longest);
    Bytes shorter(40);
    hkdfSha256(Bytes(32, 1), {}, asBytes("label"), shorter);
    QVERIFY(equal(shorter, ByteView(longest).first(40)));
}

QTEST_APPLESS_MAIN(HkdfTest)
#include "hkdf_test.moc"
