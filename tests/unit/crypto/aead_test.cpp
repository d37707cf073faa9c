#include "crypto/aead.h"

#include <QtTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::crypto;

class AeadTest : public QObject {
    Q_OBJECT
  private slots:
    void theVectorOfRfc8439Holds();
    void anyChangeIsNoticed();
    void emptyMessagesAreSealedToo();
};

void AeadTest::theVectorOfRfc8439Holds() {
    // RFC 8439 2.8.2.
    AeadKey key{};
    for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(0x80 + i);
    AeadNonce nonce{};
    const Bytes nonceBytes = fromHex("070000004041424344454647");
    std::copy(nonceBytes.begin(), nonceBytes.end(), nonce.begin());
    const Bytes associated = fromHex("50515253c0c1c2c3c4c5c6c7");
    const std::string_view plain =
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        "future, sunscreen would be it.";
    const Bytes sealed = aeadSeal(key, nonce, associated, asBytes(plain));
    QCOMPARE(toHex(ByteView(sealed).first(16)), std::string("d31a8d34648e60db7b86afbc53ef7ec2"));
    QCOMPARE(toHex(ByteView(sealed).last(16)), std::string("1ae10b594f09e26a7e902ecbd0600691"));
    QCOMPARE(asText(*aeadOpen(key, nonce, associated, sealed)), plain);
}

void AeadTest::anyChangeIsNoticed() {
    const AeadKey key{1};
    const AeadNonce nonce{2};
    const Bytes sealed = aeadSeal(key, nonce, asBytes("header"), asBytes("payload"));
    QCOMPARE(sealed.size(), size_t{7} + kAeadTagBytes);
    for (size_t i = 0; i < sealed.size(); ++i) {
        Bytes damaged = sealed;
        damaged[i] ^= 0x80;
        QCOMPARE(aeadOpen(key, nonce, asBytes("header"), damaged).error().code, Errc::VerificationFailed);
        QVERIFY(!aeadOpen(key, nonce, asBytes("header"), ByteView(sealed).first(i)));
    }
    QVERIFY(!aeadOpen(key, nonce, asBytes("Header"), sealed));
    QVERIFY(!aeadOpen(AeadKey{3}, nonce, asBytes("header"), sealed));
    QVERIFY(!aeadOpen(key, AeadNonce{3}, asBytes("header"), sealed));
}

void AeadTest::emptyMessagesAreSealedToo() {
    const Bytes sealed = aeadSeal(AeadKey{}, AeadNonce{}, {}, {});
    QCOMPARE(sealed.size(), kAeadTagBytes);
    QVERIFY(aeadOpen(AeadKey{}, AeadNonce{}, {}, sealed)->empty());
}

QTEST_APPLESS_MAIN(AeadTest)
#include "aead_test.moc"
