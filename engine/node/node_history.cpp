#include "base/overloaded.h"
#include "node/node_parts.h"
#include "node/path_kind.h"

#include <algorithm>

/// The history meets the transfers.
namespace wherry::node {

void Node::Parts::carryOut(RequestId id, ListHistory command, Now) {
    if (const auto may = history.mayAsk(); !may) return emit(RequestFailed{id, may.error()});
    history.list(command, id);
}

void Node::Parts::carryOut(RequestId id, RetryTransfer command, Now) {
    if (const auto may = history.mayAsk(); !may) return emit(RequestFailed{id, may.error()});
    history.retry(command, id);
}

void Node::Parts::carryOut(RequestId id, ForgetHistory command, Now) {
    history.forget(command);
    emit(RequestDone{id});
}

/// Told before anybody else hears of it.
void Node::Parts::tellHistory(const transfer::TransferEvent& event, Now now) {
    history.onEvent(event, now);
    if (const auto* accepted = std::get_if<transfer::OfferAccepted>(&event))
        if (const auto peer = swarm.peer(accepted->peer))
            history.onPath(peer->peer, pathKind(peer->remote, isPunched(*peer)));
}

bool Node::Parts::settleHistory(Now now) {
    bool more = false;
    while (const auto peer = transfers.pollTurnedAway()) history.onTurnedAway(*peer, now);
    while (auto answer = history.poll()) {
        std::visit(
            Overloaded{[&](RetryFound& found) {
                           // Whoever was in a hurry then has come back since.
                           const Duration wait = std::max(found.order.wait, SendFiles().wait);
                           if (life == Life::Running)
                               return startSend(found.request,
                                                {{found.peer, std::move(found.order.addresses)},
                                                 std::move(found.order.paths),
                                                 wait},
                                                now);
                           emit(RequestFailed{found.request, makeError(Errc::Cancelled, "the node is shutting down")});
                       },
                       [&](auto& listed) { emit(std::move(listed)); }},
            *answer);
        more = true;
    }
    return more;
}

} // namespace wherry::node
