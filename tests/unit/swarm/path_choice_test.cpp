#include "swarm/path_choice.h"
#include "swarm/swarm_limits.h"

#include <QTest>
#include <optional>
#include <vector>

using namespace wherry;
using namespace std::chrono_literals;
using link::Side;
using swarm::choosePath;
using swarm::PathLink;
using swarm::PathReason;
using swarm::Verdict;

namespace {
constexpr Instant kStart = Instant(1h);
constexpr Duration kLater = swarm::kSimultaneousDialSpan + 1ns;

PathLink made(bool relayed, Side side, Duration after = 0s, bool used = false) {
    return {relayed, side, kStart + after, used};
}
Side other(Side side) {
    return side == Side::Dialer ? Side::Listener : Side::Dialer;
}

/// Two links between the same two nodes, as both hear of them.
struct Twin {
    PathLink first, second; ///< as the smaller node sees them
};
PathLink atTheOther(PathLink link) {
    link.side = other(link.side);
    return link;
}
/// The link that a node uses once it has heard of both, the one given first before the other; nullopt while it waits
/// for its peer to show which.
std::optional<int> usedOf(const PathLink& first, const PathLink& second, bool weAreSmaller, bool swap) {
    switch (choosePath(first, second, weAreSmaller, false).verdict) {
    case Verdict::Refuse:
    case Verdict::Keep:
        return swap ? 1 : 0;
    case Verdict::Use:
    case Verdict::Replace:
        return swap ? 0 : 1;
    case Verdict::Wait:
        return std::nullopt;
    }
    return std::nullopt;
}
std::optional<int> usedInOrder(PathLink first, PathLink second, bool weAreSmaller, bool swap) {
    if (swap) std::swap(first, second);
    second.openedAt = std::max(first.openedAt, second.openedAt);
    return usedOf(first, second, weAreSmaller, swap);
}
} // namespace

class PathChoiceTest : public QObject {
    Q_OBJECT
  private slots:
    void theTable_data();
    void theTable();
    void bothEndsAgreeInEveryOrder();
    void theOtherNodeWouldChooseTheOtherLink();
    void whoTakesTheLeadWhenTheCurrentEnds_data();
    void whoTakesTheLeadWhenTheCurrentEnds();
};

void PathChoiceTest::theTable_data() {
    QTest::addColumn<bool>("currentRelayed");
    QTest::addColumn<Side>("currentSide");
    QTest::addColumn<bool>("openedRelayed");
    QTest::addColumn<Side>("openedSide");
    QTest::addColumn<bool>("longAfter");
    QTest::addColumn<bool>("weAreSmaller");
    QTest::addColumn<bool>("expected");
    QTest::addColumn<Verdict>("verdict");
    QTest::addColumn<PathReason>("reason");
    const auto ours = Side::Dialer, theirs = Side::Listener;
    const auto none = PathReason::OnlyWay;
    QTest::newRow("another address of ours was quicker")
        << false << ours << false << ours << false << true << false << Verdict::Refuse << none;
    QTest::newRow("another relay of ours was quicker")
        << true << ours << true << ours << true << true << false << Verdict::Refuse << none;
    QTest::newRow("our relay is late") << false << ours << true << ours << false << true << false << Verdict::Refuse
                                       << none;
    for (const bool smaller : {true, false})
        for (const Side before : {ours, theirs})
            for (const Side now : {ours, theirs})
                QTest::addRow("direct over relay %d%d%d", smaller, int(before), int(now))
                    << true << before << false << now << true << smaller << false << Verdict::Use
                    << PathReason::DirectOverRelay;
    QTest::newRow("a relay beside a direct one")
        << false << ours << true << theirs << false << true << false << Verdict::Keep << none;
    QTest::newRow("a late relay beside a direct one")
        << false << theirs << true << theirs << true << false << false << Verdict::Keep << none;
    QTest::newRow("both dialled, we are smaller: ours was first")
        << false << ours << false << theirs << false << true << false << Verdict::Keep << PathReason::SimultaneousDial;
    QTest::newRow("both dialled, we are smaller: theirs was first")
        << false << theirs << false << ours << false << true << false << Verdict::Use << PathReason::SimultaneousDial;
    QTest::newRow("both dialled, we are larger: ours was first")
        << false << ours << false << theirs << false << false << false << Verdict::Use << PathReason::SimultaneousDial;
    QTest::newRow("both dialled over relays")
        << true << ours << true << theirs << false << false << false << Verdict::Use << PathReason::SimultaneousDial;
    QTest::newRow("it has dialled both") << false << theirs << false << theirs << true << false << false
                                         << Verdict::Wait << none;
    QTest::newRow("it has restarted") << false << ours << false << theirs << true << true << false << Verdict::Replace
                                      << PathReason::DialledAnew;
    QTest::newRow("it has restarted behind its relay")
        << true << ours << true << theirs << true << true << false << Verdict::Replace << PathReason::DialledAnew;
    QTest::newRow("it was asked to dial")
        << false << ours << false << theirs << true << true << true << Verdict::Keep << none;
    QTest::newRow("it was asked to dial, and gets through where only a relay did")
        << true << ours << false << theirs << true << true << true << Verdict::Use << PathReason::DirectOverRelay;
    QTest::newRow("ours, while it was asked to dial")
        << true << theirs << false << ours << true << true << true << Verdict::Use << PathReason::DirectOverRelay;
}

