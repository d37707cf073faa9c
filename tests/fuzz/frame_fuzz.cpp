#include "codec/frame.h"

#include <vector>

using namespace wherry;
using namespace wherry::codec;

namespace {

constexpr size_t kBound = 4096;

struct Outcome {
    std::vector<Bytes> messages;
    bool failed = false;
    bool midMessage = false;
    bool operator==(const Outcome&) const = default;
};

Outcome readInPieces(ByteView in, size_t piece) {
    FrameReader reader(kBound);
    Outcome outcome;
    while (!in.empty() && !outcome.failed) {
        const auto step = reader.push(in.first(std::min(piece, in.size())));
        outcome.failed = !step;
        if (!step) break;
        ASSERT(step->consumed > 0 && step->consumed <= std::min(piece, in.size()));
        in = in.subspan(step->consumed);
        if (step->message) outcome.messages.push_back(*step->message);
    }
    outcome.midMessage = !outcome.failed && reader.midMessage();
    return outcome;
}

} // namespace

/// However the bytes are cut, the same messages come out, and they frame to the bytes that they came from.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    if (const auto number = decodeVarint(in); number && *number) {
        Bytes again;
        appendVarint(again, (*number)->value);
        ASSERT(equal(again, in.first((*number)->length)));
    }
    const Outcome whole = readInPieces(in, size);
    for (const size_t piece : {1, 2, 3, 9, 130}) ASSERT(readInPieces(in, piece) == whole);
    Bytes framed;
    for (const Bytes& message : whole.messages) {
        ASSERT(message.size() <= kBound);
        appendFrame(framed, message);
    }
    ASSERT(framed.size() <= size && equal(framed, in.first(framed.size())));
    ASSERT(whole.failed || whole.midMessage || framed.size() == size);
    return 0;
}
