#include "crypto/crypto_limits.h"
#include "crypto/public_key.h"
#include "unit/crypto/der_builder.h"
#include "unit/crypto/signing_key.h"
#include "unit/crypto/vectors.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::crypto;
using namespace wherry::test;

namespace {

Errc refusal(const Bytes& message) {
    const auto key = PublicKey::decode(message);
    return key ? Errc::Internal : key.error().code;
}

} // namespace

class PublicKeyTest : public QObject {
    Q_OBJECT
  private slots:
    void ed25519KeysAreThoseOfJsLibp2p();
    void rsaKeysVerifyPkcs1WithSha256();
    void ecdsaKeysVerifyOnP256();
    void kindsWithoutVerifierAreNamed();
    void rsaKeysOutsideTheBoundsAreRefused();
    void aKeyHasOneEncoding();
    void rubbishIsMalformed();
};

void PublicKeyTest::ed25519KeysAreThoseOfJsLibp2p() {
    const QJsonArray rows = libp2pVectors()["identities"].toArray();
    for (const auto& row : rows) {
        const Bytes message = bytesOf(row.toObject(), "publicKeyProto");
        const auto key = PublicKey::decode(message);
        QVERIFY(key);
        QCOMPARE(key->type(), KeyType::Ed25519);
        QCOMPARE(key->encode(), message);
        QCOMPARE(key->peerId().text(), textOf(row.toObject(), "base58"));
        Bytes signature = bytesOf(row.toObject(), "signatureOfHello");
        QVERIFY(key->verify(asBytes("hello"), signature));
        QVERIFY(!key->verify(asBytes("hellO"), signature));
        signature.pop_back();
        QVERIFY(!key->verify(asBytes("hello"), signature));
        QVERIFY(!key->verify(asBytes("hello"), {}));
    }
}

void PublicKeyTest::rsaKeysVerifyPkcs1WithSha256() {
    const SigningKey rsa = SigningKey::rsa(2048);
    const Bytes message = publicKeyMessage(0, rsa.subjectPublicKeyInfo());
    QCOMPARE(toHex(ByteView(message).first(3)), std::string("080012"));
    const auto key = PublicKey::decode(message);
    QVERIFY(key);
    QCOMPARE(key->encode(), message);
    QVERIFY(key->peerId().text().starts_with("Qm"));
    Bytes signature = rsa.sign(GNUTLS_SIGN_RSA_SHA256, asBytes("hello"));
    QVERIFY(key->verify(asBytes("hello"), signature));
    QVERIFY(!key->verify(asBytes("hello!"), signature));
    QVERIFY(!key->verify(asBytes("hello"), rsa.sign(GNUTLS_SIGN_RSA_SHA1, asBytes("hello"))));
    QVERIFY(!key->verify(asBytes("hello"), rsa.sign(GNUTLS_SIGN_RSA_SHA512, asBytes("hello"))));
    signature.resize(kMaxSignatureBytes + 1);
    QVERIFY(!key->verify(asBytes("hello"), signature));
}

void PublicKeyTest::ecdsaKeysVerifyOnP256() {
    const SigningKey p256 = SigningKey::p256();
    const auto key = PublicKey::decode(publicKeyMessage(3, p256.subjectPublicKeyInfo()));
    QVERIFY(key);
    Bytes signature = p256.sign(GNUTLS_SIGN_ECDSA_SHA256, asBytes("hello"));
    QVERIFY(key->verify(asBytes("hello"), signature));
    QVERIFY(!key->verify(asBytes("hallo"), signature));
    signature[signature.size() / 2] ^= 1;
    QVERIFY(!key->verify(asBytes("hello"), signature));
    QVERIFY(!key->verify(asBytes("hello"), {}));
}

void PublicKeyTest::kindsWithoutVerifierAreNamed() {
    const auto secp256k1 = PublicKey::decode(publicKeyMessage(2, Bytes(33, 2)));
    QCOMPARE(secp256k1.error(), makeError(Errc::Unsupported, "Secp256k1 host key"));
    const auto p384 = PublicKey::decode(publicKeyMessage(3, SigningKey::p384().subjectPublicKeyInfo()));
    QCOMPARE(p384.error().code, Errc::Unsupported);
    // A kind that the specification does not know: not even its data can be read.
    QCOMPARE(refusal(publicKeyMessage(4, Bytes(32))), Errc::Malformed);
    // RSA called ECDSA and the other way round.
    QCOMPARE(refusal(publicKeyMessage(3, rsaSubjectPublicKeyInfo(2048))), Errc::Malformed);
    QCOMPARE(refusal(publicKeyMessage(0, SigningKey::p256().subjectPublicKeyInfo())), Errc::Malformed);
}

void PublicKeyTest::rsaKeysOutsideTheBoundsAreRefused() {
    QVERIFY(PublicKey::decode(publicKeyMessage(0, rsaSubjectPublicKeyInfo(kMinRsaBits))));
    QVERIFY(PublicKey::decode(publicKeyMessage(0, rsaSubjectPublicKeyInfo(kMaxRsaBits))));
    QCOMPARE(refusal(publicKeyMessage(0, rsaSubjectPublicKeyInfo(kMinRsaBits - 1))), Errc::Unsupported);
    QCOMPARE(refusal(publicKeyMessage(0, rsaSubjectPublicKeyInfo(kMaxRsaBits + 1))), Errc::Unsupported);
    QCOMPARE(refusal(publicKeyMessage(0, rsaSubjectPublicKeyInfo(16384))), Errc::TooLarge);
    QVERIFY(PublicKey::decode(publicKeyMessage(0, rsaSubjectPublicKeyInfo(2048, Bytes(kMaxRsaExponentBytes, 0xff)))));
    QCOMPARE(refusal(publicKeyMessage(0, rsaSubjectPublicKeyInfo(2048, Bytes(kMaxRsaExponentBytes + 1, 0xff)))),
             Errc::Unsupported);
}

void PublicKeyTest::aKeyHasOneEncoding() {
    const Bytes data(32, 5);
    const std::string hex = toHex(data);
    QVERIFY(PublicKey::decode(fromHex("08011220" + hex)));
    // Fields swapped, a type and a length that are not minimal, a field twice, an unknown field.
    for (const std::string& other : {"1220" + hex + "0801", "0881001220" + hex, "080112a000" + hex,
                                     "080108011220" + hex, "08011220" + hex + "1801"})
        QVERIFY2(!PublicKey::decode(fromHex(other)), other.c_str());
}

void PublicKeyTest::rubbishIsMalformed() {
    for (const char* bad : {"", "08", "0801", "08011220", "080112", "08001200", "08031200", "0803120130", "ff"})
        QVERIFY2(refusal(fromHex(bad)) == Errc::Malformed, bad);
    QCOMPARE(refusal(publicKeyMessage(1, Bytes(31))), Errc::Malformed);
    QCOMPARE(refusal(publicKeyMessage(1, Bytes(33))), Errc::Malformed);
    QCOMPARE(refusal(Bytes(kMaxPublicKeyBytes + 1)), Errc::TooLarge);
}

QTEST_APPLESS_MAIN(PublicKeyTest)
#include "public_key_test.moc"
