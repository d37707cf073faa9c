#include "protocols/perf/perf.h"
#include "protocols/perf/perf_limits.h"
#include "support/hand_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;
using perf::PerfDone;
using perf::PerfFailed;

namespace {
const char* const kId = "/perf/1.0.0";

struct Meter {
    Meter(PairNetwork& network, uint8_t number, bool serve) : node(network, number), protocol({serve}, node.log) {
        node.swarm.addProtocol(protocol);
    }
    template <typename Event> std::vector<Event> all() { return pollAll<Event>(protocol, events); }
    TestNode node;
    perf::PerfProtocol protocol;
    std::vector<perf::PerfEvent> events;
};
struct Hand : HandNode {
    Hand(PairNetwork& network, uint8_t number, std::vector<std::string> serves = {kId})
        : HandNode(network, number, std::move(serves)) {}
};
Bytes count(uint64_t value) {
    Bytes bytes(8);
    putBigEndian<uint64_t>(bytes, value);
    return bytes;
}
} // namespace

class PerfTest : public QObject {
    Q_OBJECT
  private slots:
    void uploadAndDownloadAreMovedAndCounted_data();
    void uploadAndDownloadAreMovedAndCounted();
    void aPeerThatDoesNotServeIsUnsupported();
    void aPeerThatIsNotConnectedIsUnreachable();
    void theNumberOfStreamsIsBounded();
    void theNumberOfMeasurementsIsBounded();
    void aCountCutAnywhereIsUnderstood();
    void anAnswerThatIsTooLongFails();
    void anAnswerThatIsTooShortFails();
    void anAnswerBeforeTheEndOfTheUploadFails();
    void aRequestWithoutCountIsRefused();
    void theServerSendsOnlyAfterTheUpload();
    void theLargestCountIsServedWithoutMemory();
    void aPeerMayHaveOnlySoManyStreamsServed();
    void nothingMovingTimesOut();
    void cancelEndsBothHalvesOfEveryStream();
    void aLostConnectionFailsTheMeasurementOnce();
};

void PerfTest::uploadAndDownloadAreMovedAndCounted_data() {
    QTest::addColumn<quint64>("upload");
    QTest::addColumn<quint64>("download");
    QTest::addColumn<quint32>("streams");
    QTest::newRow("nothing") << quint64(0) << quint64(0) << quint32(1);
    QTest::newRow("upload") << quint64(3'000'001) << quint64(0) << quint32(1);
    QTest::newRow("download") << quint64(0) << quint64(3'000'001) << quint32(1);
    QTest::newRow("both") << quint64(1'000'000) << quint64(2'000'000) << quint32(1);
    QTest::newRow("eight streams") << quint64(5'000'003) << quint64(5'000'005) << quint32(8);
    QTest::newRow("fewer bytes than streams") << quint64(3) << quint64(5) << quint32(8);
}

void PerfTest::uploadAndDownloadAreMovedAndCounted() {
    QFETCH(quint64, upload);
    QFETCH(quint64, download);
    QFETCH(quint32, streams);
    PairNetwork network;
    Meter a(network, 1, false), b(network, 2, true);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    const uint64_t before = a.node.swarm.stats(b.node.id())->bytesReceived;
    a.protocol.perf({b.node.id(), upload, download, streams}, at(1s));
    a.node.settle(at(1s));
    run(network, {&a.node, &b.node}, at(3s));
    const auto done = a.all<PerfDone>();
    QCOMPARE(done.size(), size_t(1));
    QCOMPARE(done.front().uploadBytes, uint64_t(upload));
    QCOMPARE(done.front().downloadBytes, uint64_t(download));
    QCOMPARE(done.front().uploadTime, Duration(2s));
    QVERIFY(b.node.swarm.stats(a.node.id())->bytesReceived >= upload);
    QVERIFY(a.node.swarm.stats(b.node.id())->bytesReceived - before >= download);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
    QCOMPARE(a.node.carrier.uncredited() + b.node.carrier.uncredited(), size_t(0));
    QCOMPARE(a.protocol.deadline(), kNever);
}

