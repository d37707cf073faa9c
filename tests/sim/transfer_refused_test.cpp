#include "sim/sim_endpoint.h"
#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using transfer::OfferDeclined;
using transfer::OfferMade;
using transfer::TransferDelivered;
using transfer::TransferFailed;

namespace {

Bytes messages(std::initializer_list<std::string> texts) {
    Bytes out;
    for (const std::string& text : texts) {
        out.push_back(static_cast<uint8_t>(text.size() + 1));
        append(out, asBytes(text + "\n"));
    }
    return out;
}

enum class Says { Nothing, No, NoAndStops, YesAndEnds };

/// A sender beside a libp2p peer that knows nothing of transfers.
struct Stranger {
    Stranger(Simulation& simulation, Says says)
        : world(simulation),
          here(simulation.network().host("here", {"192.0.2.1"})),
          there(simulation.network().host("there", {"192.0.2.2"})),
          link(simulation.network().connect(here, there, {.delay = 5ms, .bitsPerSecond = 100'000'000})),
          sender(simulation, here, "here", disk),
          peer(simulation, there, "there") {
        disk.addFile("/out/file", Bytes(100'000, 7));
        peer.onEvent = [this, says](const link::LinkEvent& event) {
            const auto* opened = std::get_if<link::StreamOpened>(&event);
            if (!opened || says == Says::Nothing) return;
            if (says == Says::NoAndStops) peer.quic().stop(opened->key, 9);
            const std::string answer = says == Says::YesAndEnds ? "/wherry/transfer/1" : "na";
            peer.quic().write(opened->key, Slice::copyOf(messages({"/multistream/1.0.0", answer})), link::Fin::Yes);
        };
        sender.start();
        sender.submit(node::SendFiles{{peer.peerId(), {peer.address()}}, {"/out/file"}, 20s});
    }

    Simulation& world;
    testing::MemoryStorage disk;
    Host& here;
    Host& there;
    Link& link;
    SimNode sender;
    SimEndpoint peer;
};

/// Two nodes; the sender has six files to send one by one.
struct Pair {
    explicit Pair(Simulation& simulation) : both(simulation) {
        for (int i = 0; i < 6; ++i) both.addFile(std::to_string(i), 50'000);
        both.startSender();
        both.receiver.start();
    }
    void receive(bool enabled, transfer::Accept accept) {
        both.receiver.submit(
            node::SetReceive{{.enabled = enabled, .accept = accept, .conflict = {}, .folder = "/dst", .trusted = {}}});
    }
    void send(int file) {
        both.sender.submit(node::SendFiles{both.receiver.target(), {"/src/in/" + std::to_string(file)}, 60s});
    }

    TransferWorld both;
};

} // namespace

class TransferRefusedTest : public QObject {
    Q_OBJECT

  private slots:
    void aPeerThatDoesNotServeTransfersEndsThemAtOnce_data() {
        QTest::addColumn<bool>("stops");
        QTest::newRow("only says so") << false;
        QTest::newRow("stops our half first") << true;
    }
    void aPeerThatDoesNotServeTransfersEndsThemAtOnce() {
        QFETCH(bool, stops);
        RUN([&](Simulation& world) {
            Stranger stranger(world, stops ? Says::NoAndStops : Says::No);
            world.require(world.runUntil([&] { return stranger.sender.last<TransferFailed>() != nullptr; }, 5s),
                          "the transfer fails");
            const Error& error = stranger.sender.last<TransferFailed>()->error;
            world.require(error.code == Errc::Unsupported, error.text());
        });
    }

    void aPeerThatNeverTakesAnOfferIsGivenUpWhenTheWaitIsOver_data() {
        QTest::addColumn<bool>("agrees");
        QTest::newRow("says nothing") << false;
        QTest::newRow("agrees and ends the stream") << true;
    }
    void aPeerThatNeverTakesAnOfferIsGivenUpWhenTheWaitIsOver() {
        QFETCH(bool, agrees);
        RUN([&](Simulation& world) {
            Stranger stranger(world, agrees ? Says::YesAndEnds : Says::Nothing);
            world.runFor(18s);
            world.require(!stranger.sender.last<TransferFailed>(), "not before");
            world.require(world.runUntil([&] { return stranger.sender.last<TransferFailed>() != nullptr; }, 12s),
                          "the transfer fails");
            const Error& error = stranger.sender.last<TransferFailed>()->error;
            world.require(error.code == Errc::ConnectionLost, error.text());
        });
    }

    void aNodeThatReceivesNothingDeclines() {
        RUN([](Simulation& world) {
            Pair pair(world);
            pair.receive(false, transfer::Accept::All);
            pair.send(0);
            world.require(world.runUntil([&] { return pair.both.sender.last<OfferDeclined>() != nullptr; }, 5s),
                          "declined");
        });
    }

    void moreSendsAtOnceThanThePeerLooksAtAreAllDelivered() {
        RUN([](Simulation& world) {
            Pair pair(world);
            pair.receive(true, transfer::Accept::All);
            for (int i = 0; i < 6; ++i) pair.send(i);
            world.require(world.runUntil([&] { return pair.both.sender.count<TransferDelivered>() == 6; }, 30s),
                          std::to_string(pair.both.sender.count<TransferDelivered>()) + " of six are delivered");
        });
    }

    void anOfferBeyondThoseThatWaitForAnAnswerComesWhenOneIsAnswered() {
        RUN([](Simulation& world) {
            Pair pair(world);
            pair.receive(true, transfer::Accept::Ask);
            for (int i = 0; i < 5; ++i) pair.send(i);
            world.require(world.runUntil([&] { return pair.both.receiver.count<OfferMade>() == 4; }, 5s), "four");
            world.runFor(5s);
            world.require(pair.both.receiver.count<OfferMade>() == 4, "not five");
            pair.both.receiver.submit(
                node::AnswerOffer{pair.both.receiver.last<OfferMade>()->transfer, false, "no", {}});
            world.require(world.runUntil([&] { return pair.both.receiver.count<OfferMade>() == 5; }, 10s),
                          "the fifth comes");
        });
    }
};

QTEST_APPLESS_MAIN(TransferRefusedTest)
#include "transfer_refused_test.moc"
