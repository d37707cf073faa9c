#pragma once

#include "base/take_front.h"
#include "bytepipe/yamux_session.h"

#include <QtTest>
#include <map>
#include <set>

/// Two Yamux sessions with a pipe between them that the test moves by hand.
namespace wherry::bytepipe::test {

inline Bytes frameOf(YamuxType type, uint16_t flags, uint32_t stream, uint32_t length, ByteView payload = {}) {
    Bytes out;
    appendYamuxHeader(out, {type, flags, stream, length});
    append(out, payload);
    return out;
}
inline Bytes dataOf(uint16_t flags, uint32_t stream, ByteView payload) {
    return frameOf(YamuxType::Data, flags, stream, static_cast<uint32_t>(payload.size()), payload);
}

/// One end, and its owner: events are polled, and told to the session as the endpoint does.
struct YamuxEnd {
    explicit YamuxEnd(link::Side side) : session(link::LinkId{7}, side, pool, events, gate, Now{}) {}

    std::optional<link::LinkEvent> poll() {
        auto event = takeFront(events);
        if (!event) return event;
        if (const auto* readable = std::get_if<link::StreamReadable>(&*event))
            session.onReadablePolled(readable->key.stream);
        if (const auto* closed = std::get_if<link::StreamClosed>(&*event)) session.onClosedPolled(closed->key.stream);
        return event;
    }
    std::vector<link::LinkEvent> pollAll() {
        std::vector<link::LinkEvent> out;
        while (auto event = poll()) out.push_back(*event);
        return out;
    }
    template <typename Event> size_t count(const std::vector<link::LinkEvent>& in) const {
        return static_cast<size_t>(std::count_if(
            in.begin(), in.end(), [](const link::LinkEvent& event) { return std::holds_alternative<Event>(event); }));
    }
    /// The stream that the peer has opened, of the events that wait.
    uint64_t accept() {
        while (auto event = poll())
            if (const auto* opened = std::get_if<link::StreamOpened>(&*event)) return opened->key.stream;
        return 0;
    }
    uint64_t open() { return session.openStream()->stream; }
    void write(uint64_t stream, ByteView bytes, link::Fin fin = link::Fin::No) {
        session.write(stream, Slice::copyOf(bytes), fin);
    }
    Bytes readAll(uint64_t stream) {
        Bytes out;
        while (session.available(stream) > 0) {
            const ByteView front = session.front(stream);
            append(out, front);
            session.consume(stream, front.size());
        }
        return out;
    }
    Bytes pull(size_t wanted = 1 << 20, Instant at = {}) {
        Bytes out;
        session.pull(out, wanted, Now{at, {}});
        return out;
    }

    std::deque<link::LinkEvent> events;
    BlockPool pool;
    link::Bandwidth bandwidth;
    link::BandwidthGate gate{bandwidth, {}};
    YamuxSession session;
};

struct YamuxPair {
    YamuxEnd dialer{link::Side::Dialer};
    YamuxEnd listener{link::Side::Listener};
    Instant at{};

    static void move(YamuxEnd& from, YamuxEnd& to, size_t piece, Instant at) {
        const Bytes out = from.pull(1 << 16, at);
        for (size_t i = 0; i < out.size(); i += piece)
            QVERIFY(to.session.receive(ByteView(out).subspan(i, std::min(piece, out.size() - i)), Now{at, {}}));
    }
    /// Until neither has anything to say.
    void talk(size_t piece = 1 << 20) {
        while (dialer.session.hasOutput() || listener.session.hasOutput()) {
            move(dialer, listener, piece, at);
            move(listener, dialer, piece, at);
        }
    }
};

} // namespace wherry::bytepipe::test
