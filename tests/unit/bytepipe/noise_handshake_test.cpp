#include "bytepipe/noise_handshake.h"
#include "support/seeded_random.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;
using crypto::X25519KeyPair;
using link::Side;

namespace {

Bytes hexOf(const QJsonObject& object, const char* name) {
    return fromHex(object[name].toString().toStdString());
}
X25519KeyPair keyOf(const QJsonObject& object, const char* name) {
    std::array<uint8_t, 32> secret{};
    const Bytes bytes = hexOf(object, name);
    std::copy_n(bytes.begin(), std::min(bytes.size(), secret.size()), secret.begin());
    return X25519KeyPair::fromSecret(secret);
}
QJsonObject vector() {
    QFile file(QString(WHERRY_TEST_DATA) + "/noise_xx_vector.json");
    if (!file.open(QIODevice::ReadOnly)) return {};
    return QJsonDocument::fromJson(file.readAll()).array()[0].toObject();
}

struct Pair {
    NoiseHandshake dialer;
    NoiseHandshake listener;
};
Pair pair(uint64_t seed, ByteView prologue = {}, ByteView otherPrologue = {}) {
    test::SeededRandom random(seed);
    auto a = X25519KeyPair::generate(random), b = X25519KeyPair::generate(random);
    auto c = X25519KeyPair::generate(random), d = X25519KeyPair::generate(random);
    return {NoiseHandshake(Side::Dialer, std::move(a), std::move(b), prologue),
            NoiseHandshake(Side::Listener, std::move(c), std::move(d), otherPrologue)};
}

} // namespace

class NoiseHandshakeTest : public QObject {
    Q_OBJECT
  private slots:
    void theVectorHoldsByteForByte();
    void bothEndsLearnTheOthersStaticKey();
    void anyChangeOfAnyMessageEndsTheHandshake();
    void anyCutOfAnyMessageEndsTheHandshake();
    void anotherPrologueEndsTheHandshake();
    void aKeyOfSmallOrderIsRefused();
    void aRepeatedTransportMessageIsRefused();
};

void NoiseHandshakeTest::theVectorHoldsByteForByte() {
    const QJsonObject v = vector();
    QCOMPARE(v["protocol_name"].toString(), QString("Noise_XX_25519_ChaChaPoly_SHA256"));
    NoiseHandshake dialer(Side::Dialer, keyOf(v, "init_static"), keyOf(v, "init_ephemeral"), hexOf(v, "init_prologue"));
    NoiseHandshake listener(Side::Listener, keyOf(v, "resp_static"), keyOf(v, "resp_ephemeral"),
                            hexOf(v, "resp_prologue"));
    const QJsonArray messages = v["messages"].toArray();
    for (int i = 0; i < 3; ++i) {
        NoiseHandshake& from = i % 2 == 0 ? dialer : listener;
        NoiseHandshake& to = i % 2 == 0 ? listener : dialer;
        QVERIFY(from.ourTurn() && !to.ourTurn());
        const auto written = from.write(hexOf(messages[i].toObject(), "payload"));
        QVERIFY(written);
        QCOMPARE(toHex(*written), messages[i].toObject()["ciphertext"].toString().toStdString());
        QCOMPARE(toHex(*to.read(*written)), messages[i].toObject()["payload"].toString().toStdString());
    }
    QVERIFY(dialer.done() && listener.done());
    QCOMPARE(toHex(dialer.hash()), v["handshake_hash"].toString().toStdString());
    QCOMPARE(toHex(listener.hash()), v["handshake_hash"].toString().toStdString());
    auto ours = dialer.split(), theirs = listener.split();
    // What follows goes on in turns: the listener speaks next.
    for (int i = 3; i < messages.size(); ++i) {
        auto& from = i % 2 == 0 ? ours : theirs;
        auto& to = i % 2 == 0 ? theirs : ours;
        const Bytes payload = hexOf(messages[i].toObject(), "payload");
        Bytes sealed, opened;
        from.send.seal({}, payload, sealed);
        QCOMPARE(toHex(sealed), messages[i].toObject()["ciphertext"].toString().toStdString());
        QVERIFY(to.receive.open({}, sealed, opened));
        QCOMPARE(opened, payload);
    }
}