void PerfTest::aPeerThatDoesNotServeIsUnsupported() {
    PairNetwork network;
    Meter a(network, 1, false), b(network, 2, false);
    QVERIFY(b.protocol.protocolIds().empty());
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.perf({b.node.id(), 1'000'000, 5, 4}, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PerfFailed>().size(), size_t(1));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::Unsupported);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
}

void PerfTest::aPeerThatIsNotConnectedIsUnreachable() {
    PairNetwork network;
    Meter a(network, 1, false);
    a.protocol.perf({identityOf(2).peerId(), 1, 1, 4}, at(0s));
    a.node.settle(at(0s));
    QCOMPARE(a.all<PerfFailed>().size(), size_t(1));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::Unreachable);
}

void PerfTest::theNumberOfStreamsIsBounded() {
    PairNetwork network;
    Meter a(network, 1, false), b(network, 2, true);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.perf({b.node.id(), 1, 1, 0}, at(0s));
    a.protocol.perf({b.node.id(), 1, 1, perf::kMaxStreams + 1}, at(0s));
    QCOMPARE(a.all<PerfFailed>().size(), size_t(2));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::InvalidArgument);
    a.protocol.perf({b.node.id(), 100, 100, perf::kMaxStreams}, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PerfDone>().size(), size_t(1));
}

void PerfTest::theNumberOfMeasurementsIsBounded() {
    PairNetwork network;
    Meter a(network, 1, false);
    for (size_t i = 0; i < perf::kMaxMeasurements; ++i) a.protocol.perf({identityOf(2).peerId(), 1, 1, 1}, at(0s));
    QVERIFY(a.all<PerfFailed>().empty());
    a.protocol.perf({identityOf(2).peerId(), 1, 1, 1}, at(0s));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::LimitReached);
}

void PerfTest::aCountCutAnywhereIsUnderstood() {
    PairNetwork network({.maxPiece = 1});
    Meter a(network, 1, false), b(network, 2, true);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.perf({b.node.id(), 300, 400, 2}, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PerfDone>().size(), size_t(1));
}

