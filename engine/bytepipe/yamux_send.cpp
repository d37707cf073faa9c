#include "base/assert.h"
#include "bytepipe/yamux_session.h"

#include <algorithm>

namespace wherry::bytepipe {

bool YamuxSession::hasOutput() const {
    if (m_ended) return m_goAway.has_value();
    return m_pingPending || !m_pongs.empty() || !m_refusals.empty() || hasUpdates() || hasData();
}

bool YamuxSession::hasUpdates() const {
    return m_creditOpens == kNever && !m_updates.empty();
}

bool YamuxSession::hasData() const {
    if (m_sendOpens == kNever) return !m_ready.empty();
    return m_gate.maySendSmall() && firstSmall();
}

/// A stream that has a message to send, or only its end; null: none.
YamuxStream* YamuxSession::firstSmall() const {
    return m_ready.firstThat([](const YamuxStream* stream) { return stream->unsent <= link::kSmallMessage; });
}

void YamuxSession::pull(Bytes& out, size_t wanted, Now now) {
    const size_t begin = out.size();
    const size_t end = begin + wanted;
    if (m_goAway)
        appendYamuxHeader(out, {YamuxType::GoAway, 0, 0, static_cast<uint32_t>(*std::exchange(m_goAway, {}))});
    if (m_ended) return;
    if (m_pingPending) m_pingSent = now.mono;
    pullControl(out);
    pullUpdates(out, end, now);
    pullData(out, end, now);
    m_gate.onSent(out.size() - begin);
    announceRoom();
}

void YamuxSession::pullControl(Bytes& out) {
    if (std::exchange(m_pingPending, false))
        appendYamuxHeader(out, {YamuxType::Ping, yamux_flag::kSyn, 0, ++m_pingValue});
    for (const uint32_t value : std::exchange(m_pongs, {}))
        appendYamuxHeader(out, {YamuxType::Ping, yamux_flag::kAck, 0, value});
    for (const uint32_t id : std::exchange(m_refusals, {}))
        appendYamuxHeader(out, {YamuxType::WindowUpdate, yamux_flag::kRst, id, 0});
}

void YamuxSession::pullUpdates(Bytes& out, size_t end, Now now) {
    m_creditOpens = kNever;
    for (size_t left = m_updates.size(); left > 0 && out.size() < end; --left) {
        YamuxStream* stream = find(m_updates.front());
        m_updates.pop_front();
        if (!stream) continue;
        stream->updateQueued = false;
        if (stream->deaf()) continue;
        const uint32_t delta = growWindow(*stream, now);
        if (delta > 0 || stream->ackPending) appendUpdate(*stream, 0, delta, out);
        queueUpdate(*stream); // when the limit has let less through than is wanted
        if (stream->updateQueued && delta == 0) m_creditOpens = m_gate.creditTurn();
    }
}

/// As much as the limit lets through now; beyond it only small messages, and few of them.
void YamuxSession::pullData(Bytes& out, size_t end, Now now) {
    m_sendOpens = kNever;
    if (m_ready.empty() || out.size() >= end) return;
    const uint64_t allowance = m_gate.sendAllowance(now.mono);
    const size_t most = out.size() + static_cast<size_t>(std::min<uint64_t>(end - out.size(), allowance));
    while (out.size() < most && !m_ready.empty()) pullStream(*m_ready.first(), out, now);
    if (allowance > 0 || m_ready.empty()) return;
    m_sendOpens = m_gate.sendTurn();
    const size_t smallEnd = std::min<size_t>(end, out.size() + link::kMaxOwedSmall);
    while (out.size() < smallEnd && m_gate.maySendSmall()) {
        YamuxStream* small = firstSmall();
        if (!small) break;
        pullStream(*small, out, now);
    }
}

/// What the peer may send beyond what it may already; zero: not worth a frame. A window that was used up fast grows.
uint32_t YamuxSession::growWindow(YamuxStream& stream, Now now) {
    if (stream.finReceived || wantedUpdate(stream) == 0) return 0;
    const bool fast = stream.lastUpdate != Instant{} && m_smoothedRtt > Duration{} &&
                      now.mono - stream.lastUpdate < kYamuxGrowthRoundTrips * m_smoothedRtt;
    if (fast && !m_gate.delaysCredit() && stream.window < kYamuxMaxWindow &&
        m_growth + stream.window <= kYamuxMaxGrowth) {
        m_growth += stream.window;
        stream.window *= 2;
    }
    stream.lastUpdate = now.mono;
    const auto delta = static_cast<uint32_t>(m_gate.creditAllowance(wantedUpdate(stream), now.mono));
    if (delta > 0) m_gate.onCredit(delta, now.mono);
    stream.granted += delta;
    return delta;
}

void YamuxSession::appendUpdate(YamuxStream& stream, uint16_t flags, uint32_t delta, Bytes& out) {
    if (std::exchange(stream.synPending, false)) flags |= yamux_flag::kSyn;
    if (std::exchange(stream.ackPending, false)) flags |= yamux_flag::kAck;
    appendYamuxHeader(out, {YamuxType::WindowUpdate, flags, stream.id(), delta});
}

/// One frame of the stream's, and its end when that is next. Flags travel on window updates alone: so do others'.
void YamuxSession::pullStream(YamuxStream& stream, Bytes& out, Now now) {
    if (stream.resetByUs) {
        // A stream that was never opened on the wire has nobody to tell.
        if (!stream.synPending) appendUpdate(stream, yamux_flag::kRst, 0, out);
        const bool receiving = stream.receivingOpen();
        endOnWire(stream);
        if (receiving) m_events.push_back(link::StreamReset{key(stream), link::kNoError});
        return closeIfDone(stream);
    }
    if (stream.synPending || stream.ackPending) appendUpdate(stream, 0, 0, out);
    if (stream.unsent > 0 && stream.sendWindow > 0) appendData(stream, out);
    if (stream.unsent == 0 && stream.finQueued && !stream.finSent) {
        appendUpdate(stream, yamux_flag::kFin, 0, out);
        stream.finSent = true;
    }
    if (stream.wantsToLinger()) {
        stream.lingers = true;
        m_lingering.emplace_back(now.mono + kYamuxLinger, stream.key);
    }
    if (!stream.pending()) m_ready.remove(stream);
    closeIfDone(stream);
}

void YamuxSession::appendData(YamuxStream& stream, Bytes& out) {
    const size_t count =
        static_cast<size_t>(std::min<uint64_t>({stream.unsent, stream.sendWindow, uint64_t{link::kStreamTurn}}));
    appendYamuxHeader(out, {YamuxType::Data, 0, stream.id(), static_cast<uint32_t>(count)});
    for (size_t left = count; left > 0;) {
        Slice& first = stream.out.front();
        const size_t part = std::min(left, first.length);
        append(out, first.first(part).view());
        left -= part;
        if (part == first.length)
            stream.out.pop_front();
        else
            first = first.from(part);
    }
    stream.unsent -= count;
    stream.sendWindow -= count;
    m_buffered -= count;
    m_ready.onSent(stream, count);
}

void YamuxSession::markReady(YamuxStream& stream) {
    if (!m_ended && stream.pending()) m_ready.add(stream);
}

size_t YamuxSession::room(const YamuxStream& stream) const {
    if (m_ended || !stream.sendingOpen()) return 0;
    const auto left = [](size_t limit, size_t used) { return used < limit ? limit - used : 0; };
    const size_t shared =
        std::min(left(kYamuxStreamSendBuffer, stream.unsent), left(kYamuxSessionSendBuffer, m_buffered));
    return std::max(shared, left(kYamuxReservedSendBuffer, stream.unsent));
}

size_t YamuxSession::writable(uint64_t stream) {
    YamuxStream* found = find(stream);
    if (!found) return 0;
    const size_t now = room(*found);
    if (now < kYamuxWritableMark && found->sendingOpen() && !m_ended) {
        found->roomWhenAsked = now;
        if (!found->waitsForRoom) m_waiting.push_back(found);
        found->waitsForRoom = true;
    }
    return now;
}

/// A waiting stream is told when there is room for a good piece, or when all it has written has gone and there is more
/// than it was told of before (others may keep the session's share used up for long).
void YamuxSession::announceRoom() {
    std::erase_if(m_waiting, [this](YamuxStream* stream) {
        const size_t now = room(*stream);
        const bool enough = now >= kYamuxWritableMark || (now > stream->roomWhenAsked && stream->unsent == 0);
        const bool gone = !stream->sendingOpen();
        if (enough && !gone) m_events.push_back(link::StreamWritable{key(*stream)});
        if (enough || gone) stream->waitsForRoom = false;
        return enough || gone;
    });
}

size_t YamuxSession::unacknowledged(uint64_t stream) const {
    const YamuxStream* found = find(stream);
    return found ? found->unsent : 0;
}

void YamuxSession::write(uint64_t stream, Slice bytes, link::Fin fin) {
    YamuxStream* found = find(stream);
    if (!found || m_ended || !found->sendingOpen()) return;
    ASSERT(bytes.length <= kYamuxSessionSendBuffer);
    m_buffered += bytes.length;
    found->unsent += bytes.length;
    if (!bytes.empty()) found->out.push_back(std::move(bytes));
    if (fin == link::Fin::Yes) found->finQueued = true;
    markReady(*found);
}

} // namespace wherry::bytepipe
