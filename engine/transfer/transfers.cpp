#include "transfer/transfers.h"

#include "codec/frame.h"
#include "link/abandon.h"
#include "transfer/machine_limits.h"
#include "transfer/outbox.h"
#include "transfer/receive_machine.h"
#include "transfer/receive_turns.h"
#include "transfer/send_machine.h"

#include <algorithm>
#include <map>
#include <set>

namespace wherry::transfer {

using link::StreamIo;
using link::StreamKey;

struct Transfers::Impl {
    /// An inbound stream whose StreamHello has not come yet.
    struct NewStream {
        crypto::PeerId peer;
        bool relayed = false;
        codec::FrameReader reader{kMaxStreamHello};
    };

    Impl(TransfersConfig config, Random& random, const Log& log) : context{std::move(config), random, log, {}} {}

    MachineContext context;
    ReceiveShared shared{context};
    IdSource<TransferId> ids;
    std::map<TransferId, std::unique_ptr<SendMachine>> sends;
    std::map<TransferId, std::unique_ptr<ReceiveMachine>> receives;
    std::map<StreamKey, NewStream> newStreams;
    std::map<StreamKey, TransferId> owners;
    /// Our own streams that are open: one that was negotiated lazily may still be refused, and then only its tag is
    /// told.
    std::map<swarm::RequestTag, StreamKey> opened;
    std::map<crypto::PeerId, bool> connected; ///< whether through a relay
    bool closing = false;
    ReceiveTurns turns{receives};
    std::set<crypto::PeerId> turnedAway;
    std::set<crypto::PeerId> receivedFrom; ///< relayed, and lost since

    SendMachine* send(TransferId id) const {
        const auto found = sends.find(id);
        return found == sends.end() ? nullptr : found->second.get();
    }
    ReceiveMachine* receive(TransferId id) const {
        const auto found = receives.find(id);
        return found == receives.end() ? nullptr : found->second.get();
    }
    TransferId ownerOf(StreamKey key) const {
        const auto found = owners.find(key);
        return found == owners.end() ? TransferId{} : found->second;
    }

