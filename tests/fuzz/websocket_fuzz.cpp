#include "base/assert.h"
#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/websocket.h"
#include "support/seeded_random.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;

namespace {

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                      "Sec-WebSocket-Version: 13\r\n\r\n";

struct Outcome {
    bool good = true;
    bool open = false;
    Bytes payload;
    bool operator==(const Outcome&) const = default;
};

Outcome run(link::Side side, bool opened, ByteView in, size_t piece) {
    test::SeededRandom random(2);
    WebSocket socket(side, "192.0.2.1:4001", random);
    Outcome outcome;
    if (opened) outcome.good = socket.receive(asBytes(kRequest), outcome.payload).has_value();
    socket.takeOutput();
    while (!in.empty() && outcome.good) {
        const ByteView part = in.first(std::min(piece, in.size()));
        in = in.subspan(part.size());
        outcome.good = socket.receive(part, outcome.payload).has_value();
        // One answer to a request, or to the last ping, and a close.
        ASSERT(socket.takeOutput().size() <= 2 * (kMaxWebSocketControl + 16) + 256);
    }
    outcome.open = socket.open();
    return outcome;
}

} // namespace

/// However the bytes are cut, both sides come to the same end with the same payload, which is no longer than the input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    for (const auto& [side, opened] : {std::pair(link::Side::Dialer, false), std::pair(link::Side::Listener, false),
                                       std::pair(link::Side::Listener, true)}) {
        const Outcome whole = run(side, opened, in, size);
        ASSERT(whole.payload.size() <= in.size());
        for (const size_t piece : {1, 3, 14, 1000}) {
            const Outcome cut = run(side, opened, in, piece);
            ASSERT(cut == whole);
        }
    }
    return 0;
}
