#include "sim/bulk_flow.h"

#include "base/overloaded.h"

namespace wherry::sim {

namespace {

/// Not a power of two, so that a byte that went astray by a packet, a Block or a page shows.
constexpr size_t kPeriod = 65521;

uint8_t patternAt(size_t offset) {
    const size_t at = offset % kPeriod;
    return static_cast<uint8_t>(at ^ (at >> 8) * 31);
}

} // namespace

BulkFlow::BulkFlow(Simulation& simulation, SimEndpoint& from, SimEndpoint& to, size_t size)
    : m_simulation(simulation),
      m_from(from),
      m_to(to),
      m_size(size),
      m_pattern(std::make_shared<Block>(kPeriod)) {
    for (size_t i = 0; i < kPeriod; ++i) m_pattern->data()[i] = patternAt(i);
    m_from.onEvent = [this](const link::LinkEvent& event) { onSender(event); };
    m_to.onEvent = [this](const link::LinkEvent& event) { onReceiver(event); };
}

void BulkFlow::start() {
    auto dialled = m_from.quic().dial(m_to.address(), m_to.peerId(), m_simulation.now());
    m_simulation.require(dialled.has_value(), "dial: " + (dialled ? "" : dialled.error().text()));
    m_link = *dialled;
    m_from.turn();
}

double BulkFlow::goodputMbit() const {
    const double seconds = std::chrono::duration<double>(m_last - m_first).count();
    return seconds > 0 ? static_cast<double>(m_received) * 8e-6 / seconds : 0;
}

void BulkFlow::onSender(const link::LinkEvent& event) {
    std::visit(Overloaded{[&](const link::LinkOpened&) {
                              auto opened = m_from.quic().openStream(m_link);
                              m_simulation.require(opened.has_value(), "openStream");
                              m_stream = *opened;
                              fill();
                          },
                          [&](const link::StreamWritable&) { fill(); }, [&](const link::LinkMoved&) { ++m_moves; },
                          [&](const link::StreamClosed&) { m_closed = true; },
                          [&](const link::LinkClosed& closed) { m_error = closed.error; }, [](const auto&) {}},
               event);
}

void BulkFlow::fill() {
    while (m_stream && m_written < m_size) {
        const size_t offset = m_written % kPeriod;
        const size_t count = std::min({m_from.quic().writable(*m_stream), kPeriod - offset, m_size - m_written});
        if (count == 0) return;
        m_written += count;
        m_from.quic().write(*m_stream, {m_pattern, offset, count},
                            m_written == m_size ? link::Fin::Yes : link::Fin::No);
    }
}

void BulkFlow::onReceiver(const link::LinkEvent& event) {
    std::visit(Overloaded{[&](const link::StreamReadable& readable) { drain(readable.key); },
                          [&](const link::StreamOpened& opened) { drain(opened.key); },
                          [&](const link::LinkMoved&) { ++m_moves; }, [](const auto&) {}},
               event);
}

void BulkFlow::drain(link::StreamKey key) {
    auto& io = m_to.quic();
    const Instant now = m_simulation.now().mono;
    while (io.available(key) > 0) {
        const ByteView front = io.front(key);
        for (size_t i = 0; i < front.size();) {
            const size_t offset = (m_received + i) % kPeriod;
            const size_t count = std::min(front.size() - i, kPeriod - offset);
            m_simulation.require(equal(front.subspan(i, count), {m_pattern->data() + offset, count}),
                                 "bytes differ near " + std::to_string(m_received + i));
            i += count;
        }
        if (m_received == 0) m_first = now;
        m_received += front.size();
        m_last = now;
        io.consume(key, front.size());
    }
    if (!io.atEnd(key) || m_atEnd) return;
    m_atEnd = true;
    io.write(key, {}, link::Fin::Yes); // our half ends too
}

} // namespace wherry::sim
