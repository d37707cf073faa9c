#include "swarm/path_choice.h"

#include "base/assert.h"
#include "swarm/swarm_limits.h"

#include <tuple>

namespace wherry::swarm {

using link::Side;

PathChoice choosePath(const PathLink& current, const PathLink& opened, bool weAreSmaller, bool expected) {
    const bool bothOurs = current.side == Side::Dialer && opened.side == Side::Dialer;
    if (current.relayed && !opened.relayed) return {Verdict::Use, PathReason::DirectOverRelay};
    if (expected && opened.side == Side::Listener) return {Verdict::Keep, {}};
    if (bothOurs) return {Verdict::Refuse, {}};
    if (!current.relayed && opened.relayed) return {Verdict::Keep, {}};
    if (current.side == opened.side) return {Verdict::Wait, {}};
    const bool longAfter = opened.openedAt - current.openedAt > kSimultaneousDialSpan;
    if (opened.side == Side::Listener && longAfter) return {Verdict::Replace, PathReason::DialledAnew};
    const Side winner = weAreSmaller ? Side::Dialer : Side::Listener;
    return {opened.side == winner ? Verdict::Use : Verdict::Keep, PathReason::SimultaneousDial};
}

Successor chooseSuccessor(const PathLink& ended, std::span<const PathLink> candidates) {
    ASSERT(!candidates.empty());
    const auto rank = [&](size_t i) { return std::tuple(!candidates[i].relayed, candidates[i].used, i); };
    size_t best = 0;
    for (size_t i = 1; i < candidates.size(); ++i)
        if (rank(i) > rank(best)) best = i;
    const PathLink& next = candidates[best];
    const bool standsIn = next.relayed && !ended.relayed;
    const bool olderWay = standsIn && next.openedAt <= ended.openedAt;
    return {best, next.used || olderWay, standsIn ? PathReason::RelayStandsIn : PathReason::AnotherStandsIn};
}

} // namespace wherry::swarm