void PathChoiceTest::theTable() {
    QFETCH(bool, currentRelayed);
    QFETCH(Side, currentSide);
    QFETCH(bool, openedRelayed);
    QFETCH(Side, openedSide);
    QFETCH(bool, longAfter);
    QFETCH(bool, weAreSmaller);
    QFETCH(bool, expected);
    QFETCH(Verdict, verdict);
    QFETCH(PathReason, reason);
    const PathLink current = made(currentRelayed, currentSide);
    const PathLink opened = made(openedRelayed, openedSide, longAfter ? kLater : swarm::kSimultaneousDialSpan);
    const auto choice = choosePath(current, opened, weAreSmaller, expected);
    QCOMPARE(choice.verdict, verdict);
    QCOMPARE(choice.reason, reason);
}

void PathChoiceTest::bothEndsAgreeInEveryOrder() {
    int judged = 0;
    for (unsigned bits = 0; bits < 1u << 6; ++bits) {
        const Side first = bits & 1 ? Side::Dialer : Side::Listener, second = bits & 2 ? Side::Dialer : Side::Listener;
        const Twin twin{made(bits & 4, first), made(bits & 8, second, 1s)};
        const bool here = bits & 16, there = bits & 32; // in which order the nodes hear of them
        const auto mine = usedInOrder(twin.first, twin.second, true, here);
        const auto theirs = usedInOrder(atTheOther(twin.first), atTheOther(twin.second), false, there);
        // Two of one kind by one dialler: it keeps the first that it hears of, and its peer waits to see which.
        const bool oneDialler = first == second && twin.first.relayed == twin.second.relayed;
        QCOMPARE(!mine || !theirs, oneDialler);
        if (oneDialler) continue;
        QCOMPARE(*mine, *theirs);
        if (twin.first.relayed != twin.second.relayed) QCOMPARE(*mine, twin.first.relayed ? 1 : 0);
        ++judged;
    }
    QCOMPARE(judged, 64 - 16);
}

void PathChoiceTest::theOtherNodeWouldChooseTheOtherLink() {
    // Antisymmetric: whoever dialled, the link of the smaller one wins; never both and never none.
    for (const bool relayed : {false, true})
        for (const bool swap : {false, true}) {
            const PathLink ours = made(relayed, Side::Dialer), theirs = made(relayed, Side::Listener);
            QCOMPARE(usedInOrder(ours, theirs, true, swap), std::optional(0));
            QCOMPARE(usedInOrder(ours, theirs, false, swap), std::optional(1));
        }
}

void PathChoiceTest::whoTakesTheLeadWhenTheCurrentEnds_data() {
    QTest::addColumn<PathLink>("ended");
    QTest::addColumn<std::vector<PathLink>>("left");
    QTest::addColumn<size_t>("index");
    QTest::addColumn<bool>("movesOn");
    QTest::addColumn<PathReason>("reason");
    const auto side = Side::Dialer;
    using Links = std::vector<PathLink>;
    QTest::newRow("the relay that was there before")
        << made(false, side, 2s) << Links{made(true, side, 0s)} << size_t(0) << true << PathReason::RelayStandsIn;
    QTest::newRow("a relay that came later")
        << made(false, side, 0s) << Links{made(true, side, 9s)} << size_t(0) << false << PathReason::RelayStandsIn;
    QTest::newRow("a direct one before a used relay")
        << made(false, side, 1s) << Links{made(true, side, 0s, true), made(false, side, 2s)} << size_t(1) << false
        << PathReason::AnotherStandsIn;
    QTest::newRow("a used one before a younger one")
        << made(false, side, 1s) << Links{made(false, side, 0s, true), made(false, side, 2s)} << size_t(0) << true
        << PathReason::AnotherStandsIn;
    QTest::newRow("the youngest") << made(false, side, 0s) << Links{made(false, side, 1s), made(false, side, 2s)}
                                  << size_t(1) << false << PathReason::AnotherStandsIn;
    QTest::newRow("a direct one after a relay") << made(true, side, 0s) << Links{made(false, side, 1s, true)}
                                                << size_t(0) << true << PathReason::AnotherStandsIn;
}

void PathChoiceTest::whoTakesTheLeadWhenTheCurrentEnds() {
    QFETCH(PathLink, ended);
    QFETCH(std::vector<PathLink>, left);
    QFETCH(size_t, index);
    QFETCH(bool, movesOn);
    QFETCH(PathReason, reason);
    const auto next = swarm::chooseSuccessor(ended, left);
    QCOMPARE(next.index, index);
    QCOMPARE(next.movesOn, movesOn);
    QCOMPARE(next.reason, reason);
}

QTEST_APPLESS_MAIN(PathChoiceTest)
#include "path_choice_test.moc"
