#include "base/assert.h"
#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/http_head.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;

namespace {

struct Outcome {
    bool good = true;
    bool complete = false;
    size_t used = 0;
    std::string seen;
    bool operator==(const Outcome&) const = default;
};

Outcome run(ByteView in, size_t piece) {
    HttpHead head;
    Outcome outcome;
    while (!in.empty() && outcome.good && !outcome.complete) {
        const ByteView part = in.first(std::min(piece, in.size()));
        size_t used = 0;
        const auto read = head.read(part, used);
        ASSERT(used <= part.size());
        outcome.good = read.has_value();
        outcome.complete = read && *read;
        outcome.used += used;
        ASSERT(!outcome.good || outcome.complete || used == part.size());
        in = in.subspan(used);
    }
    if (!outcome.good) return {false, false, 0, {}}; // how much was taken before depends on the pieces
    if (!outcome.complete) return outcome;
    ASSERT(outcome.used <= kMaxHttpHead);
    outcome.seen = head.firstLine();
    ASSERT(outcome.seen.find_first_of("\r\n") == std::string::npos);
    for (const char* name : {"upgrade", "connection", "sec-websocket-key", "sec-websocket-accept", "x", ""}) {
        if (const auto value = head.field(name)) outcome.seen += *value;
        if (head.lists(name, "upgrade")) outcome.seen += '+';
    }
    ASSERT(outcome.seen.size() <= 8 * kMaxHttpHead);
    return outcome;
}

} // namespace

/// However the bytes are cut, the head ends at the same place and says the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    const Outcome whole = run(in, size);
    for (const size_t piece : {1, 2, 7, 1000}) ASSERT(run(in, piece) == whole);
    return 0;
}
