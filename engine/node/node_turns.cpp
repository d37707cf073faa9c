#include "node/node_parts.h"

/// The queue meets the transfers: what begins when; pausing, going on and cancelling.
namespace wherry::node {

/// The receiver lets a later attempt of the same transfer take the place of an earlier one, so two of them at once
/// would throw each other out for ever.
std::optional<TransferId> Node::Parts::twinOf(const crypto::PeerId& peer, const std::vector<std::string>& paths) const {
    for (const auto& [transfer, later] : unsent)
        if (later.peer == peer && later.order.paths == paths) return transfer;
    return transfers.sending(peer, paths);
}

void Node::Parts::startSend(RequestId id, SendFiles command, Now now) {
    if (const auto may = queue.mayAdd(); !may) return emit(RequestFailed{id, may.error()});
    const crypto::PeerId peer = command.target.peer;
    if (const auto twin = twinOf(peer, command.paths))
        return emit(RequestFailed{
            id, makeError(Errc::Busy, "this is being sent there already, as transfer " + std::to_string(twin->value))});
    dialer.learn(peer, command.target.addresses);
    const TransferId transfer = transfers.reserve();
    const std::string label = labelOf(command.paths);
    ledger.onStarted(transfer, peer, label);
    history.onStarted(transfer, peer, label, {command.paths, std::move(command.target.addresses), command.wait}, now);
    unsent[transfer] = {peer, {std::move(command.paths), command.wait, {}}};
    queue.add(transfer, peer, command.priority);
    settleTurns(now);
    emit(TransferStarted{id, transfer, queue.waits(transfer)});
}

bool Node::Parts::settleTurns(Now now) {
    bool more = false;
    while (const auto action = queue.poll()) {
        if (life != Life::Running) continue; // nothing begins any more
        std::visit([&](const auto& what) { on(what, now); }, *action);
        more = true;
    }
    return more;
}

void Node::Parts::on(const TurnHas& action, Now now) {
    if (auto begins = unsent.extract(action.transfer))
        transfers.send(action.transfer, begins.mapped().peer, std::move(begins.mapped().order), now);
    else
        transfers.letGo(action.transfer, swarm.streams(), now);
}

void Node::Parts::on(const TurnLost& action, Now) {
    transfers.hold(action.transfer, swarm.streams());
}

void Node::Parts::tell(transfer::TransferEvent event, Now now) {
    ledger.onEvent(event);
    queue.onEvent(event, now);
    tellHistory(event, now);
    tellSharing(event, now);
    emit(TransferUpdate{std::move(event)});
}

/// As transfers ends one that has begun.
void Node::Parts::dropUnsent(TransferId transfer, const Error& error, Now now) {
    const auto dropped = unsent.extract(transfer);
    tell(transfer::TransferFailed{transfer, dropped.mapped().peer, false, error, {}, {}}, now);
}

void Node::Parts::dropAllUnsent(Now now) {
    const Error ends = makeError(Errc::ConnectionLost, "this program ends");
    while (!unsent.empty()) dropUnsent(unsent.begin()->first, ends, now);
}

// --- commands -----------------------------------------------------------------------------------------------------

/// What is done about an incoming one outlives this program, so it is stored before it is answered.
void Node::Parts::answerTurn(RequestId id, TransferId transfer, const Result<void>& done) {
    if (!done) return emit(RequestFailed{id, done.error()});
    ledger.isIncoming(transfer) ? confirm({.request = id}) : emit(RequestDone{id});
}

void Node::Parts::carryOut(RequestId id, PauseTransfer command, Now now) {
    const bool begun = !unsent.contains(command.transfer);
    const auto paused = begun ? transfers.pause(command.transfer, swarm.streams(), now) : Result<void>();
    if (paused) queue.pause(command.transfer);
    if (paused) ledger.setPaused(command.transfer, true);
    answerTurn(id, command.transfer, paused);
}

void Node::Parts::carryOut(RequestId id, ResumeTransfer command, Now now) {
    const bool begun = !unsent.contains(command.transfer);
    // Held back still, until it is its turn.
    const auto resumed = begun ? transfers.resume(command.transfer, swarm.streams(), now) : Result<void>();
    if (resumed) queue.resume(command.transfer);
    if (resumed) ledger.setPaused(command.transfer, false);
    answerTurn(id, command.transfer, resumed);
}

void Node::Parts::carryOut(RequestId id, CancelTransfer command, Now now) {
    if (unsent.contains(command.transfer)) {
        emit(RequestDone{id});
        return dropUnsent(command.transfer, makeError(Errc::Cancelled, "cancelled here"), now);
    }
    const auto cancelled = transfers.cancel(command.transfer, swarm.streams(), now);
    answerTurn(id, command.transfer, cancelled);
}

void Node::Parts::carryOut(RequestId id, SetPriority command, Now) {
    const auto set = queue.setPriority(command.transfer, command.priority);
    set ? emit(RequestDone{id}) : emit(RequestFailed{id, set.error()});
}

void Node::Parts::carryOut(RequestId id, SetParallelSends command, Now) {
    if (command.count == 0 || command.count > kMaxParallelSends)
        return emit(RequestFailed{
            id, makeError(Errc::InvalidArgument, "allowed is 1 to " + std::to_string(kMaxParallelSends))});
    queue.setTurns(command.count);
    emit(RequestDone{id});
}

void Node::Parts::carryOut(RequestId id, SetParallelReceives command, Now now) {
    if (command.count == 0 || command.count > kMaxParallelReceives)
        return emit(RequestFailed{
            id, makeError(Errc::InvalidArgument, "allowed is 1 to " + std::to_string(kMaxParallelReceives))});
    transfers.setParallelReceives(command.count, swarm.streams(), now);
    emit(RequestDone{id});
}

} // namespace wherry::node