    Result<SendMachine*> pausable(TransferId transfer) const;
    Result<void> pauseReceive(ReceiveMachine& machine, StreamIo& io, Now now);
    void endAway(const Bytes& key, const Error& error, bool cancelled, Now now);
    void readHello(StreamKey key, StreamIo& io, Now now);
    bool mayReceive(const crypto::PeerId& peer, const std::string& attempt);
    bool join(StreamKey key, const NewStream& stream, const wire::StreamHello& hello, StreamIo& io, Now now);
    std::optional<bool> connection(const crypto::PeerId& peer) const {
        const auto found = connected.find(peer);
        return found == connected.end() ? std::nullopt : std::optional(found->second);
    }
    void settle(StreamIo& io, Now now);
    bool givePlaces(StreamIo& io, Now now);
    bool adoptNumbers();
    void gone(StreamKey key, bool closed, StreamIo& io, Now now);
    void forget(StreamKey key);
};

namespace {

void refuse(StreamKey key, StreamIo& io) {
    link::abandon(io, key, link::kNoError);
}

} // namespace

// --- inbound streams ----------------------------------------------------------------------------------------------

/// Room for one more offer of this peer, and it is not an attempt that is under way already (B14).
bool Transfers::Impl::mayReceive(const crypto::PeerId& peer, const std::string& attempt) {
    if (closing) return false;
    size_t offers = 0;
    size_t offersOfPeer = 0;
    size_t accepted = 0;
    size_t acceptedOfPeer = 0;
    for (const auto& [id, machine] : receives) {
        const bool same = machine->peer() == peer;
        if (same && machine->attempt() == attempt) return false;
        (machine->pending() ? offers : accepted) += 1;
        if (same) (machine->pending() ? offersOfPeer : acceptedOfPeer) += 1;
    }
    const bool room = offers < kMaxOffersInAll && offersOfPeer < kMaxOffersPerPeer && accepted < kMaxReceivesInAll &&
                      acceptedOfPeer < kMaxReceivesPerPeer;
    if (!room && shared.policy.enabled) turnedAway.insert(peer);
    return room;
}

/// False: the stream has no business here.
bool Transfers::Impl::join(StreamKey key, const NewStream& stream, const wire::StreamHello& hello, StreamIo& io,
                           Now now) {
    const crypto::PeerId& peer = stream.peer;
    if (hello.kind() == wire::StreamHello::CONTROL) {
        if (!mayReceive(peer, hello.transfer())) return false;
        const TransferId id = ids.take();
        owners[key] = id;
        receives[id] = std::make_unique<ReceiveMachine>(context, shared, id, peer, key, hello.transfer(), now);
        receives[id]->onReadable(key, io, now);
        return true;
    }
    for (const auto& [id, machine] : receives) {
        if (machine->peer() != peer || machine->attempt() != hello.transfer()) continue;
        owners[key] = id;
        const bool moves = hello.kind() == wire::StreamHello::MOVED;
        if (moves ? machine->onControlMoved(key, hello, io, now)
                  : machine->onDataStream(key, {hello.stream(), stream.relayed}, io, now))
            return true;
        owners.erase(key);
        return false;
    }
    return false;
}

void Transfers::Impl::readHello(StreamKey key, StreamIo& io, Now now) {
    NewStream& stream = newStreams.at(key);
    while (true) {
        const ByteView in = io.front(key);
        if (in.empty()) {
            if (!io.atEnd(key)) return;
            newStreams.erase(key);
            return refuse(key, io);
        }
        const auto step = stream.reader.push(in);
        if (!step) break;
        io.consume(key, step->consumed);
        if (!step->message) continue;
        const Result<wire::StreamHello> hello = decodeHello(*step->message);
        const NewStream said = std::move(stream);
        newStreams.erase(key);
        if (!hello || !join(key, said, *hello, io, now)) refuse(key, io);
        return;
    }
    newStreams.erase(key);
    refuse(key, io);
}

// --- after every input --------------------------------------------------------------------------------------------

/// An attempt that waits for its place gets it when the one before has finished; that one is asked to make room.
bool Transfers::Impl::givePlaces(StreamIo& io, Now now) {
    if (!shared.paused.loaded()) return false;
    bool moved = adoptNumbers();
    for (auto& [id, machine] : receives) {
        const Bytes* key = machine->wantsPlace();
        if (!key) continue;
        const auto holder = shared.places.find(*key);
        if (holder == shared.places.end()) {
            machine->onPlaceFree(now);
            moved = true;
        } else if (ReceiveMachine* before = receive(holder->second); before && !before->ended()) {
            before->interrupt(makeError(Errc::Busy, "the sender has begun anew"), io, now);
            moved = true;
        }
    }
    return moved;
}

/// A further attempt of what is paused gets its number, once the one before is done. A fetch that was asked for since
/// is the person's wish to have it.
bool Transfers::Impl::adoptNumbers() {
    for (auto& [id, machine] : receives) {
        machine->followPause();
        const Bytes* key = machine->wantsPlace();
        const PausedReceive* paused = key ? shared.paused.find(*key) : nullptr;
        if (!paused || paused->transfer == id || receives.contains(paused->transfer)) continue;
        const TransferId number = paused->transfer;
        if (machine->fetch() && machine->fetch() != paused->fetch) {
            endAway(Bytes(*key), makeError(Errc::ConnectionLost, "it was asked for anew"), false, {});
            return true;
        }
        auto attempt = receives.extract(id);
        for (auto& [stream, owner] : owners)
            if (owner == attempt.key()) owner = number;
        attempt.key() = number;
        attempt.mapped()->adopt(number);
        receives.insert(std::move(attempt));
        return true;
    }
    return false;
}

void Transfers::Impl::settle(StreamIo& io, Now now) {
    do {
        std::erase_if(sends, [](const auto& one) { return one.second->finished(); });
        std::erase_if(receives, [](const auto& one) { return one.second->finished(); });
    } while (givePlaces(io, now) || turns.settle(io, now));
}

/// The swarm does not name the stream again.
void Transfers::Impl::forget(StreamKey key) {
    owners.erase(key);
    std::erase_if(opened, [&](const auto& one) { return one.second == key; });
}

void Transfers::Impl::gone(StreamKey key, bool closed, StreamIo& io, Now now) {
    if (newStreams.erase(key) > 0 && !closed) refuse(key, io);
    const TransferId owner = ownerOf(key);
    if (closed) forget(key);
    if (SendMachine* machine = send(owner); machine && machine->owns(key)) machine->onStreamGone(key, closed, io, now);
    if (ReceiveMachine* machine = receive(owner); machine && machine->owns(key)) {
        if (!machine->pending() && connection(machine->peer()) == true) receivedFrom.insert(machine->peer());
        machine->onStreamGone(key, closed, io, now);
    }
    settle(io, now);
}

// --- commands -----------------------------------------------------------------------------------------------------

Transfers::Transfers(TransfersConfig config, Random& random, const Log& log)
    : m(std::make_unique<Impl>(std::move(config), random, log)) {
    m->shared.paused.load();
}

Transfers::~Transfers() = default;

TransferId Transfers::send(const crypto::PeerId& peer, SendOrder order, Now now) {
    const TransferId id = reserve();
    send(id, peer, std::move(order), now);
    return id;
}

TransferId Transfers::reserve() {
    return m->ids.take();
}

void Transfers::send(TransferId reserved, const crypto::PeerId& peer, SendOrder order, Now now) {
    ASSERT(!m->sends.contains(reserved));
    m->sends[reserved] =
        std::make_unique<SendMachine>(m->context, reserved, peer, std::move(order), m->connection(peer), now);
}

std::optional<TransferId> Transfers::sending(const crypto::PeerId& peer, const std::vector<std::string>& paths) const {
    for (const auto& [id, machine] : m->sends)
        if (machine->peer() == peer && machine->sends(paths)) return id;
    return std::nullopt;
}

void Transfers::expect(const FetchToken& token, const crypto::PeerId& peer, ReceivePolicy policy) {
    policy.enabled = true;
    policy.accept = Accept::All;
    m->shared.expected[token] = {peer, std::move(policy)};
}

void Transfers::forgetExpected(const FetchToken& token) {
    m->shared.expected.erase(token);
}

std::optional<FetchToken> Transfers::expectedBy(TransferId transfer) const {
    const ReceiveMachine* machine = m->receive(transfer);
    return machine ? machine->fetch() : std::nullopt;
}

void Transfers::onPeerUnreachable(const crypto::PeerId& peer, const Error& error, Now now) {
    for (auto& [id, machine] : m->sends)
        if (machine->peer() == peer) machine->onPeerUnreachable(error, now);
    std::erase_if(m->sends, [](const auto& one) { return one.second->finished(); });
}

bool Transfers::onCircuitSpent(const crypto::PeerId& peer, const Error& error, Now now) {
    bool served = m->receivedFrom.erase(peer) > 0;
    bool fruitless = false;
    for (auto& [id, machine] : m->sends)
        if (machine->peer() == peer && machine->takeProgress()) served = true;
    for (auto& [id, machine] : m->sends)
        if (machine->peer() == peer && !served && machine->onCircuitSpent(error, now)) fruitless = true;
    std::erase_if(m->sends, [](const auto& one) { return one.second->finished(); });
    return fruitless;
}

void Transfers::setReceivePolicy(ReceivePolicy policy, Now) {
    // The storage gets to know the folder now: what has its place later is another one. Nobody waits for the answer.
    if (policy.enabled && !policy.folder.empty())
        m->context.out.submit(TransferId{}, JobLane::Worker, NameTraitsJob{policy.folder});
    m->shared.policy = std::move(policy);
}

Result<void> Transfers::answer(TransferId transfer, bool accept, std::string reason, std::vector<uint32_t> selection,
                               StreamIo& io, Now now) {
    ReceiveMachine* machine = m->receive(transfer);
    if (!machine) return makeError(Errc::NotFound, "no such transfer");
    const Result<void> answered = machine->answer(accept, std::move(reason), std::move(selection), io, now);
    m->settle(io, now);
    return answered;
}

Result<void> Transfers::lookAt(TransferId transfer, uint64_t look, OfferPlace place,
                               std::optional<std::vector<uint32_t>> selection, StreamIo& io, Now now) {
    ReceiveMachine* machine = m->receive(transfer);
    if (!machine) return makeError(Errc::NotFound, "no such transfer");
    const Result<void> begun = machine->lookAt(look, std::move(place), std::move(selection));
    m->settle(io, now);
    return begun;
}

Result<void> Transfers::cancel(TransferId transfer, StreamIo& io, Now now) {
    SendMachine* sending = m->send(transfer);
    ReceiveMachine* receiving = m->receive(transfer);
    const auto paused = m->shared.paused.keyOf(transfer);
    if (!sending && !receiving && !paused) return makeError(Errc::NotFound, "no such transfer");
    if (sending) sending->cancel(io, now);
    if (receiving && !receiving->ended()) {
        receiving->cancel(io, now);
    } else if (paused) // its sender is not there
        m->endAway(*paused, makeError(Errc::Cancelled, "cancelled here"), true, now);
    m->settle(io, now);
    return {};
}

Result<SendMachine*> Transfers::Impl::pausable(TransferId transfer) const {
    SendMachine* sending = send(transfer);
    if (!sending || sending->ended()) return makeError(Errc::NotFound, "no such transfer");
    return sending;
}

Result<void> Transfers::Impl::pauseReceive(ReceiveMachine& machine, StreamIo& io, Now now) {
    if (!shared.paused.contains(machine.recordKey())) TRY_OK(machine.mayPause());
    TRY_OK(shared.paused.add(machine.recordKey(), machine.asPaused(), now));
    machine.applyPause(io, now);
    return {};
}

/// Of a paused transfer whose sender is not there: it is not under way any more.
void Transfers::Impl::endAway(const Bytes& key, const Error& error, bool cancelled, Now now) {
    const PausedReceive paused = *shared.paused.find(key);
    if (cancelled)
        shared.paused.withdraw(key, {now.wall.seconds() + kCancelledMemorySeconds, paused.fetch}, now, Durable::Yes);
    shared.paused.remove(key, Durable::Yes);
    if (cancelled) {
        context.out.event(TransferFailed{paused.transfer, paused.peer, true, error, {}, paused.figures});
        return;
    }
    context.out.event(
        TransferHeld{paused.transfer, paused.peer, true, Hold::None, Hold::None, paused.label, paused.figures});
    context.out.event(TransferInterrupted{paused.transfer, paused.peer, true, error});
}

Result<void> Transfers::pause(TransferId transfer, StreamIo& io, Now now) {
    ReceiveMachine* receiving = m->receive(transfer);
    if (receiving && !receiving->ended()) {
        TRY_OK(m->pauseReceive(*receiving, io, now));
    } else if (const auto paused = m->shared.paused.keyOf(transfer)) { // stored each time that it is said
        TRY_OK(m->shared.paused.add(*paused, *m->shared.paused.find(*paused), now));
    } else {
        TRY(SendMachine * sending, m->pausable(transfer));
        sending->pause(io);
    }
    m->settle(io, now);
    return {};
}

void Transfers::onStoreBegunAnew(Now now) {
    m->shared.paused.storeAgain(now);
}

void Transfers::setParallelReceives(uint32_t turns, StreamIo& io, Now now) {
    m->turns.setTurns(turns);
    m->settle(io, now);
}

Result<void> Transfers::resume(TransferId transfer, StreamIo& io, Now now) {
    ReceiveMachine* receiving = m->receive(transfer);
    const auto paused = m->shared.paused.keyOf(transfer);
    if (receiving && !receiving->ended()) {
        if (!m->shared.paused.contains(receiving->recordKey())) return receiving->mayPause(); // it goes on already
        m->shared.paused.remove(receiving->recordKey(), Durable::Yes);
        receiving->applyPause(io, now);
        m->settle(io, now);
        return {};
    }
    if (paused) {
        m->endAway(*paused, makeError(Errc::ConnectionLost, "its sender is not there"), false, now);
        m->settle(io, now);
        return {};
    }
    TRY(SendMachine * sending, m->pausable(transfer));
    sending->resume(io, now);
    m->settle(io, now);
    return {};
}

void Transfers::hold(TransferId transfer, StreamIo& io) {
    if (SendMachine* sending = m->send(transfer)) sending->hold(io);
}

void Transfers::letGo(TransferId transfer, StreamIo& io, Now now) {
    if (SendMachine* sending = m->send(transfer)) sending->letGo(io);
    m->settle(io, now);
}

void Transfers::shutdown(StreamIo& io, Now now) {
    m->closing = true;
    // Nobody has said no, on neither side: both go on trying, as if this program had died.
    const Error ends = makeError(Errc::ConnectionLost, "this program ends");
    for (auto& [id, machine] : m->sends) machine->leave(ends, io, now);
    for (auto& [id, machine] : m->receives) machine->interrupt(ends, io, now);
    m->settle(io, now);
}

// --- inputs -------------------------------------------------------------------------------------------------------

void Transfers::onJobDone(JobDone done, StreamIo& io, Now now) {
    const TransferId owner = m->context.out.ownerOfJob(done.id);
    if (SendMachine* machine = m->send(owner))
        machine->onJobDone(std::move(done), io, now);
    else if (ReceiveMachine* receiver = m->receive(owner))
        receiver->onJobDone(std::move(done), io, now);
    else if (owner == PartSweep::kOwner)
        m->shared.sweep.onJobDone(done);
    m->settle(io, now);
}

void Transfers::onStoreScanned(StoreScanned scanned, StreamIo& io, Now now) {
    const TransferId owner = m->context.out.ownerOfScan(scanned.id);
    if (ReceiveMachine* machine = m->receive(owner)) machine->onStoreScanned(std::move(scanned), io, now);
    if (owner == PausedReceives::kOwner) m->shared.paused.onStoreScanned(scanned, m->ids);
    if (owner == PartSweep::kOwner) m->shared.sweep.onStoreScanned(std::move(scanned), now);
    m->settle(io, now);
}

std::span<const std::string> Transfers::protocolIds() const {
    return transferProtocolIds();
}

void Transfers::onPeerConnected(const swarm::PeerInfo& peer, StreamIo&, Now now) {
    m->connected.insert_or_assign(peer.peer, peer.relayed());
    m->receivedFrom.erase(peer.peer);
    for (auto& [id, machine] : m->sends)
        if (machine->peer() == peer.peer) machine->onPeerConnected(peer.relayed(), now);
}

void Transfers::onPeerMoved(const swarm::PeerInfo& peer, Now) {
    m->connected.insert_or_assign(peer.peer, peer.relayed());
    for (auto& [id, machine] : m->sends)
        if (machine->peer() == peer.peer) machine->onPeerMoved(peer.link, peer.relayed());
    for (auto& [id, machine] : m->receives)
        if (machine->peer() == peer.peer) machine->onPeerMoved(peer.link);
}

void Transfers::onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) {
    m->connected.erase(peer);
    for (auto& [id, machine] : m->receives)
        if (machine->peer() == peer) machine->onPeerGone(now);
    for (auto& [id, machine] : m->sends)
        if (machine->peer() == peer) machine->onPeerGone(error, now);
}

