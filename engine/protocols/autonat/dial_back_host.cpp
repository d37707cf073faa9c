#include "protocols/autonat/dial_back_host.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/stream_source.h"

#include <algorithm>

namespace wherry::autonat {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

static constexpr const char* kDialBackId = "/libp2p/autonat/2/dial-back";

// --- the stream -----------------------------------------------------------------------------------------------------

void DialBackCaller::say(DialBackId id, const crypto::PeerId& peer, uint64_t nonce) {
    m_nonces[id] = nonce;
    m_requests.push_back(swarm::OpenStream{peer, {kDialBackId}, id.value});
}

std::optional<DialBackCaller::Said> DialBackCaller::poll() {
    return takeFront(m_said);
}

std::optional<swarm::SwarmRequest> DialBackCaller::pollRequest() {
    return takeFront(m_requests);
}

/// A new stream of a new connection takes these few bytes.
void DialBackCaller::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now) {
    const auto nonce = m_nonces.extract(DialBackId{stream.tag});
    ASSERT(nonce);
    m_calls[stream.key].id = nonce.key();
    Bytes frame;
    codec::appendFrame(frame, encodeDialBack(nonce.mapped()));
    if (io.writable(stream.key) < frame.size()) {
        link::abandon(io, stream.key, link::kNoError);
        return end(stream.key, false);
    }
    // Without FIN: it comes with the answer, never in the first flight (some readers hang on it).
    io.write(stream.key, Slice::copyOf(frame), Fin::No);
}

void DialBackCaller::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error&, StreamIo&, Now) {
    m_nonces.erase(DialBackId{tag});
    const auto call = std::ranges::find_if(m_calls, [&](const auto& one) { return one.second.id == DialBackId{tag}; });
    if (call != m_calls.end()) return end(call->first, false);
    m_said.push_back({DialBackId{tag}, false});
}

void DialBackCaller::onReadable(StreamKey key, StreamIo& io, Now) {
    const auto call = m_calls.find(key);
    if (call == m_calls.end()) return;
    link::StreamSource source{io, key};
    const auto frame = call->second.frames.next(source);
    if (frame && !*frame && !io.atEnd(key)) return;
    const auto status = frame && *frame ? decodeDialBackResponse(**frame)
                                        : Result<uint32_t>(makeError(Errc::Malformed, "no answer to a dial back"));
    io.write(key, {}, Fin::Yes);
    io.stop(key, link::kNoError);
    end(key, status && *status == 0);
}

void DialBackCaller::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    io.reset(key, link::kNoError);
    end(key, false);
}

void DialBackCaller::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    // The peer has what it wanted and may still answer; only the end of its half says that it will not.
    if (io.atEnd(key)) end(key, false);
}

void DialBackCaller::onClosed(StreamKey key, StreamIo&, Now) {
    end(key, false);
}

void DialBackCaller::end(StreamKey key, bool taken) {
    const auto call = m_calls.extract(key);
    if (call) m_said.push_back({call.mapped().id, taken});
}

// --- the host -------------------------------------------------------------------------------------------------------

DialBackHost::DialBackHost(const crypto::PeerId& self, std::initializer_list<link::Carrier*> carriers, const Log& log)
    : m_swarm({.self = self, .connectTimeout = kDialTimeout, .maxLinks = 2 * kMaxDialBacks}, log) {
    for (link::Carrier* carrier : carriers) m_swarm.addCarrier(*carrier);
    m_swarm.addProtocol(m_caller);
}

void DialBackHost::start(const StartDialBack& what, Now now) {
    ASSERT(m_dials.size() < kMaxDialBacks);
    m_dials[what.id] = {what, m_swarm.connect(what.peer, {what.address}, now), now.mono + kDialTimeout};
}

std::optional<DialBackHost::Done> DialBackHost::poll() {
    return takeFront(m_done);
}

bool DialBackHost::settle(Now now) {
    const bool more = m_swarm.settle(now);
    bool moved = false;
    // To the very end: what the swarm says of one dial is never left for the next dial of the same peer.
    for (bool quiet = false; !quiet;) {
        quiet = true;
        while (const auto event = m_swarm.poll()) {
            std::visit([&](const auto& what) { on(what, now); }, *event);
            quiet = false;
        }
        while (const auto said = m_caller.poll()) {
            finish(said->id, said->taken ? DialBackOutcome::Ok : DialBackOutcome::DialBackError, now);
            quiet = false;
        }
        moved = moved || !quiet;
    }
    return more || moved;
}

void DialBackHost::on(const swarm::Connected& event, Now now) {
    const auto dial = std::ranges::find_if(m_dials, [&](const auto& one) { return one.second.connect == event.id; });
    if (dial == m_dials.end()) return;
    const StartDialBack& what = dial->second.what;
    if (what.nonce) return m_caller.say(what.id, what.peer, *what.nonce);
    finish(what.id, DialBackOutcome::Ok, now);
}

void DialBackHost::on(const swarm::ConnectFailed& event, Now now) {
    const auto dial = std::ranges::find_if(m_dials, [&](const auto& one) { return one.second.connect == event.id; });
    if (dial != m_dials.end()) finish(dial->first, DialBackOutcome::DialError, now);
}

void DialBackHost::on(const swarm::PeerGone& event, Now now) {
    const auto dial =
        std::ranges::find_if(m_dials, [&](const auto& one) { return one.second.what.peer == event.peer; });
    if (dial != m_dials.end()) finish(dial->first, DialBackOutcome::DialBackError, now);
}

void DialBackHost::finish(DialBackId id, DialBackOutcome outcome, Now now) {
    const auto dial = m_dials.extract(id);
    if (!dial) return;
    m_done.push_back({id, outcome});
    m_swarm.disconnect(dial.mapped().what.peer, link::kNoError, "dialled back", now);
}

Instant DialBackHost::deadline() const {
    Instant next = m_swarm.deadline();
    for (const auto& [id, dial] : m_dials) next = std::min(next, dial.giveUp);
    return next;
}

void DialBackHost::onDeadline(Now now) {
    m_swarm.onDeadline(now);
    std::vector<DialBackId> late;
    for (const auto& [id, dial] : m_dials)
        if (dial.giveUp <= now.mono) late.push_back(id);
    for (const DialBackId id : late) {
        const Dial& dial = m_dials.at(id);
        const bool connected = m_swarm.peer(dial.what.peer).has_value();
        m_swarm.cancelConnect(dial.connect, now);
        finish(id, connected ? DialBackOutcome::DialBackError : DialBackOutcome::DialError, now);
    }
}

} // namespace wherry::autonat
