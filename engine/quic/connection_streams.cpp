#include "quic/connection.h"

#include <algorithm>

namespace wherry::quic {

// Counts that callers pass may be older than a reset by the peer, so they are cut to what there is instead of asserted.

Stream* Connection::find(uint64_t stream) const {
    const auto found = m_streams.find(static_cast<int64_t>(stream));
    return found == m_streams.end() ? nullptr : const_cast<Stream*>(&found->second);
}

Stream& Connection::addStream(int64_t id, bool remote) {
    return m_streams.try_emplace(id, id, remote, m_services.pool).first->second;
}

Result<link::StreamKey> Connection::openStream() {
    if (m_ended || !m_opened) return makeError(Errc::NotFound, "opening a stream: the link is not open");
    int64_t id = -1;
    const int result = ngtcp2_conn_open_bidi_stream(m_conn.get(), &id, nullptr);
    if (result == NGTCP2_ERR_STREAM_ID_BLOCKED)
        return makeError(Errc::LimitReached, "opening a stream: the peer allows no more now");
    if (result != 0) return makeError(Errc::Internal, std::string("opening a stream: ") + ngtcp2_strerror(result));
    Stream& stream = addStream(id, false);
    ngtcp2_conn_set_stream_user_data(m_conn.get(), id, &stream);
    return key(stream);
}

// --- receiving ----------------------------------------------------------------------------------------------------

size_t Connection::available(uint64_t stream) const {
    const Stream* found = find(stream);
    return found ? found->recv.available() : 0;
}

ByteView Connection::front(uint64_t stream) const {
    const Stream* found = find(stream);
    return found ? found->recv.front() : ByteView();
}

bool Connection::atEnd(uint64_t stream) const {
    const Stream* found = find(stream);
    return found && found->finReceived && !found->resetByPeer && !found->stopped && found->recv.available() == 0;
}

void Connection::giveConnectionCredit(size_t count) {
    if (count > 0 && m_conn) ngtcp2_conn_extend_max_offset(m_conn.get(), count);
}

void Connection::giveStreamCredit(Stream& stream, size_t count) {
    if (count == 0 || !m_conn || stream.transportClosed || stream.finReceived) return;
    if (!m_gate || !m_gate->delaysCredit()) return extendStream(stream, count);
    if (stream.heldCredit == 0) m_creditHeld.push_back(stream.id);
    stream.heldCredit += count;
}

void Connection::extendStream(Stream& stream, size_t count) {
    ngtcp2_conn_extend_max_stream_offset(m_conn.get(), stream.id, count);
}

/// Gives credit that a bandwidth limit has held back. A stream that is first gets all that it had when it came there:
/// ngtcp2 tells the peer of half a window or more, and little for each of many streams would reach nobody for long.
void Connection::releaseCredit(Now now) {
    while (!m_creditHeld.empty()) {
        Stream* stream = find(static_cast<uint64_t>(m_creditHeld.front()));
        if (!stream || stream->transportClosed || stream->finReceived) {
            m_creditHeld.pop_front();
            m_creditTurnLeft = 0;
            continue;
        }
        if (m_creditTurnLeft == 0) m_creditTurnLeft = stream->heldCredit;
        const auto count = static_cast<size_t>(m_gate->creditAllowance(m_creditTurnLeft, now.mono));
        if (count == 0) {
            m_gateOpens = std::min(m_gateOpens, m_gate->creditTurn());
            return;
        }
        extendStream(*stream, count);
        m_gate->onCredit(count, now.mono);
        stream->heldCredit -= count;
        m_creditTurnLeft -= count;
        if (m_creditTurnLeft > 0) continue;
        m_creditHeld.pop_front();
        if (stream->heldCredit > 0) m_creditHeld.push_back(stream->id);
    }
}

void Connection::consume(uint64_t stream, size_t count) {
    Stream* found = find(stream);
    if (!found) return;
    count = std::min(count, found->recv.available());
    if (count == 0) return;
    found->recv.drop(count);
    giveStreamCredit(*found, count);
    giveConnectionCredit(count);
    closeIfDone(*found);
}

Slices Connection::take(uint64_t stream, size_t count) {
    Stream* found = find(stream);
    if (!found) return {};
    count = std::min(count, found->recv.available());
    Slices slices = found->recv.take(count);
    if (!m_ended) m_taken += count;
    closeIfDone(*found);
    return slices;
}

void Connection::credit(uint64_t stream, size_t count) {
    count = std::min(count, m_taken);
    m_taken -= count;
    giveConnectionCredit(count);
    if (Stream* found = find(stream)) giveStreamCredit(*found, count);
}

void Connection::stop(uint64_t stream, uint64_t code) {
    Stream* found = find(stream);
    if (!found || m_ended || found->stopped || found->resetByPeer) return;
    const size_t unread = found->recv.available();
    found->recv.clear();
    found->stopped = true;
    if (!found->finReceived && !found->transportClosed)
        ngtcp2_conn_shutdown_stream_read(m_conn.get(), 0, found->id, code);
    giveConnectionCredit(unread);
    closeIfDone(*found);
}

void Connection::queueReadable(Stream& stream) {
    if (stream.readableQueued) return;
    stream.readableQueued = true;
    emit(link::StreamReadable{key(stream)});
}

// --- sending ------------------------------------------------------------------------------------------------------

size_t Connection::room(const Stream& stream) const {
    if (m_ended || !stream.sendingOpen()) return 0;
    const auto left = [](size_t limit, size_t used) { return used < limit ? limit - used : 0; };
    const size_t held = stream.send.unacknowledged();
    const size_t shared = std::min(left(m_streamLimit, held), left(m_connectionLimit, m_buffered));
    return std::max(shared, left(kReservedStreamSendBuffer, held));
}

size_t Connection::writable(uint64_t stream) {
    Stream* found = find(stream);
    if (!found) return 0;
    const size_t now = room(*found);
    if (now < kWritableMark && found->sendingOpen() && !m_ended) {
        found->roomWhenAsked = now;
        if (!found->waitsForRoom) m_waiting.push_back(found);
        found->waitsForRoom = true;
    }
    return now;
}

/// A waiting stream is told when there is room for a good piece, or when all it has sent has arrived and there is more
/// than it was told of before (others may keep the connection's share used up for long).
void Connection::announceRoom() {
    m_roomMayHaveGrown = false;
    std::erase_if(m_waiting, [this](Stream* stream) {
        const size_t now = room(*stream);
        const bool enough = now >= kWritableMark || (now > stream->roomWhenAsked && stream->send.unacknowledged() == 0);
        const bool over = !stream->sendingOpen();
        if (enough && !over) emit(link::StreamWritable{key(*stream)});
        if (enough || over) stream->waitsForRoom = false;
        return enough || over;
    });
}

size_t Connection::unacknowledged(uint64_t stream) const {
    const Stream* found = find(stream);
    return found ? found->send.unacknowledged() : 0;
}

void Connection::write(uint64_t stream, Slice bytes, link::Fin fin) {
    Stream* found = find(stream);
    if (!found || m_ended || !found->sendingOpen()) return;
    ASSERT(bytes.length <= kMaxConnectionSendBuffer);
    m_buffered += bytes.length;
    found->send.push(std::move(bytes));
    if (fin == link::Fin::Yes) found->send.finish();
    if (found->send.pending() && !found->windowBlocked) m_ready.add(*found);
    if (found->send.finQueued() && found->send.unsent() == 0) m_ready.add(*found);
}

void Connection::reset(uint64_t stream, uint64_t code) {
    Stream* found = find(stream);
    if (!found || m_ended || found->resetByUs || found->stoppedByPeer || found->transportClosed) return;
    ngtcp2_conn_shutdown_stream_write(m_conn.get(), 0, found->id, code);
    found->resetByUs = true;
    m_ready.remove(*found);
}

void Connection::onStopped(Stream& stream) {
    m_ready.remove(stream);
    if (stream.stoppedByPeer || stream.resetByUs || stream.transportClosed) return;
    stream.stoppedByPeer = true;
    emit(link::StreamStopped{key(stream), link::kNoError});
}

// --- end ----------------------------------------------------------------------------------------------------------

void Connection::closeIfDone(Stream& stream) {
    if (stream.closedQueued || !stream.transportClosed || !stream.receivingOver()) return;
    stream.closedQueued = true;
    // Until the link is open nobody takes its streams away: a peer that keeps it from opening gets no more of them.
    if (stream.remote && !m_opened) ++m_heldStreamCredit;
    if (stream.remote && m_opened && m_conn) ngtcp2_conn_extend_max_streams_bidi(m_conn.get(), 1);
    emit(link::StreamClosed{key(stream)});
}

void Connection::onReadablePolled(uint64_t stream) {
    if (Stream* found = find(stream)) found->readableQueued = false;
}

void Connection::onClosedPolled(uint64_t stream) {
    Stream* found = find(stream);
    if (!found) return;
    ASSERT(found->closedQueued);
    m_ready.remove(*found);
    if (found->waitsForRoom) std::erase(m_waiting, found);
    m_streams.erase(found->id);
}

} // namespace wherry::quic
