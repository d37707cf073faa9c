#include "transfer/send_machine.h"

#include "base/overloaded.h"
#include "link/abandon.h"
#include "transfer/machine_limits.h"
#include "transfer/offer_summary.h"
#include "transfer/violation.h"

#include <algorithm>

namespace wherry::transfer {

SendMachine::SendMachine(MachineContext& context, TransferId id, const crypto::PeerId& peer, SendOrder order,
                         std::optional<bool> connected, Now now)
    : m_context(context),
      m_id(id),
      m_peer(peer),
      m_order(std::move(order)),
      m_startedAt(now.mono),
      m_connected(connected.has_value()),
      m_giveUpAt(now.mono + m_order.wait),
      m_backOff(kFirstRetry),
      m_relayed(connected.value_or(false)) {
    m_scanJob = m_context.out.submit(m_id, JobLane::Worker, ScanJob{m_order.paths, m_context.config.spills});
    if (!m_connected) m_context.out.want(m_id, m_peer);
}

// --- reaching the peer --------------------------------------------------------------------------------------------

/// Asks for the control stream, or for the peer first.
void SendMachine::seek(Now now) {
    m_retryAt = kNever;
    if (m_paused) return; // resume() comes here again
    if (!m_connected)
        m_context.out.want(m_id, m_peer);
    else if (m_phase == Phase::Connecting)
        attempt(now);
}

void SendMachine::attempt(Now) {
    if (m_controlTag != 0) return;
    m_attempt = m_context.random.bytes(kAttemptIdSize);
    m_controlTag = m_context.out.openStream(m_id, m_peer);
}

void SendMachine::onPeerConnected(bool relayed, Now now) {
    if (m_phase == Phase::Ended) return;
    m_connected = true;
    m_relayed = relayed;
    if (m_retryAt == kNever || now.mono >= m_retryAt) return seek(now);
    m_retryAt = std::min(m_retryAt, now.mono + kFirstRetry); // the pause was for a peer that was away
}

void SendMachine::onPeerGone(const Error& error, Now now) {
    m_connected = false;
    m_link = {}; // whatever comes next is the one in use
    m_lastError = error;
    if (m_phase == Phase::Offering || m_phase == Phase::Asked || m_phase == Phase::Sending) lost(error, nullptr, now);
    m_controlTag = 0;
    if (m_phase != Phase::Ended && m_retryAt == kNever) m_retryAt = now.mono + m_backOff;
}

void SendMachine::onPeerUnreachable(const Error& error, Now now) {
    if (m_phase == Phase::Ended || m_connected) return;
    m_lastError = error;
    if (error.code == Errc::IdentityMismatch) return fail(error, {}, nullptr, now);
    if (now.mono >= m_giveUpAt && !m_paused) return giveUp(now);
    m_retryAt = now.mono + m_backOff;
    m_backOff = std::min(m_backOff * 2, kLastRetry);
}

/// Redialling for ever would cost the relay more than it brings anybody. What was held, or waited for an answer, is not
/// what has used the circuit up.
bool SendMachine::onCircuitSpent(const Error& error, Now now) {
    if (m_phase == Phase::Ended || m_paused || !m_tried) return false;
    if (++m_fruitlessCircuits >= kMaxFruitlessCircuits)
        fail(makeError(Errc::ConnectionLost, error.context + "; that is too little for this transfer to get on"), {},
             nullptr, now);
    return m_fruitlessCircuits > 1; // what one has brought of a chunk is heard of over the next
}

/// Of verified bytes, beginnings of chunks, and small files, however they are counted: more than ever before.
void SendMachine::noteProgress(uint64_t there) {
    if (there <= m_there) return;
    m_there = there;
    m_gotOn = true;
    m_backOff = kFirstRetry;
    m_fruitlessCircuits = 0;
}

size_t SendMachine::streamsWanted() const {
    const size_t most = m_relayed ? kRelayedStreams : kDataStreams;
    return static_cast<size_t>(std::min<uint64_t>(m_pump->plan().framesExpected(), most));
}

/// The attempt is over, the transfer is not.
void SendMachine::lost(const Error& error, link::StreamIo* io, Now now) {
    const bool stood = now.mono >= m_offeredAt + kOfferStands;
    m_tried =
        m_phase == Phase::Offering || (m_phase == Phase::Asked && !stood) || (m_phase == Phase::Sending && !isHeld());
    if (io) {
        if (m_pump) m_pump->streams().resetAll(*io, link::kNoError);
        link::abandon(*io, m_control.key(), link::kNoError);
    }
    if (io) dropFormerControls(*io);
    m_formerControls.clear();
    m_control.detach();
    m_heldThere = m_holdSaid = Hold::None;
    m_receiverHears = false;
    const bool accepted = std::exchange(m_pump, nullptr) != nullptr;
    if (accepted || stood) m_giveUpAt = now.mono + m_order.wait;
    m_streamLostBy = kNever;
    m_controlTag = 0;
    m_phase = Phase::Connecting;
    m_lastError = error;
    m_retryAt = now.mono + m_backOff;
    m_backOff = std::min(m_backOff * 2, kLastRetry);
    m_context.out.event(TransferInterrupted{m_id, m_peer, false, error});
}

void SendMachine::onPeerMoved(link::LinkId to, bool relayed) {
    m_link = to;
    m_relayed = relayed;
    move();
}

/// The offer comes over when all of it is on its way: the receiver reads it to its end where it began.
void SendMachine::move() {
    const bool elsewhere = m_link != link::LinkId() && m_control.key().link != m_link;
    const bool unsaid = m_phase == Phase::Asked && m_control.queuedBytes() > 0;
    if (!offered() || unsaid || !elsewhere || m_controlTag != 0) return;
    m_controlTag = m_context.out.openStream(m_id, m_peer);
    if (!m_pump) return;
    m_pump->plan().setRelayed(m_relayed);
    m_pump->streams().leave(streamsWanted());
}

void SendMachine::moveControl(link::StreamKey key, link::StreamIo& io) {
    m_controlTag = 0;
    m_formerControls.push_back(m_control.key());
    m_control.moveTo(key, encodeHello(wire::StreamHello::MOVED, m_attempt, ++m_moves, m_control.heard()));
    m_control.flush(io);
    move(); // it may have moved on meanwhile
}

/// The receiver has come over.
Result<void> SendMachine::onMoved(const wire::Moved& moved, link::StreamIo& io) {
    if (m_formerControls.empty()) return violation("Moved without a move");
    TRY_OK(m_control.goOn(moved.heard()));
    dropFormerControls(io);
    if (m_pump) m_pump->streams().finishFormer(io);
    return {};
}

void SendMachine::dropFormerControls(link::StreamIo& io) {
    for (const link::StreamKey key : std::exchange(m_formerControls, {})) link::abandon(io, key, link::kNoError);
}

void SendMachine::giveUp(Now now) {
    const Errc code = m_reached ? Errc::ConnectionLost : Errc::Unreachable;
    fail(makeError(code, m_lastError.context.empty() ? "the peer did not answer in time" : m_lastError.context), {},
         nullptr, now);
}

// --- the offer ----------------------------------------------------------------------------------------------------

void SendMachine::onScanned(Result<JobValue>& outcome, Now now) {
    if (!outcome) return fail(outcome.error(), {}, nullptr, now);
    m_source = std::get<SourceManifestPtr>(std::move(*outcome));
    m_offerKey = offerKeyOf(m_source->askedPaths());
    m_figures.bytesTotal = m_source->manifest().totalBytes();
    m_figures.filesTotal = m_source->manifest().fileCount();
    m_phase = Phase::Connecting;
    m_giveUpAt = std::max(m_giveUpAt, now.mono + (m_connected ? m_order.wait : Duration::zero()));
    if (m_connected && m_retryAt == kNever) seek(now);
}

void SendMachine::beginOffer(link::StreamKey key, link::StreamIo& io, Now now) {
    m_controlTag = 0;
    m_reached = true;
    m_retryAt = kNever;
    m_offeredAt = now.mono;
    m_phase = Phase::Offering;
    m_progress.start(0, now.mono);
    m_control.attach(key);
    m_control.sendRaw(encodeHello(wire::StreamHello::CONTROL, m_attempt));
    m_control.send(offerMessage(m_source->manifest(), m_offerKey, m_order.fetch));
    m_moves = 0;
    m_nextPage = 0;
    m_pagesDone = false;
    fillPages(io);
    if (!std::exchange(m_offerTold, true)) tellOffer();
}

/// Goes on until the pages are done or the stream has refused bytes: only then does it tell when it takes more.
void SendMachine::fillPages(link::StreamIo& io) {
    m_control.flush(io);
    while (!m_pagesDone && m_control.queuedBytes() < kControlQueueRefill) {
        if (m_nextPage < m_source->manifest().count()) {
            wire::ManifestPage page;
            m_nextPage = m_source->manifest().fillPage(m_nextPage, page);
            m_control.send(page);
        } else {
            m_control.send(wire::ManifestEnd());
            m_pagesDone = true;
            m_phase = Phase::Asked;
            m_control.keep();
        }
        m_control.flush(io);
    }
    move(); // the peer may have moved meanwhile
}

void SendMachine::tellOffer() {
    OfferMade offer = offerMade(m_id, m_peer, m_source->manifest());
    offer.skipped = m_source->skippedCount();
    offer.skippedFailures = m_source->skippedFailures();
    for (const bool failed : {true, false})
        for (const SkippedEntry& one : m_source->skipped())
            if (one.failed == failed) offer.skippedReasons.push_back(one.path + ": " + one.reason);
    m_context.out.event(std::move(offer));
}

// --- streams ------------------------------------------------------------------------------------------------------

void SendMachine::onStream(swarm::RequestTag tag, link::StreamKey key, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Connecting && tag == m_controlTag) return beginOffer(key, io, now);
    if (offered() && tag == m_controlTag) return moveControl(key, io);
    if (m_phase == Phase::Sending && m_pump->streams().takeRequest(tag)) {
        m_pump->streams().onOpened(key);
        return m_pump->pump(io);
    }
    link::abandon(io, key, link::kNoError);
}

