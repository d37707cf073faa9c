#include "codec/base58.h"
#include "codec/multibase.h"
#include "crypto/identity.h"
#include "crypto/sha256.h"
#include "unit/crypto/vectors.h"

#include <QtTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::crypto;
using namespace wherry::test;

namespace {

struct CountingRandom : Random {
    uint8_t next = 1;
    void fill(MutableBytes out) override {
        for (uint8_t& byte : out) byte = next++;
    }
};

std::array<uint8_t, 32> seedOf(uint8_t fill) {
    std::array<uint8_t, 32> seed{};
    seed.fill(fill);
    return seed;
}

} // namespace

class IdentityTest : public QObject {
    Q_OBJECT
  private slots:
    void jsLibp2pMakesTheSameOfTheSameSeed();
    void thePrivateKeyIsReadBack();
    void badPrivateKeysAreRefused();
    void aNewIdentityComesFromTheGivenRandomness();
    void movingTakesTheSecretAlong();
    void aSignatureFitsOnlyItsMessageAndKey();
    void derivedKeysDifferByLabelAndIdentity();
    void aKeyHasThreeNames();
    void aMistypedRegistryNameIsNoticed();
};

void IdentityTest::jsLibp2pMakesTheSameOfTheSameSeed() {
    const QJsonArray rows = libp2pVectors()["identities"].toArray();
    QCOMPARE(rows.size(), 2);
    for (const auto& value : rows) {
        const QJsonObject row = value.toObject();
        std::array<uint8_t, 32> seed{};
        const Bytes seedBytes = bytesOf(row, "seed");
        std::copy(seedBytes.begin(), seedBytes.end(), seed.begin());
        const Identity identity = Identity::fromSeed(seed);
        QCOMPARE(identity.encode(), bytesOf(row, "privateKeyProto"));
        QCOMPARE(identity.peerId().text(), textOf(row, "base58"));
        QCOMPARE(toBytes(identity.peerId().multihash()), bytesOf(row, "peerIdBytes"));
        QVERIFY(*PeerId::parse(textOf(row, "cid")) == identity.peerId());
        QCOMPARE(toBytes(identity.sign(asBytes("hello"))), bytesOf(row, "signatureOfHello"));
        QCOMPARE(toHex(sha256(identity.peerId().multihash())), textOf(row, "kadKey"));
    }
}

void IdentityTest::thePrivateKeyIsReadBack() {
    const Identity identity = Identity::fromSeed(seedOf(7));
    const auto back = Identity::decode(identity.encode());
    QVERIFY(back);
    QVERIFY(back->peerId() == identity.peerId());
    QCOMPARE(back->encode(), identity.encode());
    // The old form of 96 bytes has the public key twice.
    Bytes old = identity.encode();
    old[3] = 96;
    append(old, identity.publicKey());
    QVERIFY(Identity::decode(old)->peerId() == identity.peerId());
    old.back() ^= 1;
    QCOMPARE(Identity::decode(old).error().code, Errc::Malformed);
}

void IdentityTest::badPrivateKeysAreRefused() {
    const Bytes good = Identity::fromSeed(seedOf(7)).encode();
    for (size_t length = 0; length < good.size(); ++length)
        QCOMPARE(Identity::decode(ByteView(good).first(length)).error().code, Errc::Malformed);
    Bytes mismatch = good;
    mismatch.back() ^= 1;
    QCOMPARE(Identity::decode(mismatch).error().code, Errc::Malformed);
    Bytes secp256k1 = good;
    secp256k1[1] = 2;
    QCOMPARE(Identity::decode(secp256k1).error().code, Errc::Unsupported);
    QCOMPARE(Identity::decode(Bytes(129)).error().code, Errc::TooLarge);
}

void IdentityTest::aNewIdentityComesFromTheGivenRandomness() {
    CountingRandom random;
    const Identity first = Identity::generate(random);
    const Identity second = Identity::generate(random);
    QVERIFY(first.peerId() != second.peerId());
    CountingRandom again;
    QVERIFY(Identity::generate(again).peerId() == first.peerId());
}

