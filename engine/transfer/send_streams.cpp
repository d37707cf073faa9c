#include "transfer/send_streams.h"

#include "link/abandon.h"
#include "transfer/control_message.h"
#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

SendStreams::SendStreams(MachineContext& context, TransferId transfer, const crypto::PeerId& peer, ByteView attempt)
    : m_context(context),
      m_transfer(transfer),
      m_peer(peer),
      m_attempt(toBytes(attempt)) {}

void SendStreams::request(size_t count) {
    count = std::min(count, kDataStreams);
    while (m_streams.size() + m_requests.size() < count)
        m_requests.insert(m_context.out.openStream(m_transfer, m_peer));
}

bool SendStreams::takeRequest(swarm::RequestTag tag) {
    return m_requests.erase(tag) > 0;
}

void SendStreams::onOpened(link::StreamKey key) {
    Stream stream;
    stream.key = key;
    stream.hello = encodeHello(wire::StreamHello::DATA, m_attempt);
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
        if (!stream.busy && !ready.empty() && stream.hello.empty() && io.writable(stream.key) > 0) {
            stream.frame = std::move(ready.front());
            ready.pop_front();
            stream.nextSlice = 0;
            stream.busy = true;
            if (!std::exchange(stream.used, true)) ++m_used;
        }
        if (stream.busy && stream.hello.empty() && writeFrame(stream, io)) {
            stream.busy = false;
            written.push_back(std::exchange(stream.frame, {}));
            full = 0;
        } else {
            ++full;
        }
    }
    return written;
}

uint64_t SendStreams::unacknowledged(const link::StreamIo& io) const {
    uint64_t bytes = 0;
    for (const Stream& stream : m_streams) bytes += io.unacknowledged(stream.key);
    return bytes;
}

bool SendStreams::idle() const {
    return std::none_of(m_streams.begin(), m_streams.end(), [](const Stream& stream) { return stream.busy; });
}

void SendStreams::finishAll(link::StreamIo& io) {
    for (const Stream& stream : m_streams) io.write(stream.key, Slice{}, link::Fin::Yes);
}

void SendStreams::resetAll(link::StreamIo& io, uint64_t code) {
    for (const Stream& stream : m_streams) link::abandon(io, stream.key, code);
}

} // namespace wherry::transfer
