#include "transfer/receive_machine.h"

#include "link/abandon.h"
#include "transfer/accept_messages.h"
#include "transfer/chosen_names.h"
#include "transfer/entry_name.h"
#include "transfer/machine_limits.h"
#include "transfer/violation.h"

#include <algorithm>

namespace wherry::transfer {

ReceiveMachine::Accepted::Accepted(ReceiveMachine& machine)
    : book(machine.m_offer.manifest()),
      placement(machine.m_context, machine.m_id, machine.m_offer.manifest(), book, machine.m_shared.reserved),
      task{machine.m_context, machine.m_id,      machine.m_offer.manifest(), book,
           placement,         machine.m_control, machine.m_figures} {}

ReceiveMachine::ReceiveMachine(MachineContext& context, ReceiveShared& shared, TransferId id,
                               const crypto::PeerId& peer, link::StreamKey control, std::string attempt, Now now)
    : m_context(context),
      m_shared(shared),
      m_id(id),
      m_peer(peer),
      m_attempt(std::move(attempt)),
      m_startedAt(now.mono),
      m_phaseEnds(now.mono + kOfferTimeout),
      m_offer(shared.pending, peer, context.config.spills),
      m_place(shared.places),
      m_chosenPlace(shared.places) {
    m_control.attach(control);
    m_control.keep();
}

ReceiveContent* ReceiveMachine::content() const {
    return m_accepted && m_accepted->content ? &*m_accepted->content : nullptr;
}

bool ReceiveMachine::finished() const {
    return m_phase == Phase::Ended && !m_control.attached() && (!content() || content()->idle());
}

bool ReceiveMachine::owns(link::StreamKey key) const {
    return m_control.is(key) || (m_coming && m_coming->key == key) || (content() && content()->owns(key));
}

// --- messages -----------------------------------------------------------------------------------------------------

void ReceiveMachine::readControl(link::StreamIo& io, Now now) {
    while (m_phase != Phase::Ended && mayReadControl()) {
        Result<std::optional<ControlMessage>> message = m_control.receive(io);
        Result<void> taken;
        if (!message)
            taken = message.error();
        else if (!message->has_value())
            break;
        else
            taken = onMessage(**message, io, now);
        if (taken) continue;
        if (pending())
            refuse(taken.error(), io, now);
        else
            fail(taken.error(), kNoEntry, io, now);
    }
    if (m_phase != Phase::Offering && m_coming) return takeComing(io, now);
    const link::StreamKey key = m_control.key();
    if (!m_control.is(key)) return;
    if (m_phase == Phase::Ended)
        io.consume(key, io.available(key));
    else if (io.atEnd(key))
        interrupt(makeError(Errc::ConnectionLost, "the sender ended the transfer without a word"), io, now);
}

Result<void> ReceiveMachine::onMessage(ControlMessage& message, link::StreamIo& io, Now now) {
    if (const auto* cancel = std::get_if<wire::Cancel>(&message)) return onCancel(*cancel, io, now), Result<void>();
    if (const auto* hold = std::get_if<wire::Hold>(&message); hold && m_phase == Phase::Receiving)
        return onHold(*hold, now);
    if (ReceiveContent* content = this->content()) return content->onMessage(message, io, now);
    if (m_phase != Phase::Offering) return violation("a message before Accept");
    return onOfferMessage(message, io, now);
}

void ReceiveMachine::onCancel(const wire::Cancel& cancel, link::StreamIo& io, Now now) {
    const Errc code = errcOfWire(cancel.code());
    m_control.finish();
    const std::string why =
        code == Errc::Cancelled ? "cancelled by the sender" : "the sender: " + cutReason(cancel.message());
    if (m_phase == Phase::Placing) tellAccepted();
    m_context.out.event(TransferFailed{shownAs(), m_peer, true, makeError(code, why), {}, figures(), true});
    forgetPause();
    end(io, now);
}

Result<void> ReceiveMachine::onOfferMessage(ControlMessage& message, link::StreamIo& io, Now now) {
    if (const auto* page = std::get_if<wire::ManifestPage>(&message)) return m_offer.onPage(*page);
    if (const auto* offer = std::get_if<wire::Offer>(&message)) {
        TRY_OK(m_offer.onOffer(*offer));
        const std::string refusal = refusalOf();
        if (refusal.empty()) return {};
        decline(refusal, io);
        end(io, now);
        return {};
    }
    if (!std::holds_alternative<wire::ManifestEnd>(message)) return violation("a message before Accept");
    TRY_OK(m_offer.onEnd());
    onOffered();
    return {};
}

/// Why nobody needs to look at the offer; empty: it is looked at.
std::string ReceiveMachine::refusalOf() {
    if (!m_offer.fetch()) return m_shared.policy.enabled ? "" : "not receiving";
    const auto expected = m_shared.expected.find(*m_offer.fetch());
    if (expected == m_shared.expected.end() || expected->second.peer != m_peer) return "nobody here asked for it";
    m_policy = expected->second.policy;
    return {};
}

void ReceiveMachine::onOffered() {
    if (!m_offer.fetch()) m_policy = m_shared.policy;
    m_usual = {m_policy.folder, m_policy.conflict, {}};
    m_place.want(transfer::recordKey(m_peer, m_offer.key(), m_policy.folder));
    followPause();
    m_phase = Phase::Checking;
    m_phaseEnds = kNever;
}

// --- consent ------------------------------------------------------------------------------------------------------

void ReceiveMachine::onPlaceFree(Now) {
    if (m_place.wanted()) {
        m_place.take(m_id);
        m_withdrawalScan = m_context.out.scan(m_id, Space::Paused, withdrawalKey(m_place.key()));
        m_choiceScan = m_context.out.scan(m_id, Space::Choices, m_place.key());
    } else {
        m_chosenPlace.take(m_id);
        lookAtPlace();
    }
}

/// What is known of earlier attempts there, and what the volume does to names.
void ReceiveMachine::lookAtPlace() {
    m_recordScan = m_context.out.scan(m_id, Space::Transfers, landingKey());
    m_ownersScan = m_context.out.scan(m_id, Space::Owners, folderTag(m_policy.folder));
    m_traitsJob = m_context.out.submit(m_id, JobLane::Worker, NameTraitsJob{m_policy.folder});
}

/// What was cancelled while its sender was away is turned away once.
void ReceiveMachine::onWithdrawal(const StoreScanned& scanned, link::StreamIo& io, Now now) {
    m_withdrawalScan = {};
    m_withdrawn = !scanned.rows || !scanned.rows->empty();
    if (!scanned.rows || scanned.rows->empty()) return;
    const Result<Withdrawal> withdrawal = decodeWithdrawal(scanned.rows->front().second);
    if (!withdrawal || !withdrawal->turnsAway(m_offer.fetch(), now.wall)) return;
    m_shared.paused.withdraw(m_place.key(), {}, now, Durable::No);
    turnAway(io, now);
}

/// The volume is asked before anybody is: whoever answers sees what will be renamed.
void ReceiveMachine::onTraits(Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    m_traitsJob = {};
    if (losesChoice(outcome)) return m_ownersScan ? void() : recognise(io, now);
    if (!outcome) return fail(outcome.error(), kNoEntry, io, now);
    const NameTraits& traits = std::get<NameTraits>(*outcome);
    m_folderThere = traits.folderThere;
    m_freeBytes = traits.freeBytes;
    if (!m_choice) {
        m_offer.setVolume(traits);
    } else {
        const std::vector<OfferName> chosen = m_choice->namesIn(m_offer.manifest());
        // What was good once can only be bad for another manifest, which is another question.
        Result<VolumeNames> names = namesWith(chosen, m_offer.manifest(), traits);
        m_offer.setNames(names ? std::move(*names) : volumeNames(m_offer.manifest(), traits));
        if (names) m_chosenNames = chosen;
    }
    if (!m_ownersScan) recognise(io, now);
}

void ReceiveMachine::onStoreScanned(StoreScanned scanned, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Checking && scanned.id == m_withdrawalScan) return onWithdrawal(scanned, io, now);
    if (m_phase == Phase::Checking && m_choiceScan && scanned.id == m_choiceScan) return onChoice(scanned, now);
    if (m_phase == Phase::Checking && scanned.id == m_recordScan) {
        if (std::optional<TransferRecord> record = recordIn(scanned, landingKey()))
            (isExpired(*record, now.wall) && !isPaused() ? m_expired : m_known) = std::move(record);
        if (m_known && m_withdrawn) m_known->consent = {};
        m_recordScan = {};
        return;
    }
    if (m_phase == Phase::Checking && scanned.id == m_ownersScan) {
        if (m_known) forgetLostRoots(*m_known, scanned, m_policy.folder);
        m_ownersScan = {};
        if (!m_traitsJob) recognise(io, now);
        return;
    }
    if (m_phase == Phase::Checking && m_delivery && m_delivery->onStoreScanned(scanned)) {
        if (m_delivery->decided()) decide(io, now);
        return;
    }
    if (m_phase == Phase::Asking && m_looking && m_looking->look.onStoreScanned(scanned, now))
        return onLooked(io, now);
    if (m_phase != Phase::Placing) return;
    const Result<bool> taken = m_accepted->placement.onStoreScanned(scanned, now);
    if (!taken) return fail(taken.error(), kNoEntry, io, now);
    if (m_accepted->placement.ready()) onPlaced(io, now);
}

