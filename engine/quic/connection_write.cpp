#include "quic/connection.h"

#include <algorithm>
#include <array>

namespace wherry::quic {

namespace {

/// Streams that are asked per wake whether the peer has stopped them; each costs about as much as an empty packet.
constexpr int kStopProbes = 2;

} // namespace

void Connection::updateSendLimits() {
    ngtcp2_conn_info info;
    ngtcp2_conn_get_conn_info(m_conn.get(), &info);
    const auto window = static_cast<size_t>(std::min<uint64_t>(info.cwnd, kMaxConnectionSendBuffer));
    m_streamLimit = std::clamp(2 * window, kMinStreamSendBuffer, kMaxStreamSendBuffer);
    m_connectionLimit = std::clamp(2 * window, kMinConnectionSendBuffer, kMaxConnectionSendBuffer);
}

std::optional<SendBatch> Connection::writeBatch(MutableBytes buffer, std::optional<ReadyPacket>& stash, Now now) {
    if (m_ended) return std::nullopt;
    ASSERT(buffer.size() >= kBatchBuffer);
    const ngtcp2_tstamp at = tick(now);
    // A pacing timer that a datagram has overtaken: only handling it makes up for the time that was missed.
    if (ngtcp2_conn_get_expiry(m_conn.get()) <= at) onDeadline(now);
    if (m_ended) return std::nullopt;
    updateSendLimits();
    m_gateOpens = kNever;
    releaseCredit(now);
    m_sendLeft = m_gate && !m_ready.empty() ? m_gate->sendAllowance(now.mono) : link::BandwidthGate::kUnlimited;
    if (m_sendLeft == 0) m_gateOpens = std::min(m_gateOpens, m_gate->sendTurn());
    const uint64_t allowance = m_sendLeft;
    m_windowLeft = ngtcp2_conn_get_max_data_left(m_conn.get());
    const size_t found = ngtcp2_conn_get_path_max_tx_udp_payload_size(m_conn.get());
    const size_t packetSize = m_pathSize.limit(found, lastInstant());
    Packet first;
    // Only the first packet may be a path MTU probe, which is longer than all others and goes alone.
    const size_t segment = writeChecked(packetSize < found ? buffer.first(packetSize) : buffer, first, at, now);
    if (segment == 0) return std::nullopt;
    SendBatch batch{fromNative(*first.path.get()), static_cast<uint8_t>(first.info.ecn), segment, segment,
                    segment > packetSize};
    const size_t quantum = m_ended ? 0 : ngtcp2_conn_get_send_quantum(m_conn.get());
    const size_t most = static_cast<size_t>(std::min<uint64_t>(kMaxBatchBytes, std::max<uint64_t>(allowance, segment)));
    const size_t limit = batch.mtuProbe || segment < packetSize ? 0 : std::min(quantum, most);
    for (size_t segments = 1; segments < kMaxBatchSegments && batch.length + packetSize <= limit; ++segments) {
        Packet next;
        const size_t size = writeChecked(buffer.subspan(batch.length, packetSize), next, at, now);
        if (size == 0) break;
        if (next.info.ecn != first.info.ecn || size > segment || !ngtcp2_path_eq(next.path.get(), first.path.get())) {
            const uint8_t* begin = buffer.data() + batch.length;
            stash = ReadyPacket{fromNative(*next.path.get()), static_cast<uint8_t>(next.info.ecn),
                                Bytes(begin, begin + size), size > packetSize};
            break;
        }
        batch.length += size;
        if (size < segment) break;
    }
    m_firstSent = std::min(m_firstSent, now.mono);
    if (!m_ended) ngtcp2_conn_update_pkt_tx_time(m_conn.get(), at);
    if (m_gate) m_gate->onSent(batch.length);
    return batch;
}

/// writePacket() whose failure ends the connection; the length, or zero.
size_t Connection::writeChecked(MutableBytes out, Packet& packet, ngtcp2_tstamp at, Now now) {
    if (m_ended) return 0;
    const ngtcp2_ssize written = writePacket(out, packet, at);
    if (written < 0) {
        fail(static_cast<int>(written), now);
        return 0;
    }
    m_bytesSent += static_cast<size_t>(written);
    if (static_cast<size_t>(written) <= ngtcp2_conn_get_path_max_tx_udp_payload_size(m_conn.get()))
        m_pathSize.onSent(static_cast<size_t>(written), lastInstant()); // probes may get lost
    return static_cast<size_t>(written);
}

/// Packs one packet: waiting datagrams, then streams in turn until it is full. Zero: nothing to send, or not now.
ngtcp2_ssize Connection::writePacket(MutableBytes out, Packet& packet, ngtcp2_tstamp at) {
    while (!m_datagrams.empty()) {
        const ngtcp2_ssize written = writeDatagram(out, packet, at);
        if (written != NGTCP2_ERR_WRITE_MORE) return written;
    }
    while (Stream* stream = nextReady()) {
        const ngtcp2_ssize written = writeStreamData(*stream, out, packet, at);
        if (written != NGTCP2_ERR_WRITE_MORE) return written;
    }
    return finishPacket(out, packet, at);
}

/// The stream whose turn it is. Without window of the connection only a lone FIN can go.
Stream* Connection::nextReady() {
    if (m_ready.empty()) return nullptr;
    if (m_sendLeft == 0) return nextSmall();
    if (m_windowLeft > 0) return m_ready.first();
    return m_ready.firstThat([](const Stream* stream) { return stream->send.unsent() == 0; });
}

/// Under a bandwidth limit that is used up, the next stream that has no more than a message to send.
Stream* Connection::nextSmall() {
    if (!m_gate->maySendSmall()) return nullptr;
    return m_ready.firstThat([this](const Stream* stream) {
        const size_t unsent = stream->send.unsent();
        return unsent <= link::kSmallMessage && (unsent == 0 || m_windowLeft > 0);
    });
}

ngtcp2_ssize Connection::writeStreamData(Stream& stream, MutableBytes out, Packet& packet, ngtcp2_tstamp at) {
    std::array<ngtcp2_vec, kMaxDataPieces> vectors;
    const SendBuffer::Pieces pieces = stream.send.pieces(vectors, out.size());
    const uint32_t flags =
        NGTCP2_WRITE_STREAM_FLAG_MORE | (pieces.last ? NGTCP2_WRITE_STREAM_FLAG_FIN : NGTCP2_WRITE_STREAM_FLAG_NONE);
    ngtcp2_ssize accepted = -1;
    const ngtcp2_ssize written =
        ngtcp2_conn_writev_stream(m_conn.get(), packet.path.get(), &packet.info, out.data(), out.size(), &accepted,
                                  flags, stream.id, vectors.data(), pieces.count, at);
    if (accepted >= 0) {
        const auto count = static_cast<size_t>(accepted);
        noteSent(stream, count, pieces.last && count == pieces.bytes);
    }
    switch (written) {
    case NGTCP2_ERR_STREAM_DATA_BLOCKED:
        stream.windowBlocked = true;
        m_ready.remove(stream);
        return NGTCP2_ERR_WRITE_MORE;
    case NGTCP2_ERR_STREAM_SHUT_WR:
    case NGTCP2_ERR_STREAM_NOT_FOUND:
        onStopped(stream);
        return NGTCP2_ERR_WRITE_MORE;
    default:
        return written;
    }
}

void Connection::noteSent(Stream& stream, size_t count, bool fin) {
    stream.send.markSent(count, fin);
    stream.anySent = true;
    m_windowLeft -= std::min<uint64_t>(m_windowLeft, count);
    m_sendLeft -= std::min<uint64_t>(m_sendLeft, count);
    if (!stream.send.pending()) return m_ready.remove(stream);
    m_ready.onSent(stream, count);
}

ngtcp2_ssize Connection::writeDatagram(MutableBytes out, Packet& packet, ngtcp2_tstamp at) {
    const Bytes& bytes = m_datagrams.front().bytes;
    const ngtcp2_vec vector{const_cast<uint8_t*>(bytes.data()), bytes.size()};
    int accepted = 0;
    const ngtcp2_ssize written =
        ngtcp2_conn_writev_datagram(m_conn.get(), packet.path.get(), &packet.info, out.data(), out.size(), &accepted,
                                    NGTCP2_WRITE_DATAGRAM_FLAG_MORE, 0, &vector, 1, at);
    const bool refused = written == NGTCP2_ERR_INVALID_ARGUMENT || written == NGTCP2_ERR_INVALID_STATE;
    // The path may have shrunk since it was queued.
    const bool tooLong = written == 0 && bytes.size() + kDatagramOverhead > out.size();
    if (accepted || refused || tooLong) m_datagrams.pop();
    return refused || tooLong ? NGTCP2_ERR_WRITE_MORE : written;
}

/// Completes a started packet, or writes one without new stream data (acknowledgements, probes, retransmissions).
/// ngtcp2 does not tell when the peer has stopped a stream, only that writing to it fails: so the empty write names
/// such a stream.
ngtcp2_ssize Connection::finishPacket(MutableBytes out, Packet& packet, ngtcp2_tstamp at) {
    for (int left = m_probeStreams ? kStopProbes : 0;; --left) {
        Stream* probed = left > 0 ? nextProbe() : nullptr;
        ngtcp2_ssize accepted = -1;
        const ngtcp2_ssize written =
            ngtcp2_conn_writev_stream(m_conn.get(), packet.path.get(), &packet.info, out.data(), out.size(), &accepted,
                                      NGTCP2_WRITE_STREAM_FLAG_NONE, probed ? probed->id : -1, nullptr, 0, at);
        if (probed && (written == NGTCP2_ERR_STREAM_SHUT_WR || written == NGTCP2_ERR_STREAM_NOT_FOUND)) {
            onStopped(*probed);
            continue;
        }
        if (written != 0) return written;
        if (!probed || left <= 1) {
            m_probeStreams = false;
            return 0;
        }
    }
}

/// The next stream, in turn, of which only a write could tell that it was stopped.
Stream* Connection::nextProbe() {
    const auto candidate = [](const auto& entry) {
        const Stream& stream = entry.second;
        return stream.anySent && !stream.ready && stream.sendingOpen();
    };
    const auto start = m_streams.upper_bound(m_probeCursor);
    auto found = std::find_if(start, m_streams.end(), candidate);
    if (found == m_streams.end()) {
        found = std::find_if(m_streams.begin(), start, candidate);
        if (found == start) return nullptr;
    }
    m_probeCursor = found->first;
    return &found->second;
}

} // namespace wherry::quic