void SendMachine::onStreamFailed(swarm::RequestTag tag, const Error& error, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Connecting && tag == m_controlTag) {
        m_controlTag = 0;
        m_lastError = error;
        if (error.code == Errc::Unsupported) return fail(error, {}, &io, now);
        m_retryAt = now.mono + m_backOff;
        m_backOff = std::min(m_backOff * 2, kLastRetry);
    } else if (offered() && tag == m_controlTag) {
        m_controlTag = 0;
        if (m_control.left()) lost(error, &io, now);
    } else if (m_pump && m_pump->streams().takeRequest(tag)) {
        // Fewer streams do as well; without any the attempt is over.
        if (m_pump->streams().open() == 0 && m_controlTag == 0) lost(error, &io, now);
    }
}

/// A frame that went out on a data stream is lost with it, so that the attempt ends as after a reset.
void SendMachine::onStreamRefused(link::StreamKey key, const Error& error, link::StreamIo& io, Now now) {
    if (!m_control.is(key) || m_phase == Phase::Ended) return onStreamGone(key, true, io, now);
    if (error.code == Errc::Unsupported) return fail(error, {}, nullptr, now);
    lost(error, &io, now);
}

bool SendMachine::owns(link::StreamKey key) const {
    return m_control.is(key) || (m_pump && m_pump->streams().owns(key));
}

