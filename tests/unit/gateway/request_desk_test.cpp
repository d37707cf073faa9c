#include "gateway/gateway_limits.h"
#include "gateway/request_desk.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gateway;

static const crypto::PeerId kPeer = test::identityOf(1).peerId();
static const crypto::PeerId kOther = test::identityOf(2).peerId();
static constexpr ClientId kAnna{10};
static constexpr ClientId kBert{11};

static node::Ping pingTo(const crypto::PeerId& peer) {
    node::Ping ping;
    ping.target.peer = peer;
    return ping;
}
static node::SendFiles sendTo(const crypto::PeerId& peer) {
    node::SendFiles send;
    send.target.peer = peer;
    return send;
}
static node::SetReceive receiveInto(const std::string& folder) {
    node::SetReceive receive;
    receive.policy.enabled = true;
    receive.policy.folder = folder;
    return receive;
}
static node::Event offerIn(uint64_t transfer) {
    transfer::OfferMade offer;
    offer.transfer = {transfer};
    offer.peer = kPeer;
    offer.incoming = true;
    return node::TransferUpdate{offer};
}
static node::Event delivered(uint64_t transfer) {
    transfer::TransferDelivered done;
    done.transfer = {transfer};
    return node::TransferUpdate{done};
}

/// A desk with two guests, and everything that it has said since the last look.
struct Hall {
    Hall() {
        desk.join(kAnna);
        desk.join(kBert);
    }
    void ask(ClientId client, uint64_t id, node::Command command) { desk.ask(client, {id}, std::move(command)); }
    void drain() {
        while (auto action = desk.poll()) {
            if (auto* submit = std::get_if<SubmitCommand>(&*action))
                submitted.push_back(*submit);
            else
                heard.push_back(std::get<DeliverReport>(*action));
        }
    }
    /// The one command that the desk has given to the node since the last look.
    template <typename T> std::pair<node::RequestId, T> asked() {
        drain();
        std::vector<SubmitCommand> all = std::exchange(submitted, {});
        if (all.size() != 1 || !std::holds_alternative<T>(all[0].command)) return {};
        return {all[0].request, std::get<T>(all[0].command)};
    }
    std::vector<SubmitCommand> commands() {
        drain();
        return std::exchange(submitted, {});
    }
    /// "client:id" of everybody who was told something since the last look.
    std::string whoHeard() {
        drain();
        std::string text;
        for (const auto& one : std::exchange(heard, {}))
            text += (text.empty() ? "" : " ") + std::to_string(one.client.value) + ":" +
                    std::to_string(one.report.id.value);
        return text;
    }
    Errc refusal() {
        drain();
        const auto all = std::exchange(heard, {});
        const auto* failed = all.size() == 1 ? std::get_if<node::RequestFailed>(&all[0].report.event) : nullptr;
        return failed ? failed->error.code : Errc::Internal;
    }
    /// A transfer that `client` has begun under its number `id`.
    void beginSend(ClientId client, uint64_t id, uint64_t transfer) {
        ask(client, id, sendTo(kPeer));
        desk.onEvent(node::TransferStarted{asked<node::SendFiles>().first, {transfer}});
        drain();
        heard.clear();
    }

    RequestDesk desk;
    std::vector<SubmitCommand> submitted;
    std::vector<DeliverReport> heard;
};

#define COMPARE_TEXT(actual, expected) QCOMPARE(QString::fromStdString(actual), QString(expected))

