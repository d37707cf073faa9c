#include "protocols/perf/perf.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "protocols/perf/perf_limits.h"
#include "swarm/error_codes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wherry::perf {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {
const std::string kProtocolIds[] = {"/perf/1.0.0"};
constexpr size_t kCountBytes = 8;

Slice makePattern() {
    auto block = std::make_shared<Block>(kPatternBytes);
    for (size_t i = 0; i < kPatternBytes; ++i) block->data()[i] = static_cast<uint8_t>(i * 31);
    return {std::move(block), 0, kPatternBytes};
}

/// The share of stream `index` when `total` is spread evenly.
uint64_t shareOf(uint64_t total, uint32_t streams, uint32_t index) {
    return total / streams + (index < total % streams ? 1 : 0);
}
} // namespace

PerfProtocol::PerfProtocol(PerfConfig config, const Log& log)
    : m_config(config),
      m_log(log),
      m_pattern(makePattern()) {}

std::span<const std::string> PerfProtocol::protocolIds() const {
    if (!m_config.serve) return {};
    return kProtocolIds;
}

std::optional<PerfEvent> PerfProtocol::poll() {
    return takeFront(m_events);
}

std::optional<swarm::SwarmRequest> PerfProtocol::pollRequest() {
    return takeFront(m_wants);
}

// --- measuring ----------------------------------------------------------------------------------------------------

PerfId PerfProtocol::perf(const PerfRequest& request, Now now) {
    const PerfId id = m_ids.take();
    if (request.streams == 0 || request.streams > kMaxStreams) {
        m_events.push_back(
            PerfFailed{id, request.peer, makeError(Errc::InvalidArgument, "measuring over that many streams")});
        return id;
    }
    if (m_measurements.size() >= kMaxMeasurements) {
        m_events.push_back(
            PerfFailed{id, request.peer, makeError(Errc::LimitReached, "too many measurements at once")});
        return id;
    }
    Measurement& measurement = m_measurements[id];
    measurement.request = request;
    measurement.running = request.streams;
    measurement.started = measurement.uploaded = measurement.lastMove = now.mono;
    for (uint32_t i = 0; i < request.streams; ++i)
        m_wants.push_back(swarm::OpenStream{request.peer, {kProtocolIds[0]}, id.value});
    return id;
}

void PerfProtocol::cancel(PerfId id, StreamIo& io, Now) {
    if (m_measurements.contains(id)) fail(id, makeError(Errc::Cancelled, "measuring"), io);
}

void PerfProtocol::fail(PerfId id, Error error, StreamIo& io) {
    const auto found = m_measurements.find(id);
    if (found == m_measurements.end()) return;
    const Measurement measurement = std::move(found->second);
    m_measurements.erase(found);
    std::erase_if(m_wants,
                  [&](const swarm::SwarmRequest& want) { return std::get<swarm::OpenStream>(want).tag == id.value; });
    for (const StreamKey key : measurement.streams) abandon(key, io, link::kNoError);
    m_events.push_back(PerfFailed{id, measurement.request.peer, std::move(error)});
}

/// Ends both halves and forgets the stream.
void PerfProtocol::abandon(StreamKey key, StreamIo& io, uint64_t code) {
    if (m_streams.erase(key) == 0) return;
    link::abandon(io, key, code);
}

void PerfProtocol::startClient(Measurement& measurement, const swarm::NegotiatedStream& opened, StreamIo& io) {
    const PerfRequest& request = measurement.request;
    const uint32_t index = measurement.opened++;
    measurement.streams.push_back(opened.key);
    Stream& stream = m_streams[opened.key];
    stream.id = PerfId{opened.tag};
    stream.peer = opened.peer;
    stream.toSend = shareOf(request.uploadBytes, request.streams, index);
    stream.count = shareOf(request.downloadBytes, request.streams, index);
    stream.toReceive = stream.count;
    pump(opened.key, stream, io);
}

/// The client's reading side: the answer begins when the peer has read the whole upload.
void PerfProtocol::readAnswer(StreamKey key, Stream& stream, StreamIo& io, Now now) {
    Measurement& measurement = m_measurements.at(stream.id);
    const size_t arrived = io.available(key);
    if (arrived > stream.toReceive || (arrived > 0 && !stream.finSent))
        return fail(stream.id, makeError(Errc::ProtocolViolation, "the peer sent more than it was asked for"), io);
    io.consume(key, arrived);
    stream.toReceive -= arrived;
    if (arrived > 0) measurement.lastMove = now.mono;
    const bool ended = io.atEnd(key);
    if (ended && (stream.toReceive > 0 || !stream.finSent))
        return fail(stream.id, makeError(Errc::ProtocolViolation, "the peer ended the stream too early"), io);
    if ((arrived > 0 || ended) && !stream.answered) {
        stream.answered = true;
        measurement.uploaded = now.mono;
        measurement.firstAnswer = std::min(measurement.firstAnswer, now.mono);
    }
    if (ended) finishStream(key, now);
}

void PerfProtocol::finishStream(StreamKey key, Now now) {
    const auto found = m_streams.find(key);
    const PerfId id = found->second.id;
    m_streams.erase(found);
    const auto at = m_measurements.find(id);
    Measurement& measurement = at->second;
    std::erase(measurement.streams, key);
    if (--measurement.running > 0) return;
    const PerfRequest& request = measurement.request;
    m_events.push_back(PerfDone{id, request.peer, request.uploadBytes, request.downloadBytes,
                                measurement.uploaded - measurement.started, now.mono - measurement.firstAnswer});
    m_measurements.erase(at);
}

