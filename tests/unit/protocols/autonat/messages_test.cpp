#include "crypto/identity.h"
#include "protocols/autonat/autonat_limits.h"
#include "protocols/autonat/dial_policy.h"
#include "protocols/autonat/messages.h"
#include "unit/crypto/vectors.h"
#include "wire/autonat.pb.h"
#include "wire/decode.h"

#include <QTest>

using namespace wherry;
using namespace wherry::autonat;

namespace {
Bytes vector(const char* group, const char* name) {
    return test::bytesOf(test::libp2pVectors()[QLatin1String(group)].toObject(), name);
}
crypto::PeerId peerOfSeed(uint8_t byte) {
    std::array<uint8_t, 32> seed{};
    seed.fill(byte);
    return crypto::Identity::fromSeed(seed).peerId();
}
codec::Multiaddr addr(const char* text) {
    return codec::Multiaddr::parse(text).value();
}
const std::vector<codec::Multiaddr> kTwo{addr("/ip4/127.0.0.1/udp/4001/quic-v1"), addr("/ip4/127.0.0.1/tcp/4001")};
} // namespace

class MessagesTest : public QObject {
    Q_OBJECT
  private slots:
    void messagesAreThoseOfJs();
    void aMessageCutAnywhereIsRefusedOrShorter();
    void oneOfTheFourAndNotTwo();
    void fiftyAddressesAreLookedAtAndNotOneMore();
    void anAddressThatDoesNotParseKeepsItsPlace();
    void aMessageOfVersionOneStaysBelowRustsBound();
    void onlyPublicPlainAddressesOfThePeerItselfAreDialled();
};

