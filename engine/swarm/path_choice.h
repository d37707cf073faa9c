#pragma once

#include "base/time.h"
#include "link/link.h"
#include "swarm/path_reason.h"

#include <optional>
#include <span>

/// Which of several links to one peer is used, and why: policy as pure functions, so that both ends come to the same
/// judgement whatever they hear first. A link through a relay is the way in, never the way to stay: it is used while
/// there is no direct one.
namespace wherry::swarm {

/// A link as the choice sees it.
struct PathLink {
    bool relayed = false;
    link::Side side = link::Side::Dialer;
    Instant openedAt{};
    bool used = false; ///< streams are open on it
};

/// What becomes of a link that has just opened, beside the one in use.
enum class Verdict : uint8_t {
    Refuse,  ///< closed at once: another address that we dialled has answered first
    Use,     ///< it is used from now on; the former loses and is closed when no stream is left on it
    Keep,    ///< it loses
    Wait,    ///< the peer has dialled both and alone knows which it wants: it shows by using or closing one
    Replace, ///< the peer does not know the former any more
};
struct PathChoice {
    Verdict verdict = Verdict::Keep;
    PathReason reason = PathReason::OnlyWay; ///< of the link that is used from now on; for Use and Replace
    bool operator==(const PathChoice&) const = default;
};

/// `weAreSmaller`: of the two peer ids ours is the smaller one. `expected`: the peer was asked to make this second link
/// for a purpose of its own (Swarm::allowSecondLink); it serves all the same where there is only a relayed one.
PathChoice choosePath(const PathLink& current, const PathLink& opened, bool weAreSmaller, bool expected);

/// The link in use has ended; which of the others takes its place. Direct ones go before relayed ones, used ones before
/// unused ones, younger ones before older ones (`candidates` are sorted by age, oldest first, and not empty).
struct Successor {
    size_t index = 0;
    bool movesOn =
        false; ///< the peer has known it as long as the one that ended: for the protocols it is the same peer
    PathReason reason = PathReason::OnlyWay;
};
Successor chooseSuccessor(const PathLink& ended, std::span<const PathLink> candidates);

} // namespace wherry::swarm
