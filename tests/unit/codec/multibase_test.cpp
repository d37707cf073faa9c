#include "codec/codec_limits.h"
#include "codec/multibase.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::codec;

class MultibaseTest : public QObject {
    Q_OBJECT
  private slots:
    void theVectorsOfTheSpecificationHold();
    void everyBaseGoesThereAndBack();
    void textThatIsNotWholeBytesIsRefused();
    void foreignPrefixesAndCharactersAreRefused();
    void lengthIsBounded();
};

void MultibaseTest::theVectorsOfTheSpecificationHold() {
    // multiformats/multibase tests/basic.csv, "yes mani !", and tests/two_leading_zeros.csv.
    const ByteView text = asBytes("yes mani !");
    QCOMPARE(encodeMultibase(Multibase::Base32, text), std::string("bpfsxgidnmfxgsibb"));
    QCOMPARE(encodeMultibase(Multibase::Base36, text), std::string("k2lcpzo5yikidynfl"));
    QCOMPARE(encodeMultibase(Multibase::Base58Btc, text), std::string("z7paNL19xttacUY"));
    QCOMPARE(encodeMultibase(Multibase::Base64Url, text), std::string("ueWVzIG1hbmkgIQ"));
    for (const char* any : {"bpfsxgidnmfxgsibb", "BPFSXGIDNMFXGSIBB", "k2lcpzo5yikidynfl", "K2LCPZO5YIKIDYNFL",
                            "z7paNL19xttacUY", "ueWVzIG1hbmkgIQ"})
        QCOMPARE(*decodeMultibase(any), toBytes(text));
    Bytes zeros{0, 0};
    append(zeros, text);
    QCOMPARE(encodeMultibase(Multibase::Base32, zeros), std::string("baaahszltebwwc3tjeaqq"));
    QCOMPARE(encodeMultibase(Multibase::Base36, zeros), std::string("k002lcpzo5yikidynfl"));
    QCOMPARE(encodeMultibase(Multibase::Base58Btc, zeros), std::string("z117paNL19xttacUY"));
}

void MultibaseTest::everyBaseGoesThereAndBack() {
    Bytes bytes;
    for (size_t length = 0; length <= kMaxRadixBytes; ++length) {
        for (const Multibase base : {Multibase::Base32, Multibase::Base36, Multibase::Base58Btc, Multibase::Base64Url})
            QCOMPARE(*decodeMultibase(encodeMultibase(base, bytes)), bytes);
        bytes.push_back(static_cast<uint8_t>(length * 37));
    }
}

void MultibaseTest::textThatIsNotWholeBytesIsRefused() {
    // One base32 digit too many, left-over bits that are not zero, padding.
    for (const char* bad : {"ba", "baaa", "baaaaaa", "bab", "ua", "uAB", "uAAB", "bme======", "uIQ=="})
        QVERIFY2(decodeMultibase(bad).error().code == Errc::InvalidArgument, bad);
    QCOMPARE(*decodeMultibase("baa"), Bytes{0});
    QCOMPARE(*decodeMultibase("uAA"), Bytes{0});
}

void MultibaseTest::foreignPrefixesAndCharactersAreRefused() {
    for (const char* bad : {"f00", "m", "9", "Qm", "\x80"})
        QVERIFY2(decodeMultibase(bad).error().code == Errc::Unsupported, bad);
    for (const char* bad : {"", "b1", "b0", "bAA", "kA", "z0", "u+", "u/"})
        QVERIFY2(decodeMultibase(bad).error().code == Errc::InvalidArgument, bad);
}

void MultibaseTest::lengthIsBounded() {
    QVERIFY(decodeMultibase("b" + std::string(1016, 'a')));
    QCOMPARE(decodeMultibase("b" + std::string(kMaxMultibaseChars, 'a')).error().code, Errc::TooLarge);
    QCOMPARE(decodeMultibase("k" + std::string(kMaxRadixChars + 1, 'a')).error().code, Errc::TooLarge);
}

QTEST_APPLESS_MAIN(MultibaseTest)
#include "multibase_test.moc"