/// Nobody has to be asked, whatever they said before.
bool ReceiveMachine::acceptedByPolicy() const {
    const auto& trusted = m_policy.trusted;
    if (m_policy.accept != Accept::All &&
        (m_policy.accept != Accept::Trusted || std::find(trusted.begin(), trusted.end(), m_peer) == trusted.end()))
        return false;
    const Manifest& manifest = m_offer.manifest();
    for (uint32_t i = 0; m_policy.folderIsHome && i < manifest.count(); ++i)
        if (!destinationWarning(manifest.path(i)).empty()) return false;
    return true;
}

/// Whether it comes for no more than the receipt of what it has delivered a moment ago.
void ReceiveMachine::recognise(link::StreamIo& io, Now now) {
    if (std::exchange(m_choiceLost, false)) return lookAtPlace();
    const bool recent = m_known && m_known->deliveredSeconds != 0 &&
                        now.wall.seconds() - m_known->deliveredSeconds < kReceiptRetrySeconds;
    if (!recent || !m_folderThere || acceptedByPolicy() ||
        m_known->consent.manifest != manifestDigest(m_offer.manifest()))
        return decide(io, now);
    m_delivery.emplace(m_context, m_id, m_offer.manifest(), *m_known, m_offer.names(), m_policy.folder,
                       m_shared.reserved);
}

