#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

QString describe(const TransferPeer& peer) {
    QString text;
    for (const TransferEvent& event : peer.events) {
        text += QString::number(event.index());
        if (const auto* failed = std::get_if<TransferFailed>(&event))
            text += QString::fromStdString(" " + failed->error.text() + " [" + failed->file + "]");
        if (const auto* lost = std::get_if<TransferInterrupted>(&event)) text += QString::fromStdString(" " + lost->error.text());
        if (const auto* declined = std::get_if<OfferDeclined>(&event)) text += QString::fromStdString(" " + declined->reason);
        text += "; ";
    }
    return text;
}

#define REQUIRE_DELIVERED(world)                                                                                       \
    do {                                                                                                               \
        QVERIFY2((world).sender->eventsOf<TransferDelivered>().size() == 1, qPrintable(describe(*(world).sender)));    \
        QVERIFY2(!(world).receiver->eventsOf<TransferDelivered>().empty(), qPrintable(describe(*(world).receiver)));   \
        QVERIFY((world).receiverHost.disk.parts("/dst").empty());                                                      \
        QCOMPARE((world).sender->carrier.uncredited() + (world).receiver->carrier.uncredited(), size_t(0));            \
    } while (false)

} // namespace

class TransfersTest : public QObject {
    Q_OBJECT

  private slots:
    void a_mixed_tree_arrives_equal_in_any_order_of_events() {
        for (uint64_t seed = 1; seed <= 20; ++seed) {
            TransferWorld world(seed);
            addMixedTree(world.senderHost.disk, "/src/in");
            world.send({"/src/in"});
            QVERIFY(world.run());
            REQUIRE_DELIVERED(world);
            QVERIFY(world.senderHost.disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in"));
        }
    }
};

QTEST_APPLESS_MAIN(TransfersTest)
#include "transfers_test.moc"