void Transfers::onLinkLost(const swarm::PeerInfo& link, const Error& error) {
    if (link.relayed()) m->context.lastLoss.emplace(link.link, error);
}

void Transfers::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (stream.outbound) {
        const TransferId owner = m->context.out.ownerOfStream(stream.tag);
        m->owners[stream.key] = owner;
        m->opened[stream.tag] = stream.key;
        if (SendMachine* machine = m->send(owner))
            machine->onStream(stream.tag, stream.key, io, now);
        else
            refuse(stream.key, io);
    } else {
        const auto ofPeer = [&](const auto& one) { return one.second.peer == stream.peer; };
        const auto waiting = std::count_if(m->newStreams.begin(), m->newStreams.end(), ofPeer);
        if (static_cast<size_t>(waiting) >= kMaxNewStreamsPerPeer) return refuse(stream.key, io);
        m->newStreams.emplace(stream.key, Impl::NewStream{stream.peer, stream.over && stream.over->relayed()});
        m->readHello(stream.key, io, now);
    }
    m->settle(io, now);
}

void Transfers::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, StreamIo& io,
                               Now now) {
    const auto opened = m->opened.find(tag);
    if (opened == m->opened.end()) {
        if (SendMachine* machine = m->send(m->context.out.ownerOfStream(tag)))
            machine->onStreamFailed(tag, error, io, now);
    } else {
        const StreamKey key = opened->second;
        SendMachine* machine = m->send(m->ownerOf(key));
        m->forget(key);
        if (machine && machine->owns(key)) machine->onStreamRefused(key, error, io, now);
    }
    m->settle(io, now);
}

