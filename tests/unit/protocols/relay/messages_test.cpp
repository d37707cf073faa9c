#include "crypto/envelope.h"
#include "crypto/identity.h"
#include "protocols/relay/circuit_address.h"
#include "protocols/relay/messages.h"
#include "protocols/relay/relay_limits.h"
#include "protocols/relay/voucher.h"
#include "support/test_node.h"
#include "unit/crypto/vectors.h"
#include "wire/decode.h"
#include "wire/relay.pb.h"

#include <QTest>

using namespace wherry;
using namespace wherry::relay;
using codec::Multiaddr;
using test::identityOf;

namespace {
Bytes vector(const char* name) {
    return test::bytesOf(test::libp2pVectors()[QLatin1String("relay")].toObject(), name);
}
Multiaddr addr(const std::string& text) {
    return Multiaddr::parse(text).value();
}
const crypto::PeerId kOne = identityOf(1).peerId(), kTwo = identityOf(2).peerId();
std::string relayed(const std::string& address) {
    return address + "/p2p/" + kOne.text() + "/p2p-circuit";
}
} // namespace

class MessagesTest : public QObject {
    Q_OBJECT
  private slots:
    void messagesAreThoseOfJs();
    void aTypeOfZeroIsWrittenAndWanted();
    void aMessageCutAnywhereIsRefusedOrShorter();
    void whatIsMissingOrUnknownIsMalformed();
    void numbersMayBeAsLargeAsTheyLike();
    void addressesThatMakeItTooLongAreLeftOut();
    void aVoucherIsTheSignersAlone();
    void aCircuitAddressNamesItsRelay();
    void whatARelayTellsOfItselfLeadsNowhereElse();
};