// --- serving ------------------------------------------------------------------------------------------------------

void PerfProtocol::readUpload(StreamKey key, Stream& stream, StreamIo& io) {
    while (stream.countRead < kCountBytes && io.available(key) > 0) {
        const ByteView front = io.front(key);
        const size_t part = std::min(front.size(), kCountBytes - stream.countRead);
        for (size_t i = 0; i < part; ++i) stream.count = stream.count << 8 | front[i];
        stream.countRead += part;
        io.consume(key, part);
    }
    if (const size_t arrived = io.available(key); arrived > 0) io.consume(key, arrived);
    if (!io.atEnd(key) || stream.sending) return;
    if (stream.countRead < kCountBytes) {
        LOG(m_log, Debug, "perf", stream.peer.shortText() << " asked for nothing");
        return abandon(key, io, swarm::kStreamProtocolViolation);
    }
    stream.sending = true;
    stream.toSend = stream.count;
    pump(key, stream, io);
}

// --- both ---------------------------------------------------------------------------------------------------------

/// Writes what our half takes: the client's count and upload, the server's download; FIN with the last byte.
void PerfProtocol::pump(StreamKey key, Stream& stream, StreamIo& io) {
    if (stream.finSent) return;
    if (!stream.served && !stream.sending) {
        if (io.writable(key) < kCountBytes) return;
        std::array<uint8_t, kCountBytes> count{};
        putBigEndian<uint64_t>(count, stream.count);
        stream.sending = true;
        stream.finSent = stream.toSend == 0;
        io.write(key, Slice::copyOf(count), stream.finSent ? Fin::Yes : Fin::No);
    }
    while (!stream.finSent) {
        // Asked anew each time: finding no room is what orders onWritable.
        const size_t room = io.writable(key);
        if (room == 0 && stream.toSend > 0) return;
        const auto part = static_cast<size_t>(std::min<uint64_t>({stream.toSend, room, kPatternBytes}));
        stream.toSend -= part;
        stream.finSent = stream.toSend == 0;
        io.write(key, m_pattern.first(part), stream.finSent ? Fin::Yes : Fin::No);
    }
}

void PerfProtocol::onStream(const swarm::NegotiatedStream& opened, StreamIo& io, Now now) {
    if (opened.outbound) {
        const auto found = m_measurements.find(PerfId{opened.tag});
        if (found != m_measurements.end()) {
            found->second.lastMove = now.mono;
            return startClient(found->second, opened, io);
        }
    } else {
        const auto served = std::count_if(m_streams.begin(), m_streams.end(), [&](const auto& one) {
            return one.second.served && one.second.peer == opened.peer;
        });
        if (static_cast<size_t>(served) < kMaxServedPerPeer) {
            Stream& stream = m_streams[opened.key];
            stream.served = true;
            stream.peer = opened.peer;
            return;
        }
    }
    link::abandon(io, opened.key, swarm::kStreamResourceLimit);
}

void PerfProtocol::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, StreamIo& io, Now) {
    fail(PerfId{tag}, error, io);
}

void PerfProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    const auto found = m_streams.find(key);
    if (found == m_streams.end()) return;
    if (found->second.served)
        readUpload(key, found->second, io);
    else
        readAnswer(key, found->second, io, now);
}

void PerfProtocol::onWritable(StreamKey key, StreamIo& io, Now now) {
    const auto found = m_streams.find(key);
    if (found == m_streams.end()) return;
    Stream& stream = found->second;
    if (stream.served && !stream.sending) return;
    pump(key, stream, io);
    if (!stream.served) m_measurements.at(stream.id).lastMove = now.mono;
}

void PerfProtocol::failStream(StreamKey key, Error error, StreamIo& io) {
    const auto found = m_streams.find(key);
    if (found == m_streams.end()) return;
    if (found->second.served)
        abandon(key, io, link::kNoError);
    else
        fail(PerfId{found->second.id}, std::move(error), io);
}

void PerfProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    failStream(key, makeError(Errc::ConnectionLost, "the peer reset the stream"), io);
}

void PerfProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    failStream(key, makeError(Errc::ConnectionLost, "the peer stopped the stream"), io);
}

void PerfProtocol::onClosed(StreamKey key, StreamIo& io, Now) {
    failStream(key, makeError(Errc::ConnectionLost, "the stream has ended"), io);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant PerfProtocol::deadline() const {
    Instant next = kNever;
    for (const auto& [id, measurement] : m_measurements) next = std::min(next, measurement.lastMove + kStallTimeout);
    return next;
}

void PerfProtocol::onDeadline(StreamIo& io, Now now) {
    std::vector<PerfId> stalled;
    for (auto& [id, measurement] : m_measurements) {
        if (measurement.lastMove + kStallTimeout > now.mono) continue;
        // A slow path may be busy with what we wrote long ago.
        size_t waiting = 0;
        for (const StreamKey key : measurement.streams) waiting += io.unacknowledged(key);
        if (waiting == std::exchange(measurement.unacknowledged, waiting))
            stalled.push_back(id);
        else
            measurement.lastMove = now.mono;
    }
    for (const PerfId id : stalled) fail(id, makeError(Errc::Timeout, "nothing moved for 30 s"), io);
}

} // namespace wherry::perf
