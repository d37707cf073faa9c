#include "kad/links.h"
#include "support/test_node.h"
#include "unit/kad/virtual_peers.h"

#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
std::vector<LinkAction> drain(Links& links) {
    std::vector<LinkAction> out;
    while (auto action = links.poll()) out.push_back(std::move(*action));
    return out;
}
template <typename T> size_t countOf(const std::vector<LinkAction>& actions) {
    return static_cast<size_t>(
        std::ranges::count_if(actions, [](const auto& one) { return std::holds_alternative<T>(one); }));
}
} // namespace

class LinksTest : public QObject {
    Q_OBJECT
  private slots:
    void dialsBeyondTheBoundWaitAndThenAreRefused() {
        Links links({.dialling = 2, .queued = 3, .held = 10});
        for (uint32_t i = 0; i < 5; ++i) QVERIFY(links.want(virtualPeer(i), {farAddress(i)}, at(0s)));
        QVERIFY(!links.want(virtualPeer(5), {farAddress(5)}, at(0s)));
        QCOMPARE(countOf<Dial>(drain(links)), size_t(2));
        links.onFailed(virtualPeer(0), at(0s));
        links.onConnected(virtualPeer(1), at(0s));
        QCOMPARE(countOf<Dial>(drain(links)), size_t(2));
        QCOMPARE(links.held(), size_t(1));
    }
    void moreAddressesOfAPeerThatIsDialledJoinItsRace() {
        Links links({.dialling = 1, .queued = 1, .held = 1});
        QVERIFY(links.want(virtualPeer(0), {farAddress(0)}, at(0s)));
        QVERIFY(links.want(virtualPeer(0), {farAddress(1)}, at(0s)));
        QVERIFY(links.want(virtualPeer(1), {farAddress(2)}, at(0s)));
        QVERIFY(links.want(virtualPeer(1), {farAddress(3)}, at(0s)));
        QCOMPARE(countOf<Dial>(drain(links)), size_t(2));
        links.onFailed(virtualPeer(0), at(0s));
        const auto next = drain(links);
        QCOMPARE(next.size(), size_t(1));
        QCOMPARE(std::get<Dial>(next[0]).addresses, (std::vector{farAddress(2), farAddress(3)}));
    }
    void aDialIsGivenUpAfterItsTime() {
        Links links;
        links.want(virtualPeer(0), {farAddress(0)}, at(0s));
        drain(links);
        QCOMPARE(links.deadline(), at(kDialTimeout).mono);
        links.onDeadline(at(kDialTimeout - 1ns));
        QVERIFY(drain(links).empty());
        links.onDeadline(at(kDialTimeout));
        QCOMPARE(countOf<GiveUpDial>(drain(links)), size_t(1));
        QCOMPARE(links.deadline(), kNever);
        links.onDeadline(at(2 * kDialTimeout));
        QVERIFY(drain(links).empty());
    }
    void anIdleConnectionIsClosedUnlessItIsKept() {
        Links links;
        for (uint32_t i = 0; i < 2; ++i) {
            links.want(virtualPeer(i), {farAddress(i)}, at(0s));
            links.onConnected(virtualPeer(i), at(0s));
        }
        drain(links);
        links.keep("a", {virtualPeer(1)});
        links.touch(virtualPeer(0), at(1s));
        QCOMPARE(links.deadline(), at(1s + kIdleLink).mono);
        links.onDeadline(at(1s + kIdleLink));
        QCOMPARE(drain(links), (std::vector<LinkAction>{CloseLink{virtualPeer(0)}}));
        links.keep("a", {});
        links.onDeadline(at(1s + kIdleLink));
        QCOMPARE(countOf<CloseLink>(drain(links)), size_t(1));
    }
    void theLongestUnusedGivesWayAndTheKeptLast() {
        Links links({.dialling = 9, .queued = 9, .held = 2});
        const auto connect = [&](uint32_t number, Duration when) {
            links.want(virtualPeer(number), {farAddress(number)}, at(when));
            links.onConnected(virtualPeer(number), at(when));
        };
        connect(0, 0s);
        connect(1, 1s);
        links.keep("a", {virtualPeer(0)});
        drain(links);
        connect(2, 2s);
        const auto actions = drain(links);
        QVERIFY(std::ranges::count(actions, LinkAction(CloseLink{virtualPeer(1), CloseWhen::Now})) == 1);
        QCOMPARE(links.held(), size_t(2));
    }
    void whoCameByItselfOrIsWantedByOthersIsNeverClosed() {
        Links links;
        links.onConnected(virtualPeer(0), at(0s));
        QCOMPARE(links.held(), size_t(0));
        links.want(virtualPeer(1), {farAddress(1)}, at(0s));
        links.onConnected(virtualPeer(1), at(0s));
        links.release(virtualPeer(1));
        drain(links);
        links.onDeadline(at(1h));
        QVERIFY(drain(links).empty());
    }
    void whereThereIsNoRoomItIsClosedThoughItIsUsed() {
        Links links({.dialling = 9, .queued = 9, .held = 1});
        for (uint32_t i = 0; i < 2; ++i) {
            links.want(virtualPeer(i), {farAddress(i)}, at(0s));
            links.onConnected(virtualPeer(i), at(0s));
        }
        const auto closed = [&] {
            for (const auto& action : drain(links))
                if (const auto* close = std::get_if<CloseLink>(&action)) return *close;
            return CloseLink{};
        };
        QCOMPARE(closed(), (CloseLink{virtualPeer(0), CloseWhen::Now}));
        links.onDeadline(at(kIdleLink));
        QCOMPARE(closed(), (CloseLink{virtualPeer(1), CloseWhen::Unused}));
    }
};

QTEST_APPLESS_MAIN(LinksTest)
#include "links_test.moc"
