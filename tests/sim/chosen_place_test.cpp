#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using node::OfferLooked;
using node::RequestFailed;
using transfer::Conflict;
using transfer::OfferMade;
using transfer::OfferPlace;
using transfer::TransferDelivered;

/// Somebody who is asked says for one offer alone where it lands; over real nodes, and through the death of either.
class ChosenPlaceTest : public QObject {
    Q_OBJECT

    static void ask(TransferWorld& pair) {
        pair.receiver.submit(node::SetReceive{{.enabled = true,
                                               .accept = transfer::Accept::Ask,
                                               .conflict = Conflict::Rename,
                                               .folder = "/dst",
                                               .trusted = {}}});
        pair.send();
        Simulation& world = pair.world;
        world.require(world.runUntil([&] { return pair.receiver.last<OfferMade>() != nullptr; }, 20s), "asked");
    }

  private slots:
    void anOfferIsLookedAtRefusedAPlaceAndTakenInAnother() {
        RUN([](Simulation& world) {
            TransferWorld pair(world);
            pair.addFile("one", 300'000);
            pair.addFile("two", 100);
            pair.targetDisk.addFile("/else/in/one", Bytes(3));
            pair.start();
            ask(pair);
            const transfer::TransferId offer = pair.receiver.last<OfferMade>()->transfer;
            world.require(pair.receiver.last<OfferMade>()->place == OfferPlace{"/dst", Conflict::Rename, {}}, "usual");
            pair.receiver.submit(node::LookAtOffer{offer, {"/else", Conflict::Replace, {}}});
            world.require(world.runUntil([&] { return pair.receiver.last<OfferLooked>() != nullptr; }, 10s), "looked");
            const OfferLooked looked = *pair.receiver.last<OfferLooked>();
            world.require(looked.transfer == offer && looked.taken.size() == 1 && looked.freeBytes > 0, "it says so");
            pair.receiver.submit(node::AnswerOffer{offer, true, {}, {}, OfferPlace{"/nowhere", Conflict::Rename, {}}});
            world.require(world.runUntil([&] { return pair.receiver.last<RequestFailed>() != nullptr; }, 10s), "no");
            world.require(pair.receiver.last<RequestFailed>()->error.code == Errc::NotFound, "no such folder");
            world.require(!pair.targetDisk.exists("/dst/in"), "nothing is written");
            pair.receiver.submit(
                node::AnswerOffer{offer, true, {}, {}, OfferPlace{"/else", Conflict::Replace, {{0, "there"}}}});
            world.require(world.runUntil([&] { return pair.sender.last<TransferDelivered>() != nullptr; }, 60s),
                          "delivered");
            world.require(pair.targetDisk.tree("/else/there") == pair.sourceDisk.tree("/src/in"), "there");
            world.require(pair.targetDisk.content("/else/in/one") == Bytes(3), "beside what is nobody's business");
            world.require(!pair.targetDisk.exists("/dst/in"), "and nowhere else");
        });
    }

    void itGoesOnThereAfterTheDeathOfEither() {
        for (const bool receiver : {false, true})
            RUN([receiver](Simulation& world) {
                TransferWorld pair(world);
                pair.addMixedTree(40'000'000);
                pair.targetDisk.addFolder("/else");
                pair.start();
                ask(pair);
                pair.receiver.submit(node::AnswerOffer{pair.receiver.last<OfferMade>()->transfer,
                                                       true,
                                                       {},
                                                       {},
                                                       OfferPlace{"/else", Conflict::Rename, {{0, "there"}}}});
                const auto begun = [&] { return !pair.targetDisk.parts("/else").empty(); };
                world.require(world.runUntil(begun, 20s), "content comes");
                receiver ? pair.crashReceiver(2s) : pair.crashSender(2s);
                world.require(world.runUntil([&] { return pair.sender.last<TransferDelivered>() != nullptr; }, 120s),
                              "delivered");
                world.require(pair.targetDisk.tree("/else/there") == pair.sourceDisk.tree("/src/in"), "there");
                world.require(pair.targetDisk.parts("/else").empty() && !pair.targetDisk.exists("/dst/in"),
                              "and nothing is left");
            });
    }
};

QTEST_APPLESS_MAIN(ChosenPlaceTest)
#include "chosen_place_test.moc"