void NoiseHandshakeTest::bothEndsLearnTheOthersStaticKey() {
    test::SeededRandom random(1);
    auto a = X25519KeyPair::generate(random), b = X25519KeyPair::generate(random);
    const auto keyA = a.publicKey(), keyB = b.publicKey();
    NoiseHandshake dialer(Side::Dialer, std::move(a), X25519KeyPair::generate(random));
    NoiseHandshake listener(Side::Listener, std::move(b), X25519KeyPair::generate(random));
    QVERIFY(listener.read(*dialer.write({})));
    QVERIFY(dialer.read(*listener.write({})));
    QCOMPARE(dialer.remoteStatic(), keyB);
    QVERIFY(listener.read(*dialer.write({})));
    QCOMPARE(listener.remoteStatic(), keyA);
    QCOMPARE(dialer.hash(), listener.hash());
}

void NoiseHandshakeTest::anyChangeOfAnyMessageEndsTheHandshake() {
    for (int changed = 0; changed < 3; ++changed) {
        const size_t length = changed == 0 ? 32 : changed == 1 ? 32 + 48 + 16 + 2 : 48 + 16 + 2;
        for (size_t at = 0; at < length; ++at) {
            Pair ends = pair(7);
            bool failed = false;
            for (int i = 0; i < 3 && !failed; ++i) {
                auto& from = i % 2 == 0 ? ends.dialer : ends.listener;
                auto& to = i % 2 == 0 ? ends.listener : ends.dialer;
                auto message = from.write(i == 0 ? ByteView() : asBytes("ab"));
                QVERIFY(message);
                if (i == changed) QCOMPARE(message->size(), length);
                if (i == changed) (*message)[at] ^= 0x01;
                failed = !to.read(*message);
            }
            QVERIFY(failed);
        }
    }
}

void NoiseHandshakeTest::anyCutOfAnyMessageEndsTheHandshake() {
    for (int cut = 0; cut < 3; ++cut) {
        for (size_t left = 0;; ++left) {
            Pair ends = pair(8);
            NoiseHandshake* to = nullptr;
            Bytes message;
            for (int i = 0; i <= cut; ++i) {
                if (to) QVERIFY(to->read(message));
                to = i % 2 == 0 ? &ends.listener : &ends.dialer;
                message = *(i % 2 == 0 ? ends.dialer : ends.listener).write(i == 0 ? ByteView() : asBytes("ab"));
            }
            if (left == message.size()) break;
            QVERIFY(!to->read(ByteView(message).first(left)));
        }
    }
}

void NoiseHandshakeTest::anotherPrologueEndsTheHandshake() {
    Pair ends = pair(9, asBytes("one"), asBytes("two"));
    QVERIFY(ends.listener.read(*ends.dialer.write({})));
    QCOMPARE(ends.dialer.read(*ends.listener.write({})).error().code, Errc::VerificationFailed);
}

void NoiseHandshakeTest::aKeyOfSmallOrderIsRefused() {
    Pair ends = pair(10);
    QVERIFY(ends.listener.read(Bytes(32))); // the point zero
    QCOMPARE(ends.listener.write({}).error().code, Errc::VerificationFailed);
}

void NoiseHandshakeTest::aRepeatedTransportMessageIsRefused() {
    Pair ends = pair(11);
    QVERIFY(ends.listener.read(*ends.dialer.write({})));
    QVERIFY(ends.dialer.read(*ends.listener.write({})));
    QVERIFY(ends.listener.read(*ends.dialer.write({})));
    auto ours = ends.dialer.split(), theirs = ends.listener.split();
    Bytes sealed, opened;
    ours.send.seal({}, asBytes("once"), sealed);
    QVERIFY(theirs.receive.open({}, sealed, opened));
    QVERIFY(!theirs.receive.open({}, sealed, opened));
    QCOMPARE(asText(opened), std::string_view("once"));
}

QTEST_APPLESS_MAIN(NoiseHandshakeTest)
#include "noise_handshake_test.moc"
