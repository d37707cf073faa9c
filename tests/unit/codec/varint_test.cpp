#include "codec/varint.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::codec;

namespace {

Bytes encoded(uint64_t value) {
    Bytes out;
    appendVarint(out, value);
    return out;
}

} // namespace

class VarintTest : public QObject {
    Q_OBJECT
  private slots:
    void knownNumbersHaveTheirKnownBytes();
    void everyLengthGoesThereAndBack();
    void aCutNumberNeedsMore();
    void tenBytesAreMalformed();
    void aNumberThatIsNotMinimalIsMalformed();
    void whatFollowsTheNumberIsLeftAlone();
};

void VarintTest::knownNumbersHaveTheirKnownBytes() {
    // The examples of multiformats/unsigned-varint.
    QCOMPARE(toHex(encoded(1)), std::string("01"));
    QCOMPARE(toHex(encoded(127)), std::string("7f"));
    QCOMPARE(toHex(encoded(128)), std::string("8001"));
    QCOMPARE(toHex(encoded(255)), std::string("ff01"));
    QCOMPARE(toHex(encoded(300)), std::string("ac02"));
    QCOMPARE(toHex(encoded(16384)), std::string("808001"));
}

void VarintTest::everyLengthGoesThereAndBack() {
    for (unsigned bits = 0; bits <= 63; ++bits) {
        const uint64_t top = bits == 0 ? 0 : (uint64_t{1} << bits) - 1;
        const Bytes bytes = encoded(top);
        QCOMPARE(bytes.size(), varintLength(top));
        const auto number = decodeVarint(bytes);
        QVERIFY(number && *number);
        QCOMPARE(**number, (Varint{top, bytes.size()}));
    }
    QCOMPARE(encoded(kMaxVarint).size(), size_t{9});
}

void VarintTest::aCutNumberNeedsMore() {
    const Bytes whole = encoded(kMaxVarint);
    for (size_t length = 0; length < whole.size(); ++length) {
        const auto number = decodeVarint(ByteView(whole).first(length));
        QVERIFY(number);
        QVERIFY(!*number);
        QCOMPARE(requireVarint(ByteView(whole).first(length)).error().code, Errc::Malformed);
    }
}

void VarintTest::tenBytesAreMalformed() {
    Bytes ten(9, 0x80);
    QCOMPARE(decodeVarint(ten).error().code, Errc::Malformed);
    ten.push_back(0x01);
    QCOMPARE(decodeVarint(ten).error().code, Errc::Malformed);
    QCOMPARE(decodeVarint(Bytes(4096, 0xff)).error().code, Errc::Malformed);
}

void VarintTest::aNumberThatIsNotMinimalIsMalformed() {
    for (const char* hex : {"8000", "818000", "ff00",
                            "8080808080808080"
                            "00"})
        QVERIFY2(decodeVarint(fromHex(hex)).error().code == Errc::Malformed, hex);
    QCOMPARE((**decodeVarint(fromHex("00"))).value, uint64_t{0});
}

void VarintTest::whatFollowsTheNumberIsLeftAlone() {
    QCOMPARE(**decodeVarint(fromHex("ac02ffff")), (Varint{300, 2}));
}

QTEST_APPLESS_MAIN(VarintTest)
#include "varint_test.moc"
