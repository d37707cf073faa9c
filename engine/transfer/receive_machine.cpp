#include "transfer/receive_machine.h"

#include "base/display_text.h"
#include "base/overloaded.h"
#include "transfer/entry_name.h"
#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// Entries that the event of an offer names when nobody is asked.
constexpr uint32_t kEntriesTold = 1000;

Error violation(std::string what) {
    return makeError(Errc::ProtocolViolation, std::move(what));
}

/// Something that the person who sends should hear as a refusal of the offer, not as a broken connection.
bool isRefusal(Errc code) {
    return code == Errc::UnsafePath || code == Errc::TooLarge || code == Errc::UnportableName ||
           code == Errc::LimitReached;
}

} // namespace

ReceiveMachine::ReceiveMachine(MachineContext& context, ReceiveShared& shared, TransferId id,
                               const crypto::PeerId& peer, link::StreamKey control, std::string attempt, Now now)
    : m_context(context),
      m_shared(shared),
      m_id(id),
      m_peer(peer),
      m_attempt(std::move(attempt)),
      m_startedAt(now.mono),
      m_offerBy(now.mono + kOfferTimeout),
      m_publisher(context, id),
      m_parts(context) {
    m_control.attach(control);
}

ReceiveMachine::~ReceiveMachine() {
    releasePending();
    if (m_hasPlace) m_shared.places.erase(m_recordKey);
}

bool ReceiveMachine::finished() const {
    return m_phase == Phase::Ended && !m_control.attached() && m_work.empty() && m_publisher.idle();
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
            fail(taken.error(), {}, io, now);
    }
    const link::StreamKey key = m_control.key();
    if (m_phase == Phase::Ended)
        io.consume(key, io.available(key));
    else if (io.atEnd(key))
        interrupt(makeError(Errc::ConnectionLost, "the sender ended the transfer without a word"), io, now);
}

Result<void> ReceiveMachine::onMessage(ControlMessage& message, link::StreamIo& io, Now now) {
    if (const auto* cancel = std::get_if<wire::Cancel>(&message)) {
        const Errc code = errcOfWire(cancel->code());
        m_control.finish();
        const std::string why =
            code == Errc::Cancelled ? "cancelled by the sender" : "the sender: " + cutReason(cancel->message());
        m_context.out.event(TransferFailed{m_id, m_peer, true, makeError(code, why), {}, m_figures, true});
        end(io, now);
        return {};
    }
    if (m_phase == Phase::Receiving) return onContentMessage(message, now);
    if (m_phase != Phase::Offering) return violation("a message before Accept");
    return std::visit(Overloaded{[&](const wire::Offer& offer) { return onOffer(offer, io, now); },
                                 [&](const wire::ManifestPage& page) { return onPage(page); },
                                 [&](const wire::ManifestEnd&) { return onManifestEnd(); },
                                 [&](const auto&) { return Result<void>(violation("a message before Accept")); }},
                      message);
}

Result<void> ReceiveMachine::onOffer(const wire::Offer& offer, link::StreamIo& io, Now now) {
    if (m_reader) return violation("a second Offer");
    if (offer.offer_key().size() != kOfferKeySize) return violation("an offer key of the wrong length");
    if (!m_shared.policy.enabled) {
        decline("not receiving", io);
        end(io, now);
        return {};
    }
    m_offerKey = toBytes(asBytes(offer.offer_key()));
    TRY(ManifestReader reader, ManifestReader::begin(offer.entry_count(), offer.total_bytes()));
    m_reader.emplace(std::move(reader));
    return {};
}

Result<void> ReceiveMachine::onPage(const wire::ManifestPage& page) {
    if (!m_reader) return violation("a manifest page before the Offer");
    TRY_OK(m_reader->addPage(page));
    m_shared.manifests.release(m_peer, m_pendingBytes);
    m_pendingBytes = m_reader->memoryBytes();
    if (!m_shared.manifests.grow(m_peer, m_pendingBytes, kMaxPendingManifestBytesPerPeer, kMaxPendingManifestBytes))
        return makeError(Errc::LimitReached, "too many unanswered offers");
    return {};
}

