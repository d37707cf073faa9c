#include "support/memory_storage.h"
#include "support/seeded_random.h"
#include "support/test_node.h"
#include "transfer/transfers.h"

#include <QtTest>
#include <map>

/// Transfers on real swarms: what begins through a relay goes on over a direct link, and back when that one ends.
using namespace wherry;
using namespace wherry::test;
using namespace wherry::transfer;
using namespace std::chrono_literals;
using wherry::testing::MemoryStorage;

namespace {

struct Node : TestNode {
    Node(PairNetwork& network, uint8_t number)
        : TestNode(network, number),
          circuits(network, identity.peerId(), {circuitOf(number)}),
          random(number),
          transfers({2, pool}, random, log) {
        circuits.beRelayed();
        swarm.addCarrier(circuits);
        swarm.addProtocol(transfers);
    }
    /// One job, one scan, or what the swarm has to do; false: nothing.
    bool work(Now now) {
        bool moved = settle(now);
        while (auto op = transfers.pollStore()) {
            if (const auto* scan = std::get_if<StoreScan>(&*op))
                transfers.onStoreScanned({scan->id, std::vector<std::pair<Bytes, Bytes>>()}, swarm.streams(), now);
            moved = true;
        }
        if (auto job = transfers.pollJob()) {
            transfers.onJobDone(runJob(*job, disk, *pool), swarm.streams(), now);
            moved = true;
        }
        while (auto event = transfers.pollEvent()) told.push_back(std::move(*event));
        return settle(now) || moved;
    }
    template <typename Event> std::vector<Event> heard() const {
        std::vector<Event> found;
        for (const TransferEvent& event : told)
            if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
        return found;
    }

    PairCarrier circuits;
    SeededRandom random;
    std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>();
    MemoryStorage disk;
    Transfers transfers;
    std::vector<TransferEvent> told;
};

constexpr size_t kSize = 24 * 1024 * 1024;

struct Scene {
    Scene() : a(network, 1), b(network, 2) {
        a.disk.addFile("/src/big", SeededRandom(5).bytes(kSize));
        b.transfers.setReceivePolicy({true, Accept::All, Conflict::Rename, "/dst", false, {}}, at(now));
        a.swarm.connect(b.id(), {circuitOf(2)}, at(now));
        go(200);
        a.transfers.send(b.id(), {{"/src/big"}, 30s, {}}, at(now));
    }
    void go(size_t steps) {
        for (size_t i = 0; i < steps; ++i) {
            now += 1ms;
            const bool delivered = network.deliverOne();
            const bool aWorked = a.work(at(now));
            const bool bWorked = b.work(at(now));
            if (!delivered && !aWorked && !bWorked) now += 100ms;
            for (Node* node : {&a, &b})
                if (node->swarm.deadline() <= at(now).mono) node->swarm.onDeadline(at(now));
        }
    }
    bool until(double share) {
        for (int i = 0; i < 4000; ++i) {
            const auto told = b.heard<TransferProgress>();
            if (!told.empty() && double(told.back().figures.bytesVerified) >= share * kSize) return true;
            go(20);
        }
        return false;
    }
    bool delivered() {
        for (int i = 0; i < 4000 && a.heard<TransferDelivered>().empty(); ++i) go(20);
        return a.heard<TransferDelivered>().size() == 1 && b.heard<TransferDelivered>().size() == 1 &&
               b.disk.content("/dst/big") == a.disk.content("/src/big");
    }
    bool quiet() const {
        for (const Node* node : {&a, &b})
            if (!node->heard<TransferInterrupted>().empty() || !node->heard<TransferFailed>().empty() ||
                node->heard<OfferMade>().size() != 1)
                return false;
        return true;
    }
    void upgrade() {
        a.swarm.connectDirectly(b.id(), {b.address}, swarm::DialPace::AllAtOnce, at(now));
        for (int i = 0; i < 1000 && (relayed(a, b) || relayed(b, a)); ++i) go(5);
    }
    static bool relayed(const Node& one, const Node& other) { return one.swarm.peer(other.id())->relayed(); }
    QString trouble() const {
        QString text;
        for (const Node* node : {&a, &b}) {
            for (const auto& lost : node->heard<TransferInterrupted>())
                text += QString::fromStdString("interrupted: " + lost.error.text() + "; ");
            for (const auto& failed : node->heard<TransferFailed>())
                text += QString::fromStdString("failed: " + failed.error.text() + "; ");
        }
        return text;
    }

    Duration now = 0s;
    PairNetwork network;
    Node a, b;
};

} // namespace

class RelayedMoveTest : public QObject {
    Q_OBJECT

  private slots:
    void a_relayed_transfer_ends_direct() {
        Scene s;
        QVERIFY(s.until(0.3));
        QVERIFY(s.a.swarm.peer(s.b.id())->relayed());
        s.upgrade();
        QVERIFY(!s.a.swarm.peer(s.b.id())->relayed() && !s.b.swarm.peer(s.a.id())->relayed());
        QVERIFY(s.until(0.6));
        QCOMPARE(s.a.circuits.openStreams(s.a.circuits.links().front()), size_t(0)); // all of it has moved
        QVERIFY2(s.delivered(), qPrintable(s.trouble()));
        QVERIFY2(s.quiet(), qPrintable(s.trouble()));
        QCOMPARE(s.a.heard<TransferDelivered>().front().figures.chunksResent, uint64_t(0));
    }

    void it_goes_back_to_the_relay_when_the_direct_link_ends() {
        for (const bool atSender : {true, false}) {
            Scene s;
            QVERIFY(s.until(0.2));
            s.upgrade();
            QVERIFY(s.until(0.5));
            Node& first = atSender ? s.a : s.b;
            Node& second = atSender ? s.b : s.a;
            const Error silence = makeError(Errc::Timeout, "silence");
            first.carrier.breakLink(first.carrier.links().front(), silence);
            s.go(40);
            second.carrier.breakLink(second.carrier.links().front(), silence);
            s.go(40);
            QVERIFY(s.a.swarm.peer(s.b.id())->relayed() && s.b.swarm.peer(s.a.id())->relayed());
            QVERIFY2(s.delivered(), qPrintable(s.trouble()));
            QVERIFY2(s.quiet(), qPrintable(s.trouble()));
            const auto figures = s.a.heard<TransferDelivered>().front().figures;
            qInfo("%llu chunks were sent again", static_cast<unsigned long long>(figures.chunksResent));
            QVERIFY(figures.chunksResent * kChunkSize <= 4 * 1024 * 1024);
            QVERIFY(figures.bytesSent >= kSize);
        }
    }
};

QTEST_APPLESS_MAIN(RelayedMoveTest)
#include "relayed_move_test.moc"
