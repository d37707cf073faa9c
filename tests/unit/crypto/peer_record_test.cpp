#include "crypto/crypto_limits.h"
#include "crypto/envelope.h"
#include "crypto/peer_record.h"
#include "unit/crypto/der_builder.h"
#include "unit/crypto/vectors.h"
#include "wire/decode.h"
#include "wire/envelope.pb.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::crypto;
using namespace wherry::test;

namespace {

constexpr uint8_t kRecordType[] = {0x03, 0x01};

EnvelopeKind recordKind() {
    return {"libp2p-peer-record", kRecordType};
}

Identity identityOf(uint8_t fill) {
    std::array<uint8_t, 32> seed{};
    seed.fill(fill);
    return Identity::fromSeed(seed);
}

std::vector<codec::Multiaddr> vectorAddresses() {
    return {*codec::Multiaddr::parse("/ip4/127.0.0.1/udp/4001/quic-v1"),
            *codec::Multiaddr::parse("/ip4/127.0.0.1/tcp/4001")};
}

Bytes recordPayload(const PeerId& peer, size_t addresses, ByteView address) {
    wire::PeerRecord record;
    record.set_peer_id(std::string(asText(peer.multihash())));
    record.set_seq(1);
    for (size_t i = 0; i < addresses; ++i) record.add_addresses()->set_multiaddr(std::string(asText(address)));
    return wire::encode(record);
}

} // namespace

class PeerRecordTest : public QObject {
    Q_OBJECT
  private slots:
    void jsLibp2pMakesTheSameEnvelope();
    void otherKindsOfEnvelopesHaveOtherDomains();
    void theOldDomainOfRustLibp2pIsAccepted();
    void aValidSignatureUnderTheWrongDomainIsRefused();
    void aRecordAboutSomebodyElseIsRefused();
    void damageAnywhereIsNoticed();
    void addressesThatDoNotParseAreDropped();
    void theNumberOfAddressesIsBounded();
    void extremeNumbersSurvive();
    void rubbishIsRefused();
};

void PeerRecordTest::jsLibp2pMakesTheSameEnvelope() {
    const QJsonObject row = libp2pVectors()["peerRecord"].toObject();
    const Identity identity = identityOf(1);
    const Bytes sealed = sealPeerRecord(identity, 42, vectorAddresses());
    QCOMPARE(toHex(sealed), textOf(row, "envelope"));
    const auto record = openPeerRecord(sealed);
    QVERIFY(record);
    QVERIFY(record->peer == identity.peerId());
    QCOMPARE(record->seq, uint64_t{42});
    QVERIFY(record->addresses == vectorAddresses());
}

void PeerRecordTest::otherKindsOfEnvelopesHaveOtherDomains() {
    const QJsonObject row = libp2pVectors()["voucher"].toObject();
    const Bytes type = bytesOf(row, "payloadType");
    const EnvelopeKind kinds[] = {recordKind(), {"libp2p-relay-rsvp", type}};
    const auto opened = openEnvelope(bytesOf(row, "envelope"), kinds);
    QVERIFY(opened);
    QCOMPARE(opened->kind, size_t{1});
    QCOMPARE(opened->payload, bytesOf(row, "payload"));
    QVERIFY(opened->signer.peerId() == identityOf(1).peerId());
    QCOMPARE(openPeerRecord(bytesOf(row, "envelope")).error().code, Errc::Unsupported);
}

void PeerRecordTest::theOldDomainOfRustLibp2pIsAccepted() {
    const Identity identity = identityOf(1);
    const EnvelopeKind old{"libp2p-routing-state", asBytes("/libp2p/routing-state-record")};
    const Bytes payload = recordPayload(identity.peerId(), 0, {});
    QVERIFY(openPeerRecord(sealEnvelope(identity, old, payload)));
    // But domain and type belong together.
    QVERIFY(!openPeerRecord(sealEnvelope(identity, {"libp2p-peer-record", old.payloadType}, payload)));
    QVERIFY(!openPeerRecord(sealEnvelope(identity, {"libp2p-routing-state", kRecordType}, payload)));
}

void PeerRecordTest::aValidSignatureUnderTheWrongDomainIsRefused() {
    const Identity identity = identityOf(1);
    const Bytes sealed =
        sealEnvelope(identity, {"libp2p-relay-rsvp", kRecordType}, recordPayload(identity.peerId(), 0, {}));
    QCOMPARE(openPeerRecord(sealed).error().code, Errc::VerificationFailed);
}

