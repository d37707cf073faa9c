#include "base/assert.h"
#include "base/take_front.h"
#include "bytepipe/yamux_session.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;

namespace {

struct Outcome {
    bool good = true;
    Bytes output;
    size_t uncredited = 0;
    bool operator==(const Outcome&) const = default;
};

/// `reads`: the owner reads all that comes and ends every stream that it hears of.
Outcome run(ByteView in, size_t piece, bool reads) {
    BlockPool pool;
    std::deque<link::LinkEvent> events;
    link::Bandwidth unlimited;
    link::BandwidthGate gate(unlimited, {});
    YamuxSession session(link::LinkId{1}, link::Side::Listener, pool, events, gate, {});
    Outcome outcome;
    while (!in.empty() && outcome.good) {
        const ByteView part = in.first(std::min(piece, in.size()));
        in = in.subspan(part.size());
        outcome.good = session.receive(part, {}).has_value();
        ASSERT(session.streams() <= kYamuxMaxStreams && session.uncredited() <= kYamuxMaxUncredited);
        while (reads) {
            const auto event = takeFront(events);
            if (!event) break;
            if (const auto* opened = std::get_if<link::StreamOpened>(&*event))
                session.write(opened->key.stream, {}, link::Fin::Yes);
            if (const auto* readable = std::get_if<link::StreamReadable>(&*event)) {
                session.onReadablePolled(readable->key.stream);
                session.consume(readable->key.stream, session.available(readable->key.stream));
            }
            if (const auto* closed = std::get_if<link::StreamClosed>(&*event))
                session.onClosedPolled(closed->key.stream);
        }
        ASSERT(!reads || session.uncredited() == 0);
    }
    session.pull(outcome.output, 1 << 20, {});
    ASSERT(outcome.output.size() <=
           (2 * kYamuxMaxStreams + kYamuxMaxRefusals + kYamuxMaxPongs + 1) * 2 * kYamuxHeaderBytes);
    outcome.uncredited = session.uncredited();
    session.end(YamuxGoAway::ProtocolError);
    return outcome;
}

} // namespace

/// However the bytes are cut, the session comes to the same end within its bounds.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    const Outcome whole = run(in, size, false);
    for (const size_t piece : {1, 7, 13, 500}) {
        const Outcome cut = run(in, piece, false);
        ASSERT(cut.good == whole.good);
        ASSERT(!cut.good || cut == whole);
        run(in, piece, true);
    }
    return 0;
}