class RequestDeskTest : public QObject {
    Q_OBJECT
  private slots:
    void whatIsPausedStaysWhenTheProgramThatHasReceivedItLeaves() {
        Hall hall;
        const auto held = [&](uint64_t transfer, transfer::Hold here) {
            hall.desk.onEvent(node::TransferUpdate{transfer::TransferHeld{{transfer}, kPeer, true, here, {}, {}, {}}});
        };
        hall.ask(kAnna, 1, receiveInto("/in"));
        hall.drain();
        for (const uint64_t transfer : {5, 6, 7}) hall.desk.onEvent(offerIn(transfer));
        held(6, transfer::Hold::Paused);
        held(7, transfer::Hold::Paused);
        held(7, transfer::Hold::None);
        hall.drain();
        hall.heard.clear();
        held(6, transfer::Hold::Paused);
        COMPARE_TEXT(hall.whoHeard(), "10:0");
        // Its sender was away and is back: it is paused as before, and nobody says so again.
        hall.desk.onEvent(node::TransferUpdate{
            transfer::TransferInterrupted{{6}, kPeer, true, makeError(Errc::ConnectionLost)}});
        hall.desk.onEvent(offerIn(6));
        hall.drain();
        hall.commands();
        hall.desk.leave(kAnna);
        std::vector<uint64_t> cancelled;
        for (const SubmitCommand& command : hall.commands())
            if (const auto* cancel = std::get_if<node::CancelTransfer>(&command.command))
                cancelled.push_back(cancel->transfer.value);
        QCOMPARE(cancelled, (std::vector<uint64_t>{5, 7}));
    }
    void aPausedFetchStaysWhenWhoeverAskedForItLeaves() {
        Hall hall;
        hall.ask(kAnna, 1, node::GetShare{"wherry:x", {}});
        const auto fetch = hall.asked<node::GetShare>().first;
        for (const uint64_t transfer : {5, 6}) {
            hall.desk.onEvent(node::TransferStarted{fetch, {transfer}});
            hall.desk.onEvent(offerIn(transfer));
        }
        hall.desk.onEvent(node::TransferUpdate{
            transfer::TransferHeld{{6}, kPeer, true, transfer::Hold::Paused, {}, {}, {}}});
        hall.commands();
        hall.desk.leave(kAnna);
        std::vector<uint64_t> cancelled;
        for (const SubmitCommand& command : hall.commands())
            if (const auto* cancel = std::get_if<node::CancelTransfer>(&command.command))
                cancelled.push_back(cancel->transfer.value);
        QCOMPARE(cancelled, (std::vector<uint64_t>{5}));
    }
    void anAnswerGoesToWhoeverAskedUnderHisOwnNumber() {
        Hall hall;
        hall.ask(kAnna, 7, pingTo(kPeer));
        const auto anna = hall.asked<node::Ping>().first;
        hall.ask(kBert, 7, pingTo(kPeer));
        const auto bert = hall.asked<node::Ping>().first;
        QVERIFY(anna && bert && anna != bert);
        hall.desk.onEvent(node::PingReply{bert, 0, {}, false});
        COMPARE_TEXT(hall.whoHeard(), "11:7");
        hall.desk.onEvent(node::PingReply{anna, 0, {}, true});
        COMPARE_TEXT(hall.whoHeard(), "10:7");
        hall.desk.onEvent(node::PingReply{anna, 1, {}, true}); // after the last one
        COMPARE_TEXT(hall.whoHeard(), "");
        QVERIFY(hall.desk.guestsAreBusy());
        hall.desk.onEvent(node::RequestFailed{bert, {}});
        COMPARE_TEXT(hall.whoHeard(), "11:7");
        QVERIFY(!hall.desk.guestsAreBusy());
    }
    void aTransferIsHeardByWhoeverBeganItAndWhoeverSubscribes() {
        Hall hall;
        hall.beginSend(kAnna, 3, 50);
        hall.desk.onEvent(node::TransferUpdate{transfer::TransferProgress{{50}, false, {}, 0, 0}});
        COMPARE_TEXT(hall.whoHeard(), "10:3");
        hall.desk.ask(kBert, {1}, Subscribe{});
        COMPARE_TEXT(hall.whoHeard(), "11:1");
        hall.desk.onEvent(delivered(50));
        COMPARE_TEXT(hall.whoHeard(), "10:3 11:0");
        hall.ask(kAnna, 3, pingTo(kPeer)); // the number is free again
        QVERIFY(hall.asked<node::Ping>().first);
    }
    void theProgramItselfMaySubscribeToo() {
        Hall hall;
        hall.desk.subscribe(kLocalClient);
        hall.beginSend(kAnna, 3, 50);
        hall.desk.onEvent(node::TransferUpdate{transfer::TransferProgress{{50}, false, {}, 0, 0}});
        COMPARE_TEXT(hall.whoHeard(), "10:3 1:0");
    }
    void whatComesInIsForWhoeverReceives() {
        Hall hall;
        hall.desk.onEvent(offerIn(1));
        COMPARE_TEXT(hall.whoHeard(), "");
        hall.ask(kAnna, 1, receiveInto("/a"));
        hall.desk.onEvent(node::RequestDone{hall.asked<node::SetReceive>().first});
        COMPARE_TEXT(hall.whoHeard(), "10:1");
        hall.desk.onEvent(offerIn(2));
        COMPARE_TEXT(hall.whoHeard(), "10:0");
        hall.ask(kBert, 1, receiveInto("/b"));
        QCOMPARE(hall.refusal(), Errc::Busy);
        hall.desk.leave(kAnna);
        const auto last = hall.commands();
        QCOMPARE(last.size(), size_t(2));
        QCOMPARE(std::get<node::CancelTransfer>(last[0].command).transfer.value, uint64_t(2));
        QVERIFY(!std::get<node::SetReceive>(last[1].command).policy.enabled);
        hall.ask(kBert, 2, receiveInto("/b"));
        QCOMPARE(hall.asked<node::SetReceive>().second.policy.folder, std::string("/b"));
    }
    void whatFailsBeforeItIsAnOfferIsToldToWhoeverReceives() {
        Hall hall;
        hall.ask(kAnna, 1, receiveInto("/a"));
        hall.desk.onEvent(node::RequestDone{hall.asked<node::SetReceive>().first});
        (void)hall.whoHeard();
        transfer::TransferFailed failed;
        failed.transfer = {8};
        failed.incoming = true;
        hall.desk.onEvent(node::TransferUpdate{failed});
        COMPARE_TEXT(hall.whoHeard(), "10:0");
        hall.desk.leave(kAnna);
        QCOMPARE(hall.commands().size(), size_t(1)); // the policy; nothing is left to cancel
    }
    void aProgramThatReceivesKeepsItsPolicyAgainstGuests() {
        Hall hall;
        hall.ask(kLocalClient, 1, receiveInto("/mine"));
        QVERIFY(hall.asked<node::SetReceive>().first);
        hall.ask(kAnna, 1, receiveInto("/a"));
        QCOMPARE(hall.refusal(), Errc::Busy);
        hall.desk.onEvent(offerIn(1));
        COMPARE_TEXT(hall.whoHeard(), "1:0");
    }
    void whatAGuestHasBegunEndsWithHim() {
        Hall hall;
        hall.beginSend(kAnna, 3, 50);
        hall.ask(kAnna, 4, pingTo(kPeer));
        const auto ping = hall.asked<node::Ping>().first;
        hall.desk.leave(kAnna);
        const auto last = hall.commands();
        QCOMPARE(last.size(), size_t(2));
        QVERIFY(std::get<node::CancelRequest>(last[0].command).request == ping);
        QCOMPARE(std::get<node::CancelTransfer>(last[1].command).transfer.value, uint64_t(50));
        hall.desk.onEvent(node::RequestFailed{ping, {}});
        hall.desk.onEvent(delivered(50));
        COMPARE_TEXT(hall.whoHeard(), "");
        QVERIFY(!hall.desk.guestsAreBusy());
    }
    void aSendWhoseOwnerLeavesBeforeItBeginsIsCancelledWhenItDoes() {
        Hall hall;
        hall.ask(kAnna, 3, sendTo(kPeer));
        const auto request = hall.asked<node::SendFiles>().first;
        hall.desk.leave(kAnna);
        (void)hall.commands();
        hall.desk.onEvent(node::TransferStarted{request, {9}});
        QCOMPARE(hall.asked<node::CancelTransfer>().second.transfer.value, uint64_t(9));
        COMPARE_TEXT(hall.whoHeard(), "");
    }
    void whatIsSentAgainGoesOnWhenWhoeverAskedHasLeft() {
        Hall hall;
        hall.ask(kAnna, 7, node::RetryTransfer{3});
        const auto request = hall.asked<node::RetryTransfer>().first;
        QVERIFY(request);
        hall.desk.onEvent(node::TransferStarted{request, {9}});
        COMPARE_TEXT(hall.whoHeard(), "10:7");
        hall.desk.leave(kAnna);
        QVERIFY(hall.commands().empty());
    }