void PeerRecordTest::aRecordAboutSomebodyElseIsRefused() {
    const Bytes sealed = sealEnvelope(identityOf(1), recordKind(), recordPayload(identityOf(2).peerId(), 0, {}));
    QCOMPARE(openPeerRecord(sealed).error().code, Errc::VerificationFailed);
    QVERIFY(!openPeerRecord(sealEnvelope(identityOf(1), recordKind(), {})));
}

void PeerRecordTest::damageAnywhereIsNoticed() {
    const Bytes sealed = sealPeerRecord(identityOf(1), 42, vectorAddresses());
    for (size_t i = 0; i < sealed.size(); ++i) {
        QVERIFY(!openPeerRecord(ByteView(sealed).first(i)));
        Bytes damaged = sealed;
        damaged[i] ^= 0x01;
        QVERIFY2(!openPeerRecord(damaged), qPrintable(QString::number(i)));
    }
}

void PeerRecordTest::addressesThatDoNotParseAreDropped() {
    const Identity identity = identityOf(1);
    wire::PeerRecord record;
    record.set_peer_id(std::string(asText(identity.peerId().multihash())));
    for (const char* hex : {"", "cc03", "047f00000191020fa1cd03", "04", "ffffffff"})
        record.add_addresses()->set_multiaddr(std::string(asText(fromHex(hex))));
    const auto opened = openPeerRecord(sealEnvelope(identity, recordKind(), wire::encode(record)));
    QVERIFY(opened);
    QCOMPARE(opened->addresses.size(), size_t{1});
    QVERIFY(!opened->whole);
    QVERIFY(openPeerRecord(sealPeerRecord(identity, 1, opened->addresses))->whole);
    QCOMPARE(opened->addresses[0].text(), std::string("/ip4/127.0.0.1/udp/4001/quic-v1"));
}

void PeerRecordTest::theNumberOfAddressesIsBounded() {
    const Identity identity = identityOf(1);
    const Bytes address = vectorAddresses()[0].encode();
    const auto opened = [&](size_t count) {
        return openPeerRecord(sealEnvelope(identity, recordKind(), recordPayload(identity.peerId(), count, address)));
    };
    QCOMPARE(opened(kMaxRecordAddresses)->addresses.size(), kMaxRecordAddresses);
    QCOMPARE(opened(kMaxRecordAddresses + 1).error().code, Errc::TooLarge);
    // CVE-2023-40583 stuffs thousands in; also as empty submessages, and inside one submessage.
    QCOMPARE(opened(900).error().code, Errc::TooLarge);
    Bytes empties = recordPayload(identity.peerId(), 0, {});
    for (int i = 0; i < 4000; ++i) append(empties, fromHex("1a00"));
    QCOMPARE(openPeerRecord(sealEnvelope(identity, recordKind(), empties)).error().code, Errc::TooLarge);
    Bytes inside = recordPayload(identity.peerId(), 0, {});
    append(inside, fromHex("1a80"
                           "20"));
    for (int i = 0; i < 2048; ++i) append(inside, fromHex("0a00"));
    QCOMPARE(openPeerRecord(sealEnvelope(identity, recordKind(), inside)).error().code, Errc::TooLarge);
}

void PeerRecordTest::extremeNumbersSurvive() {
    QCOMPARE(openPeerRecord(sealPeerRecord(identityOf(1), UINT64_MAX, {}))->seq, UINT64_MAX);
    QCOMPARE(openPeerRecord(sealPeerRecord(identityOf(1), 0, {}))->seq, uint64_t{0});
}

void PeerRecordTest::rubbishIsRefused() {
    QVERIFY(!openPeerRecord({}));
    QVERIFY(!openPeerRecord(Bytes(100)));
    QCOMPARE(openPeerRecord(Bytes(kMaxEnvelopeBytes + 1)).error().code, Errc::TooLarge);
    // A host key that we cannot verify with.
    wire::Envelope envelope;
    envelope.set_public_key(std::string(asText(publicKeyMessage(2, Bytes(33, 2)))));
    envelope.set_payload_type(std::string(asText(kRecordType)));
    QCOMPARE(openPeerRecord(wire::encode(envelope)).error().code, Errc::Unsupported);
}

QTEST_APPLESS_MAIN(PeerRecordTest)
#include "peer_record_test.moc"
