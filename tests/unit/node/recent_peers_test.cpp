#include "crypto/identity.h"
#include "node/recent_peers.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;

namespace {
crypto::PeerId peerOf(uint8_t number) {
    std::array<uint8_t, 32> seed{};
    seed[0] = number;
    return crypto::Identity::fromSeed(seed).peerId();
}
} // namespace

class RecentPeersTest : public QObject {
    Q_OBJECT

  private slots:
    void theOneOfWhichNothingWasSaidForLongestGivesWay() {
        for (uint8_t oldest = 1; oldest <= 3; ++oldest) { // whatever its id
            RecentPeers<int> recent(3);
            recent.at(peerOf(oldest)) = oldest;
            for (uint8_t other = 1; other <= 3; ++other)
                if (other != oldest) recent.at(peerOf(other)) = other;
            recent.at(peerOf(4)) = 4;
            QCOMPARE(recent.size(), size_t(3));
            for (uint8_t number = 1; number <= 4; ++number) {
                const int* value = recent.find(peerOf(number));
                QCOMPARE(value != nullptr, number != oldest);
                if (value) QCOMPARE(*value, int(number));
            }
        }
    }

    void whatIsSaidAgainIsTheLatest() {
        RecentPeers<int> recent(2);
        recent.at(peerOf(1)) = 1;
        recent.at(peerOf(2)) = 2;
        QCOMPARE(recent.at(peerOf(1)), 1);
        recent.at(peerOf(3)) = 3;
        QVERIFY(recent.find(peerOf(1)) && !recent.find(peerOf(2)));
        recent.erase(peerOf(1));
        QVERIFY(!recent.find(peerOf(1)));
    }
};

QTEST_APPLESS_MAIN(RecentPeersTest)
#include "recent_peers_test.moc"
