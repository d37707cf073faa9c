#include "crypto/identity.h"
#include "node/node_limits.h"
#include "node/seen_addresses.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;
using codec::Multiaddr;

namespace {
Multiaddr addr(const std::string& text) {
    return Multiaddr::parse(text).value();
}
crypto::PeerId peerOf(uint16_t number) {
    std::array<uint8_t, 32> seed{};
    seed[0] = static_cast<uint8_t>(number), seed[1] = static_cast<uint8_t>(number >> 8);
    return crypto::Identity::fromSeed(seed).peerId();
}

struct Home {
    explicit Home(std::vector<std::string> listens = {"/ip4/192.168.0.2/udp/4001/quic-v1",
                                                      "/ip4/192.168.0.2/tcp/4001"}) {
        std::vector<Multiaddr> all;
        for (const auto& one : listens) all.push_back(addr(one));
        seen.setListening(all);
    }
    void bySeen(uint16_t by, const std::string& us, const std::string& local = "/ip4/192.168.0.2/udp/4001/quic-v1",
                link::Side side = link::Side::Dialer, uint8_t network = 0) {
        const auto from = codec::IpAddress::v4({45, network ? network : static_cast<uint8_t>(by), 0, 1});
        seen.onSeen({peerOf(by), from, addr(us), addr(local), side});
    }
    std::vector<std::string> all(size_t most = 8) const {
        std::vector<std::string> out;
        for (const auto& one : seen.candidates(most)) out.push_back(one.text());
        return out;
    }
    SeenAddresses seen;
};
using Texts = std::vector<std::string>;
} // namespace

class SeenAddressesTest : public QObject {
    Q_OBJECT

  private slots:
    void oneServerOfOursIsEnoughAndTcpIsGuessed() {
        Home home;
        QVERIFY(home.all().empty());
        home.bySeen(1, "/ip4/44.1.0.9/udp/4001/quic-v1");
        QCOMPARE(home.all(), (Texts{"/ip4/44.1.0.9/udp/4001/quic-v1", "/ip4/44.1.0.9/tcp/4001"}));
    }

    void whereThePortChangesTcpIsNotGuessed() {
        Home home;
        home.bySeen(1, "/ip4/44.1.0.9/udp/50000/quic-v1");
        QCOMPARE(home.all(), (Texts{"/ip4/44.1.0.9/udp/50000/quic-v1"}));
    }

    void whatIsSeenOfTcpIsNoGuess() {
        Home home;
        home.bySeen(1, "/ip4/44.1.0.9/udp/4001/quic-v1");
        home.bySeen(2, "/ip4/44.1.0.9/tcp/4444", "/ip4/192.168.0.2/tcp/4001");
        QCOMPARE(home.all(), (Texts{"/ip4/44.1.0.9/udp/4001/quic-v1", "/ip4/44.1.0.9/tcp/4444"}));
    }

    void connectionsThatLeftFromElsewhereSayNothing() {
        Home home;
        home.bySeen(1, "/ip4/44.1.0.9/tcp/50000", "/ip4/192.168.0.2/tcp/39999");
        QVERIFY(home.all().empty());
    }

    void whoComesToUsMustBeTwo() {
        Home home;
        const char* const local = "/ip4/192.168.0.2/udp/4001/quic-v1";
        home.bySeen(1, "/ip4/44.7.0.7/udp/4001/quic-v1", local, link::Side::Listener, 9);
        home.bySeen(2, "/ip4/44.7.0.7/udp/4001/quic-v1", local, link::Side::Listener, 9);
        QVERIFY(home.all().empty()); // of one network
        home.bySeen(3, "/ip4/44.7.0.7/udp/4001/quic-v1", local, link::Side::Listener, 8);
        QCOMPARE(home.all().size(), size_t(2));
    }

