#include "crypto/identity.h"
#include "discovery/memory_discovery.h"

#include <QTest>

using namespace wherry;
using namespace wherry::discovery;
using namespace std::chrono_literals;

namespace {

crypto::PeerId peerOf(uint8_t number) {
    std::array<uint8_t, 32> seed{};
    seed.fill(number);
    return crypto::Identity::fromSeed(seed).peerId();
}
codec::IpAddress ip(std::string_view text) {
    return codec::parseIp(text).value();
}
LocalLink link(uint8_t host) {
    const auto own = codec::IpAddress::v4({10, 0, 0, host});
    return {1, {{own, 24}}, {{codec::Transport::Quic, {own, 4001, 0}}}};
}
Now at(Duration t) {
    return {Instant(1h) + t, {}};
}

} // namespace

class DiscoveryTest : public QObject {
    Q_OBJECT

  private slots:
    void prefixesSayWhoIsOnTheSameNetwork() {
        QVERIFY(onSameNetwork({ip("10.1.2.3"), 24}, ip("10.1.2.200")));
        QVERIFY(!onSameNetwork({ip("10.1.2.3"), 24}, ip("10.1.3.3")));
        QVERIFY(onSameNetwork({ip("10.1.2.3"), 23}, ip("10.1.3.3")));
        QVERIFY(!onSameNetwork({ip("10.1.2.3"), 32}, ip("10.1.2.2")));
        QVERIFY(onSameNetwork({ip("10.1.2.3"), 255}, ip("10.1.2.3")));
        QVERIFY(onSameNetwork({ip("2001:db8::1"), 64}, ip("2001:db8::ffff")));
        QVERIFY(!onSameNetwork({ip("2001:db8::1"), 64}, ip("10.1.2.3")));
    }

    void peersOfOneBoardFindAndLoseEachOther() {
        auto board = std::make_shared<MemoryBoard>();
        MemoryDiscovery a(board, peerOf(1)), b(board, peerOf(2));
        a.setLinks({link(1)}, at(0s));
        QVERIFY(!a.poll());
        b.setLinks({link(2)}, at(0s));
        QCOMPARE(std::get<PeerFound>(b.poll().value()).peer, peerOf(1));
        a.onDeadline({a.deadline(), {}});
        const auto found = std::get<PeerFound>(a.poll().value());
        QCOMPARE(found.peer, peerOf(2));
        QCOMPARE(found.addresses.at(0).text(), std::string("/ip4/10.0.0.2/udp/4001/quic-v1"));
        a.onDeadline({a.deadline(), {}});
        QVERIFY(!a.poll()); // nothing has changed
        b.setLinks({link(9)}, at(1s));
        a.onDeadline({a.deadline(), {}});
        QCOMPARE(std::get<PeerFound>(a.poll().value()).addresses.at(0).text(),
                 std::string("/ip4/10.0.0.9/udp/4001/quic-v1"));
        b.shutdown(at(2s));
        QCOMPARE(b.deadline(), kNever);
        a.onDeadline({a.deadline(), {}});
        QCOMPARE(std::get<PeerExpired>(a.poll().value()).peer, peerOf(2));
    }
};

QTEST_APPLESS_MAIN(DiscoveryTest)
#include "discovery_test.moc"