Result<void> ReceiveMachine::onManifestEnd() {
    if (!m_reader) return violation("the end of no manifest");
    TRY(Manifest manifest, m_reader->finish());
    m_manifest.emplace(std::move(manifest));
    m_reader.reset();
    m_offerBy = kNever;
    for (const uint32_t root : m_manifest->roots()) {
        if (m_label.size() > kMaxReason) break;
        m_label.append(m_label.empty() ? "" : ", ").append(m_manifest->entry(root).name);
    }
    m_policy = m_shared.policy;
    m_recordKey = recordKey(m_peer, m_offerKey, m_policy.folder);
    m_wantsPlace = true;
    m_phase = Phase::Checking;
    return {};
}

// --- consent ------------------------------------------------------------------------------------------------------

void ReceiveMachine::onPlaceFree(Now) {
    m_wantsPlace = false;
    m_hasPlace = true;
    m_shared.places[m_recordKey] = m_id;
    m_recordScan = m_context.out.scan(m_id, Space::Transfers, m_recordKey);
    m_traitsJob = m_context.out.submit(m_id, JobLane::Worker, NameTraitsJob{m_policy.folder});
}

/// The volume is asked before anybody is: whoever answers sees what will be renamed.
void ReceiveMachine::onTraits(Result<JobValue>& outcome, link::StreamIo& io, Now now) {
    m_traitsJob = {};
    if (!outcome) return fail(outcome.error(), {}, io, now);
    m_names = volumeNames(*m_manifest, std::get<NameTraits>(*outcome));
    if (!m_recordScan) decide(io, now);
}

void ReceiveMachine::onStoreScanned(StoreScanned scanned, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Checking && scanned.id == m_recordScan) {
        if (scanned.rows)
            for (const auto& [key, value] : *scanned.rows)
                if (Result<TransferRecord> record = decodeRecord(value); record && key == m_recordKey)
                    (isExpired(*record, now.wall) ? m_expired : m_known) = std::move(*record);
        m_recordScan = {};
        if (!m_traitsJob) decide(io, now);
        return;
    }
    if (m_phase != Phase::Placing) return;
    const Result<bool> taken = m_placement->onStoreScanned(scanned, now);
    if (!taken) return fail(taken.error(), {}, io, now);
    if (m_placement->ready()) beginReceiving(io, now);
}

/// The policy, or an earlier yes to exactly this, answers at once; else somebody is asked.
void ReceiveMachine::decide(link::StreamIo& io, Now now) {
    const bool used = m_known && m_known->deliveredSeconds != 0 &&
                      now.wall.seconds() - m_known->deliveredSeconds >= kReceiptRetrySeconds;
    const bool agreedBefore = m_known && !used && m_known->consent.manifest == manifestDigest(*m_manifest);
    const auto& trusted = m_policy.trusted;
    const bool byPolicy =
        m_policy.accept == Accept::All ||
        (m_policy.accept == Accept::Trusted && std::find(trusted.begin(), trusted.end(), m_peer) != trusted.end());
    bool dangerous = false;
    for (uint32_t i = 0; m_policy.folderIsHome && !dangerous && i < m_manifest->count(); ++i)
        dangerous = !destinationWarning(m_manifest->path(i)).empty();
    const bool needsAnswer = !agreedBefore && (!byPolicy || dangerous);
    m_phase = Phase::Asking;
    if (const Result<void> told = tellOffer(needsAnswer); !told) return refuse(told.error(), io, now);
    if (m_known && !agreedBefore) m_known->deliveredSeconds = 0; // whatever comes of it needs a new yes
    if (needsAnswer) return;
    accept(agreedBefore ? decodeSelection(m_known->consent.selection, m_manifest->count()) : std::vector<uint32_t>(),
           now);
}

