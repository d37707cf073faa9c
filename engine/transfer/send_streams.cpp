#include "transfer/send_streams.h"

#include "link/abandon.h"
#include "transfer/control_message.h"
#include "transfer/machine_limits.h"
#include "transfer/violation.h"

#include <algorithm>

namespace wherry::transfer {

SendStreams::SendStreams(MachineContext& context, TransferId transfer, const crypto::PeerId& peer, ByteView attempt)
    : m_context(context),
      m_transfer(transfer),
      m_peer(peer),
      m_attempt(toBytes(attempt)) {}

void SendStreams::request(size_t count) {
    count = std::min(count, kDataStreams);
    while (current() + m_requests.size() < count) m_requests.insert(m_context.out.openStream(m_transfer, m_peer));
}

bool SendStreams::takeRequest(swarm::RequestTag tag) {
    return m_requests.erase(tag) > 0;
}

void SendStreams::onOpened(link::StreamKey key) {
    Stream stream;
    stream.key = key;
    stream.number = ++m_lastNumber;
    stream.hello = encodeHello(wire::StreamHello::DATA, m_attempt, stream.number);
    m_streams.push_back(std::move(stream));
}

bool SendStreams::owns(link::StreamKey key) const {
    return std::any_of(m_streams.begin(), m_streams.end(), [&](const Stream& stream) { return stream.key == key; });
}

void SendStreams::remove(link::StreamKey key) {
    std::erase_if(m_streams, [&](const Stream& stream) { return stream.key == key; });
    m_turn = 0;
}

void SendStreams::writeHello(Stream& stream, link::StreamIo& io) {
    const size_t part = std::min(io.writable(stream.key), stream.hello.size());
    if (part == 0) return;
    io.write(stream.key, Slice::copyOf(ByteView(stream.hello).first(part)), link::Fin::No);
    stream.hello.erase(stream.hello.begin(), stream.hello.begin() + static_cast<ptrdiff_t>(part));
}

/// True when the last byte of the stream's frame has been handed over.
bool SendStreams::writeFrame(Stream& stream, link::StreamIo& io) {
    Slices& slices = stream.frame.slices;
    while (stream.nextSlice < slices.size()) {
        Slice& slice = slices[stream.nextSlice];
        const size_t part = std::min(io.writable(stream.key), slice.length);
        if (part == 0 && slice.length > 0) return false;
        if (part > 0) io.write(stream.key, slice.first(part), link::Fin::No);
        slice = slice.from(part);
        if (slice.empty()) {
            slice = {};
            ++stream.nextSlice;
        }
    }
    return true;
}

std::vector<OutFrame> SendStreams::write(std::deque<OutFrame>& ready, link::StreamIo& io) {
    std::vector<OutFrame> written;
    size_t full = 0; // streams in a row that take nothing more
    while (full < m_streams.size()) {
        Stream& stream = m_streams[m_turn++ % m_streams.size()];
        if (!stream.hello.empty()) writeHello(stream, io);
        if (!stream.busy && !stream.former && !ready.empty() && stream.hello.empty() && io.writable(stream.key) > 0) {
            stream.frame = std::move(ready.front());
            ready.pop_front();
            stream.nextSlice = 0;
            stream.busy = true;
            if (!std::exchange(stream.used, true)) ++m_used;
        }
        if (stream.busy && stream.hello.empty() && writeFrame(stream, io)) {
            stream.busy = false;
            remember(stream.sent, stream.frame);
            written.push_back(std::exchange(stream.frame, {}));
            full = 0;
        } else {
            ++full;
        }
    }
    if (m_mayFinish) finishFormer(io);
    return written;
}

size_t SendStreams::current() const {
    return static_cast<size_t>(
        std::count_if(m_streams.begin(), m_streams.end(), [](const Stream& one) { return !one.former; }));
}

void SendStreams::remember(Sent& sent, const OutFrame& frame) {
    sent.bytes += frame.payloadOnWire;
    sent.frames.push_back({{}, frame.payloadOnWire, frame.entry, frame.isChunk, false, frame.chunk, frame.entries});
    while (sent.bytes - sent.frames.front().payloadOnWire > kMaxUndelivered) {
        sent.bytes -= sent.frames.front().payloadOnWire;
        sent.frames.pop_front();
        ++sent.before;
    }
}

void SendStreams::leave(size_t count) {
    for (Stream& stream : m_streams) stream.former = true;
    m_mayFinish = false;
    // Who moves and moves gets by with one, until the receiver has settled the others.
    request(m_streams.size() + m_unsettled.size() + 2 * kDataStreams > kMaxFormerStreams ? 1 : count);
}

void SendStreams::finishFormer(link::StreamIo& io) {
    m_mayFinish = true;
    for (Stream& stream : m_streams)
        if (stream.former && !stream.busy && stream.hello.empty() && !std::exchange(stream.finished, true))
            io.write(stream.key, Slice{}, link::Fin::Yes);
}

bool SendStreams::isFormer(link::StreamKey key) const {
    return std::any_of(m_streams.begin(), m_streams.end(),
                       [&](const Stream& stream) { return stream.key == key && stream.former; });
}

std::optional<SendStreams::FormerEnd> SendStreams::endFormer(link::StreamKey key) {
    const auto found = std::find_if(m_streams.begin(), m_streams.end(),
                                    [&](const Stream& stream) { return stream.key == key && stream.former; });
    if (found == m_streams.end()) return std::nullopt;
    FormerEnd end{.number = found->number};
    if (found->busy) {
        remember(found->sent, found->frame);
        end.begun = std::move(found->frame);
    } else if (found->finished) {
        end.frames = found->sent.before + static_cast<uint32_t>(found->sent.frames.size());
    }
    m_unsettled[end.number] = std::move(found->sent);
    remove(key);
    return end;
}

Result<std::vector<OutFrame>> SendStreams::settle(uint32_t number, uint32_t frames) {
    const auto found = m_unsettled.find(number);
    if (found == m_unsettled.end()) return violation("an answer about no stream");
    Sent sent = std::move(found->second);
    m_unsettled.erase(found);
    if (frames < sent.before || frames - sent.before > sent.frames.size())
        return violation("a count of frames that cannot be");
    std::vector<OutFrame> lost;
    for (size_t i = frames - sent.before; i < sent.frames.size(); ++i) lost.push_back(std::move(sent.frames[i]));
    return lost;
}

uint64_t SendStreams::unacknowledged(const link::StreamIo& io) const {
    uint64_t bytes = 0;
    for (const Stream& stream : m_streams) bytes += io.unacknowledged(stream.key);
    return bytes;
}

bool SendStreams::idle() const {
    return m_unsettled.empty() && std::none_of(m_streams.begin(), m_streams.end(),
                                               [](const Stream& stream) { return stream.busy || stream.former; });
}

void SendStreams::finishAll(link::StreamIo& io) {
    for (Stream& stream : m_streams)
        if (!std::exchange(stream.finished, true)) io.write(stream.key, Slice{}, link::Fin::Yes);
}

void SendStreams::resetAll(link::StreamIo& io, uint64_t code) {
    for (const Stream& stream : m_streams) link::abandon(io, stream.key, code);
}

} // namespace wherry::transfer
