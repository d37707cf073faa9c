#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

/// What may be sent twice for each time that a peer vanishes: what was on the way, and of each of the eight streams the
/// chunk that was not complete and so could not be verified.
constexpr uint64_t kWindow = 4 * 1024 * 1024;
constexpr size_t kTree = 4'000'000;

/// Datagrams at which something happens: every one of the handshake and the offer, then ever more rarely.
std::vector<uint64_t> spread(uint64_t last) {
    std::vector<uint64_t> steps;
    for (uint64_t k = 1; k < last; k += 1 + k / 4) steps.push_back(k);
    return steps;
}

TransferWorldConfig broadband() {
    return {.link = {.delay = 15ms, .bitsPerSecond = 50'000'000}};
}

} // namespace

class TransferVanishTest : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        const RunReport report = runScenario(scenarioSeed(), [this](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addMixedTree(kTree);
            pair.start();
            pair.send();
            pair.runToDelivery(60s);
            m_sentUndisturbed = pair.bytesSentInAll();
        });
        VERIFY_REPORT(report);
        m_datagrams = report.delivered;
        std::printf("undisturbed: %llu datagrams, %llu bytes sent\n", static_cast<unsigned long long>(m_datagrams),
                    static_cast<unsigned long long>(m_sentUndisturbed));
    }

    void thePathIsCutAtEveryStepAndComesBack() {
        for (const uint64_t step : spread(m_datagrams)) {
            const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
                TransferWorld pair(world, broadband());
                pair.addMixedTree(kTree);
                pair.start();
                pair.send();
                world.atDatagram(step, [&] {
                    pair.link.setUp(false);
                    world.after(45s, [&] { pair.link.setUp(true); }); // longer than any idle timeout
                });
                pair.runToDelivery(150s);
                world.require(pair.bytesSentInAll() <= m_sentUndisturbed + kWindow,
                              "sent " + std::to_string(pair.bytesSentInAll()));
                m_most = std::max(m_most, pair.bytesSentInAll());
            });
            if (!report.passed) std::fprintf(stderr, "%s\n", ("cut at datagram " + std::to_string(step)).c_str());
            VERIFY_REPORT(report);
        }
        std::printf("most bytes sent with one cut: %llu\n", static_cast<unsigned long long>(m_most));
    }

    void theReceiverIsKilledAtEveryStep() { killAtEveryStep(false); }
    void theSenderIsKilledAtEveryStep() { killAtEveryStep(true); }

    void theSenderMovesInTheMiddle() {
        for (const uint64_t step : spread(m_datagrams)) {
            const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
                TransferWorld pair(world, broadband());
                pair.addMixedTree(kTree);
                pair.start();
                pair.send();
                world.atDatagram(step, [&] {
                    pair.senderHost.removeAddress(ip("192.0.2.1"));
                    pair.senderHost.removeAddress(ip("2001:db8::1"));
                    pair.senderHost.addAddress(ip("192.0.2.111"));
                    pair.senderHost.addAddress(ip("2001:db8::111"));
                    pair.sender.addressesChanged();
                });
                pair.runToDelivery(100s);
            });
            if (!report.passed) std::fprintf(stderr, "%s\n", ("moved at datagram " + std::to_string(step)).c_str());
            VERIFY_REPORT(report);
        }
    }

    void theReceiverComesBackElsewhereAndTheSenderFindsItByTheSameCommand() {
        const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addMixedTree(4 * kTree);
            pair.start();
            pair.send();
            world.atDatagram(3 * m_datagrams, [&] {
                pair.receiver.kill();
                pair.sender.kill();
                pair.receiverHost.removeAddress(ip("192.0.2.2"));
                pair.receiverHost.addAddress(ip("192.0.2.222"));
                world.after(3s, [&] {
                    pair.start();
                    pair.send();
                });
            });
            pair.runToDelivery(100s);
            world.require(pair.figures().bytesSent < m_sentUndisturbed * 3,
                          "what had been verified was not sent again");
        });
        VERIFY_REPORT(report);
    }

    void somebodyWhoNeverComesBackEndsTheTransferInTime() {
        const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
            TransferWorldConfig config = broadband();
            config.wait = 20s;
            TransferWorld pair(world, config);
            pair.addMixedTree(kTree);
            pair.start();
            pair.send();
            world.atDatagram(m_datagrams / 2, [&] { pair.receiver.kill(); });
            world.runUntil([&] { return pair.finished(); }, 200s);
            const auto* failed = pair.sender.last<transfer::TransferFailed>();
            world.require(failed, "it ends");
            world.require(failed->error.code == Errc::ConnectionLost, failed->error.text());
            world.require(world.elapsed() < 45s, "after its silence and the wait: " + std::to_string(world.seconds()));
        });
        VERIFY_REPORT(report);
    }

  private:
    void killAtEveryStep(bool theSender) {
        uint64_t most = 0;
        for (const uint64_t step : spread(m_datagrams)) {
            const RunReport report = runScenario(scenarioSeed(), [&](Simulation& world) {
                TransferWorld pair(world, broadband());
                pair.addMixedTree(kTree);
                pair.start();
                pair.send();
                world.atDatagram(step, [&] {
                    if (theSender)
                        pair.crashSender(2s);
                    else
                        pair.crashReceiver(2s);
                });
                pair.runToDelivery(120s);
                most = std::max(most, pair.bytesSentInAll());
                world.require(pair.bytesSentInAll() <= m_sentUndisturbed + kWindow,
                              "sent " + std::to_string(pair.bytesSentInAll()));
            });
            if (!report.passed) std::fprintf(stderr, "%s\n", ("killed at datagram " + std::to_string(step)).c_str());
            VERIFY_REPORT(report);
        }
        std::printf("most bytes sent with one kill: %llu\n", static_cast<unsigned long long>(most));
    }

    uint64_t m_datagrams = 0;
    uint64_t m_sentUndisturbed = 0;
    uint64_t m_most = 0;
};

QTEST_APPLESS_MAIN(TransferVanishTest)
#include "transfer_vanish_test.moc"
