#include "kad/message.h"
#include "support/test_node.h"
#include "unit/crypto/vectors.h"
#include "wire/decode.h"
#include "wire/kad.pb.h"

#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;

namespace {
QJsonObject kadVectors() {
    return libp2pVectors()["kad"].toObject();
}
crypto::PeerId numbered(size_t number) {
    Bytes id = {0x12, 0x20};
    id.resize(34);
    putBigEndian<uint32_t>(MutableBytes(id).last(4), static_cast<uint32_t>(number));
    return crypto::PeerId::fromMultihash(id).value();
}
wire::KadMessage wired(uint64_t type) {
    wire::KadMessage out;
    out.set_type(type);
    out.set_key("key");
    return out;
}
Errc codeOf(const wire::KadMessage& message) {
    const auto decoded = decodeMessage(wire::encode(message));
    return decoded ? Errc::Internal : decoded.error().code;
}
PeerEntry withAddresses(size_t number, size_t addresses) {
    PeerEntry entry{numbered(number), {}, Connection::Connected};
    for (size_t i = 0; i < addresses; ++i)
        entry.addresses.push_back(codec::Multiaddr::parse("/ip6/2001:db8::" + std::to_string(i + 1) +
                                                          "/udp/4001/quic-v1/p2p/" + numbered(77).text() +
                                                          "/p2p-circuit")
                                      .value());
    return entry;
}
} // namespace

class MessageTest : public QObject {
    Q_OBJECT
  private slots:
    void everyMessageOfJsReadsAndWritesTheSameBytes();
    void thePutOfJsHasNoTypeAndItsRecord();
    void aMessageGoesThereAndBack();
    void anUnknownTypeIsMalformed();
    void aKeyIsBounded();
    void aValueIsBounded();
    void aRecordAboutAnotherKeyIsMalformed();
    void peersBeyondTheTwentiethAreDropped();
    void aPeerTwiceInOneListCountsOnce();
    void addressesBeyondTheSixteenthAreDropped();
    void badAddressesAreDroppedAndTheMessageStays();
    void anAddressOfAnotherPeerIsDropped();
    void manyTinyPeersAreRefusedBeforeAnythingIsAllocated();
    void fieldsAtTheBoundAreTakenAndOneMoreIsNot();
    void whatWeSendIsAtMostWhatRustTakes();
    void timesAreRfc3339();
};

void MessageTest::everyMessageOfJsReadsAndWritesTheSameBytes() {
    for (const char* name : {"getValue", "findNode", "findNodeReply", "addProvider", "getProviders"}) {
        const Bytes bytes = bytesOf(kadVectors(), name);
        QVERIFY(!bytes.empty());
        const auto message = decodeMessage(bytes);
        QVERIFY2(message, name);
        QCOMPARE(toHex(encodeMessage(*message)), toHex(bytes));
    }
    const auto add = decodeMessage(bytesOf(kadVectors(), "addProvider")).value();
    QCOMPARE(add.type, MessageType::AddProvider);
    QCOMPARE(add.key, bytesOf(kadVectors(), "multihash"));
    QVERIFY(add.providerPeers.size() == 1 || add.closerPeers.size() == 1);
    const auto reply = decodeMessage(bytesOf(kadVectors(), "findNodeReply")).value();
    QCOMPARE(reply.closerPeers.size(), size_t(1));
    QCOMPARE(reply.closerPeers[0].addresses.size(), size_t(2));
    QCOMPARE(reply.closerPeers[0].addresses[0].text(), std::string("/ip4/127.0.0.1/udp/4001/quic-v1"));
}

void MessageTest::thePutOfJsHasNoTypeAndItsRecord() {
    const auto put = decodeMessage(bytesOf(kadVectors(), "putValue")).value();
    QCOMPARE(put.type, MessageType::PutValue);
    QCOMPARE(std::string(asText(put.key)), std::string("/test/key"));
    QCOMPARE(std::string(asText(put.record->value)), std::string("value"));
    QCOMPARE(put.record->timeReceived, std::string("2026-01-02T03:04:05.678000000Z"));
}