void SendMachine::onReadable(link::StreamKey key, link::StreamIo& io, Now now) {
    if (!m_control.is(key)) {
        io.consume(key, io.available(key)); // the receiver has nothing to say on data streams
        return;
    }
    while (m_phase != Phase::Ended && m_control.attached()) {
        Result<std::optional<ControlMessage>> message = m_control.receive(io);
        Result<void> taken;
        if (!message)
            taken = message.error();
        else if (!message->has_value())
            break;
        else
            taken = onMessage(**message, io, now);
        if (!taken) return fail(taken.error(), {}, &io, now);
    }
    if (m_phase == Phase::Ended) io.consume(key, io.available(key));
    if (m_phase == Phase::Sending) m_pump->pump(io);
    if (m_phase != Phase::Ended && m_control.is(key) && io.atEnd(key))
        lost(makeError(Errc::ConnectionLost, "the peer ended the transfer without a word"), &io, now);
}

void SendMachine::onWritable(link::StreamIo& io, Now) {
    if (m_phase == Phase::Offering) fillPages(io);
    if (m_phase == Phase::Sending) m_pump->pump(io);
    m_control.flush(io);
    if (m_phase == Phase::Asked) move();
}

void SendMachine::onStreamGone(link::StreamKey key, bool closed, link::StreamIo& io, Now now) {
    if (m_control.is(key)) {
        if (offered() && m_controlTag != 0) return m_control.leave(); // the other one is on its way
        if (m_phase != Phase::Ended) return lost(m_context.lossOf(key.link, "the peer closed the transfer"), &io, now);
        if (!closed) link::abandon(io, key, link::kNoError);
        return m_control.detach();
    }
    if (!m_pump) return;
    if (!closed) link::abandon(io, key, link::kNoError);
    if (m_pump->onFormerEnded(key)) return m_pump->pump(io);
    m_pump->streams().remove(key);
    if (m_phase == Phase::Sending && m_streamLostBy == kNever) m_streamLostBy = now.mono + kLastRetry;
}