void MessagesTest::messagesAreThoseOfJs() {
    QCOMPARE(encodeHop(HopReserve{}), vector("reserve"));
    QCOMPARE(encodeHop(HopConnect{kTwo}), vector("connect"));
    QVERIFY(std::get<HopConnect>(decodeHop(vector("connect")).value()).peer == kTwo);
    const auto reply = std::get<HopStatus>(decodeHop(vector("reserveReply")).value());
    QCOMPARE(reply.status, status::kOk);
    QCOMPARE(reply.reservation->expire, uint64_t(1'700'000'000));
    QCOMPARE(reply.reservation->addresses.size(), size_t(2));
    QVERIFY((reply.limit == Limit{120, 131'072}));
    QVERIFY(std::get<HopStatus>(decodeHop(encodeHop(reply)).value()) == reply); // js writes a voucher of no bytes
    const StopConnect stop{kOne, Limit{120, 131'072}};
    QCOMPARE(encodeStop(stop), vector("stopConnect"));
    QVERIFY(std::get<StopConnect>(decodeStop(vector("stopConnect")).value()) == stop);
    QCOMPARE(encodeStop(StopStatus{status::kOk}), vector("stopOk"));
}

void MessagesTest::aTypeOfZeroIsWrittenAndWanted() {
    QCOMPARE(encodeHop(HopReserve{}), fromHex("0800"));
    QVERIFY(encodeStop(StopConnect{kTwo, {}}).size() > 2);
    QCOMPARE(toHex(ByteView(encodeStop(StopConnect{kTwo, {}})).first(2)), std::string("0800"));
    QVERIFY(!decodeHop({}));
    QVERIFY(!decodeStop({}));
    QVERIFY(!decodeHop(fromHex("2864"))); // a status without a type
}

void MessagesTest::aMessageCutAnywhereIsRefusedOrShorter() {
    for (const char* name : {"reserve", "reserveReply", "connect"}) {
        const Bytes whole = vector(name);
        for (size_t size = 0; size < whole.size(); ++size) {
            const auto message = decodeHop(ByteView(whole).first(size));
            if (message) QVERIFY(encodeHop(*message).size() <= size);
        }
    }
    const Bytes stop = vector("stopConnect");
    for (size_t size = 0; size < stop.size(); ++size) (void)decodeStop(ByteView(stop).first(size));
}

void MessagesTest::whatIsMissingOrUnknownIsMalformed() {
    QVERIFY(!decodeHop(fromHex("0803")));             // type 3
    QVERIFY(!decodeHop(fromHex("0801")));             // whom to connect to
    QVERIFY(!decodeHop(fromHex("0802")));             // which status
    QVERIFY(!decodeStop(fromHex("0802")));            // type 2
    QVERIFY(!decodeStop(fromHex("0800")));            // who comes
    QVERIFY(!decodeStop(fromHex("0801")));            // which status
    QVERIFY(!decodeHop(fromHex("0801120412020102"))); // a peer id that is none
    QVERIFY(!decodeHop(Bytes(kMaxMessageBytes + 1)));
    QVERIFY(decodeHop(fromHex("0800"
                              "a20103616263"))); // a field of a later version
}

void MessagesTest::numbersMayBeAsLargeAsTheyLike() {
    const HopStatus most{UINT32_MAX, Reservation{UINT64_MAX, {}, {}}, Limit{UINT32_MAX, UINT64_MAX}};
    QVERIFY(std::get<HopStatus>(decodeHop(encodeHop(most)).value()) == most);
    QVERIFY(statusText(UINT32_MAX).find("4294967295") != std::string::npos);
    QVERIFY(statusText(status::kNoReservation).find("NO_RESERVATION") != std::string::npos);
}

void MessagesTest::addressesThatMakeItTooLongAreLeftOut() {
    Reservation reservation{1, {}, Bytes(3000)};
    const std::string label(200, 'a');
    for (size_t i = 0; i < kMaxRelayAddresses + 1; ++i)
        reservation.addresses.push_back(addr("/dns4/" + label.substr(0, 60) + "." + label.substr(0, 60) + "." +
                                             label.substr(0, 60) + ".x" + std::to_string(i) + "/tcp/1"));
    const Bytes encoded = encodeHop(HopStatus{status::kOk, reservation, {}});
    QVERIFY(encoded.size() <= kMaxMessageBytes);
    const auto decoded = std::get<HopStatus>(decodeHop(encoded).value());
    QVERIFY(decoded.reservation->addresses.size() < kMaxRelayAddresses);
    QVERIFY(!decoded.reservation->addresses.empty());
    QCOMPARE(decoded.reservation->voucher.size(), size_t(3000));

    reservation.voucher.clear();
    for (Multiaddr& address : reservation.addresses) address = addr("/ip4/192.0.2.1/tcp/1");
    const auto all = std::get<HopStatus>(decodeHop(encodeHop(HopStatus{status::kOk, reservation, {}})).value());
    QCOMPARE(all.reservation->addresses.size(), kMaxRelayAddresses);
}

void MessagesTest::aVoucherIsTheSignersAlone() {
    const QJsonObject voucher = test::libp2pVectors()[QLatin1String("voucher")].toObject();
    const auto js = openVoucher(test::bytesOf(voucher, "envelope"));
    QVERIFY(js);
    QVERIFY((*js == Voucher{kOne, kTwo, js->expiration}));
    QCOMPARE(sealVoucher(identityOf(1), kTwo, js->expiration), test::bytesOf(voucher, "envelope"));

    Bytes bad = sealVoucher(identityOf(1), kTwo, 5);
    bad.back() ^= 1;
    QVERIFY(!openVoucher(bad));
    // Signed by two, about a reservation with one.
    wire::RelayVoucher foreign;
    foreign.set_relay(std::string(asText(kOne.multihash())));
    foreign.set_peer(std::string(asText(kTwo.multihash())));
    foreign.set_expiration(5);
    constexpr uint8_t kType[] = {0x03, 0x02};
    const auto lie =
        openVoucher(crypto::sealEnvelope(identityOf(2), {"libp2p-relay-rsvp", kType}, wire::encode(foreign)));
    QVERIFY(!lie && lie.error().code == Errc::VerificationFailed);
    QVERIFY(!openVoucher(crypto::sealEnvelope(identityOf(1), {"libp2p-peer-record", kType}, wire::encode(foreign))));
}

void MessagesTest::aCircuitAddressNamesItsRelay() {
    const auto parsed = circuitAddress(addr(relayed("/ip4/192.0.2.1/tcp/1") + "/p2p/" + kTwo.text()));
    QVERIFY(parsed && parsed->relay == kOne);
    QCOMPARE(parsed->relayAddress.text(), "/ip4/192.0.2.1/tcp/1/p2p/" + kOne.text());
    QVERIFY(circuitAddress(addr(relayed("/dns4/relay.example/tcp/443/wss"))));
    QVERIFY(!circuitAddress(addr("/ip4/192.0.2.1/tcp/1/p2p/" + kOne.text())));
    QVERIFY(!circuitAddress(addr("/ip4/192.0.2.1/tcp/1/p2p-circuit")));
    QVERIFY(!circuitAddress(addr("/p2p/" + kOne.text() + "/p2p-circuit")));
    QVERIFY(!circuitAddress(addr(relayed("/ip4/192.0.2.1/tcp/1") + "/p2p/" + kTwo.text() + "/p2p-circuit")));
    QVERIFY(!circuitAddress(addr(relayed("/ip4/192.0.2.1/tcp/1") + "/tcp/1")));
}

void MessagesTest::whatARelayTellsOfItselfLeadsNowhereElse() {
    const Multiaddr seen = addr("/ip4/8.8.4.4/udp/4001/quic-v1");
    const std::vector<Multiaddr> told{
        addr("/ip4/8.8.4.4/tcp/22"),                              // its own
        addr("/ip4/10.0.0.1/tcp/4001"),                           // somebody's home
        addr("/ip4/127.0.0.1/tcp/4001"),                          // ourselves
        addr("/ip4/9.9.9.9/tcp/25"),                              // a mail server
        addr("/dns4/victim.example/tcp/4001"),                    // a name
        addr("/ip4/9.9.9.9/tcp/4001/p2p/" + kTwo.text()),         // somebody else
        addr(relayed("/ip4/9.9.9.9/tcp/4001")),                   // a circuit
        addr("/ip6/2606:4700::1/tcp/4001/p2p/" + kOne.text()),    // may be
        addr("/ip4/8.8.4.4/udp/4001/quic-v1/p2p/" + kOne.text()), // known
    };
    const auto good = circuitsThrough(kOne, seen, link::Side::Dialer, told, {});
    const std::vector<Multiaddr> wanted{addr(relayed("/ip4/8.8.4.4/udp/4001/quic-v1")),
                                        addr(relayed("/ip4/8.8.4.4/tcp/22")),
                                        addr(relayed("/ip6/2606:4700::1/tcp/4001"))};
    QVERIFY(good == wanted);
    // What the person has given counts as it is; a pipe that the relay has dialled came from nowhere that listens.
    const auto named = circuitsThrough(kOne, addr("/ip4/8.8.4.4/tcp/50000"), link::Side::Listener, {},
                                       {addr("/dns4/relay.example/tcp/443/wss/p2p/" + kOne.text())});
    QVERIFY(named == std::vector{addr(relayed("/dns4/relay.example/tcp/443/wss"))});
    // No more than others are to be told.
    std::vector<Multiaddr> many;
    for (int i = 1; i < 20; ++i) many.push_back(addr("/ip4/8.8.4.4/tcp/" + std::to_string(2000 + i)));
    QCOMPARE(circuitsThrough(kOne, seen, link::Side::Dialer, many, {}).size(), kToldPerRelay);
}

QTEST_APPLESS_MAIN(MessagesTest)
#include "messages_test.moc"