void Transfers::onReadable(StreamKey key, StreamIo& io, Now now) {
    if (m->newStreams.contains(key)) {
        m->readHello(key, io, now);
    } else {
        const TransferId owner = m->ownerOf(key);
        SendMachine* sender = m->send(owner);
        ReceiveMachine* receiver = m->receive(owner);
        if (sender && sender->owns(key))
            sender->onReadable(key, io, now);
        else if (receiver && receiver->owns(key))
            receiver->onReadable(key, io, now);
        else
            io.consume(key, io.available(key)); // of a transfer that has ended
    }
    m->settle(io, now);
}

void Transfers::onWritable(StreamKey key, StreamIo& io, Now now) {
    const TransferId owner = m->ownerOf(key);
    if (SendMachine* machine = m->send(owner)) machine->onWritable(io, now);
    if (ReceiveMachine* machine = m->receive(owner)) machine->onWritable(io);
    m->settle(io, now);
}

void Transfers::onReset(StreamKey key, uint64_t, StreamIo& io, Now now) {
    m->gone(key, false, io, now);
}

void Transfers::onStopped(StreamKey key, uint64_t, StreamIo& io, Now now) {
    m->gone(key, false, io, now);
}

void Transfers::onClosed(StreamKey key, StreamIo& io, Now now) {
    m->gone(key, true, io, now);
}

