#include "transfer/control_channel.h"

#include "link/stream_source.h"

#include <algorithm>

namespace wherry::transfer {

void ControlChannel::attach(link::StreamKey key) {
    detach();
    m_key = key;
    m_attached = true;
}

void ControlChannel::detach() {
    *this = ControlChannel();
}

void ControlChannel::sendRaw(Bytes bytes) {
    if (!m_attached || m_finishing) return;
    m_queuedBytes += bytes.size();
    m_queue.push_back(Slice::copyOf(bytes));
}

void ControlChannel::flush(link::StreamIo& io) {
    if (!m_attached || m_finSent) return;
    while (!m_queue.empty()) {
        const size_t room = io.writable(m_key);
        if (room == 0) return;
        Slice& first = m_queue.front();
        const size_t part = std::min(room, first.length);
        io.write(m_key, first.first(part), link::Fin::No);
        m_queuedBytes -= part;
        first = first.from(part);
        if (first.empty()) m_queue.pop_front();
    }
    if (!m_finishing) return;
    io.write(m_key, Slice{}, link::Fin::Yes);
    m_finSent = true;
}

Result<std::optional<ControlMessage>> ControlChannel::receive(link::StreamIo& io) {
    if (!m_attached) return std::optional<ControlMessage>();
    link::StreamSource source{io, m_key};
    TRY(const std::optional<Bytes> message, m_reader.next(source));
    if (!message) return std::optional<ControlMessage>();
    TRY(ControlMessage decoded, decodeControl(*message));
    return std::optional<ControlMessage>(std::move(decoded));
}

} // namespace wherry::transfer
