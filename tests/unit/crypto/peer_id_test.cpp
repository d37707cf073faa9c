#include "codec/cid.h"
#include "codec/multibase.h"
#include "codec/multihash.h"
#include "crypto/peer_id.h"

#include <QtTest>
#include <unordered_set>

using namespace wherry;
using namespace wherry::crypto;

namespace {

const std::string kText = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";

} // namespace

class PeerIdTest : public QObject {
    Q_OBJECT
  private slots:
    void everyTextOfAPeerIdIsRead();
    void textThatIsNoPeerIdIsRefused();
    void multihashesOfOtherKindsAreRefused();
    void theLongestInlineKeyFits();
    void idsCompareAndHash();
};

void PeerIdTest::everyTextOfAPeerIdIsRead() {
    const PeerId id = *PeerId::parse(kText);
    QCOMPARE(id.text(), kText);
    QCOMPARE(id.shortText(), std::string("SUKPH5"));
    QVERIFY(*PeerId::fromMultihash(id.multihash()) == id);
    const Bytes cid = codec::encodeCid({codec::kCodecLibp2pKey, toBytes(id.multihash())});
    for (const codec::Multibase base :
         {codec::Multibase::Base32, codec::Multibase::Base36, codec::Multibase::Base58Btc, codec::Multibase::Base64Url})
        QVERIFY(*PeerId::parse(codec::encodeMultibase(base, cid)) == id);
    for (const char* other :
         {"QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N", "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY"})
        QCOMPARE(PeerId::parse(other)->text(), std::string(other));
}

void PeerIdTest::textThatIsNoPeerIdIsRefused() {
    for (const char* bad : {"", "1", "Qm", "12D3", "hello", "key_abc", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5",
                            "/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5",
                            "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"})
        QVERIFY2(!PeerId::parse(bad), bad);
    for (size_t length = 0; length < kText.size(); ++length) QVERIFY(!PeerId::parse(kText.substr(0, length)));
    QVERIFY(!PeerId::parse(std::string(100'000, '1')));
}

void PeerIdTest::multihashesOfOtherKindsAreRefused() {
    for (const char* bad : {"", "00", "0000", "1220", "1320", "0025080112"})
        QVERIFY2(PeerId::fromMultihash(fromHex(bad)).error().code == Errc::Malformed, bad);
    QVERIFY(!PeerId::fromMultihash(Bytes(1000)));
}

void PeerIdTest::theLongestInlineKeyFits() {
    Bytes key{0x08, 0x02, 0x12, 38};
    key.resize(42, 9);
    const auto longest = PeerId::fromMultihash(codec::encodeMultihash(codec::kHashIdentity, key));
    QVERIFY(longest);
    QCOMPARE(longest->multihash().size(), size_t{44});
    QVERIFY(*PeerId::parse(longest->text()) == *longest);
}

void PeerIdTest::idsCompareAndHash() {
    const PeerId nobody;
    QVERIFY(nobody.empty());
    QCOMPARE(nobody.text(), std::string());
    QCOMPARE(nobody.shortText(), std::string());
    const PeerId a = *PeerId::parse(kText);
    const PeerId b = *PeerId::parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
    QVERIFY(a != b && (a < b || b < a));
    QCOMPARE((std::unordered_set<PeerId>{a, b, a, nobody}.size()), size_t{3});
}

QTEST_APPLESS_MAIN(PeerIdTest)
#include "peer_id_test.moc"
