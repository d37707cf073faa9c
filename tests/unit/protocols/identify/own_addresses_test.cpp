#include "crypto/peer_record.h"
#include "protocols/identify/identify_limits.h"
#include "protocols/identify/own_addresses.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using codec::Multiaddr;
using codec::Reach;
using identify::OwnAddresses;

namespace {
Multiaddr parsed(const std::string& address) {
    return Multiaddr::parse(address).value();
}
const Multiaddr kLocal = addressOf(1), kLocalToo = addressOf(2);
const Multiaddr kGlobal = parsed("/ip4/9.9.9.9/udp/4001/quic-v1");
const Multiaddr kCircuit = parsed(kGlobal.text() + "/p2p/" + identityOf(9).peerId().text() + "/p2p-circuit");
} // namespace

class OwnAddressesTest : public QObject {
    Q_OBJECT
  private slots:
    void nothingIsSignedBeforeAnythingIsKnown() {
        OwnAddresses own;
        QVERIFY(!own.set({}, at(0s)));
        QVERIFY(own.recordFor(Reach::Loopback, m_identity).empty());
        QVERIFY(own.set({kLocal}, at(0s)));
        QVERIFY(!own.set({kLocal.withPeer(m_identity.peerId().multihash())}, at(0s)));
        // To take back what was told there has to be a record, though with nothing in it.
        QVERIFY(seen(own, Reach::Global).addresses.empty());
    }
    void theNumberIsOneForAllPlacesAndGrowsEvenWhenTheClockDoesNot() {
        OwnAddresses own;
        own.set({kLocal, kGlobal}, at(0s));
        const uint64_t first = seen(own, Reach::Local).seq;
        own.set({kLocalToo, kGlobal}, at(0s));
        QCOMPARE(seen(own, Reach::Local).seq, first + 1);
        QCOMPARE(seen(own, Reach::Global).seq, first + 1);
        QCOMPARE(seen(own, Reach::Local).addresses, (std::vector{kLocalToo, kGlobal}));
        QCOMPARE(seen(own, Reach::Global).addresses, std::vector{kGlobal});
    }
    void aRecordIsMadeOnceForAPlace() {
        OwnAddresses own;
        own.set({kLocal}, at(0s));
        const uint8_t* bytes = own.recordFor(Reach::Local, m_identity).data();
        own.recordFor(Reach::Global, m_identity);
        own.set({kLocal}, at(1s));
        QVERIFY(own.recordFor(Reach::Local, m_identity).data() == bytes);
    }
    void theVersionOfAPlaceChangesWithWhatIsToldThere() {
        OwnAddresses own;
        own.set({kLocal, kGlobal}, at(0s));
        QVERIFY(own.version(Reach::Local) == own.version(Reach::Loopback)); // they are told the same
        QVERIFY(own.version(Reach::Local) != own.version(Reach::Global));
        const uint64_t local = own.version(Reach::Local), global = own.version(Reach::Global);
        own.set({kLocalToo, kGlobal}, at(1s));
        QVERIFY(own.version(Reach::Local) != local);
        QCOMPARE(own.version(Reach::Global), global);
    }
    void whereThereAreTooManyThoseThroughRelaysStay() {
        OwnAddresses own;
        std::vector<Multiaddr> all;
        for (size_t i = 0; i < identify::kMaxOwnAddresses; ++i) all.push_back(addressOf(static_cast<uint8_t>(10 + i)));
        all.push_back(kCircuit);
        all.push_back(kGlobal);
        own.set(all, at(0s));
        const auto& told = own.toldFrom(Reach::Local);
        QCOMPARE(told.size(), identify::kMaxOwnAddresses);
        QCOMPARE(told.back(), kCircuit);
        QCOMPARE(told.front(), all.front());
        // And none takes the room of what is good for somebody elsewhere.
        QCOMPARE(own.toldFrom(Reach::Global), (std::vector{kCircuit, kGlobal}));
    }

  private:
    crypto::PeerRecord seen(OwnAddresses& own, Reach place) {
        return crypto::openPeerRecord(own.recordFor(place, m_identity)).value();
    }
    crypto::Identity m_identity = identityOf(1);
};

QTEST_APPLESS_MAIN(OwnAddressesTest)
#include "own_addresses_test.moc"