/// The policy, or an earlier yes to exactly this, answers at once; else somebody is asked.
void ReceiveMachine::decide(link::StreamIo& io, Now now) {
    const Manifest& manifest = m_offer.manifest();
    // A yes is used up by the delivery, but for its receipt.
    const bool stands = m_known && (m_known->deliveredSeconds == 0 || (m_delivery && m_delivery->delivered()));
    const bool asChosen = !m_choice || m_choice->names.size() == m_chosenNames.size();
    const bool agreedBefore = stands && asChosen && m_known->consent.manifest == manifestDigest(manifest);
    const bool needsAnswer = !agreedBefore && !acceptedByPolicy();
    if (needsAnswer && m_folderThere && !m_taken) {
        m_taken.emplace(m_context, m_id, manifest, m_offer.names(), m_policy,
                        m_known ? m_known->roots : std::vector<LandedRoot>(), m_shared.reserved);
        return;
    }
    m_delivery.reset();
    m_phase = Phase::Asking;
    const NameClashes clashes = m_taken ? m_taken->clashes() : NameClashes();
    Result<OfferMade> shown = m_offer.shown(m_id, needsAnswer && clashes.empty());
    if (!shown) return refuse(shown.error(), io, now);
    if (m_taken) m_taken->tell(*shown);
    m_taken.reset();
    shown->place = {m_policy.folder, m_policy.conflict, m_chosenNames};
    shown->freeBytes = m_freeBytes;
    m_context.out.event(std::move(*shown));
    if (!clashes.empty()) return declineClashes(clashes.text(), io, now);
    if (m_known && !agreedBefore) m_known->deliveredSeconds = 0; // whatever comes of it needs a new yes
    if (needsAnswer) return;
    accept(agreedBefore ? decodeSelection(m_known->consent.selection, manifest.count()) : std::vector<uint32_t>(), now);
}

Result<void> ReceiveMachine::answer(bool accepted, std::string reason, std::vector<uint32_t> selection,
                                    link::StreamIo& io, Now now) {
    TRY_OK(checkAnswer(selection));
    endLook(makeError(Errc::Cancelled, "the offer has been answered"));
    if (accepted) {
        accept(selection, now);
    } else {
        forgetPause();
        decline(reason, io);
        m_context.out.event(OfferDeclined{m_id, m_peer, std::move(reason)});
        end(io, now);
    }
    return {};
}