    void aRequestIsTakenBackByItsOwnNumber() {
        Hall hall;
        hall.beginSend(kAnna, 3, 50);
        hall.ask(kAnna, 4, pingTo(kPeer));
        const auto ping = hall.asked<node::Ping>().first;
        hall.ask(kAnna, 5, node::CancelRequest{{4}});
        QVERIFY(hall.asked<node::CancelRequest>().second.request == ping);
        hall.ask(kAnna, 6, node::CancelRequest{{3}});
        QCOMPARE(hall.asked<node::CancelTransfer>().second.transfer.value, uint64_t(50));
        hall.ask(kBert, 1, node::CancelRequest{{4}}); // not his
        QCOMPARE(hall.refusal(), Errc::NotFound);
    }
    void aPathIsToldToThoseWhomItConcerns() {
        Hall hall;
        hall.ask(kAnna, 1, pingTo(kPeer));
        hall.ask(kBert, 1, pingTo(kOther));
        (void)hall.commands();
        hall.desk.onEvent(node::PathChanged{kPeer, node::PathKind::Lan, {}});
        COMPARE_TEXT(hall.whoHeard(), "10:0");
    }
    void readyIsToldToEverybodyAndToWhoeverComesLater() {
        Hall hall;
        hall.desk.onEvent(node::Ready{});
        COMPARE_TEXT(hall.whoHeard(), "1:0 10:0 11:0");
        hall.desk.join({12});
        COMPARE_TEXT(hall.whoHeard(), "12:0");
    }
    void requestsOfOneGuestHaveABound() {
        Hall hall;
        for (uint64_t id = 1; id <= kMaxRequestsPerClient; ++id) hall.ask(kAnna, id, pingTo(kPeer));
        QCOMPARE(hall.commands().size(), kMaxRequestsPerClient);
        hall.ask(kAnna, kMaxRequestsPerClient + 1, pingTo(kPeer));
        QCOMPARE(hall.refusal(), Errc::LimitReached);
        hall.ask(kBert, 1, pingTo(kPeer)); // others are not held up
        QVERIFY(hall.asked<node::Ping>().first);
    }
    void aNumberInUseIsNotTakenTwice() {
        Hall hall;
        hall.beginSend(kAnna, 3, 50);
        hall.ask(kAnna, 3, pingTo(kPeer));
        QCOMPARE(hall.refusal(), Errc::InvalidArgument);
        QVERIFY(hall.commands().empty());
    }
};

QTEST_APPLESS_MAIN(RequestDeskTest)
#include "request_desk_test.moc"