    void twoCustomersOfOneProviderAreOneNetwork() {
        Home home;
        const auto say = [&](uint16_t by, const codec::IpAddress& from) {
            home.seen.onSeen({peerOf(by), from, addr("/ip4/44.7.0.7/udp/4001/quic-v1"),
                              addr("/ip4/192.168.0.2/udp/4001/quic-v1"), link::Side::Listener});
        };
        say(1, codec::IpAddress::v4({45, 9, 0, 1}));
        say(2, codec::IpAddress::v4({45, 9, 0, 200}));
        QVERIFY(home.all().empty());
        say(3, codec::IpAddress::v4({45, 9, 1, 1}));
        QVERIFY(!home.all().empty());
    }

    void whoeverComesToUsDoesNotPushOutWhomWeDialled() {
        Home home;
        home.bySeen(1, "/ip4/44.1.0.9/udp/4001/quic-v1");
        for (uint16_t number = 2; number < kMaxSights + 50; ++number)
            home.bySeen(number, "/ip4/44.66.0.6/udp/" + std::to_string(2000 + number) + "/quic-v1",
                        "/ip4/192.168.0.2/udp/4001/quic-v1", link::Side::Listener, 9);
        QCOMPARE(home.all().front(), std::string("/ip4/44.1.0.9/udp/4001/quic-v1"));
    }

    void whoHasGoneSaysNothingAnyMore() {
        Home home;
        home.bySeen(1, "/ip4/44.1.0.9/udp/4001/quic-v1");
        const auto before = home.seen.version();
        home.seen.onGone(peerOf(1));
        QVERIFY(home.all().empty() && home.seen.version() > before);
    }

    void whatTwoNetworksNameComesFirst() {
        Home home;
        home.bySeen(1, "/ip4/44.1.0.9/udp/4001/quic-v1");
        home.bySeen(2, "/ip4/44.1.0.9/udp/4001/quic-v1");
        home.bySeen(3, "/ip4/44.66.0.6/udp/4001/quic-v1");
        QCOMPARE(home.all().front(), std::string("/ip4/44.1.0.9/udp/4001/quic-v1"));
        QCOMPARE(home.all().at(1), std::string("/ip4/44.66.0.6/udp/4001/quic-v1"));
    }

    void privateAddressesAndPrivatePeersDoNotCount() {
        Home home;
        home.bySeen(1, "/ip4/10.1.0.9/udp/4001/quic-v1");
        home.seen.onSeen({peerOf(2), codec::IpAddress::v4({192, 168, 0, 9}), addr("/ip4/44.1.0.9/udp/4001/quic-v1"),
                          addr("/ip4/192.168.0.2/udp/4001/quic-v1"), link::Side::Dialer});
        QVERIFY(home.all().empty());
    }

    void publicAddressesOfOurOwnComeFirst() {
        Home home(
            {"/ip6/2a00::1/udp/4001/quic-v1", "/ip4/192.168.0.2/udp/4001/quic-v1", "/ip6/fd00::1/udp/4001/quic-v1"});
        home.bySeen(1, "/ip4/44.1.0.9/udp/4001/quic-v1");
        QCOMPARE(home.all(), (Texts{"/ip6/2a00::1/udp/4001/quic-v1", "/ip4/44.1.0.9/udp/4001/quic-v1"}));
        QCOMPARE(home.all(1).size(), size_t(1));
    }

    void anotherNetworkBeginsAnew() {
        Home home;
        home.bySeen(1, "/ip4/44.1.0.9/udp/4001/quic-v1");
        home.seen.setListening({addr("/ip4/192.168.9.2/udp/4001/quic-v1")});
        QVERIFY(home.all().empty());
    }

    void votesAreBounded() {
        Home home;
        for (uint16_t number = 0; number < kMaxSights + 50; ++number)
            home.bySeen(number, "/ip4/44.1.0.9/udp/" + std::to_string(2000 + number) + "/quic-v1");
        QVERIFY(home.all().size() <= kSightsOfOneKind + 1);
    }
};

QTEST_APPLESS_MAIN(SeenAddressesTest)
#include "seen_addresses_test.moc"