void IdentityTest::movingTakesTheSecretAlong() {
    Identity first = Identity::fromSeed(seedOf(7));
    const PeerId id = first.peerId();
    const Identity copy = first.clone();
    Identity second = std::move(first);
    QVERIFY(second.peerId() == id);
    QCOMPARE(second.encode(), copy.encode());
    // What is left behind holds no secret.
    const Bytes left = first.encode();
    QVERIFY(std::all_of(left.begin() + 4, left.begin() + 36, [](uint8_t byte) { return byte == 0; }));
    second = Identity::fromSeed(seedOf(8));
    QVERIFY(second.peerId() != id);
}

void IdentityTest::aSignatureFitsOnlyItsMessageAndKey() {
    const Identity identity = Identity::fromSeed(seedOf(7));
    const Identity other = Identity::fromSeed(seedOf(8));
    Ed25519Signature signature = identity.sign(asBytes("across"));
    QVERIFY(verifyEd25519(identity.publicKey(), asBytes("across"), signature));
    QVERIFY(!verifyEd25519(identity.publicKey(), asBytes("Across"), signature));
    QVERIFY(!verifyEd25519(other.publicKey(), asBytes("across"), signature));
    signature[10] ^= 1;
    QVERIFY(!verifyEd25519(identity.publicKey(), asBytes("across"), signature));
    QVERIFY(verifyEd25519(identity.publicKey(), {}, identity.sign({})));
    // The key of order one verifies no signature.
    QVERIFY(!verifyEd25519(Ed25519Public{1}, asBytes("across"), Ed25519Signature{1}));
}

void IdentityTest::derivedKeysDifferByLabelAndIdentity() {
    const Identity identity = Identity::fromSeed(seedOf(7));
    QCOMPARE(identity.deriveKey("quic retry"), identity.clone().deriveKey("quic retry"));
    QVERIFY(identity.deriveKey("quic retry") != identity.deriveKey("quic reset"));
    QVERIFY(identity.deriveKey("quic retry") != Identity::fromSeed(seedOf(8)).deriveKey("quic retry"));
}

void IdentityTest::aKeyHasThreeNames() {
    const Identity identity = Identity::fromSeed(seedOf(1));
    const KeyNames names = keyNames(identity.publicKey());
    QCOMPARE(names.peerId, std::string("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"));
    QCOMPARE(names.publicKey, std::string("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"));
    QCOMPARE(names.i6pId, toHex(sha256(identity.publicKey())));
    QVERIFY(names.registryKey.starts_with("key_"));
    QCOMPARE(*parseRegistryKey(names.registryKey), identity.publicKey());
    // Without checksum, as older texts have it.
    QCOMPARE(*parseRegistryKey("key_" + codec::encodeBase58(identity.publicKey())), identity.publicKey());
}

void IdentityTest::aMistypedRegistryNameIsNoticed() {
    const std::string name = keyNames(Identity::fromSeed(seedOf(1)).publicKey()).registryKey;
    for (size_t i = 4; i < name.size(); ++i) {
        std::string mistyped = name;
        mistyped[i] = mistyped[i] == 'a' ? 'b' : 'a';
        const auto parsed = parseRegistryKey(mistyped);
        QVERIFY2(!parsed && parsed.error().code == Errc::InvalidArgument, mistyped.c_str());
    }
    std::string swapped = name;
    std::swap(swapped[10], swapped[11]);
    QVERIFY(swapped == name || parseRegistryKey(swapped).error().context.find("checksum") != std::string::npos);
    for (const char* bad : {"", "key_", "key", "Key_1", "12D3KooW"}) QVERIFY2(!parseRegistryKey(bad), bad);
    QVERIFY(!parseRegistryKey(name.substr(0, name.size() - 1)));
    QVERIFY(!parseRegistryKey(name + "1"));
}

QTEST_APPLESS_MAIN(IdentityTest)
#include "identity_test.moc"