void ReceiveMachine::accept(const std::vector<uint32_t>& selection, Now now) {
    m_offer.release();
    m_phase = Phase::Placing;
    if (m_withdrawn) m_shared.paused.forgetWithdrawal(m_place.key());
    m_accepted = std::make_unique<Accepted>(*this);
    const Result<void> selected = m_accepted->book.select(selection);
    ASSERT(selected);
    if (m_policy.conflict != Conflict::Fail) tellAccepted();
    rememberChoice(now); // before the record, which names what is there
    if (m_expired) // its parts still have to be found
        m_context.out.put(Space::Transfers, abandonedKey(m_expired->localKey, m_policy.folder),
                          encodeRecord(*m_expired), partsExpiry(now.wall));
    const Manifest& manifest = m_offer.manifest();
    Consent consent{manifestDigest(manifest), encodeSelection(selection, manifest.count())};
    m_accepted->placement.begin(m_policy, landingKey(), m_known, consent, m_offer.names());
}

void ReceiveMachine::tellAccepted() {
    if (!std::exchange(m_acceptTold, true)) m_context.out.event(OfferAccepted{m_id, m_peer});
}

// --- accepted -----------------------------------------------------------------------------------------------------

void ReceiveMachine::beginReceiving(link::StreamIo& io, Now now) {
    m_phase = Phase::Receiving;
    m_shared.sweep.begin(m_policy.folder, m_accepted->placement.destination(), now);
    m_figures = figures();
    m_progress.start(m_figures.bytesVerified, now.mono);
    ChunkBeginnings beginnings = m_shared.beginnings.take(landingKey(), now);
    dropUseless(beginnings, m_accepted->task);
    sendAccept(m_accepted->task, beginnings);
    m_accepted->content.emplace(m_accepted->task).begin(std::move(beginnings), now);
    if (m_known) m_context.out.event(TransferResumed{m_id, m_figures.bytesVerified});
    m_control.flush(io);
    settle(io, now);
}

// --- streams, jobs and time ---------------------------------------------------------------------------------------

/// While the offer is not complete, the rest of it is still on its way over the stream before.
bool ReceiveMachine::onControlMoved(link::StreamKey key, const wire::StreamHello& hello, link::StreamIo& io, Now now) {
    if (!m_control.attached() || hello.stream() <= m_moved) return false;
    m_moved = hello.stream();
    dropComing(io);
    m_coming = Coming{key, hello.heard()};
    if (m_phase != Phase::Offering) takeComing(io, now);
    return true;
}

void ReceiveMachine::takeComing(link::StreamIo& io, Now now) {
    const Coming next = *std::exchange(m_coming, std::nullopt);
    const std::optional<link::StreamKey> former = m_control.left() ? std::nullopt : std::optional(m_control.key());
    wire::Moved moved;
    moved.set_heard(m_control.heard());
    m_control.moveTo(next.key, encodeControl(moved));
    if (former) link::abandon(io, *former, link::kNoError);
    m_moveBy = m_streamLostBy = kNever;
    if (!m_control.goOn(next.heard)) return interrupt(violation("a count of messages that cannot be"), io, now);
    onReadable(next.key, io, now);
}

void ReceiveMachine::dropComing(link::StreamIo& io) {
    if (const auto coming = std::exchange(m_coming, std::nullopt)) link::abandon(io, coming->key, link::kNoError);
}

/// Nobody comes over any more.
void ReceiveMachine::onPeerGone(Now now) {
    m_link = {};
    if (m_control.left()) m_moveBy = now.mono;
}

bool ReceiveMachine::onDataStream(link::StreamKey key, ReceiveStreams::Origin origin, link::StreamIo& io, Now now) {
    if (m_phase != Phase::Receiving || !content()->addStream(key, origin, io)) return false;
    onReadable(key, io, now);
    return true;
}

void ReceiveMachine::onReadable(link::StreamKey key, link::StreamIo& io, Now now) {
    m_busyAt = now.mono;
    if (m_control.is(key)) {
        readControl(io, now);
    } else if (content()) {
        if (io.available(key) > 0) m_contentAt = now.mono;
        content()->onReadable(key, io, now);
    }
    settle(io, now);
    checkHeld(io, now);
}

void ReceiveMachine::onStreamGone(link::StreamKey key, bool closed, link::StreamIo& io, Now now) {
    if (m_coming && m_coming->key == key) return dropComing(io);
    if (m_control.is(key)) {
        if (m_phase != Phase::Offering && comesOver(key)) {
            if (!closed) link::abandon(io, key, link::kNoError);
            m_moveBy = now.mono + kMoveTimeout;
            return m_control.leave();
        }
        if (m_phase != Phase::Ended) return interrupt(m_context.lossOf(key.link, "the sender is gone"), io, now);
        return closed ? m_control.detach() : dropControl(io);
    }
    if (!content()) return;
    content()->removeStream(key);
    m_control.flush(io);
    const bool former = m_control.left() || m_control.key().link != key.link || comesOver(key);
    if (content()->receiving() && m_streamLostBy == kNever && !former) m_streamLostBy = now.mono + kLastRetry;
}