/// LimitReached: the entries are more than what waits for answers may hold.
Result<void> ReceiveMachine::tellOffer(bool needsAnswer) {
    OfferMade offer;
    offer.transfer = m_id;
    offer.peer = m_peer;
    offer.incoming = true;
    offer.needsAnswer = needsAnswer;
    offer.label = m_label;
    offer.bytesTotal = m_manifest->totalBytes();
    offer.filesTotal = m_manifest->fileCount();
    offer.foldersTotal = m_manifest->folderCount();
    const uint32_t told = needsAnswer ? m_manifest->count() : std::min(m_manifest->count(), kEntriesTold);
    offer.entries.reserve(told);
    for (uint32_t i = 0; i < told; ++i) {
        std::string path = m_manifest->path(i);
        std::string warning(destinationWarning(path));
        const size_t bytes = sizeof(OfferEntry) + path.size() + warning.size();
        m_shownBytes += bytes;
        if (!m_shared.shown.grow(m_peer, bytes, kMaxShownBytesPerPeer, kMaxShownBytes))
            return makeError(Errc::LimitReached, "too much to be shown to a person");
        offer.entries.push_back(
            {std::move(path), m_manifest->isFolder(i), m_manifest->fileSize(i), std::move(warning)});
    }
    for (const uint32_t entry : m_names.renamed) {
        if (!needsAnswer && offer.renames.size() >= kEntriesTold) break;
        std::string path = m_manifest->path(entry);
        const std::string& name = *m_names.names.find(entry);
        const size_t bytes = sizeof(OfferRename) + path.size() + name.size();
        m_shownBytes += bytes;
        if (!m_shared.shown.grow(m_peer, bytes, kMaxShownBytesPerPeer, kMaxShownBytes))
            return makeError(Errc::LimitReached, "too much to be shown to a person");
        offer.renames.push_back({std::move(path), name});
    }
    m_context.out.event(std::move(offer));
    return {};
}

Result<void> ReceiveMachine::answer(bool accepted, std::string reason, std::vector<uint32_t> selection,
                                    link::StreamIo& io, Now now) {
    if (m_phase != Phase::Asking) return makeError(Errc::NotFound, "no offer waits for an answer");
    for (const uint32_t entry : selection)
        if (entry >= m_manifest->count()) return makeError(Errc::InvalidArgument, "no entry " + std::to_string(entry));
    if (accepted) {
        accept(selection, now);
    } else {
        decline(reason, io);
        m_context.out.event(OfferDeclined{m_id, m_peer, std::move(reason)});
        end(io, now);
    }
    return {};
}

void ReceiveMachine::accept(const std::vector<uint32_t>& selection, Now now) {
    releasePending();
    m_phase = Phase::Placing;
    m_book.emplace(*m_manifest);
    const Result<void> selected = m_book->select(selection);
    ASSERT(selected);
    m_context.out.event(OfferAccepted{m_id, m_peer});
    if (m_expired) // its parts still have to be found
        m_context.out.put(Space::Transfers, abandonedKey(m_expired->localKey, m_policy.folder),
                          encodeRecord(*m_expired), partsExpiry(now.wall));
    m_placement = std::make_unique<Placement>(m_context, m_id, *m_manifest, *m_book, m_shared.reserved);
    Consent consent{manifestDigest(*m_manifest), encodeSelection(selection, m_manifest->count())};
    m_placement->begin(m_policy, m_recordKey, m_known, consent, m_names.names);
}

void ReceiveMachine::decline(const std::string& reason, link::StreamIo& io) {
    wire::Decline message;
    message.set_reason(cutReason(displayText(reason)));
    m_control.send(message);
    m_control.finish();
    m_control.flush(io);
}

/// An offer that is not even put to anybody.
void ReceiveMachine::refuse(const Error& error, link::StreamIo& io, Now now) {
    if (!isRefusal(error.code)) return fail(error, {}, io, now);
    decline(error.text(), io);
    m_context.out.event(TransferFailed{m_id, m_peer, true, error, {}, m_figures});
    end(io, now);
}

