#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/noise_channel.h"
#include "crypto/public_key.h"
#include "support/seeded_random.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;
using link::Side;

namespace {

const std::vector<std::string> kYamux{"/yamux/1.0.0"};

struct Node {
    explicit Node(uint64_t seed, std::vector<std::string> muxers = kYamux)
        : random(seed),
          identity(crypto::Identity::generate(random)),
          credentials(NoiseCredentials::make(identity, random, std::move(muxers))) {}
    NoiseChannel channel(Side side, const crypto::PeerId& expected = {}) {
        return NoiseChannel(side, credentials, expected, random);
    }
    test::SeededRandom random;
    crypto::Identity identity;
    NoiseCredentials credentials;
};

struct End {
    NoiseChannel channel;
    Bytes plain;
    Error error;
    bool failed = false;
    void receive(ByteView in) {
        if (failed) return;
        const auto result = channel.receive(in, plain, {});
        if (!result) error = result.error();
        failed = !result;
    }
};

/// Lets both ends talk, in pieces of `piece` bytes, until nothing moves.
void talk(End& a, End& b, size_t piece = 100000) {
    for (bool moved = true; moved;) {
        moved = false;
        for (auto [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
            const Bytes out = from->channel.takeOutput();
            for (size_t at = 0; at < out.size(); at += piece)
                to->receive(ByteView(out).subspan(at, std::min(piece, out.size() - at)));
            moved = moved || !out.empty();
        }
    }
}

Bytes frame(ByteView message) {
    Bytes out(2);
    putBigEndian(MutableBytes(out), static_cast<uint16_t>(message.size()));
    append(out, message);
    return out;
}

QJsonObject vectors() {
    QFile file(QString(WHERRY_TEST_DATA) + "/libp2p_vectors.json");
    if (!file.open(QIODevice::ReadOnly)) return {};
    return QJsonDocument::fromJson(file.readAll()).object();
}

} // namespace

class NoiseChannelTest : public QObject {
    Q_OBJECT
  private slots:
    void thePayloadOfTheVectorIsReadAndWritten();
    void bothEndsProveTheirKeysHoweverTheBytesAreCut_data();
    void bothEndsProveTheirKeysHoweverTheBytesAreCut();
    void theWrongPeerIsRefusedBeforeTheThirdMessage();
    void theMuxerIsTheDiallersFirstThatBothSpeak();
    void withoutAListTheMuxerIsNegotiatedLater();
    void withoutACommonMuxerThereIsNoChannel();
    void aForeignHostSignatureIsRefused();
    void aPayloadWithoutKeyOrSignatureIsRefused();
    void messagesOfAnyLengthArrive_data();
    void messagesOfAnyLengthArrive();
    void changedBytesEndTheChannel();
    void aHandshakeMessageAtTheBoundIsTakenAndOneAboveIsRefusedByItsLength();
    void aPayloadAtTheBoundIsReadAndOneAboveIsRefused();
    void nothingIsHeldBetweenMessages();
};

void NoiseChannelTest::thePayloadOfTheVectorIsReadAndWritten() {
    const QJsonObject v = vectors()["noise"].toObject();
    const Bytes key = fromHex(v["staticPublicKey"].toString().toStdString());
    crypto::X25519Public staticKey{};
    std::copy_n(key.begin(), 32, staticKey.begin());
    const Bytes payload = fromHex(v["payload"].toString().toStdString());
    const auto read = readNoisePayload(payload, staticKey);
    QVERIFY(read);
    QCOMPARE(read->muxers, kYamux);
    std::array<uint8_t, 32> seed{};
    seed.fill(1);
    const auto identity = crypto::Identity::fromSeed(seed);
    QCOMPARE(read->peer.peerId, identity.peerId());
    QCOMPARE(toHex(makeNoisePayload(identity, staticKey, kYamux)), toHex(payload));
    staticKey[0] ^= 1;
    QCOMPARE(readNoisePayload(payload, staticKey).error().code, Errc::VerificationFailed);
}

void NoiseChannelTest::bothEndsProveTheirKeysHoweverTheBytesAreCut_data() {
    QTest::addColumn<int>("piece");
    for (const int piece : {1, 2, 3, 33, 34, 35, 200, 100000}) QTest::addRow("pieces of %d", piece) << piece;
}

void NoiseChannelTest::bothEndsProveTheirKeysHoweverTheBytesAreCut() {
    QFETCH(int, piece);
    Node a(1), b(2);
    End dialer{a.channel(Side::Dialer, b.identity.peerId()), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    talk(dialer, listener, size_t(piece));
    QVERIFY(dialer.channel.proof() && listener.channel.proof());
    QCOMPARE(dialer.channel.proof()->peer.peerId, b.identity.peerId());
    QCOMPARE(listener.channel.proof()->peer.peerId, a.identity.peerId());
    QCOMPARE(dialer.channel.proof()->muxer, kYamux.front());
    QCOMPARE(listener.channel.proof()->muxer, kYamux.front());
}

void NoiseChannelTest::theWrongPeerIsRefusedBeforeTheThirdMessage() {
    Node a(1), b(2), c(3);
    End dialer{a.channel(Side::Dialer, c.identity.peerId()), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    listener.receive(dialer.channel.takeOutput());
    dialer.receive(listener.channel.takeOutput());
    QCOMPARE(dialer.error.code, Errc::IdentityMismatch);
    QVERIFY(!dialer.channel.proof());
    QVERIFY(dialer.channel.takeOutput().empty()); // neither our key nor a byte of payload
    QVERIFY(!listener.channel.proof());
}

void NoiseChannelTest::theMuxerIsTheDiallersFirstThatBothSpeak() {
    Node a(1, {"/x", "/two", "/one"}), b(2, {"/one", "/two"});
    End dialer{a.channel(Side::Dialer), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    talk(dialer, listener);
    QCOMPARE(dialer.channel.proof()->muxer, std::string("/two"));
    QCOMPARE(listener.channel.proof()->muxer, std::string("/two"));
}

void NoiseChannelTest::withoutAListTheMuxerIsNegotiatedLater() {
    Node a(1), b(2, {});
    End dialer{a.channel(Side::Dialer), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    talk(dialer, listener);
    QVERIFY(dialer.channel.proof()->muxer.empty() && listener.channel.proof()->muxer.empty());
}

void NoiseChannelTest::withoutACommonMuxerThereIsNoChannel() {
    Node a(1, {"/one"}), b(2, {"/two"});
    End dialer{a.channel(Side::Dialer), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    talk(dialer, listener);
    QCOMPARE(dialer.error.code, Errc::Unsupported);
    QVERIFY(!listener.channel.proof());
}

void NoiseChannelTest::aForeignHostSignatureIsRefused() {
    Node a(1), b(2), c(3);
    b.credentials.payload = c.credentials.payload; // c's proof of c's static key, shown with b's static key
    End dialer{a.channel(Side::Dialer, c.identity.peerId()), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    talk(dialer, listener);
    QCOMPARE(dialer.error.code, Errc::VerificationFailed);
    QVERIFY(!dialer.channel.proof() && !listener.channel.proof());
    // And the other way round.
    a.credentials.payload = c.credentials.payload;
    Node d(4);
    End liar{a.channel(Side::Dialer), {}, {}};
    End honest{d.channel(Side::Listener), {}, {}};
    talk(liar, honest);
    QCOMPARE(honest.error.code, Errc::VerificationFailed);
    QVERIFY(!honest.channel.proof());
}

void NoiseChannelTest::aPayloadWithoutKeyOrSignatureIsRefused() {
    Node a(1);
    for (const char* payload : {"", "0a00", "1200", "0a0112", "ff"}) {
        Node b(2);
        b.credentials.payload = fromHex(payload);
        End dialer{a.channel(Side::Dialer), {}, {}};
        End listener{b.channel(Side::Listener), {}, {}};
        talk(dialer, listener);
        QVERIFY(dialer.failed && !dialer.channel.proof());
    }
}

void NoiseChannelTest::messagesOfAnyLengthArrive_data() {
    QTest::addColumn<int>("length");
    for (const int length : {1, 2, 1000, 65518, 65519, 65520, 131038, 131039, 300000})
        QTest::addRow("%d bytes", length) << length;
}

void NoiseChannelTest::messagesOfAnyLengthArrive() {
    QFETCH(int, length);
    Node a(1), b(2);
    End dialer{a.channel(Side::Dialer), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    talk(dialer, listener);
    const Bytes sent = a.random.bytes(size_t(length));
    for (const size_t piece : {size_t(1000), size_t(65537), size_t(400000)}) {
        Bytes out;
        dialer.channel.seal(sent, out);
        QCOMPARE(out.size(), sent.size() + (sent.size() + kMaxNoisePlain - 1) / kMaxNoisePlain * 18);
        listener.plain.clear();
        for (size_t at = 0; at < out.size(); at += piece) {
            listener.receive(ByteView(out).subspan(at, std::min(piece, out.size() - at)));
            QVERIFY(listener.channel.held() <= 2 + kMaxNoiseMessage);
        }
        QVERIFY(listener.plain == sent);
    }
}

void NoiseChannelTest::changedBytesEndTheChannel() {
    Node a(1), b(2);
    End dialer{a.channel(Side::Dialer), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    talk(dialer, listener);
    Bytes out;
    dialer.channel.seal(asBytes("good"), out);
    const size_t good = out.size();
    dialer.channel.seal(asBytes("evil"), out);
    out[good + 3] ^= 0x10;
    listener.receive(out);
    QCOMPARE(listener.error.code, Errc::VerificationFailed);
    QCOMPARE(asText(listener.plain), std::string_view("good"));
}

void NoiseChannelTest::aHandshakeMessageAtTheBoundIsTakenAndOneAboveIsRefusedByItsLength() {
    Node b(2);
    End listener{b.channel(Side::Listener), {}, {}};
    listener.receive(frame(b.random.bytes(kMaxNoiseHandshakeMessage)));
    QVERIFY(!listener.failed);
    End other{b.channel(Side::Listener), {}, {}};
    other.receive(ByteView(frame(Bytes(kMaxNoiseHandshakeMessage + 1))).first(2));
    QCOMPARE(other.error.code, Errc::TooLarge);
}

void NoiseChannelTest::aPayloadAtTheBoundIsReadAndOneAboveIsRefused() {
    test::SeededRandom random(5);
    const auto identity = crypto::Identity::generate(random);
    const auto key = crypto::X25519KeyPair::generate(random);
    Bytes payload = makeNoisePayload(identity, key.publicKey(), {});
    // An unknown field 15 of bytes: 7a, a length of two bytes, and what is left.
    const auto padded = [&](size_t total) {
        Bytes out = payload;
        const size_t rest = total - out.size() - 3;
        append(out, Bytes{0x7a, uint8_t(rest | 0x80), uint8_t(rest >> 7)});
        out.resize(total);
        return out;
    };
    QVERIFY(readNoisePayload(padded(kMaxNoisePayload), key.publicKey()));
    QCOMPARE(readNoisePayload(padded(kMaxNoisePayload + 1), key.publicKey()).error().code, Errc::TooLarge);
    std::vector<std::string> many(kMaxNoisePayloadFields - 3, "/m");
    QVERIFY(readNoisePayload(makeNoisePayload(identity, key.publicKey(), many), key.publicKey()));
    many.emplace_back("/m");
    QVERIFY(!readNoisePayload(makeNoisePayload(identity, key.publicKey(), many), key.publicKey()));
}

void NoiseChannelTest::nothingIsHeldBetweenMessages() {
    Node a(1), b(2);
    End dialer{a.channel(Side::Dialer), {}, {}};
    End listener{b.channel(Side::Listener), {}, {}};
    talk(dialer, listener, 1);
    QCOMPARE(dialer.channel.held() + listener.channel.held(), size_t(0));
    Bytes out;
    dialer.channel.seal(asBytes("message"), out);
    listener.receive(ByteView(out).first(out.size() - 1));
    QCOMPARE(listener.channel.held(), out.size() - 1);
    QVERIFY(listener.plain.empty());
    listener.receive(ByteView(out).last(1));
    QCOMPARE(listener.channel.held(), size_t(0));
    QCOMPARE(asText(listener.plain), std::string_view("message"));
}

QTEST_APPLESS_MAIN(NoiseChannelTest)
#include "noise_channel_test.moc"