void ReceiveMachine::onJobDone(JobDone done, link::StreamIo& io, Now now) {
    m_busyAt = now.mono;
    if (content()) {
        const auto here = [this] { return std::pair(m_figures.bytesVerified, m_accepted->book.filesDone()); };
        const auto before = here();
        content()->onJobDone(done, io, now);
        if (here() != before) m_contentAt = now.mono;
    } else if (m_phase == Phase::Checking && done.id == m_traitsJob) {
        return onTraits(done.outcome, io, now);
    } else if (m_phase == Phase::Checking && m_delivery && m_delivery->onJobDone(done)) {
        if (m_delivery->decided()) return decide(io, now);
    } else if (m_phase == Phase::Checking && m_taken && m_taken->onJobDone(done)) {
        if (m_taken->decided()) return decide(io, now);
    } else if (m_phase == Phase::Asking && m_looking && m_looking->look.onJobDone(done)) {
        return onLooked(io, now);
    } else if (m_phase == Phase::Placing) {
        const Result<bool> taken = m_accepted->placement.onJobDone(done, now);
        if (!taken) return fail(taken.error(), m_accepted->placement.failedAt(), io, now);
        if (m_accepted->placement.ready()) return onPlaced(io, now);
    }
    settle(io, now);
}

/// After every input.
void ReceiveMachine::settle(link::StreamIo& io, Now now) {
    if (content()) {
        if (m_phase == Phase::Receiving && mayReadControl() && io.available(m_control.key()) > 0) readControl(io, now);
        content()->settle(io, now);
        if (content()->ending()) fail(content()->ending()->first, content()->ending()->second, io, now);
        if (m_phase == Phase::Receiving && content()->finished())
            deliver(io, now);
        else if (m_phase == Phase::Receiving)
            progress(io, now);
    }
    m_control.flush(io);
}

void ReceiveMachine::progress(link::StreamIo& io, Now now) {
    m_figures.filesDone = m_accepted->book.filesDone();
    if (!m_progress.due(now.mono)) return;
    TransferProgress told = m_progress.tell(m_id, true, m_figures, m_contentAt, now.mono);
    wire::Progress message;
    message.set_verified_bytes(m_figures.bytesVerified);
    message.set_done_files(static_cast<uint32_t>(m_figures.filesDone));
    message.set_heard(m_control.heard());
    if (now.mono >= m_mapAt) {
        m_mapAt = now.mono + kMapInterval;
        told.verified = content()->verified().cells();
        message.set_verified_map(told.verified.data(), told.verified.size());
    }
    m_context.out.event(std::move(told));
    m_control.send(message);
    m_control.flush(io);
}

void ReceiveMachine::flushRecords() {
    if (content()) content()->flushRecords();
}

Instant ReceiveMachine::deadline() const {
    if (m_phase == Phase::Ended) return m_control.attached() ? m_phaseEnds : kNever;
    Instant first = std::min({m_phaseEnds, m_streamLostBy, m_moveBy, silenceEnds()});
    if (content())
        first = std::min({first, content()->deadline(), m_progress.last() + kProgressHeartbeat,
                          m_progress.stillAt(m_contentAt)});
    return first;
}

Instant ReceiveMachine::silenceEnds() const {
    return content() && content()->waitsForSender() ? m_busyAt + kSilenceTimeout : kNever;
}

void ReceiveMachine::onDeadline(link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) {
        if (m_control.attached() && now.mono >= m_phaseEnds) dropControl(io);
        return;
    }
    if (now.mono >= m_phaseEnds)
        return fail(makeError(Errc::Timeout, "the offer did not come to its end"), kNoEntry, io, now);
    if (now.mono >= m_streamLostBy)
        return interrupt(makeError(Errc::ConnectionLost, "the sender closed a stream of the transfer"), io, now);
    if (now.mono >= m_moveBy) return interrupt(makeError(Errc::ConnectionLost, "the sender is gone"), io, now);
    if (now.mono >= silenceEnds())
        return interrupt(makeError(Errc::Timeout, "the sender does not send what is missing"), io, now);
    settle(io, now);
}

} // namespace wherry::transfer