// --- accepted -----------------------------------------------------------------------------------------------------

void ReceiveMachine::beginReceiving(link::StreamIo& io, Now now) {
    m_phase = Phase::Receiving;
    m_publisher.setDestination(m_placement->destination());
    m_parts.begin(m_placement->record().localKey, m_placement->takeLeftOver());
    m_shared.sweep.begin(m_policy.folder, m_placement->destination(), now);
    m_figures.bytesTotal = m_book->bytes();
    m_figures.filesTotal = m_book->files();
    m_figures.filesSkipped = m_book->filesSkipped();
    m_figures.filesDone = m_book->filesDone();
    m_verifiedBytes = m_book->bytesDone() + m_placement->bytesClaimed();
    m_progress.start(m_verifiedBytes, now.mono);
    sendAccept();
    for (const FileFailure& failure : m_placement->failures()) {
        wire::FileFailed message;
        message.set_entry(failure.entry);
        message.set_code(wireCode(failure.error.code));
        message.set_message(reasonForPeer(failure.error, m_manifest->path(failure.entry)));
        m_control.send(message);
        m_partsStay = m_partsStay || m_manifest->fileSize(failure.entry) > kSmallFileMax;
        if (!m_firstFailure) m_firstFailure = {m_manifest->path(failure.entry), failure.error, false};
    }
    for (const auto& [entry, claims] : m_placement->claims()) {
        ArrivingFile& file = m_arriving.try_emplace(entry, m_manifest->fileSize(entry)).first->second;
        file.prepared = true;
        m_parts.addChunked(m_manifest->entryKey(entry), m_placement->partPath(entry), partsExpiry(now.wall));
        for (const auto& [group, bits] : claims) file.claim(group, bits);
        m_book->set(entry, EntryState::Arriving);
    }
    if (m_known) m_context.out.event(TransferResumed{m_id, m_verifiedBytes});
    m_control.flush(io);
    settle(io, now);
}

/// All of the Accept messages, each within its bounds. Failed entries count as wanted: the sender hears of them by
/// FileFailed.
void ReceiveMachine::sendAccept() {
    wire::Accept message;
    const auto flush = [&] {
        message.set_more(true);
        m_control.send(message);
        message.Clear();
    };
    const auto runs = [&](auto&& holds, auto&& add) {
        for (uint32_t i = 0; i < m_manifest->count();) {
            if (!holds(i)) {
                ++i;
                continue;
            }
            const uint32_t first = i;
            while (i < m_manifest->count() && holds(i)) ++i;
            wire::EntryRun* run = add();
            run->set_first(first);
            run->set_count(i - first);
            if (message.wanted_size() + message.complete_size() >= static_cast<int>(kMaxRunsPerAccept)) flush();
        }
    };
    bool all = true;
    bool some = false;
    for (uint32_t i = 0; i < m_manifest->count(); ++i) (m_book->wanted(i) ? some : all) = m_book->wanted(i);
    if (!some) message.add_wanted(); // an empty run: nothing
    if (some && !all) runs([&](uint32_t i) { return m_book->wanted(i); }, [&] { return message.add_wanted(); });
    runs([&](uint32_t i) { return m_book->state(i) == EntryState::Complete; }, [&] { return message.add_complete(); });
    for (const auto& [entry, claims] : m_placement->claims())
        for (const auto& [group, bits] : claims) {
            wire::HaveGroup* have = message.add_have();
            have->set_entry(entry);
            have->set_group(group);
            const Bytes bitmap = encodeBits(bits, chunksInGroup(m_manifest->fileSize(entry), group));
            have->set_bitmap(bitmap.data(), bitmap.size());
            if (message.have_size() >= static_cast<int>(kMaxClaimsPerAccept)) flush();
        }
    m_control.send(message);
}

// --- the end ------------------------------------------------------------------------------------------------------

