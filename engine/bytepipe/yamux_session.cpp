#include "bytepipe/yamux_session.h"

#include "base/assert.h"

#include <algorithm>

namespace wherry::bytepipe {

using link::Side;

// Counts that callers pass may be older than a reset by the peer, so they are cut to what there is instead of asserted.

YamuxSession::YamuxSession(link::LinkId id, Side side, BlockPool& pool, std::deque<link::LinkEvent>& events,
                           link::BandwidthGate& gate, Now now)
    : m_id(id),
      m_side(side),
      m_pool(pool),
      m_events(events),
      m_gate(gate),
      m_nextId(side == Side::Dialer ? 1 : 2),
      m_lastHeard(now.mono) {}

YamuxStream* YamuxSession::findId(uint32_t id) const {
    const auto found = m_streams.find(id);
    return found == m_streams.end() ? nullptr : const_cast<YamuxStream*>(&found->second);
}

YamuxStream* YamuxSession::find(uint64_t key) const {
    YamuxStream* found = findId(static_cast<uint32_t>(key));
    return found && found->key == key ? found : nullptr;
}

YamuxStream& YamuxSession::addStream(uint32_t id, bool remote) {
    const uint64_t number = uint64_t{++m_serial} << 32 | id;
    if (remote) ++m_remoteStreams;
    return m_streams.try_emplace(id, number, remote, m_pool).first->second;
}

Result<link::StreamKey> YamuxSession::openStream() {
    if (m_ended || m_peerGoAway) return makeError(Errc::NotFound, "opening a stream: the link is going away");
    if (m_streams.size() - m_remoteStreams >= kYamuxMaxStreams)
        return makeError(Errc::LimitReached, "opening a stream: too many are open");
    if (m_nextId >= 0xfffffffe) return makeError(Errc::LimitReached, "opening a stream: the link has no numbers left");
    YamuxStream& stream = addStream(m_nextId, false);
    m_nextId += 2;
    stream.synPending = true;
    return key(stream);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant YamuxSession::deadline() const {
    if (m_ended) return kNever;
    const Instant quiet = m_lastHeard + (m_pingPending || m_pingSent ? kYamuxSilence : kYamuxPingAfter);
    const Instant gate = std::min(m_sendOpens, m_creditOpens);
    return std::min({quiet, gate, m_lingering.empty() ? kNever : m_lingering.front().first});
}

Result<void> YamuxSession::onDeadline(Now now) {
    if (m_ended) return {};
    if (m_sendOpens <= now.mono) m_sendOpens = kNever;
    if (m_creditOpens <= now.mono) m_creditOpens = kNever;
    while (!m_lingering.empty() && m_lingering.front().first <= now.mono) {
        YamuxStream* stream = find(m_lingering.front().second);
        m_lingering.pop_front();
        if (stream && !stream->done()) reset(stream->key);
    }
    if (now.mono >= m_lastHeard + kYamuxSilence) return makeError(Errc::Timeout, "nothing heard for too long");
    if (now.mono >= m_lastHeard + kYamuxPingAfter && !m_pingSent) m_pingPending = true;
    return {};
}

void YamuxSession::onLimitsChanged() {
    m_sendOpens = kNever;
    m_creditOpens = kNever;
}

// --- receiving, as the owner sees it ------------------------------------------------------------------------------

size_t YamuxSession::available(uint64_t stream) const {
    const YamuxStream* found = find(stream);
    return found ? found->recv.available() : 0;
}

ByteView YamuxSession::front(uint64_t stream) const {
    const YamuxStream* found = find(stream);
    return found ? found->recv.front() : ByteView();
}

bool YamuxSession::atEnd(uint64_t stream) const {
    const YamuxStream* found = find(stream);
    return found && found->finReceived && !found->stopped && found->recv.available() == 0;
}

/// What is missing to a full window, when that is half of it: smaller steps would cost more frames than they help.
uint32_t YamuxSession::wantedUpdate(const YamuxStream& stream) const {
    const size_t coming = m_payloadStream == stream.key ? m_payloadLeft : 0;
    const size_t used = stream.granted + coming + stream.recv.available() + stream.taken;
    const size_t missing = used < stream.window ? stream.window - used : 0;
    return missing >= stream.window / 2 ? static_cast<uint32_t>(missing) : 0;
}

void YamuxSession::queueUpdate(YamuxStream& stream) {
    if (m_ended || stream.updateQueued || stream.deaf()) return;
    if (!stream.ackPending && (stream.finReceived || wantedUpdate(stream) == 0)) return;
    stream.updateQueued = true;
    m_updates.push_back(stream.key);
}

void YamuxSession::consume(uint64_t stream, size_t count) {
    YamuxStream* found = find(stream);
    if (!found) return;
    count = std::min(count, found->recv.available());
    found->recv.drop(count);
    m_uncredited -= count;
    queueUpdate(*found);
    closeIfDone(*found);
}

Slices YamuxSession::take(uint64_t stream, size_t count) {
    YamuxStream* found = find(stream);
    if (!found) return {};
    count = std::min(count, found->recv.available());
    Slices slices = found->recv.take(count);
    found->taken += count;
    closeIfDone(*found);
    return slices;
}

void YamuxSession::credit(uint64_t stream, size_t count) {
    YamuxStream* found = find(stream);
    size_t& taken = found ? found->taken : m_orphaned;
    count = std::min(count, taken);
    taken -= count;
    m_uncredited -= count;
    if (found) queueUpdate(*found);
}

void YamuxSession::queueReadable(YamuxStream& stream) {
    if (stream.readableQueued) return;
    stream.readableQueued = true;
    m_events.push_back(link::StreamReadable{key(stream)});
}

// --- ends ---------------------------------------------------------------------------------------------------------

void YamuxSession::dropUnread(YamuxStream& stream) {
    m_uncredited -= stream.recv.available();
    stream.recv.clear();
}

void YamuxSession::dropUnsent(YamuxStream& stream) {
    m_buffered -= stream.unsent;
    stream.unsent = 0;
    stream.out.clear();
}

/// The stream is over on the wire. What came before the peer's end stays readable.
void YamuxSession::endOnWire(YamuxStream& stream) {
    stream.gone = true;
    dropUnsent(stream);
    m_ready.remove(stream);
    if (!stream.finReceived || stream.stopped) dropUnread(stream);
}

void YamuxSession::stop(uint64_t stream) {
    YamuxStream* found = find(stream);
    if (!found || m_ended || found->stopped) return;
    dropUnread(*found);
    found->stopped = true;
    queueUpdate(*found);
    markReady(*found);
    closeIfDone(*found);
}

void YamuxSession::reset(uint64_t stream) {
    YamuxStream* found = find(stream);
    if (!found || m_ended || found->resetByUs || found->gone || found->done()) return;
    found->resetByUs = true;
    dropUnsent(*found);
    markReady(*found);
}

/// The peer breaks the rules of one stream: it is over for both, and its owner is told as if the peer had reset it.
void YamuxSession::breakStream(YamuxStream& stream) {
    const bool sending = stream.sendingOpen();
    if (!stream.stopped) m_events.push_back(link::StreamReset{key(stream), link::kNoError});
    if (sending) m_events.push_back(link::StreamStopped{key(stream), link::kNoError});
    dropUnread(stream);
    stream.stopped = true;
    reset(stream.key);
}

void YamuxSession::closeIfDone(YamuxStream& stream) {
    if (stream.closedQueued || !stream.done()) return;
    stream.closedQueued = true;
    m_events.push_back(link::StreamClosed{key(stream)});
}

void YamuxSession::end(YamuxGoAway reason) {
    if (m_ended) return;
    m_ended = true;
    m_goAway = reason;
    for (auto& [id, stream] : m_streams) {
        dropUnsent(stream);
        stream.closedQueued = true; // the end of the link says it
    }
    m_ready.clear();
    m_waiting.clear();
    m_updates.clear();
    m_pongs.clear();
    m_refusals.clear();
    m_lingering.clear();
}

void YamuxSession::onReadablePolled(uint64_t stream) {
    if (YamuxStream* found = find(stream)) found->readableQueued = false;
}

void YamuxSession::onClosedPolled(uint64_t stream) {
    YamuxStream* found = find(stream);
    if (!found) return;
    ASSERT(found->closedQueued);
    m_ready.remove(*found);
    if (found->waitsForRoom) std::erase(m_waiting, found);
    // A peer that reads nothing may open and reset streams for ever: no list keeps what is gone.
    if (found->updateQueued) std::erase(m_updates, found->key);
    if (found->lingers) std::erase_if(m_lingering, [&](const auto& entry) { return entry.second == found->key; });
    m_uncredited -= found->recv.available();
    m_orphaned += found->taken;
    m_growth -= found->window - kYamuxInitialWindow;
    if (found->remote) --m_remoteStreams;
    m_streams.erase(found->id());
}

} // namespace wherry::bytepipe