// --- messages -----------------------------------------------------------------------------------------------------

Result<void> SendMachine::onMessage(ControlMessage& message, link::StreamIo& io, Now now) {
    m_heardAt = now.mono;
    if (const auto* cancel = std::get_if<wire::Cancel>(&message)) {
        const Errc code = errcOfWire(cancel->code());
        const std::string text = cutReason(cancel->message());
        const bool names = cancel->entry() > 0 && cancel->entry() <= m_source->manifest().count();
        fail(makeError(code, code == Errc::Cancelled ? "cancelled by the receiver" : "the receiver: " + text),
             names ? m_source->manifest().path(cancel->entry() - 1) : std::string(), &io, now, true);
        return {};
    }
    if (m_phase != Phase::Asked && m_phase != Phase::Sending) return violation("an answer before the whole offer");
    if (const auto* hold = std::get_if<wire::Hold>(&message)) return onHold(*hold, io, now);
    if (const auto* moved = std::get_if<wire::Moved>(&message)) return onMoved(*moved, io);
    if (m_phase == Phase::Asked) {
        if (const auto* decline = std::get_if<wire::Decline>(&message))
            return onDecline(*decline, io, now), Result<void>();
        if (const auto* accept = std::get_if<wire::Accept>(&message)) return onAccept(*accept, io, now);
        return violation("a message before Accept");
    }
    return std::visit(
        Overloaded{[&](const wire::Need& need) { return m_pump->plan().need(need); },
                   [&](const wire::StreamTaken& taken) { return m_pump->onTaken(taken); },
                   [&](const wire::Progress& progress) { return onProgress(progress, now); },
                   [&](const wire::FileFailed& failed) { return onFileFailed(failed); },
                   [&](const wire::Receipt& receipt) { return onReceipt(receipt, io, now); },
                   [&](const auto&) { return Result<void>(violation("a message that a receiver never sends")); }},
        message);
}

Result<void> SendMachine::onAccept(const wire::Accept& accept, link::StreamIo& io, Now now) {
    if (!m_pump)
        m_pump = std::make_unique<SendPump>(m_context, m_id, m_peer, m_attempt, *m_source, m_control, m_figures);
    m_pump->setPaused(isHeld());
    m_receiverHears = m_receiverHears || accept.hears_hold();
    SendPlan& plan = m_pump->plan();
    TRY_OK(plan.addAccept(accept));
    if (!plan.complete()) return {};
    plan.setRelayed(m_relayed);
    m_phase = Phase::Sending;
    noteProgress(plan.bytesAlready() + plan.bytesInParts());
    m_figures.bytesTotal = plan.bytesTotal();
    m_figures.filesTotal = plan.filesTotal();
    m_figures.bytesVerified = plan.bytesAlready();
    m_progress.start(plan.bytesAlready(), now.mono);
    const bool again = std::exchange(m_acceptTold, true);
    if (!again) m_backOff = kFirstRetry; // a yes is progress
    if (!again) m_context.out.event(OfferAccepted{m_id, m_peer});
    if (again || plan.bytesAlready() > 0) m_context.out.event(TransferResumed{m_id, plan.bytesAlready()});
    m_pump->streams().request(streamsWanted());
    applyHold(io);
    move();
    return {};
}

