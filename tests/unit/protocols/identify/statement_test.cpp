#include "codec/frame.h"
#include "crypto/peer_record.h"
#include "protocols/identify/identify_limits.h"
#include "protocols/identify/statement.h"
#include "unit/crypto/vectors.h"
#include "wire/decode.h"
#include "wire/identify.pb.h"

#include <QTest>

using namespace wherry;
using identify::StatementReader;

namespace {
crypto::Identity identityOfSeed(uint8_t byte) {
    std::array<uint8_t, 32> seed{};
    seed.fill(byte);
    return crypto::Identity::fromSeed(seed);
}
Bytes fromJs() {
    return fromHex(test::textOf(test::libp2pVectors(), "identify"));
}
} // namespace

class StatementTest : public QObject {
    Q_OBJECT
  private slots:
    void whatJsSaysOfItselfIsUnderstood();
    void whatJsSaysIsRefusedFromAnybodyElse();
    void aRecordWhoseSignatureIsChangedAnywhereFails();
    void sixtyFourAddressesAreKeptAndNotOneMore();
    void ourOwnStatementIsUnderstoodByOurReader();
};

void StatementTest::whatJsSaysOfItselfIsUnderstood() {
    StatementReader reader(identityOfSeed(1).peerId());
    QVERIFY(reader.add(fromJs()).has_value());
    const auto said = reader.finish();
    const std::vector addresses{codec::Multiaddr::parse("/ip4/127.0.0.1/udp/4001/quic-v1").value(),
                                codec::Multiaddr::parse("/ip4/127.0.0.1/tcp/4001").value()};
    QCOMPARE(*said.listenAddresses, addresses);
    QCOMPARE(*said.recordAddresses, addresses);
    QCOMPARE(*said.recordSeq, uint64_t(42));
    QCOMPARE(*said.protocols, (std::vector<std::string>{"/a", "/b"}));
    QCOMPARE(*said.agent, std::string("agent/1"));
    QCOMPARE(*said.protocolVersion, std::string("ipfs/0.1.0"));
    QCOMPARE(*said.observed, addresses[1]);
}

void StatementTest::whatJsSaysIsRefusedFromAnybodyElse() {
    StatementReader reader(identityOfSeed(2).peerId());
    const auto added = reader.add(fromJs());
    QVERIFY(!added);
    QCOMPARE(added.error().code, Errc::VerificationFailed);
}

void StatementTest::aRecordWhoseSignatureIsChangedAnywhereFails() {
    const Bytes good = fromJs();
    for (size_t fromEnd = 1; fromEnd <= 64; ++fromEnd) { // the signature is the end of the message
        Bytes changed = good;
        changed[changed.size() - fromEnd] ^= 1;
        StatementReader reader(identityOfSeed(1).peerId());
        QVERIFY(!reader.add(changed));
    }
}

void StatementTest::sixtyFourAddressesAreKeptAndNotOneMore() {
    for (const size_t count : {identify::kMaxAddresses, identify::kMaxAddresses + 1}) {
        wire::Identify message;
        for (size_t i = 0; i < count; ++i) {
            const auto address = codec::Multiaddr::quic({codec::IpAddress::v4({10, 0, 0, 1}), uint16_t(1000 + i), 0});
            message.add_listen_addrs()->assign(asText(address.encode()));
        }
        StatementReader reader(identityOfSeed(1).peerId());
        QVERIFY(reader.add(wire::encode(message)).has_value());
        QCOMPARE(reader.finish().listenAddresses->size(), identify::kMaxAddresses);
    }
}

void StatementTest::ourOwnStatementIsUnderstoodByOurReader() {
    const auto identity = identityOfSeed(3);
    const std::vector addresses{codec::Multiaddr::parse("/ip6/2a00::1/udp/4001/quic-v1").value()};
    identify::OwnStatement own{"wherry/1", "ipfs/0.1.0", {"/x"}, addresses, {}};
    own.signedRecord = crypto::sealPeerRecord(identity, 7, addresses);
    const Bytes frames = encodeStatement(identity, own, addresses[0]);
    StatementReader reader(identity.peerId());
    codec::FrameReader cut(identify::kMaxMessageBytes);
    const auto step = cut.push(frames);
    QVERIFY(step && step->message);
    QCOMPARE(step->consumed, frames.size()); // one message: it is short
    QVERIFY(reader.add(*step->message).has_value());
    const auto said = reader.finish();
    QCOMPARE(*said.recordAddresses, addresses);
    QCOMPARE(*said.recordSeq, uint64_t(7));
    QVERIFY(said.recordFarthest == codec::Reach::Global);
}

QTEST_APPLESS_MAIN(StatementTest)
#include "statement_test.moc"
