#include "gateway/gateway_limits.h"
#include "gateway/open_requests.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gateway;

static std::vector<uint64_t> numbers(const OpenRequests& open) {
    std::vector<uint64_t> found;
    for (const auto& [id, command] : open.list()) found.push_back(id.value);
    return found;
}
using Numbers = std::vector<uint64_t>;

class OpenRequestsTest : public QObject {
    Q_OBJECT
  private slots:
    void aRequestIsOpenUntilItsLastAnswer() {
        OpenRequests open;
        open.onAsked({1}, node::Ping{});
        open.onAsked({2}, node::GetStatus{});
        open.onEvent(node::PingReply{{1}, 0, {}, false});
        QCOMPARE(numbers(open), (Numbers{1, 2}));
        open.onEvent(node::PingReply{{1}, 1, {}, true});
        open.onEvent(node::RequestFailed{{2}, {}});
        QCOMPARE(numbers(open), Numbers{});
    }
    void aTopicIsOpenUntilItIsLeft() {
        OpenRequests open;
        open.onAsked({1}, node::JoinTopic{"t"});
        open.onEvent(node::TopicJoined{{1}, "t"});
        open.onEvent(node::GossipMessage{{1}, "t", {}, {}});
        QCOMPARE(numbers(open), Numbers{1});
        open.onEvent(node::RequestFailed{{1}, {}});
        QCOMPARE(numbers(open), Numbers{});
        open.onAsked({2}, node::PublishMessage{"t", {}, {}});
        open.onEvent(node::MessagePublished{{2}, "t", 1});
        QCOMPARE(numbers(open), Numbers{});
    }
    void aSendIsOpenUntilItsTransferEnds() {
        OpenRequests open;
        open.onAsked({1}, node::SendFiles{});
        open.onEvent(node::TransferStarted{{1}, {9}});
        open.onEvent(node::TransferUpdate{transfer::TransferInterrupted{{9}, {}, false, {}}});
        QCOMPARE(numbers(open), Numbers{1});
        transfer::TransferDelivered done;
        done.transfer = {9};
        open.onEvent(node::TransferUpdate{done});
        QCOMPARE(numbers(open), Numbers{});
    }
    void theLastWayToReceiveStaysOpen() {
        OpenRequests open;
        open.onAsked({1}, node::SetReceive{});
        open.onEvent(node::RequestDone{{1}});
        QCOMPARE(numbers(open), Numbers{1});
        open.onAsked({2}, node::SetReceive{});
        QCOMPARE(numbers(open), Numbers{2});
        open.onEvent(node::RequestFailed{{2}, {}}); // refused: it never was in force
        QCOMPARE(numbers(open), Numbers{});
    }
};

QTEST_APPLESS_MAIN(OpenRequestsTest)
#include "open_requests_test.moc"