void MessageTest::aMessageGoesThereAndBack() {
    Message message{MessageType::GetProviders, toBytes(asBytes("key")), Record{toBytes(asBytes("key")), {1, 2}, "t"},
                    {withAddresses(1, 2)},     {withAddresses(2, 0)},   17};
    QCOMPARE(decodeMessage(encodeMessage(message)).value(), message);
}

void MessageTest::anUnknownTypeIsMalformed() {
    QVERIFY(decodeMessage(wire::encode(wired(5))));
    QCOMPARE(codeOf(wired(6)), Errc::Malformed);
    QCOMPARE(codeOf(wired(~uint64_t(0))), Errc::Malformed);
}

void MessageTest::aKeyIsBounded() {
    auto message = wired(1);
    message.set_key(std::string(kMaxKeyBytes, 'k'));
    QVERIFY(decodeMessage(wire::encode(message)));
    message.set_key(std::string(kMaxKeyBytes + 1, 'k'));
    QCOMPARE(codeOf(message), Errc::TooLarge);
}

void MessageTest::aValueIsBounded() {
    auto message = wired(0);
    message.mutable_record()->set_value(std::string(kMaxValueBytes, 'v'));
    QCOMPARE(decodeMessage(wire::encode(message)).value().record->key, toBytes(asBytes("key")));
    message.mutable_record()->set_value(std::string(kMaxValueBytes + 1, 'v'));
    QCOMPARE(codeOf(message), Errc::TooLarge);
    message.mutable_record()->set_value("v");
    message.mutable_record()->set_time_received(std::string(kMaxTimeBytes + 1, '0'));
    QCOMPARE(codeOf(message), Errc::TooLarge);
}

void MessageTest::aRecordAboutAnotherKeyIsMalformed() {
    auto message = wired(0);
    message.mutable_record()->set_key("other");
    QCOMPARE(codeOf(message), Errc::Malformed);
}

void MessageTest::peersBeyondTheTwentiethAreDropped() {
    auto message = wired(4);
    for (size_t i = 0; i < kMaxPeersPerList + 1; ++i)
        message.add_closer_peers()->set_id(std::string(asText(numbered(i).multihash())));
    QCOMPARE(decodeMessage(wire::encode(message)).value().closerPeers.size(), kMaxPeersPerList);
    message.mutable_closer_peers()->DeleteSubrange(0, 1);
    QCOMPARE(decodeMessage(wire::encode(message)).value().closerPeers.size(), kMaxPeersPerList);
}

void MessageTest::aPeerTwiceInOneListCountsOnce() {
    auto message = wired(4);
    for (int i = 0; i < 3; ++i) message.add_closer_peers()->set_id(std::string(asText(numbered(1).multihash())));
    QCOMPARE(decodeMessage(wire::encode(message)).value().closerPeers.size(), size_t(1));
}

void MessageTest::addressesBeyondTheSixteenthAreDropped() {
    auto message = wired(4);
    auto& peer = *message.add_closer_peers();
    peer.set_id(std::string(asText(numbered(1).multihash())));
    for (uint8_t i = 0; i < kMaxAddresses + 1; ++i) peer.add_addrs(std::string(asText(addressOf(i).encode())));
    QCOMPARE(decodeMessage(wire::encode(message)).value().closerPeers[0].addresses.size(), kMaxAddresses);
}

void MessageTest::badAddressesAreDroppedAndTheMessageStays() {
    auto message = wired(4);
    auto& peer = *message.add_closer_peers();
    peer.set_id(std::string(asText(numbered(1).multihash())));
    peer.add_addrs("\x01\xff");
    peer.add_addrs("");
    peer.add_addrs(std::string(asText(addressOf(3).encode())));
    peer.set_connection(9);
    message.add_closer_peers()->set_id("no peer");
    const auto decoded = decodeMessage(wire::encode(message)).value();
    QCOMPARE(decoded.closerPeers.size(), size_t(1));
    QCOMPARE(decoded.closerPeers[0].addresses, std::vector{addressOf(3)});
    QCOMPARE(decoded.closerPeers[0].connection, Connection::NotConnected);
}

