#include "codec/base58.h"
#include "codec/cid.h"
#include "codec/codec_limits.h"
#include "codec/multibase.h"
#include "codec/multihash.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::codec;

class MultihashTest : public QObject {
    Q_OBJECT
  private slots:
    void aMultihashGoesThereAndBack();
    void lengthsThatDoNotFitAreRefused();
    void onlyKeysAndTheirHashesArePeerIds();
    void cidsOfBothVersionsAreRead();
    void badCidsAreRefused();
    void peerIdsAreReadInEveryText();
};

void MultihashTest::aMultihashGoesThereAndBack() {
    const Bytes digest(32, 7);
    const Bytes bytes = encodeMultihash(kHashSha256, digest);
    QCOMPARE(bytes.size(), size_t{34});
    QCOMPARE(*decodeMultihash(bytes), (Multihash{kHashSha256, digest}));
    QCOMPARE(*decodeMultihash(encodeMultihash(0xb220, digest)), (Multihash{0xb220, digest}));
    QCOMPARE(*decodeMultihash(fromHex("0000")), (Multihash{kHashIdentity, {}}));
}

void MultihashTest::lengthsThatDoNotFitAreRefused() {
    for (const char* bad : {"", "12", "1220", "122000", "120100ff", "80", "1280"})
        QVERIFY2(decodeMultihash(fromHex(bad)).error().code == Errc::Malformed, bad);
    QVERIFY(decodeMultihash(encodeMultihash(kHashIdentity, Bytes(kMaxDigestBytes))));
    Bytes tooLong{0x00, kMaxDigestBytes + 1};
    tooLong.resize(tooLong.size() + kMaxDigestBytes + 1);
    QCOMPARE(decodeMultihash(tooLong).error().code, Errc::TooLarge);
}

void MultihashTest::onlyKeysAndTheirHashesArePeerIds() {
    QVERIFY(isPeerMultihash(encodeMultihash(kHashSha256, Bytes(32))));
    QVERIFY(!isPeerMultihash(encodeMultihash(kHashSha256, Bytes(31))));
    QVERIFY(!isPeerMultihash(encodeMultihash(0x13, Bytes(32))));
    const auto inlined = [](size_t size) {
        Bytes key{0x08, 0x01, 0x12, static_cast<uint8_t>(size - 4)};
        key.resize(size);
        return encodeMultihash(kHashIdentity, key);
    };
    QVERIFY(isPeerMultihash(inlined(36)));
    QVERIFY(isPeerMultihash(inlined(5)));
    QVERIFY(isPeerMultihash(inlined(kMaxInlineKeyBytes)));
    QVERIFY(!isPeerMultihash(inlined(4)));
    QVERIFY(!isPeerMultihash(inlined(kMaxInlineKeyBytes + 1)));
    // What is inlined must be a PublicKey message: type, data, nothing more.
    QVERIFY(!isPeerMultihash(encodeMultihash(kHashIdentity, Bytes(36))));
    for (const size_t at : {0, 1, 2, 3, 4, 5}) {
        Bytes damaged = inlined(36);
        damaged[at] ^= 0x80;
        QVERIFY(!isPeerMultihash(damaged));
    }
    QVERIFY(!isPeerMultihash({}));
}

void MultihashTest::cidsOfBothVersionsAreRead() {
    // From the kad section of the js-libp2p vectors: a raw block.
    const std::string text = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";
    const Bytes hash = fromHex("1220c7d01489080858c500065836c658f847a6ca67c4864619212be4f8200e4bbace");
    QCOMPARE(*parseCid(text), (Cid{kCodecRaw, hash}));
    QCOMPARE(cidText({kCodecRaw, hash}), text);
    QCOMPARE(*decodeCid(encodeCid({kCodecRaw, hash})), (Cid{kCodecRaw, hash}));
    QCOMPARE(*parseCid("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"),
             (Cid{kCodecDagPb, *decodeBase58("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")}));
}

void MultihashTest::badCidsAreRefused() {
    for (const char* bad : {"", "00", "01", "0155", "015512", "0255122000",
                            "0155"
                            "1220"})
        QVERIFY2(decodeCid(fromHex(bad)).error().code == Errc::Malformed, bad);
    for (const char* bad : {"", "Qm", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5", "b", "x", "bafk"})
        QVERIFY2(!parseCid(bad), bad);
}

void MultihashTest::peerIdsAreReadInEveryText() {
    const Bytes id = fromHex("0024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
    const Bytes cid = encodeCid({kCodecLibp2pKey, id});
    QCOMPARE(*parsePeerMultihash("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"), id);
    for (const Multibase base : {Multibase::Base32, Multibase::Base36, Multibase::Base58Btc})
        QCOMPARE(*parsePeerMultihash(encodeMultibase(base, cid)), id);
    // The same bytes called a raw block are no peer.
    QCOMPARE(parsePeerMultihash(encodeMultibase(Multibase::Base32, encodeCid({kCodecRaw, id}))).error().code,
             Errc::InvalidArgument);
}

QTEST_APPLESS_MAIN(MultihashTest)
#include "multihash_test.moc"
