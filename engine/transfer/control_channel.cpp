#include "transfer/control_channel.h"

#include "link/stream_source.h"
#include "transfer/machine_limits.h"
#include "transfer/violation.h"

#include <algorithm>

namespace wherry::transfer {

namespace {
bool isCounted(const ControlMessage& message) {
    return !std::holds_alternative<wire::Progress>(message) && !std::holds_alternative<wire::Moved>(message);
}
} // namespace

void ControlChannel::attach(link::StreamKey key) {
    detach();
    m_key = key;
    m_attached = true;
}

void ControlChannel::detach() {
    *this = ControlChannel();
}

void ControlChannel::send(const ControlMessage& message) {
    enqueue(encodeControl(message), isCounted(message) ? Kind::Counted : Kind::Plain);
}

void ControlChannel::sendRaw(Bytes bytes) {
    enqueue(std::move(bytes), Kind::Raw);
}

void ControlChannel::enqueue(Bytes bytes, Kind kind) {
    if (!m_attached || m_finishing) return;
    m_queuedBytes += bytes.size();
    m_queue.push_back({Slice::copyOf(bytes), kind});
}

void ControlChannel::flush(link::StreamIo& io) {
    if (!m_attached || m_left || m_finSent) return;
    while (!m_queue.empty()) {
        Queued& first = m_queue.front();
        if (m_waits && first.kind != Kind::Raw) return;
        const size_t room = io.writable(m_key);
        if (room == 0) return;
        const size_t part = std::min(room, first.bytes.length - first.written);
        io.write(m_key, first.bytes.from(first.written).first(part), link::Fin::No);
        m_queuedBytes -= part;
        first.written += part;
        if (first.written < first.bytes.length) continue;
        onWritten(std::move(first));
        m_queue.pop_front();
    }
    if (!m_finishing || m_waits) return;
    io.write(m_key, Slice{}, link::Fin::Yes);
    m_finSent = true;
}

void ControlChannel::onWritten(Queued message) {
    if (message.kind != Kind::Counted) return;
    m_keptBytes += message.bytes.length;
    m_kept.push_back(std::move(message.bytes));
    while (!m_kept.empty() && (!m_keeps || m_keptBytes > kMaxControlKept)) dropKept();
}

void ControlChannel::dropKept() {
    m_keptBytes -= m_kept.front().length;
    m_kept.pop_front();
    ++m_before;
}

void ControlChannel::forgetHeard(uint64_t heard) {
    while (!m_kept.empty() && m_before < heard) dropKept();
}

void ControlChannel::moveTo(link::StreamKey key, Bytes first) {
    m_key = key;
    m_left = false;
    m_waits = true;
    m_finSent = false;
    m_reader = codec::FrameReader(kMaxControlMessage);
    // What had begun on the other stream begins anew; its greeting is void.
    std::erase_if(m_queue, [](const Queued& one) { return one.kind == Kind::Raw; });
    m_queue.push_front({Slice::copyOf(first), Kind::Raw});
    m_queuedBytes = 0;
    for (Queued& one : m_queue) {
        one.written = 0;
        m_queuedBytes += one.bytes.length;
    }
}

Result<void> ControlChannel::goOn(uint64_t heard) {
    if (heard < m_before || heard > m_before + m_kept.size()) return violation("a count of messages that cannot be");
    forgetHeard(heard);
    auto place = std::find_if(m_queue.begin(), m_queue.end(), [](const Queued& one) { return one.kind != Kind::Raw; });
    for (auto one = m_kept.rbegin(); one != m_kept.rend(); ++one) {
        m_queuedBytes += one->length;
        place = m_queue.insert(place, {*one, Kind::Counted});
    }
    m_kept.clear();
    m_keptBytes = 0;
    m_waits = false;
    return {};
}

Result<std::optional<ControlMessage>> ControlChannel::receive(link::StreamIo& io) {
    if (!m_attached || m_left) return std::optional<ControlMessage>();
    link::StreamSource source{io, m_key};
    const auto message = m_reader.next(source);
    if (!message) return makeError(Errc::ProtocolViolation, message.error().context); // the peer's doing, not ours
    if (!*message) return std::optional<ControlMessage>();
    TRY(ControlMessage decoded, decodeControl(**message));
    if (isCounted(decoded)) ++m_heard;
    return std::optional<ControlMessage>(std::move(decoded));
}

} // namespace wherry::transfer