void MessageTest::anAddressOfAnotherPeerIsDropped() {
    auto message = wired(4);
    auto& peer = *message.add_closer_peers();
    peer.set_id(std::string(asText(numbered(1).multihash())));
    peer.add_addrs(std::string(asText(addressOf(3).withPeer(numbered(2).multihash()).encode())));
    peer.add_addrs(std::string(asText(addressOf(4).withPeer(numbered(1).multihash()).encode())));
    const auto decoded = decodeMessage(wire::encode(message)).value();
    QCOMPARE(decoded.closerPeers[0].addresses, std::vector{addressOf(4)});
}

void MessageTest::manyTinyPeersAreRefusedBeforeAnythingIsAllocated() {
    Bytes tiny;
    for (size_t i = 0; i < kMaxMessageBytes / 2; ++i) append(tiny, Bytes{8 << 3 | 2, 0});
    const auto decoded = decodeMessage(tiny);
    QVERIFY(!decoded);
    QCOMPARE(decoded.error().code, Errc::TooLarge);
}

void MessageTest::fieldsAtTheBoundAreTakenAndOneMoreIsNot() {
    Bytes tiny = {8, 4};
    while (tiny.size() < 2 * kMaxFields) append(tiny, Bytes{8 << 3 | 2, 0});
    QVERIFY(decodeMessage(tiny));
    append(tiny, Bytes{8 << 3 | 2, 0});
    QVERIFY(!decodeMessage(tiny));
}

void MessageTest::whatWeSendIsAtMostWhatRustTakes() {
    Message message{MessageType::GetProviders, {1}, Record{{1}, Bytes(kMaxValueBytes), rfc3339({})}, {}, {}, {}};
    for (size_t i = 0; i < kMaxPeersPerList; ++i) {
        message.closerPeers.push_back(withAddresses(i, kMaxAddresses));
        message.providerPeers.push_back(withAddresses(100 + i, kMaxAddresses));
    }
    const Bytes sent = encodeMessage(message);
    QVERIFY(sent.size() <= kMaxSentBytes);
    const auto read = decodeMessage(sent).value();
    QCOMPARE(read.closerPeers.size(), kMaxPeersPerList);
    QCOMPARE(read.providerPeers.size(), kMaxPeersPerList);
    QCOMPARE(read.closerPeers[19].addresses.size(), read.providerPeers[0].addresses.size());
    QVERIFY(!read.closerPeers[0].addresses.empty());
}

void MessageTest::timesAreRfc3339() {
    QCOMPARE(rfc3339({}), std::string("1970-01-01T00:00:00.000000000Z"));
    QCOMPARE(rfc3339({1'767'323'045'678'000'000}), std::string("2026-01-02T03:04:05.678000000Z"));
    QCOMPARE(rfc3339({-1}), std::string("1970-01-01T00:00:00.000000000Z"));
    QCOMPARE(rfc3339({INT64_MAX}), std::string("2262-04-11T23:47:16.854775807Z"));
    for (const int64_t nanos :
         {int64_t(0), int64_t(1), int64_t(1'767'323'045'678'000'000), int64_t(4'826'428'999'999'999'999)})
        QCOMPARE(parseRfc3339(rfc3339({nanos})).value().nanoseconds, nanos);
    const auto seconds = [](std::string_view time) { return parseRfc3339(time).value().nanoseconds / 1'000'000'000; };
    QCOMPARE(seconds("2026-01-02T05:04:05+02:00"), int64_t(1'767'323'045));
    QCOMPARE(seconds("2026-01-01t22:33:05.25-04:30"), int64_t(1'767'323'045 - 60));
    QCOMPARE(seconds("2024-02-29T00:00:00z"), int64_t(1'709'164'800));
    QCOMPARE(parseRfc3339("9999-12-31T23:59:59Z").value().nanoseconds, INT64_MAX);
    QCOMPARE(parseRfc3339("0000-01-01T00:00:00Z").value().nanoseconds, INT64_MIN);
    for (const char* wrong : {"", "2026-01-02", "2026-01-02T03:04:05", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
                              "2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z", "2026-01-02T03:04:05.Z",
                              "2026-01-02T03:04:05.1234567890Z", "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05+1:00",
                              "2026-01-02T03:04:05+24:00", "+026-01-02T03:04:05Z", " 2026-01-02T03:04:05Z"})
        QVERIFY2(!parseRfc3339(wrong), wrong);
}

QTEST_APPLESS_MAIN(MessageTest)
#include "message_test.moc"