Result<void> SendMachine::onProgress(const wire::Progress& progress, Now now) {
    m_control.forgetHeard(progress.heard());
    m_figures.bytesVerified = std::min(progress.verified_bytes(), m_figures.bytesTotal);
    m_figures.filesDone = std::min<uint64_t>(progress.done_files(), m_figures.filesTotal);
    noteProgress(m_figures.bytesVerified + m_figures.filesDone);
    if (progress.verified_map().size() > kMapCells) return violation("a map of too many cells");
    if (!progress.verified_map().empty()) m_verified = toBytes(asBytes(progress.verified_map()));
    if (m_progress.due(now.mono)) tellProgress(now);
    return {};
}

void SendMachine::tellProgress(Now now) {
    TransferProgress told = m_progress.tell(m_id, false, m_figures, m_heardAt, now.mono);
    told.verified = std::exchange(m_verified, {});
    m_context.out.event(std::move(told));
}

Result<void> SendMachine::onFileFailed(const wire::FileFailed& failed) {
    if (failed.entry() >= m_source->manifest().count()) return violation("FileFailed of no entry");
    m_pump->onFileFailed(failed.entry(),
                         makeError(errcOfWire(failed.code()), "the receiver: " + cutReason(failed.message())));
    return {};
}

Result<void> SendMachine::onReceipt(const wire::Receipt& receipt, link::StreamIo& io, Now now) {
    if (!m_pump->saidEnd()) return violation("Receipt before SendEnd");
    const std::optional<FirstFailure> failure = m_pump->firstFailure();
    const uint64_t files = uint64_t(receipt.done_files()) + receipt.failed_files();
    if (files != m_figures.filesTotal || receipt.skipped_files() > m_source->manifest().fileCount() - files ||
        (receipt.failed_files() > 0 && !failure) || (!failure && receipt.verified_bytes() != m_figures.bytesTotal))
        return violation("a Receipt that does not add up");
    m_figures.bytesVerified = std::min(receipt.verified_bytes(), m_figures.bytesTotal);
    m_figures.filesDone = receipt.done_files();
    m_figures.filesSkipped = receipt.skipped_files();
    m_pump->onEverythingReceived();
    m_pump->streams().finishAll(io);
    m_control.finish();
    m_control.flush(io);
    if (failure)
        end(TransferFailed{m_id, m_peer, false, failure->error, failure->file, m_figures, failure->byPeer, true}, now);
    else
        end(TransferDelivered{m_id, m_peer, false, m_figures, secondsBetween(m_startedAt, now.mono), {}, {}}, now);
    return {};
}

void SendMachine::onDecline(const wire::Decline& decline, link::StreamIo& io, Now now) {
    m_control.finish();
    m_control.flush(io);
    end(OfferDeclined{m_id, m_peer, cutReason(decline.reason())}, now);
}

// --- jobs and time ------------------------------------------------------------------------------------------------

void SendMachine::onJobDone(JobDone done, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) return;
    if (done.id == m_scanJob) return onScanned(done.outcome, now);
    if (m_pump && m_pump->onJobDone(done)) m_pump->pump(io);
}

/// A long scan is no reason to give up on a peer that is there, nor is an answer that takes its time.
Instant SendMachine::waitEnds() const {
    const bool waits = m_phase == Phase::Connecting || (m_phase == Phase::Scanning && !m_connected);
    return waits && !m_paused ? m_giveUpAt : kNever;
}

/// The receiver says many times a second how it gets on while it gets on.
Instant SendMachine::stillAt() const {
    return m_phase == Phase::Sending ? m_progress.stillAt(m_heardAt) : kNever;
}

/// From Accept on the receiver says how it gets on.
Instant SendMachine::silenceEnds() const {
    return m_phase == Phase::Sending ? m_heardAt + kSilenceTimeout : kNever;
}

Instant SendMachine::deadline() const {
    if (m_phase == Phase::Ended) return m_closeBy;
    return std::min({waitEnds(), m_retryAt, m_streamLostBy, silenceEnds(), stillAt()});
}

