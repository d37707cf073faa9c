#include "crypto/x25519.h"
#include "support/seeded_random.h"

#include <QtTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::crypto;

namespace {
std::array<uint8_t, 32> key(std::string_view hex) {
    std::array<uint8_t, 32> out{};
    const Bytes bytes = fromHex(hex);
    std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
    return out;
}
} // namespace

class X25519Test : public QObject {
    Q_OBJECT
  private slots:
    void theVectorOfRfc7748Holds();
    void pointsOfSmallOrderAreRefused();
    void aPairThatIsMovedOrClonedAgreesAsBefore();
};

void X25519Test::theVectorOfRfc7748Holds() {
    // RFC 7748 5.2, the first one.
    const auto pair =
        X25519KeyPair::fromSecret(key("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
    const auto shared = pair.agree(key("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"));
    QVERIFY(shared);
    QCOMPARE(toHex(*shared), std::string("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
}

void X25519Test::pointsOfSmallOrderAreRefused() {
    test::SeededRandom random(1);
    const auto pair = X25519KeyPair::generate(random);
    X25519Public zero{}, one{};
    one[0] = 1;
    QCOMPARE(pair.agree(zero).error().code, Errc::VerificationFailed);
    QCOMPARE(pair.agree(one).error().code, Errc::VerificationFailed);
}

void X25519Test::aPairThatIsMovedOrClonedAgreesAsBefore() {
    test::SeededRandom random(2);
    auto a = X25519KeyPair::generate(random);
    const auto b = X25519KeyPair::generate(random);
    const auto before = *a.agree(b.publicKey());
    QCOMPARE(*b.agree(a.publicKey()), before);
    auto copy = a.clone();
    auto moved = std::move(a);
    QCOMPARE(*copy.agree(b.publicKey()), before);
    QCOMPARE(*moved.agree(b.publicKey()), before);
    QCOMPARE(moved.publicKey(), copy.publicKey());
}

QTEST_APPLESS_MAIN(X25519Test)
#include "x25519_test.moc"