void PerfTest::anAnswerThatIsTooLongFails() {
    PairNetwork network;
    Meter a(network, 1, false);
    Hand b(network, 2);
    b.protocol.closeWithPeer = false;
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.perf({b.node.id(), 10, 20, 1}, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.node.swarm.streams().write(b.protocol.inbound().front(), Slice::copyOf(Bytes(21)), link::Fin::Yes);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::ProtocolViolation);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void PerfTest::anAnswerThatIsTooShortFails() {
    PairNetwork network;
    Meter a(network, 1, false);
    Hand b(network, 2);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.perf({b.node.id(), 10, 20, 1}, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::ProtocolViolation);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void PerfTest::anAnswerBeforeTheEndOfTheUploadFails() {
    PairNetwork network({.streamWindow = 1000, .linkWindow = 4000, .sendBuffer = 1000});
    Meter a(network, 1, false);
    Hand b(network, 2);
    b.protocol.reading = false;
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.perf({b.node.id(), 100'000, 20, 1}, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.node.swarm.streams().write(b.protocol.inbound().front(), Slice::copyOf(Bytes(20)), link::Fin::No);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::ProtocolViolation);
}

void PerfTest::aRequestWithoutCountIsRefused() {
    PairNetwork network;
    Meter a(network, 1, true);
    Hand b(network, 2);
    b.protocol.greeting = "1234567";
    b.protocol.endAtOnce = true;
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.open(a.node.id(), {kId}, 1);
    run(network, {&a.node, &b.node}, at(0s));
    QVERIFY(b.protocol.streams.at(b.protocol.keyOf(1)).reset.has_value());
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void PerfTest::theServerSendsOnlyAfterTheUpload() {
    PairNetwork network;
    Meter a(network, 1, true);
    Hand b(network, 2);
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.open(a.node.id(), {kId}, 1);
    run(network, {&a.node, &b.node}, at(0s));
    const auto key = b.protocol.keyOf(1);
    b.node.swarm.streams().write(key, Slice::copyOf(count(1000)), link::Fin::No);
    run(network, {&a.node, &b.node}, at(0s));
    QVERIFY(b.protocol.streams.at(key).received.empty());
    b.node.swarm.streams().write(key, Slice::copyOf(Bytes(5)), link::Fin::Yes);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(b.protocol.streams.at(key).received.size(), size_t(1000));
    QVERIFY(b.protocol.streams.at(key).ended);
}

void PerfTest::theLargestCountIsServedWithoutMemory() {
    PairNetwork network;
    Meter a(network, 1, true);
    Hand b(network, 2);
    b.protocol.reading = false;
    b.protocol.greeting = std::string(8, '\xff');
    b.protocol.endAtOnce = true;
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    b.protocol.open(a.node.id(), {kId}, 1);
    run(network, {&a.node, &b.node}, at(0s));
    const auto key = b.protocol.keyOf(1);
    // One window's worth has come; the rest of 2^64 - 1 bytes waits for credit.
    QVERIFY(b.node.swarm.streams().available(key) <= network.options().streamWindow);
    QVERIFY(b.node.swarm.streams().available(key) >= network.options().sendBuffer);
    b.node.swarm.streams().reset(key, 0);
    b.node.swarm.streams().stop(key, 0);
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
}

void PerfTest::aPeerMayHaveOnlySoManyStreamsServed() {
    PairNetwork network;
    Meter a(network, 1, true);
    Hand b(network, 2);
    b.node.connectTo(a.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    for (swarm::RequestTag tag = 1; tag <= perf::kMaxServedPerPeer + 1; ++tag) b.protocol.open(a.node.id(), {kId}, tag);
    run(network, {&a.node, &b.node}, at(0s));
    size_t refused = 0;
    for (const auto& [key, stream] : b.protocol.streams) refused += stream.reset.has_value();
    QCOMPARE(refused, size_t(1));
}

void PerfTest::nothingMovingTimesOut() {
    PairNetwork network;
    Meter a(network, 1, false);
    Hand b(network, 2);
    b.protocol.reading = false;
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.perf({b.node.id(), 10'000'000, 1, 1}, at(0s));
    runUntil(network, {&a.node, &b.node}, at(0s), at(perf::kStallTimeout - 1ns));
    QVERIFY(a.all<PerfFailed>().empty());
    runUntil(network, {&a.node, &b.node}, at(perf::kStallTimeout - 1ns), at(2 * perf::kStallTimeout));
    QCOMPARE(a.all<PerfFailed>().size(), size_t(1));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::Timeout);
}

void PerfTest::cancelEndsBothHalvesOfEveryStream() {
    PairNetwork network;
    Meter a(network, 1, false), b(network, 2, true);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    const auto id = a.protocol.perf({b.node.id(), 100'000'000, 1, 4}, at(0s));
    a.node.settle(at(0s));
    for (int i = 0; i < 20; ++i) network.deliverOne();
    b.node.settle(at(0s));
    a.protocol.cancel(id, a.node.swarm.streams(), at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PerfFailed>().size(), size_t(1));
    QCOMPARE(a.all<PerfFailed>().front().error.code, Errc::Cancelled);
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
}

void PerfTest::aLostConnectionFailsTheMeasurementOnce() {
    PairNetwork network;
    Meter a(network, 1, false), b(network, 2, true);
    a.node.connectTo(b.node, at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    a.protocol.perf({b.node.id(), 100'000'000, 1, 4}, at(0s));
    a.node.settle(at(0s));
    for (int i = 0; i < 20; ++i) network.deliverOne();
    a.node.swarm.disconnect(b.node.id(), 0, "enough", at(0s));
    run(network, {&a.node, &b.node}, at(0s));
    QCOMPARE(a.all<PerfFailed>().size(), size_t(1));
    QCOMPARE(a.node.swarm.figures().streams, size_t(0));
    QCOMPARE(b.node.swarm.figures().streams, size_t(0));
}

QTEST_APPLESS_MAIN(PerfTest)
#include "perf_test.moc"