void SendMachine::onDeadline(link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) {
        if (now.mono < m_closeBy || !m_control.attached()) return;
        dropFormerControls(io);
        link::abandon(io, m_control.key(), link::kNoError);
        return m_control.detach();
    }
    if (now.mono >= waitEnds()) return giveUp(now);
    if (now.mono >= m_streamLostBy)
        return lost(makeError(Errc::ConnectionLost, "the peer closed a stream of the transfer"), &io, now);
    if (now.mono >= silenceEnds())
        return lost(makeError(Errc::Timeout, "nothing has been heard of the receiver for two minutes"), &io, now);
    if (now.mono >= stillAt()) tellProgress(now);
    if (now.mono >= m_retryAt) seek(now);
}

// --- pausing ------------------------------------------------------------------------------------------------------

void SendMachine::pause(link::StreamIo& io) {
    m_paused = true;
    applyHold(io);
}

void SendMachine::resume(link::StreamIo& io, Now now) {
    if (!std::exchange(m_paused, false)) return;
    applyHold(io);
    if (m_phase == Phase::Sending) return;
    // What passed meanwhile was not spent on waiting for the peer.
    m_giveUpAt = std::max(m_giveUpAt, now.mono + m_order.wait);
    m_backOff = kFirstRetry;
    if (m_phase == Phase::Connecting || m_phase == Phase::Scanning) seek(now);
}

void SendMachine::hold(link::StreamIo& io) {
    m_held = true;
    applyHold(io);
}

void SendMachine::letGo(link::StreamIo& io) {
    if (!std::exchange(m_held, false)) return;
    applyHold(io);
}

/// The receiver has paused it, lets it wait for its turn, or has let it go.
Result<void> SendMachine::onHold(const wire::Hold& hold, link::StreamIo& io, Now now) {
    if (!m_holds.allow(now.mono)) return violation("a hold after the other");
    const Hold there = holdOf(hold);
    if (std::exchange(m_heldThere, there) == there) return {};
    m_context.out.event(TransferHeld{m_id, m_peer, false, m_paused ? Hold::Paused : Hold::None, there,
                                     labelOf(m_source->manifest()), m_figures});
    applyHold(io);
    return {};
}

/// Content goes while nobody holds it; the receiver is told what is held here.
void SendMachine::applyHold(link::StreamIo& io) {
    if (m_pump) m_pump->setPaused(isHeld());
    if (m_phase != Phase::Sending) return;
    // Its turn goes to others while the receiver lets it wait: that is nothing to tell it.
    const bool queued = m_held && m_heldThere == Hold::None;
    const Hold here = m_paused ? Hold::Paused : queued ? Hold::Queued : Hold::None;
    if (m_receiverHears && here != std::exchange(m_holdSaid, here)) {
        m_control.send(holdMessage(here));
        m_control.flush(io);
    }
    m_pump->pump(io);
}

// --- the end ------------------------------------------------------------------------------------------------------

void SendMachine::end(TransferEvent event, Now now) {
    m_phase = Phase::Ended;
    m_pump.reset();
    m_closeBy = now.mono + kCloseTimeout;
    m_context.out.event(std::move(event));
}

/// Ends without delivery; with `io` the peer is told.
void SendMachine::fail(Error error, std::string file, link::StreamIo* io, Now now, bool byPeer) {
    if (m_phase == Phase::Ended) return;
    if (io && m_control.attached())
        sayCancel(error, *io);
    else
        m_control.detach();
    if (file.empty() && m_pump && m_pump->firstFailure()) file = m_pump->firstFailure()->file;
    end(TransferFailed{m_id, m_peer, false, std::move(error), std::move(file), m_figures, byPeer}, now);
}

void SendMachine::sayCancel(const Error& error, link::StreamIo& io) {
    wire::Cancel cancel;
    cancel.set_code(wireCode(error.code));
    cancel.set_message(reasonForPeer(error));
    if (m_pump) m_pump->streams().resetAll(io, link::kNoError);
    m_control.send(cancel);
    m_control.finish();
    m_control.flush(io);
}

void SendMachine::leave(const Error& error, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) return;
    if (m_control.attached()) {
        if (m_pump) m_pump->streams().resetAll(io, link::kNoError);
        link::abandon(io, m_control.key(), link::kNoError);
    }
    fail(error, {}, nullptr, now);
}

void SendMachine::cancel(link::StreamIo& io, Now now) {
    fail(makeError(Errc::Cancelled, "cancelled here"), {}, &io, now);
}

} // namespace wherry::transfer