void MessagesTest::messagesAreThoseOfJs() {
    const Dial1 dial{peerOfSeed(1), kTwo};
    QCOMPARE(encodeMessage1(dial), vector("autonat1", "dial"));
    QVERIFY(std::get<Dial1>(decodeMessage1(vector("autonat1", "dial")).value()) == dial);
    const Response1 reply{status1::kOk, {}, kTwo[0]};
    QCOMPARE(encodeMessage1(reply), vector("autonat1", "reply"));
    QVERIFY(std::get<Response1>(decodeMessage1(vector("autonat1", "reply")).value()) == reply);

    const DialRequest request{kTwo, 0x0102030405060708};
    QCOMPARE(encodeMessage2(request), vector("autonat2", "dialRequest"));
    QVERIFY(std::get<DialRequest>(decodeMessage2(vector("autonat2", "dialRequest")).value()) == request);
    const DialResponse response{status2::kOk, 1, dial_status::kOk};
    QCOMPARE(encodeMessage2(response), vector("autonat2", "dialResponse"));
    QVERIFY(std::get<DialResponse>(decodeMessage2(vector("autonat2", "dialResponse")).value()) == response);
    const DialDataRequest data{1, 30'000};
    QCOMPARE(encodeMessage2(data), vector("autonat2", "dialDataRequest"));
    QVERIFY(std::get<DialDataRequest>(decodeMessage2(vector("autonat2", "dialDataRequest")).value()) == data);
    QCOMPARE(std::get<DialDataResponse>(decodeMessage2(vector("autonat2", "dialDataResponse")).value()).bytes,
             size_t(3));
    QCOMPARE(encodeDialBack(0x0102030405060708), vector("autonat2", "dialBack"));
    QCOMPARE(decodeDialBack(vector("autonat2", "dialBack")).value(), uint64_t(0x0102030405060708));
    QVERIFY(encodeDialBackResponse().empty());
    QCOMPARE(decodeDialBackResponse({}).value(), 0u);
}

void MessagesTest::aMessageCutAnywhereIsRefusedOrShorter() {
    for (const char* name : {"dialRequest", "dialResponse", "dialDataRequest", "dialDataResponse"}) {
        const Bytes whole = vector("autonat2", name);
        for (size_t length = 0; length < whole.size(); ++length)
            QVERIFY(!decodeMessage2(ByteView(whole).first(length)));
    }
    const Bytes whole = vector("autonat1", "dial");
    for (size_t length = 0; length < whole.size(); ++length) QVERIFY(!decodeMessage1(ByteView(whole).first(length)));
    QVERIFY(!decodeDialBack({}));
}

void MessagesTest::oneOfTheFourAndNotTwo() {
    Bytes two = encodeMessage2(DialRequest{kTwo, 1});
    append(two, encodeMessage2(DialDataRequest{0, 30'000}));
    QVERIFY(!decodeMessage2(two));
    QVERIFY(!decodeMessage2({}));
}

void MessagesTest::fiftyAddressesAreLookedAtAndNotOneMore() {
    for (const size_t count : {kMaxAddresses, kMaxAddresses + 1}) {
        const DialRequest request{std::vector(count, kTwo[0]), 7};
        const auto back = decodeMessage2(encodeMessage2(request));
        QCOMPARE(std::get<DialRequest>(back.value()).addresses.size(), kMaxAddresses);
    }
    QVERIFY(decodeMessage2(encodeMessage2(DialDataResponse{kMaxMessageBytes - 6})));
    QVERIFY(!decodeMessage2(encodeMessage2(DialDataResponse{kMaxMessageBytes - 5})));
}

void MessagesTest::anAddressThatDoesNotParseKeepsItsPlace() {
    wire::Autonat2DialRequest inner;
    inner.add_addrs("\xff garbage");
    inner.add_addrs()->assign(asText(kTwo[1].encode()));
    wire::Autonat2 outer;
    outer.set_dial_request(std::string(asText(wire::encode(inner))));
    const auto request = std::get<DialRequest>(decodeMessage2(wire::encode(outer)).value());
    QVERIFY(request.addresses[0].empty());
    QCOMPARE(request.addresses[1], kTwo[1]);
}

void MessagesTest::aMessageOfVersionOneStaysBelowRustsBound() {
    const Dial1 dial{peerOfSeed(1), std::vector(200, kTwo[0])};
    const Bytes bytes = encodeMessage1(dial);
    QVERIFY(bytes.size() <= kMaxSentBytes1);
    QVERIFY(std::get<Dial1>(decodeMessage1(bytes).value()).addresses.size() >= 40);
}

void MessagesTest::onlyPublicPlainAddressesOfThePeerItselfAreDialled() {
    const auto self = peerOfSeed(1), other = peerOfSeed(2);
    for (const char* good : {"/ip4/44.1.0.1/udp/4001/quic-v1", "/ip4/44.1.0.1/tcp/4001",
                             "/ip6/2a00::1/udp/1024/quic-v1", "/ip4/44.1.0.1/tcp/443/ws"})
        QVERIFY2(dialTarget(addr(good), self), good);
    QVERIFY(dialTarget(kTwo[0].withoutPeer(), self) == std::nullopt); // loopback
    const auto good = addr("/ip4/44.1.0.1/udp/4001/quic-v1");
    QVERIFY(dialTarget(good.withPeer(self.multihash()), self));
    QVERIFY(!dialTarget(good.withPeer(other.multihash()), self));
    for (const char* bad : {"/ip4/10.0.0.1/udp/4001/quic-v1",
                            "/ip4/192.168.1.1/tcp/4001",
                            "/ip4/127.0.0.1/udp/4001/quic-v1",
                            "/ip4/0.0.0.0/udp/4001/quic-v1",
                            "/ip4/224.0.0.251/udp/5353/quic-v1",
                            "/ip4/255.255.255.255/udp/4001/quic-v1",
                            "/ip4/169.254.169.254/tcp/4001",
                            "/ip4/44.1.0.1/tcp/25",
                            "/ip4/44.1.0.1/udp/53/quic-v1",
                            "/ip4/44.1.0.1/udp/1023/quic-v1",
                            "/ip4/44.1.0.1/udp/0/quic-v1",
                            "/ip6/::1/udp/4001/quic-v1",
                            "/ip6/fe80::1/udp/4001/quic-v1",
                            "/ip6/::ffff:10.0.0.1/udp/4001/quic-v1",
                            "/ip6/2002:a00:1::1/udp/4001/quic-v1",
                            "/ip6/64:ff9b::a00:1/tcp/4001",
                            "/dns4/example.org/udp/4001/quic-v1",
                            "/dnsaddr/example.org",
                            "/ip4/44.1.0.1/udp/4001",
                            "/ip4/44.1.0.1/udp/4001/quic-v1/webtransport"})
        QVERIFY2(!dialTarget(addr(bad), self), bad);
    QVERIFY(!dialTarget(codec::Multiaddr(), self));
    QVERIFY(!dialTarget(addr(("/ip4/44.1.0.1/udp/4001/quic-v1/p2p/" + other.text() + "/p2p-circuit").c_str()), self));
}

QTEST_APPLESS_MAIN(MessagesTest)
#include "messages_test.moc"
