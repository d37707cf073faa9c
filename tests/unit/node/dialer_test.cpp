#include "crypto/identity.h" // first: moc cannot read <compare> before what comes with it
#include "node/dialer.h"
#include "node/node_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;
using codec::Multiaddr;

namespace {

crypto::PeerId peerNumber(uint8_t number) {
    std::array<uint8_t, 32> seed{};
    seed[0] = number;
    return crypto::Identity::fromSeed(seed).peerId();
}

Multiaddr address(std::string_view text) {
    auto parsed = Multiaddr::parse(text);
    ASSERT(parsed);
    return *parsed;
}

template <typename Action> Action next(Dialer& dialer) {
    auto action = dialer.poll();
    ASSERT(action && std::holds_alternative<Action>(*action));
    return std::get<Action>(*action);
}

} // namespace

class DialerTest : public QObject {
    Q_OBJECT

  private slots:
    void aKnownAddressIsDialledAtOnce() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        dialer.learn(peer, {address("/ip4/127.0.0.1/udp/4001/quic-v1")});
        dialer.attempt(peer);
        const auto dial = next<DialPeer>(dialer);
        QCOMPARE(dial.peer, peer);
        QCOMPARE(dial.addresses.size(), size_t(1));
        QVERIFY(!dialer.poll());
    }

    void addressesThatCanNeverAnswerAreLeftOutAndTheOthersUsed() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        dialer.learn(peer, {address("/ip4/0.0.0.0/udp/4001/quic-v1"), address("/ip4/127.0.0.1/udp/4001/quic-v1"),
                            address("/ip6/ff02::1/udp/4001/quic-v1"), address("/ip4/127.0.0.1/udp/0/quic-v1")});
        dialer.attempt(peer);
        QCOMPARE(next<DialPeer>(dialer).addresses, std::vector{address("/ip4/127.0.0.1/udp/4001/quic-v1")});
    }

    void aNameThatIsLookedUpForSomebodyElseIsNotRemembered() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        QVERIFY(!dialer.lookUp(peer, address("/ip4/127.0.0.1/udp/4001/quic-v1")));
        const Multiaddr name = address("/dns4/relay.example/udp/4001/quic-v1");
        const auto id = dialer.lookUp(peer, name.withPeer(peer.multihash()));
        QVERIFY(id.has_value());
        const auto resolve = next<ResolveNames>(dialer);
        QCOMPARE(resolve.id, *id);
        QCOMPARE(resolve.names, std::vector{name});
        dialer.onNamesResolved(*id, std::vector{address("/ip4/127.0.0.1/udp/4001/quic-v1")});
        QVERIFY(!dialer.poll());
        dialer.attempt(peer);
        QCOMPARE(next<DialImpossible>(dialer).peer, peer);
    }

    void anAddressThatLeadsElsewhereIsLookedUpForThisPeer() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        const Multiaddr name = address("/dnsaddr/example.org");
        dialer.learn(peer, {name.withPeer(peer.multihash())});
        dialer.attempt(peer);
        const auto names = next<ResolveNames>(dialer);
        QCOMPARE(names.names, std::vector{name.withPeer(peer.multihash())});
        const std::vector found{address("/ip4/127.0.0.1/udp/4001/quic-v1")};
        dialer.onNamesResolved(names.id, found);
        QCOMPARE(next<DialPeer>(dialer).addresses, found);
    }

    void aNameThatResolvesToNobodyIsImpossible() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        dialer.learn(peer, {address("/dns4/blocked.example/udp/4001/quic-v1")});
        dialer.attempt(peer);
        const auto resolve = next<ResolveNames>(dialer);
        dialer.onNamesResolved(resolve.id, std::vector{address("/ip4/0.0.0.0/udp/4001/quic-v1")});
        const auto impossible = next<DialImpossible>(dialer);
        QCOMPARE(impossible.error.code, Errc::Unreachable);
        QVERIFY(impossible.error.context.find("0.0.0.0") != std::string::npos);
    }

    void aPeerWithoutAddressIsImpossibleAndNamed() {
        Dialer dialer;
        dialer.attempt(peerNumber(1));
        const auto impossible = next<DialImpossible>(dialer);
        QCOMPARE(impossible.error.code, Errc::Unreachable);
        QVERIFY(impossible.error.context.find(peerNumber(1).text()) != std::string::npos);
    }

    void whatDiscoveryFindsComesAfterWhatWasLearnedAndGoesWithIt() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        const auto told = address("/ip4/192.0.2.1/udp/1/quic-v1"), found = address("/ip4/192.168.0.9/udp/1/quic-v1");
        dialer.learn(peer, {told});
        dialer.setDiscovered(peer, {found, told});
        dialer.attempt(peer);
        QCOMPARE(next<DialPeer>(dialer).addresses, (std::vector{told, found}));
        dialer.finished(peer);
        dialer.setDiscovered(peer, {});
        dialer.attempt(peer);
        QCOMPARE(next<DialPeer>(dialer).addresses, std::vector{told});
        dialer.setDiscovered(peerNumber(2), {found}); // one that nobody has told us about
        dialer.attempt(peerNumber(2));
        QCOMPARE(next<DialPeer>(dialer).addresses, std::vector{found});
    }

    void aFloodOfDiscoveredPeersDoesNotPushOutWhatWasLearned() {
        Dialer dialer;
        const auto told = address("/ip4/192.0.2.1/udp/1/quic-v1");
        dialer.learn(peerNumber(1), {told});
        for (uint32_t i = 0; i < 2 * kMaxKnownPeers; ++i) {
            Bytes key{0, 36, 8, 1, 18, 32};
            key.resize(38);
            putBigEndian(MutableBytes(key).subspan(6, 4), i);
            const auto forged = crypto::PeerId::fromMultihash(key).value();
            dialer.setDiscovered(forged, {told});
            dialer.setDiscovered(forged, {});
        }
        dialer.attempt(peerNumber(1));
        QCOMPARE(next<DialPeer>(dialer).addresses, std::vector{told});
    }

    void aSecondWantJoinsTheAttemptUnderWay() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        dialer.learn(peer, {address("/ip6/::1/udp/1/quic-v1")});
        dialer.attempt(peer);
        dialer.attempt(peer);
        next<DialPeer>(dialer);
        QVERIFY(!dialer.poll());
        dialer.finished(peer);
        dialer.attempt(peer);
        next<DialPeer>(dialer);
    }

    void namesAreResolvedBeforeTheDial() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        dialer.learn(peer, {address("/dns4/example.org/udp/4001/quic-v1"), address("/ip4/10.0.0.1/udp/4001/quic-v1")});
        dialer.attempt(peer);
        const auto resolve = next<ResolveNames>(dialer);
        QCOMPARE(resolve.names.size(), size_t(1));
        dialer.onNamesResolved(resolve.id, std::vector{address("/ip4/192.0.2.7/udp/4001/quic-v1")});
        QCOMPARE(next<DialPeer>(dialer).addresses.size(), size_t(2));
    }

    void aNameThatDoesNotResolveStillTriesTheOtherAddresses() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        dialer.learn(peer, {address("/dns4/example.org/udp/4001/quic-v1"), address("/ip4/10.0.0.1/udp/4001/quic-v1")});
        dialer.attempt(peer);
        const auto resolve = next<ResolveNames>(dialer);
        dialer.onNamesResolved(resolve.id, makeError(Errc::NotFound, "example.org: no such name"));
        QCOMPARE(next<DialPeer>(dialer).addresses.size(), size_t(1));
    }

    void addressesPerPeerAreBounded() {
        Dialer dialer;
        const auto peer = peerNumber(1);
        for (size_t port = 1; port <= kMaxAddressesPerPeer + 1; ++port)
            dialer.learn(peer, {address("/ip4/127.0.0.1/udp/" + std::to_string(port) + "/quic-v1")});
        dialer.attempt(peer);
        const auto dial = next<DialPeer>(dialer);
        QCOMPARE(dial.addresses.size(), kMaxAddressesPerPeer);
        QCOMPARE(dial.addresses.front(), address("/ip4/127.0.0.1/udp/33/quic-v1")); // the newest first
    }

    void thePeerThatHasNotBeenHeardOfForLongestIsForgottenFirst() {
        Dialer dialer;
        const auto numbered = [](size_t number) {
            std::array<uint8_t, 32> digest{};
            digest[0] = static_cast<uint8_t>(255 - number % 256); // the newest are the smallest
            digest[1] = static_cast<uint8_t>(255 - number / 256);
            Bytes multihash{0x12, 0x20};
            multihash.insert(multihash.end(), digest.begin(), digest.end());
            return *crypto::PeerId::fromMultihash(multihash);
        };
        const std::vector somewhere{address("/ip4/127.0.0.1/udp/1/quic-v1")};
        for (size_t number = 0; number < kMaxKnownPeers; ++number) dialer.learn(numbered(number), somewhere);
        dialer.learn(numbered(0), somewhere); // known again
        dialer.learn(numbered(kMaxKnownPeers), somewhere);
        dialer.attempt(numbered(0));
        next<DialPeer>(dialer);
        dialer.attempt(numbered(kMaxKnownPeers));
        next<DialPeer>(dialer);
        dialer.attempt(numbered(1));
        next<DialImpossible>(dialer);
        dialer.attempt(numbered(2));
        next<DialPeer>(dialer);
    }
};

QTEST_APPLESS_MAIN(DialerTest)
#include "dialer_test.moc"
