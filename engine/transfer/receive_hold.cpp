#include "transfer/machine_limits.h"
#include "transfer/receive_machine.h"

/// How a ReceiveMachine takes no content for a while: paused by the person here, or because it is not its turn.
namespace wherry::transfer {

Result<void> ReceiveMachine::mayPause() const {
    if (m_phase == Phase::Ended) return makeError(Errc::NotFound, "no such transfer");
    if (pending())
        return makeError(Errc::InvalidArgument, "nobody here has accepted it yet: there is nothing to pause");
    return {};
}

PausedReceive ReceiveMachine::asPaused() const {
    TransferFigures figures = m_figures;
    if (m_accepted && m_phase < Phase::Receiving) {
        figures.bytesTotal = m_accepted->book.bytes();
        figures.filesTotal = m_accepted->book.files();
        figures.bytesVerified = m_accepted->book.bytesDone();
        figures.filesDone = m_accepted->book.filesDone();
    }
    return {m_id, m_peer, m_offer.label(), figures, m_offer.fetch()};
}

void ReceiveMachine::setPaused(bool paused, link::StreamIo& io, Now now) {
    m_paused = paused;
    if (paused)
        m_turn = false;
    else
        waitForTurn(now); // the sender hears of what is decided now
    if (!wantsTurn()) applyHold(io, now);
}

void ReceiveMachine::waitForTurn(Now now) {
    m_turnJudged = false;
    m_turnSince = now.mono;
}

/// It has come to its end, or to one of its ends.
void ReceiveMachine::forgetPause() {
    if (m_paused) m_shared.paused.remove(m_place.key());
}

bool ReceiveMachine::wantsTurn() const {
    return (m_phase == Phase::Waiting || m_phase == Phase::Receiving) && !m_paused && m_heldThere == Hold::None;
}

void ReceiveMachine::setTurn(bool turn, link::StreamIo& io, Now now) {
    if (turn != m_turn) m_turnSince = now.mono;
    m_turn = turn;
    m_turnJudged = true;
    applyHold(io, now);
}

/// Usually the turn is there before anybody hears that it waits for one.
void ReceiveMachine::onPlaced(link::StreamIo& io, Now now) {
    m_phase = Phase::Waiting;
    tellAccepted();
    waitForTurn(now);
    if (m_paused) applyHold(io, now);
}

void ReceiveMachine::applyHold(link::StreamIo& io, Now now) {
    if (m_phase != Phase::Waiting && m_phase != Phase::Receiving) return tellHeld();
    // Without a turn only because the sender holds it: it needs none yet.
    const bool queued = !m_turn && m_turnJudged && wantsTurn();
    const Hold hold = m_paused ? Hold::Paused : queued ? Hold::Queued : Hold::None;
    if (hold != m_holdSaid) {
        m_holdSaid = hold;
        m_bytesWhenHeld = m_figures.bytesSent;
        tellHeld();
        if (m_offer.hearsHold()) {
            m_control.send(holdMessage(hold));
            m_control.flush(io);
        } else if (m_phase == Phase::Receiving && hold == Hold::Paused) {
            // It does not know what a pause is. It comes back with a new attempt, which gets no Accept.
            return interrupt(makeError(Errc::ConnectionLost, "paused here"), io, now);
        }
    }
    if (m_phase == Phase::Waiting && !m_paused && m_turn) beginReceiving(io, now);
}

Result<void> ReceiveMachine::onHold(const wire::Hold& message, Now now) {
    if (!m_holds.allow(now.mono)) return makeError(Errc::ProtocolViolation, "a hold after the other");
    m_heldThere = holdOf(message);
    tellHeld();
    return {};
}

void ReceiveMachine::tellHeld() {
    if (m_phase == Phase::Ended) return;
    const Hold here = m_paused ? Hold::Paused : m_holdSaid;
    if (here == m_toldHere && m_heldThere == m_toldThere) return;
    m_toldHere = here;
    m_toldThere = m_heldThere;
    const PausedReceive now = asPaused();
    m_context.out.event(TransferHeld{m_id, m_peer, true, here, m_heldThere, now.label, now.figures});
}

/// More than can have been on its way comes although it is held: the sender does not mind it.
void ReceiveMachine::checkHeld(link::StreamIo& io, Now now) {
    if (m_phase != Phase::Receiving || m_holdSaid == Hold::None || !m_offer.hearsHold()) return;
    if (m_figures.bytesSent - m_bytesWhenHeld <= kMaxAfterHold) return;
    interrupt(makeError(Errc::ProtocolViolation, "the sender goes on although it was asked to wait"), io, now);
}

} // namespace wherry::transfer
