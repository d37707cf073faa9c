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

void ReceiveMachine::followPause() {
    if (!m_place.wanted() || m_offer.fetch() || isPaused()) return;
    const Bytes* key = m_shared.paused.keyOfOffer(offerOf(m_place.key()));
    if (!key) return;
    const PausedReceive& paused = *m_shared.paused.find(*key);
    m_policy.folder = paused.folder;
    m_policy.folderIsHome = paused.folderIsHome;
    m_usual.folder = paused.folder;
    m_place.want(*key);
}

PausedReceive ReceiveMachine::asPaused() const {
    return {shownAs(), m_peer, m_offer.label(), figures(), m_offer.fetch(), m_usual.folder, m_policy.folderIsHome};
}

/// The number under which the person knows it.
TransferId ReceiveMachine::shownAs() const {
    const PausedReceive* paused = m_shared.paused.find(m_place.key());
    return paused ? paused->transfer : m_id;
}

/// What is here of it, as far as that is known by now.
TransferFigures ReceiveMachine::figures() const {
    if (const PausedReceive* before = m_shared.paused.find(m_place.key()); before && m_phase < Phase::Waiting)
        return before->figures;
    TransferFigures figures = m_figures;
    if (!m_accepted) return figures;
    const FileBook& book = m_accepted->book;
    figures.filesDone = book.filesDone();
    if (content()) return figures;
    figures.bytesTotal = book.bytes();
    figures.filesTotal = book.files();
    figures.filesSkipped = book.filesSkipped();
    figures.bytesVerified = book.bytesDone() + m_accepted->placement.bytesClaimed();
    return figures;
}

void ReceiveMachine::applyPause(link::StreamIo& io, Now now) {
    if (isPaused())
        m_turn = false;
    else
        waitForTurn(now); // the sender hears of what is decided now
    countHeld();
    if (!wantsTurn()) applyHold(io, now);
}

void ReceiveMachine::waitForTurn(Now now) {
    m_turnJudged = false;
    m_turnSince = now.mono;
}

bool ReceiveMachine::wantsTurn() const {
    return (m_phase == Phase::Waiting || m_phase == Phase::Receiving) && !isPaused() && m_heldThere == Hold::None;
}

void ReceiveMachine::setTurn(bool turn, link::StreamIo& io, Now now) {
    if (turn != m_turn) m_turnSince = now.mono;
    m_turn = turn;
    m_turnJudged = true;
    countHeld();
    applyHold(io, now);
}

/// Usually the turn is there before anybody hears that it waits for one.
void ReceiveMachine::onPlaced(link::StreamIo& io, Now now) {
    m_phase = Phase::Waiting;
    tellAccepted();
    waitForTurn(now);
    if (isPaused()) applyHold(io, now);
}

void ReceiveMachine::applyHold(link::StreamIo& io, Now now) {
    if (m_phase != Phase::Waiting && m_phase != Phase::Receiving) return tellHeld();
    // Without a turn only because the sender holds it: it needs none yet.
    const bool queued = !m_turn && m_turnJudged && wantsTurn();
    const Hold hold = isPaused() ? Hold::Paused : queued ? Hold::Queued : Hold::None;
    if (hold != m_holdSaid) {
        m_holdSaid = hold;
        tellHeld();
        if (m_offer.hearsHold()) {
            m_control.send(holdMessage(hold));
            m_control.flush(io);
        } else if (m_phase == Phase::Receiving && hold != Hold::None) {
            // It does not know what that is. It comes back with a new attempt, which gets no Accept.
            const char* why = hold == Hold::Paused ? "paused here" : "others wait, and nothing comes";
            return interrupt(makeError(Errc::ConnectionLost, why), io, now);
        }
    }
    if (m_phase == Phase::Waiting && !isPaused() && m_turn) beginReceiving(io, now);
}

Result<void> ReceiveMachine::onHold(const wire::Hold& message, Now now) {
    if (!m_holds.allow(now.mono)) return makeError(Errc::ProtocolViolation, "a hold after the other");
    m_heldThere = holdOf(message);
    countHeld();
    tellHeld();
    return {};
}

void ReceiveMachine::tellHeld() {
    if (m_phase == Phase::Ended) return;
    const Hold here = isPaused() ? Hold::Paused : m_holdSaid;
    if (here == m_toldHere && m_heldThere == m_toldThere) return;
    m_toldHere = here;
    m_toldThere = m_heldThere;
    m_context.out.event(TransferHeld{m_id, m_peer, true, here, m_heldThere, m_offer.label(), figures()});
}

/// What comes from here on was on its way.
void ReceiveMachine::countHeld() {
    const bool held = !m_turn || m_heldThere != Hold::None;
    if (held && !m_held) m_bytesWhenHeld = m_figures.bytesSent;
    m_held = held;
}

/// More comes than can have been on its way when it lost its turn or the sender held it: the sender does not mind it.
void ReceiveMachine::checkHeld(link::StreamIo& io, Now now) {
    if (m_phase != Phase::Receiving || !m_held) return;
    if (m_figures.bytesSent - m_bytesWhenHeld <= kMaxAfterHold) return;
    interrupt(makeError(Errc::ProtocolViolation, "the sender goes on although it is held"), io, now);
}

} // namespace wherry::transfer
