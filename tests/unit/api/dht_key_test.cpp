#include "api/dht_key.h"

#include "codec/cid.h"
#include "codec/multihash.h"
#include "crypto/sha256.h"
#include "kad/protocol_ids.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using api::dhtKey;
using api::DhtAction;

namespace {
Bytes hashed(std::string_view text) {
    const auto digest = crypto::sha256(asBytes(text));
    return {digest.begin(), digest.end()};
}
Bytes keyOf(DhtAction action, std::string_view protocol, const std::string& text) {
    return dhtKey(action, protocol, text).value();
}
} // namespace

class DhtKeyTest : public QObject {
    Q_OBJECT

  private slots:
    void aValueOfOursLiesUnderTheHashOfItsName() {
        QCOMPARE(keyOf(DhtAction::Get, kad::kOwnProtocolId, "greeting"), hashed("greeting"));
        const std::string digits(64, 'a');
        QCOMPARE(keyOf(DhtAction::Put, kad::kOwnProtocolId, digits), Bytes(32, 0xaa));
        QCOMPARE(keyOf(DhtAction::Put, kad::kOwnProtocolId, digits + "a"), hashed(digits + "a"));
    }
    void aValueElsewhereKeepsItsNamespace() {
        const auto peer = identityOf(1).peerId();
        Bytes wanted = toBytes(asBytes("/pk/"));
        append(wanted, peer.multihash());
        QCOMPARE(keyOf(DhtAction::Get, kad::kIpfsProtocolId, "/pk/" + peer.text()), wanted);
        QCOMPARE(keyOf(DhtAction::Get, kad::kIpfsProtocolId, "/v/x"), toBytes(asBytes("/v/x")));
        for (const char* wrong : {"", "x", "/pk", "/pk/", "/pk/nobody"})
            QVERIFY(!dhtKey(DhtAction::Get, kad::kIpfsProtocolId, wrong));
    }
    void contentIsNamedByACidOrByAnyText() {
        const Bytes multihash = codec::encodeMultihash(codec::kHashSha256, hashed("a file"));
        QCOMPARE(keyOf(DhtAction::Provide, kad::kOwnProtocolId, "a file"), multihash);
        QCOMPARE(keyOf(DhtAction::Providers, kad::kIpfsProtocolId, codec::cidText({codec::kCodecRaw, multihash})),
                 multihash);
    }
    void aPeerIsNamedByItsIdOrItsRegistryKey() {
        const auto identity = identityOf(2);
        const Bytes id = toBytes(identity.peerId().multihash());
        QCOMPARE(keyOf(DhtAction::Peer, kad::kOwnProtocolId, identity.peerId().text()), id);
        QCOMPARE(keyOf(DhtAction::Peer, kad::kOwnProtocolId, crypto::keyNames(identity.publicKey()).registryKey), id);
        QCOMPARE(keyOf(DhtAction::Closest, kad::kOwnProtocolId, identity.peerId().text()), id);
        QVERIFY(!dhtKey(DhtAction::Peer, kad::kOwnProtocolId, "laptop"));
    }
    void aProtocolHasAName() {
        QVERIFY(api::isProtocolName("/wherry/kad/1.0.0"));
        QVERIFY(api::isProtocolName("/" + std::string(63, 'a')));
        QVERIFY(!api::isProtocolName("/" + std::string(64, 'a')));
        QVERIFY(!api::isProtocolName("/"));
        QVERIFY(!api::isProtocolName("kad"));
        QVERIFY(!api::isProtocolName("/a b"));
    }
};

QTEST_APPLESS_MAIN(DhtKeyTest)
#include "dht_key_test.moc"
