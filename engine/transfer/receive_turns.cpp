#include "transfer/receive_turns.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

bool waits(const ReceiveMachine& machine) {
    return machine.wantsTurn() && !machine.hasTurn();
}

} // namespace

std::vector<ReceiveMachine*> ReceiveTurns::waiting() const {
    std::vector<ReceiveMachine*> found;
    for (const auto& [id, machine] : m_receives)
        if (waits(*machine)) found.push_back(machine.get());
    return found;
}

/// From those that stand still, the longest first, and no more than are wanted.
bool ReceiveTurns::take(size_t wanted, link::StreamIo& io, Now now) {
    std::vector<ReceiveMachine*> still;
    for (const auto& [id, machine] : m_receives)
        if (machine->hasTurn() && !machine->ended() && (!machine->wantsTurn() || now.mono >= machine->patienceEnds()))
            still.push_back(machine.get());
    std::ranges::stable_sort(still, {}, [](const ReceiveMachine* machine) {
        return std::pair(machine->wantsTurn(), machine->patienceEnds());
    });
    if (still.size() > wanted) still.resize(wanted);
    for (ReceiveMachine* machine : still) machine->setTurn(false, io, now);
    return !still.empty();
}

void ReceiveTurns::handOut(std::vector<ReceiveMachine*> waiting, link::StreamIo& io, Now now) {
    std::map<crypto::PeerId, size_t> ofPeer;
    size_t active = 0;
    for (const auto& [id, machine] : m_receives)
        if (machine->hasTurn() && !machine->ended()) ++active, ++ofPeer[machine->peer()];
    const auto isBefore = [&](const auto* a, const auto* b) {
        return std::pair(ofPeer[a->peer()], a->turnSince()) < std::pair(ofPeer[b->peer()], b->turnSince());
    };
    for (; active < m_turns && !waiting.empty(); ++active) {
        const auto next = std::min_element(waiting.begin(), waiting.end(), isBefore);
        ++ofPeer[(*next)->peer()];
        (*next)->setTurn(true, io, now);
        waiting.erase(next);
    }
}

bool ReceiveTurns::settle(link::StreamIo& io, Now now) {
    m_deadline = kNever;
    if (waiting().empty()) return false;
    handOut(waiting(), io, now);
    const std::vector<ReceiveMachine*> left = waiting();
    if (left.empty()) return true;
    if (take(left.size(), io, now)) handOut(left, io, now); // not to those that have just lost one
    for (const auto& [id, machine] : m_receives) {
        if (waits(*machine)) machine->setTurn(false, io, now); // its sender hears of it
        if (machine->hasTurn()) m_deadline = std::min(m_deadline, machine->patienceEnds());
    }
    return false;
}

} // namespace wherry::transfer