void ReceiveMachine::releasePending() {
    m_shared.manifests.release(m_peer, std::exchange(m_pendingBytes, 0));
    m_shared.shown.release(m_peer, std::exchange(m_shownBytes, 0));
}

/// Everything is under its final name, or known to have failed.
void ReceiveMachine::deliver(link::StreamIo& io, Now now) {
    m_figures.bytesVerified = m_book->bytesDone();
    m_figures.filesDone = m_book->filesDone();
    wire::Receipt receipt;
    receipt.set_verified_bytes(m_book->bytesDone());
    receipt.set_done_files(static_cast<uint32_t>(m_book->filesDone()));
    receipt.set_failed_files(static_cast<uint32_t>(m_book->filesOf(EntryState::Failed)));
    receipt.set_skipped_files(static_cast<uint32_t>(m_book->filesSkipped()));
    m_control.send(receipt);
    m_control.finish();
    TransferRecord record = m_placement->record();
    if (!m_firstFailure && record.deliveredSeconds == 0) record.deliveredSeconds = now.wall.seconds();
    // Without a part that is left the record is only a memory from now on.
    if (!m_partsStay) m_context.out.erase(Space::Chunks, Bytes(record.localKey.begin(), record.localKey.end()));
    m_context.out.put(Space::Transfers, m_recordKey, encodeRecord(record),
                      m_partsStay ? partsExpiry(now.wall) : recordExpiry(now.wall));
    if (m_firstFailure) {
        m_context.out.event(TransferFailed{m_id, m_peer, true, m_firstFailure->error, m_firstFailure->file, m_figures,
                                           m_firstFailure->byPeer, true});
    } else {
        TransferDelivered delivered{
            m_id, m_peer, true, m_figures, secondsBetween(m_startedAt, now.mono), m_policy.folder, {}};
        for (const LandedRoot& root : m_placement->record().roots)
            if (!root.landed.empty()) delivered.names.push_back(root.landed);
        m_context.out.event(std::move(delivered));
    }
    m_phase = Phase::Ended;
    m_closeBy = now.mono + kCloseTimeout;
    m_control.flush(io);
}

/// Ends without delivery, and says why.
void ReceiveMachine::fail(const Error& error, const std::string& file, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) return;
    if (m_phase == Phase::Placing && error.code == Errc::Exists) {
        decline(error.context + " exists already", io);
    } else {
        wire::Cancel cancel;
        cancel.set_code(wireCode(error.code));
        cancel.set_message(reasonForPeer(error, file.empty() ? m_label : file));
        m_control.send(cancel);
        m_control.finish();
    }
    LOG(m_context.log, Info, "transfer", "from " << m_peer.shortText() << ": " << displayText(error.text()));
    m_context.out.event(TransferFailed{m_id, m_peer, true, error, file, m_figures});
    end(io, now);
}

void ReceiveMachine::interrupt(const Error& error, link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) return;
    // An offer that nobody has heard of yet ends as quietly.
    if (m_phase > Phase::Checking) m_context.out.event(TransferInterrupted{m_id, m_peer, true, error});
    if (m_control.attached()) {
        io.reset(m_control.key(), link::kNoError);
        io.stop(m_control.key(), link::kNoError);
        m_control.detach();
    }
    end(io, now);
}

void ReceiveMachine::cancel(link::StreamIo& io, Now now) {
    fail(makeError(Errc::Cancelled, "cancelled here"), {}, io, now);
}

/// No more content is taken. What has been verified is still recorded and what is complete is published.
void ReceiveMachine::end(link::StreamIo& io, Now now) {
    if (m_phase < Phase::Receiving) m_placement.reset();
    m_phase = Phase::Ended;
    m_wantsPlace = false;
    releasePending();
    for (auto& [key, stream] : m_streams) io.stop(key, link::kNoError);
    m_streams.clear();
    m_paused.clear();
    creditHeld(io);
    m_closeBy = now.mono + kCloseTimeout;
    m_control.flush(io);
    publish(now);
}

