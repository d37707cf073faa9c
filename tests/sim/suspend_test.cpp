#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

TransferWorldConfig broadband() {
    return {.link = {.delay = 10ms, .bitsPerSecond = 50'000'000}, .wait = 60s};
}

} // namespace

/// The lid is closed in the middle of a transfer and opened again.
class SuspendTest : public QObject {
    Q_OBJECT

  private slots:
    void aTransferGoesOnByItselfAfterASleep_data() {
        QTest::addColumn<bool>("sender");
        QTest::addColumn<bool>("receiver");
        QTest::addColumn<int>("seconds");
        for (const int seconds : {1, 12, 29, 31, 58}) {
            const QByteArray text = QByteArray::number(seconds) + " s";
            QTest::newRow("the sender, " + text) << true << false << seconds;
            QTest::newRow("the receiver, " + text) << false << true << seconds;
            QTest::newRow("both, " + text) << true << true << seconds;
        }
    }
    void aTransferGoesOnByItselfAfterASleep() {
        QFETCH(bool, sender);
        QFETCH(bool, receiver);
        QFETCH(int, seconds);
        RUN([&](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addMixedTree(6'000'000);
            pair.start();
            pair.send();
            world.runFor(500ms);
            world.require(!pair.finished(), "it is in the middle");
            if (sender) pair.sender.suspend(std::chrono::seconds(seconds));
            if (receiver) pair.receiver.suspend(std::chrono::seconds(seconds));
            pair.runToDelivery(200s);
            world.require(world.seconds() < seconds + 40, "soon after it is awake");
        });
    }

    void aSleepInAnotherNetworkToo() {
        RUN([](Simulation& world) {
            TransferWorld pair(world, broadband());
            pair.addMixedTree(6'000'000);
            pair.start();
            pair.send();
            world.runFor(500ms);
            pair.sender.suspend(50s);
            world.after(20s, [&] {
                for (const codec::IpAddress& address : pair.senderHost.addresses())
                    pair.senderHost.removeAddress(address);
                pair.senderHost.addAddress(ip("192.0.2.77"));
                pair.senderHost.addAddress(ip("2001:db8::77"));
            });
            world.after(50s + 1ms, [&] { pair.sender.addressesChanged(); });
            pair.runToDelivery(200s);
        });
    }
};

QTEST_APPLESS_MAIN(SuspendTest)
#include "suspend_test.moc"
