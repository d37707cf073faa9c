#include "codec/base58.h"
#include "codec/codec_limits.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::codec;

class Base58Test : public QObject {
    Q_OBJECT
  private slots:
    void knownBytesHaveTheirKnownText();
    void leadingZerosAreKept();
    void foreignCharactersAreRefused();
    void lengthIsBoundedBecauseTheWorkIsItsSquare();
};

void Base58Test::knownBytesHaveTheirKnownText() {
    // draft-msporny-base58, and its third example.
    QCOMPARE(encodeBase58(asBytes("Hello World!")), std::string("2NEpo7TZRRrLZSi2U"));
    QCOMPARE(encodeBase58(asBytes("The quick brown fox jumps over the lazy dog.")),
             std::string("USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"));
    QCOMPARE(encodeBase58(fromHex("0000287fb4cd")), std::string("11233QC4"));
    for (const char* text : {"2NEpo7TZRRrLZSi2U", "11233QC4", "z", "5Q", "1", ""})
        QCOMPARE(encodeBase58(*decodeBase58(text)), std::string(text));
}

void Base58Test::leadingZerosAreKept() {
    for (size_t zeros = 0; zeros < 5; ++zeros) {
        Bytes bytes(zeros, 0);
        QCOMPARE(encodeBase58(bytes), std::string(zeros, '1'));
        QCOMPARE(*decodeBase58(std::string(zeros, '1')), bytes);
        bytes.push_back(57);
        QCOMPARE(encodeBase58(bytes), std::string(zeros, '1') + "z");
        QCOMPARE(*decodeBase58(std::string(zeros, '1') + "z"), bytes);
    }
}

void Base58Test::foreignCharactersAreRefused() {
    for (const char* bad : {"0", "O", "I", "l", "1 ", "abc/", "\xc3\xa9", "+"})
        QVERIFY2(decodeBase58(bad).error().code == Errc::InvalidArgument, bad);
    QVERIFY(!decodeBase58(std::string_view("a\0b", 3)));
}

void Base58Test::lengthIsBoundedBecauseTheWorkIsItsSquare() {
    const Bytes longest(kMaxRadixBytes, 0xff);
    QCOMPARE(*decodeBase58(encodeBase58(longest)), longest);
    QCOMPARE(decodeBase58(std::string(kMaxRadixChars + 1, '2')).error().code, Errc::TooLarge);
    QCOMPARE(decodeBase58(std::string(kMaxRadixChars, 'z')).error().code, Errc::TooLarge);
    QVERIFY(decodeBase58(std::string(kMaxRadixBytes, '1')));
    QCOMPARE(decodeBase58(std::string(kMaxRadixBytes + 1, '1')).error().code, Errc::TooLarge);
}

QTEST_APPLESS_MAIN(Base58Test)
#include "base58_test.moc"