// --- streams and time ---------------------------------------------------------------------------------------------

bool ReceiveMachine::onDataStream(link::StreamKey key, link::StreamIo& io, Now now) {
    if (m_phase != Phase::Receiving || m_streams.size() >= kDataStreams) return false;
    m_streams.emplace(key, DataStream{FrameReader(key), false, false});
    io.write(key, Slice{}, link::Fin::Yes); // the receiver has nothing to say there
    onReadable(key, io, now);
    return true;
}

void ReceiveMachine::onReadable(link::StreamKey key, link::StreamIo& io, Now now) {
    m_busyAt = now.mono;
    if (m_control.is(key))
        readControl(io, now);
    else
        readStream(key, io, now);
    settle(io, now);
}

void ReceiveMachine::onStreamGone(link::StreamKey key, bool closed, link::StreamIo& io, Now now) {
    if (m_control.is(key)) {
        if (m_phase != Phase::Ended) return interrupt(makeError(Errc::ConnectionLost, "the sender is gone"), io, now);
        if (!closed) {
            io.reset(key, link::kNoError);
            io.stop(key, link::kNoError);
        }
        return m_control.detach();
    }
    m_streams.erase(key);
    m_paused.erase(key);
    if (m_phase == Phase::Receiving && m_streamLostBy == kNever) m_streamLostBy = now.mono + kLastRetry;
}

void ReceiveMachine::onJobDone(JobDone done, link::StreamIo& io, Now now) {
    m_busyAt = now.mono;
    const auto found = m_work.find(done.id);
    if (m_phase == Phase::Checking && done.id == m_traitsJob) {
        onTraits(done.outcome, io, now);
    } else if (found != m_work.end()) {
        const Work work = std::move(found->second);
        m_work.erase(found);
        if (work.credit > 0) io.credit(work.stream, work.credit);
        onWork(work, done.outcome, io, now);
    } else if (std::optional<Publisher::Outcome> outcome = m_publisher.onJobDone(done)) {
        onPublished(*outcome, io, now);
    } else if (m_phase == Phase::Placing) {
        const Result<bool> taken = m_placement->onJobDone(done, now);
        if (!taken) return fail(taken.error(), {}, io, now);
        if (m_placement->ready()) return beginReceiving(io, now);
    }
    settle(io, now);
}

Instant ReceiveMachine::deadline() const {
    if (m_phase == Phase::Ended) return m_control.attached() ? m_closeBy : kNever;
    const bool accepted = m_phase == Phase::Receiving || m_phase == Phase::Finishing;
    return std::min({m_phase == Phase::Offering ? m_offerBy : kNever, m_streamLostBy, m_publisher.deadline(),
                     accepted ? m_progress.last() + kProgressHeartbeat : kNever, silenceEnds()});
}

/// Everything has been sent, something is missing, and only the sender can bring it.
Instant ReceiveMachine::silenceEnds() const {
    const bool waits = m_phase == Phase::Receiving && m_sendEnd && nothingUnderWay();
    return waits ? m_busyAt + kSilenceTimeout : kNever;
}

void ReceiveMachine::onDeadline(link::StreamIo& io, Now now) {
    if (m_phase == Phase::Ended) {
        if (!m_control.attached() || now.mono < m_closeBy) return;
        io.reset(m_control.key(), link::kNoError);
        io.stop(m_control.key(), link::kNoError);
        return m_control.detach();
    }
    if (m_phase == Phase::Offering && now.mono >= m_offerBy)
        return fail(makeError(Errc::Timeout, "the offer did not come to its end"), {}, io, now);
    if (now.mono >= m_streamLostBy)
        return interrupt(makeError(Errc::ConnectionLost, "the sender closed a stream of the transfer"), io, now);
    if (now.mono >= silenceEnds())
        return interrupt(makeError(Errc::Timeout, "the sender does not send what is missing"), io, now);
    settle(io, now);
}

} // namespace wherry::transfer
