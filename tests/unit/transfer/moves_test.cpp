#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

/// Transfers that go over from one link to another while they run: nobody hears of a loss, and nothing is lost or
/// comes twice.
namespace {

struct MovingWorld : TransferWorld {
    explicit MovingWorld(uint64_t seed, PairOptions options = {}) : TransferWorld(seed, options) {
        sender->moves = receiver->moves = true;
    }
    /// A second link, as when a direct one takes the place of a relayed one.
    void dialAgain() {
        const auto linkId = sender->carrier.dial(TransferPeer::addressOf(2), receiver->id, now);
        if (linkId) sender->dials[*linkId] = receiver->id;
        settled();
    }
    /// The link that the sender uses, if both ends know it and another one. (All are dialled by the sender, so that
    /// both carriers number them alike.)
    std::optional<link::LinkId> losable() const {
        if (sender->all.size() < 2 || receiver->all.size() < 2) return std::nullopt;
        const link::LinkId used = sender->links.at(receiver->id);
        return receiver->all.contains(used) ? std::optional(used) : std::nullopt;
    }
    bool canLose() const { return losable().has_value(); }
    void lose(bool senderFirst, size_t between) {
        const link::LinkId lost = losable().value();
        const auto end = [&](bool atSender) {
            TransferPeer& at = atSender ? *sender : *receiver;
            at.loseLink(atSender ? receiver->id : sender->id, lost, now);
        };
        end(senderFirst);
        for (size_t i = 0; i < between; ++i) step();
        end(!senderFirst);
    }
    /// Nobody is connected any more.
    void loseAll() {
        for (TransferPeer* at : {sender.get(), receiver.get()}) {
            const link::LinkId used = at->links.begin()->second;
            for (const auto& [id, whose] : std::map(at->all))
                if (id != used) at->carrier.breakLink(id, makeError(Errc::ConnectionLost, "idle"));
        }
        settled();
        breakLink();
    }
    /// While nothing but an offer is under way.
    bool onlyTheUsedLinkHasStreams() const {
        for (const auto* peer : {sender.get(), receiver.get()})
            for (const auto& [id, whose] : peer->all)
                if ((peer->carrier.openStreams(id) > 0) != (peer->links.at(whose) == id)) return false;
        return true;
    }
    bool answer(bool accept) {
        const auto offers = receiver->eventsOf<OfferMade>();
        if (offers.size() != 1) return false;
        const auto taken = receiver->transfers.answer(offers.front().transfer, accept, {}, {}, receiver->carrier, now);
        settled();
        return taken.has_value();
    }
    bool steps_(size_t count) {
        for (size_t i = 0; i < count; ++i)
            if (!step()) return false;
        return true;
    }
    bool delivered() const { return !sender->eventsOf<TransferDelivered>().empty(); }
    QString trouble() const {
        QString text;
        for (const auto* peer : {sender.get(), receiver.get()}) {
            for (const auto& lost : peer->eventsOf<TransferInterrupted>())
                text += QString::fromStdString("interrupted: " + lost.error.text() + "; ");
            for (const auto& failed : peer->eventsOf<TransferFailed>())
                text += QString::fromStdString("failed: " + failed.error.text() + "; ");
            if (peer->eventsOf<TransferDelivered>().size() != 1) text += "not delivered once; ";
            if (peer->eventsOf<OfferMade>().size() != 1) text += "not offered once; ";
        }
        if (senderHost.disk.tree("/src/in") != receiverHost.disk.tree("/dst/in")) text += "not the same; ";
        if (!receiverHost.disk.parts("/dst").empty()) text += "parts are left; ";
        if (sender->carrier.uncredited() + receiver->carrier.uncredited() > 0) text += "uncredited bytes; ";
        for (const auto* peer : {sender.get(), receiver.get()})
            for (const auto& [id, whose] : peer->all)
                if (peer->carrier.openStreams(id) > 0) text += "streams are left; ";
        return text;
    }
};

void addLoad(MemoryStorage& disk) {
    addMixedTree(disk, "/src/in", 5);
    disk.addFile("/src/in/big", pattern(77, 40 * kChunkSize + 5));
    disk.addFile("/src/in/other", pattern(78, 9 * kChunkSize));
}

} // namespace