// --- time and outputs ---------------------------------------------------------------------------------------------

Instant Transfers::deadline() const {
    Instant first = m->turns.deadline();
    for (const auto& [id, machine] : m->sends) first = std::min(first, machine->deadline());
    for (const auto& [id, machine] : m->receives) first = std::min(first, machine->deadline());
    return first;
}

void Transfers::onDeadline(StreamIo& io, Now now) {
    for (auto& [id, machine] : m->sends)
        if (machine->deadline() <= now.mono) machine->onDeadline(io, now);
    for (auto& [id, machine] : m->receives)
        if (machine->deadline() <= now.mono) machine->onDeadline(io, now);
    m->settle(io, now);
}

std::optional<Job> Transfers::pollJob() {
    return m->context.out.pollJob();
}

std::optional<StoreOp> Transfers::pollStore() {
    for (auto& [id, machine] : m->receives) machine->flushRecords();
    return m->context.out.pollStore();
}

std::optional<WantPeer> Transfers::pollWant() {
    return m->context.out.pollWant();
}

std::optional<TransferEvent> Transfers::pollEvent() {
    return m->context.out.pollEvent();
}

std::optional<OfferPlaced> Transfers::pollPlaced() {
    return m->context.out.pollPlaced();
}

std::optional<crypto::PeerId> Transfers::pollTurnedAway() {
    if (m->turnedAway.empty()) return std::nullopt;
    return std::move(m->turnedAway.extract(m->turnedAway.begin()).value());
}

std::optional<swarm::SwarmRequest> Transfers::pollRequest() {
    return m->context.out.pollRequest();
}

} // namespace wherry::transfer
