#include "base/display_text.h"
#include "link/abandon.h"
#include "transfer/machine_limits.h"
#include "transfer/receive_machine.h"

/// How a ReceiveMachine ends: with a receipt, with an error, or without a word.
namespace wherry::transfer {

namespace {

/// Something that the person who sends should hear as a refusal of the offer, not as a broken connection.
bool isRefusal(Errc code) {
    return code == Errc::UnsafePath || code == Errc::TooLarge || code == Errc::UnportableName ||
           code == Errc::LimitReached;
}

} // namespace

void ReceiveMachine::decline(const std::string& reason, link::StreamIo& io) {
    wire::Decline message;
    message.set_reason(cutReason(reason));
    m_control.send(message);
    m_control.finish();
    m_control.flush(io);
}

/// An offer that is not even put to anybody.
void ReceiveMachine::refuse(const Error& error, link::StreamIo& io, Now now) {
    if (!isRefusal(error.code)) return fail(error, kNoEntry, io, now);
    decline(error.text(), io);
    tellFailed(error, {});
    end(io, now);
}

/// Everything is under its final name, or known to have failed.
void ReceiveMachine::deliver(link::StreamIo& io, Now now) {
    const std::optional<FirstFailure>& failure = content()->firstFailure();
    m_figures.bytesVerified = m_accepted->book.bytesDone();
    m_figures.filesDone = m_accepted->book.filesDone();
    wire::Receipt receipt;
    receipt.set_verified_bytes(m_accepted->book.bytesDone());
    receipt.set_done_files(static_cast<uint32_t>(m_accepted->book.filesDone()));
    receipt.set_failed_files(static_cast<uint32_t>(m_accepted->book.filesOf(EntryState::Failed)));
    receipt.set_skipped_files(static_cast<uint32_t>(m_accepted->book.filesSkipped()));
    m_control.send(receipt);
    m_control.finish();
    TransferRecord record = m_accepted->placement.record();
    if (!failure && record.deliveredSeconds == 0) record.deliveredSeconds = now.wall.seconds();
    // Without a part that is left the record is only a memory from now on.
    if (!content()->partsStay())
        m_context.out.erase(Space::Chunks, Bytes(record.localKey.begin(), record.localKey.end()));
    m_context.out.put(Space::Transfers, landingKey(), encodeRecord(record),
                      content()->partsStay() ? partsExpiry(now.wall) : recordExpiry(now.wall));
    forgetPause();
    if (failure) {
        m_context.out.event(
            TransferFailed{m_id, m_peer, true, failure->error, failure->file, m_figures, failure->byPeer, true});
    } else {
        TransferDelivered delivered{
            m_id, m_peer, true, m_figures, secondsBetween(m_startedAt, now.mono), m_policy.folder, {}};
        for (const LandedRoot& root : m_accepted->placement.record().roots)
            if (!root.landed.empty() && delivered.names.size() < kMaxNamesTold) delivered.names.push_back(root.landed);
        m_context.out.event(std::move(delivered));
    }
    m_phase = Phase::Ended;
    m_phaseEnds = now.mono + kCloseTimeout;
    m_control.flush(io);
}

/// Ends without delivery, and says why and over which entry.
void ReceiveMachine::fail(const Error& error, uint32_t entry, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) return;
    if (m_phase == Phase::Placing && error.code == Errc::Exists) return declineClashes(error.context, io, now);
    if (m_phase == Phase::Placing) tellAccepted();
    sayCancel(error, entry);
    LOG(m_context.log, Info, "transfer", "from " << m_peer.shortText() << ": " << displayText(error.text()));
    tellFailed(error, entry == kNoEntry ? std::string() : m_offer.manifest().path(entry));
    end(io, now);
}

void ReceiveMachine::sayCancel(const Error& error, uint32_t entry) {
    wire::Cancel cancel;
    cancel.set_code(wireCode(error.code));
    cancel.set_message(reasonForPeer(error));
    cancel.set_entry(entry == kNoEntry ? 0 : entry + 1);
    m_control.send(cancel);
    m_control.finish();
}

/// What the person has paused stays so when an attempt fails that nobody here had to say anything to yet.
void ReceiveMachine::tellFailed(const Error& error, const std::string& file) {
    if (pending() && isPaused()) return tellInterrupted(error);
    m_context.out.event(TransferFailed{m_id, m_peer, true, error, file, figures()});
    forgetPause();
}

/// An offer that nobody has heard of yet ends quietly.
void ReceiveMachine::tellInterrupted(const Error& error) {
    if (m_phase == Phase::Placing) tellAccepted(); // the yes has been said
    if (m_phase > Phase::Checking) m_context.out.event(TransferInterrupted{m_id, m_peer, true, error});
}

/// The policy says no because names are taken: a refusal like any other. What we have asked for ourselves nobody
/// refuses; there it is a failure.
void ReceiveMachine::declineClashes(const std::string& names, link::StreamIo& io, Now now) {
    const std::string reason = "exists already: " + names;
    decline(reason, io);
    if (m_offer.fetch())
        m_context.out.event(TransferFailed{m_id, m_peer, true, makeError(Errc::Exists, names), {}, figures()});
    else
        m_context.out.event(OfferDeclined{m_id, m_peer, reason});
    forgetPause();
    end(io, now);
}

void ReceiveMachine::interrupt(const Error& error, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) return;
    tellInterrupted(error);
    if (m_control.attached()) dropControl(io);
    end(io, now);
    if (content()) m_shared.beginnings.keep(landingKey(), content()->takeBeginnings(), now);
}

void ReceiveMachine::cancel(link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) return;
    const Error error = makeError(Errc::Cancelled, "cancelled here");
    if (m_phase == Phase::Placing) tellAccepted();
    if (m_phase > Phase::Offering) m_shared.paused.withdraw(m_place.key(), {}, now, Durable::Yes);
    sayCancel(error, kNoEntry);
    m_context.out.event(TransferFailed{shownAs(), m_peer, true, error, {}, figures()});
    m_shared.paused.remove(m_place.key(), Durable::Yes);
    end(io, now);
}

/// Nothing of it has been shown to anybody.
void ReceiveMachine::turnAway(link::StreamIo& io, Now now) {
    sayCancel(makeError(Errc::Cancelled), kNoEntry);
    end(io, now);
}

/// No more content is taken. What has been verified is still recorded and what is complete is published.
void ReceiveMachine::end(link::StreamIo& io, Now now) {
    if (m_phase < Phase::Receiving) m_accepted.reset();
    m_phase = Phase::Ended;
    m_phaseEnds = now.mono + kCloseTimeout;
    m_place.giveUpWaiting();
    m_chosenPlace.giveUpWaiting();
    endLook(makeError(Errc::NotFound, "the offer does not wait any more"));
    m_offer.release();
    if (content()) content()->stop(io, now);
    if (m_coming) takeComing(io, now); // what is said of the end is heard there
    m_control.flush(io);
}

void ReceiveMachine::dropControl(link::StreamIo& io) {
    dropComing(io);
    link::abandon(io, m_control.key(), link::kNoError);
    m_control.detach();
}

} // namespace wherry::transfer