class MovesTest : public QObject {
    Q_OBJECT

  private slots:
    void a_transfer_goes_over_to_another_link_without_sending_anything_twice() {
        size_t moved = 0;
        for (uint64_t seed = 1; seed <= 20; ++seed) {
            MovingWorld world(seed);
            addLoad(world.senderHost.disk);
            world.send({"/src/in"});
            world.steps_(60 + seed * 69);
            if (!world.delivered()) ++moved;
            world.dialAgain();
            QVERIFY(world.run());
            QVERIFY2(world.trouble().isEmpty(), qPrintable(QString::number(seed) + ": " + world.trouble()));
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().front().figures.chunksResent, uint64_t(0));
        }
        QVERIFY(moved > 12);
    }

    void it_stays_on_what_is_left_when_its_link_ends() {
        uint64_t most = 0;
        for (uint64_t seed = 1; seed <= 30; ++seed) {
            MovingWorld world(seed);
            addLoad(world.senderHost.disk);
            world.send({"/src/in"});
            world.steps_(60 + seed * 44);
            if (world.sender->eventsOf<OfferAccepted>().empty()) continue; // nothing is under way yet
            world.dialAgain();
            for (size_t i = 0; !world.canLose() && i < 400; ++i) world.step();
            world.steps_(seed % 97);
            if (world.delivered() || !world.canLose()) continue;
            world.lose(seed % 2 == 0, seed % 31);
            QVERIFY(world.run());
            QVERIFY2(world.trouble().isEmpty(), qPrintable(QString::number(seed) + ": " + world.trouble()));
            const auto figures = world.sender->eventsOf<TransferDelivered>().front().figures;
            most = std::max(most, figures.chunksResent);
            QVERIFY(figures.bytesSent >= figures.bytesTotal - 700'000); // one file of it shrinks
        }
        qInfo("at most %llu chunks or small files were sent again", static_cast<unsigned long long>(most));
        QVERIFY(most > 0);
    }

    void many_moves_follow_one_another() {
        for (uint64_t seed = 1; seed <= 12; ++seed) {
            MovingWorld world(seed);
            addLoad(world.senderHost.disk);
            world.send({"/src/in"});
            for (size_t round = 0; round < 12 && !world.delivered(); ++round) {
                world.steps_(40 + seed % 50);
                if (world.sender->eventsOf<OfferAccepted>().empty() || world.delivered()) continue;
                if (world.random.below(3) > 0 || !world.canLose())
                    world.dialAgain();
                else
                    world.lose(world.random.below(2) == 0, world.random.below(10));
            }
            QVERIFY(world.run());
            QVERIFY2(world.trouble().isEmpty(), qPrintable(QString::number(seed) + ": " + world.trouble()));
        }
    }

    void a_new_connection_after_a_move_is_the_one_that_is_used() {
        for (uint64_t seed = 1; seed <= 6; ++seed) {
            MovingWorld world(seed);
            addLoad(world.senderHost.disk);
            world.send({"/src/in"});
            while (world.receiver->eventsOf<OfferAccepted>().empty()) QVERIFY(world.step());
            world.dialAgain();
            for (size_t i = 0; !world.canLose() && i < 400; ++i) world.step();
            world.steps_(seed * 10);
            QVERIFY(!world.delivered());
            world.loseAll();
            QVERIFY(world.run());
            QVERIFY(world.delivered());
            QCOMPARE(world.sender->eventsOf<TransferInterrupted>().size(), size_t(1));
            QVERIFY(world.senderHost.disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in"));
        }
    }

    void what_is_paused_moves_too() {
        for (const bool atSender : {true, false}) {
            MovingWorld world(atSender ? 5 : 6);
            addLoad(world.senderHost.disk);
            const TransferId id = world.send({"/src/in"});
            while (world.receiver->eventsOf<OfferAccepted>().empty()) QVERIFY(world.step());
            world.steps_(200);
            TransferPeer& who = atSender ? *world.sender : *world.receiver;
            const TransferId here = atSender ? id : world.receiver->eventsOf<OfferMade>().front().transfer;
            QVERIFY(who.transfers.pause(here, who.carrier, world.now));
            world.settled();
            world.steps_(300);
            world.dialAgain();
            world.steps_(300);
            QVERIFY(world.canLose());
            world.lose(atSender, 0); // while nothing is under way, each step takes seconds
            world.steps_(300);
            QVERIFY(!world.delivered());
            QVERIFY(who.transfers.resume(here, who.carrier, world.now));
            world.settled();
            QVERIFY(world.run());
            QVERIFY2(world.trouble().isEmpty(), qPrintable(world.trouble()));
        }
    }

    void an_offer_that_waits_for_its_answer_comes_over() {
        for (uint64_t seed = 1; seed <= 16; ++seed) {
            MovingWorld world(seed);
            world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
            addLoad(world.senderHost.disk);
            world.send({"/src/in"});
            world.steps_(4 + seed * 2);
            world.dialAgain();
            QVERIFY(world.run());
            QVERIFY(world.onlyTheUsedLinkHasStreams());
            // And back, when that one ends.
            world.lose(seed % 2 == 0, 0); // while nothing is under way, each step takes seconds
            QVERIFY(world.run());
            QVERIFY(world.answer(true));
            QVERIFY(world.run());
            QVERIFY2(world.trouble().isEmpty(), qPrintable(QString::number(seed) + ": " + world.trouble()));
        }
    }

    void an_offer_comes_over_while_it_is_read() {
        size_t inTheMiddle = 0;
        for (uint64_t seed = 1; seed <= 12; ++seed) {
            MovingWorld world(seed, {.streamWindow = 64 * 1024, .sendBuffer = 64 * 1024, .maxPiece = 4096});
            world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
            for (size_t i = 0; i < 1500; ++i)
                world.senderHost.disk.addFile("/src/in/" + std::string(200, 'n') + std::to_string(i), {});
            world.send({"/src/in"});
            world.steps_(20 * seed);
            if (!world.sender->eventsOf<OfferMade>().empty() && world.receiver->eventsOf<OfferMade>().empty())
                ++inTheMiddle;
            world.dialAgain();
            QVERIFY(world.run());
            QVERIFY(world.onlyTheUsedLinkHasStreams());
            QVERIFY(world.answer(false));
            QVERIFY(world.run());
            QCOMPARE(world.sender->eventsOf<OfferDeclined>().size(), size_t(1));
            QVERIFY(world.sender->eventsOf<TransferInterrupted>().empty());
        }
        QVERIFY(inTheMiddle > 5);
    }

    void a_sender_that_does_not_come_over_has_interrupted_it() {
        MovingWorld world(9);
        addLoad(world.senderHost.disk);
        world.send({"/src/in"});
        while (world.receiver->eventsOf<OfferAccepted>().empty()) QVERIFY(world.step());
        world.steps_(100);
        world.dialAgain();
        for (size_t i = 0; !world.canLose() && i < 400; ++i) world.step();
        world.steps_(150);
        world.network.isolate(world.sender->carrier);
        world.receiver->loseLink(world.sender->id, world.receiver->links.at(world.sender->id), world.now);
        while (world.receiver->eventsOf<TransferInterrupted>().empty()) QVERIFY(world.step());
        QCOMPARE(world.receiver->eventsOf<TransferInterrupted>().front().error.code, Errc::ConnectionLost);
    }
};

QTEST_APPLESS_MAIN(MovesTest)
#include "moves_test.moc"
