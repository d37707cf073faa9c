#include "base/assert.h"
#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/upgrade.h"
#include "support/seeded_random.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;

namespace {

const Credentials& credentials() {
    static const Credentials kOurs = [] {
        test::SeededRandom random(1);
        return std::move(*Credentials::make(crypto::Identity::generate(random), random));
    }();
    return kOurs;
}

struct Outcome {
    bool good = true;
    Bytes output;
    bool operator==(const Outcome&) const = default;
};

Outcome run(link::Side side, ByteView in, size_t piece) {
    test::SeededRandom random(2);
    Upgrade upgrade(side, credentials(), {std::string(kNoiseId)}, {}, random);
    Outcome outcome;
    Bytes plain;
    while (!in.empty() && outcome.good) {
        const ByteView part = in.first(std::min(piece, in.size()));
        in = in.subspan(part.size());
        outcome.good = upgrade.receive(part, plain, {}).has_value();
        append(outcome.output, upgrade.takeOutput());
    }
    // Who does not know our ephemeral key proves nothing, and sees no more than refusals and one handshake message.
    ASSERT(!upgrade.done() && !upgrade.peer() && plain.empty());
    ASSERT(outcome.output.size() <= link::kMaxProposals * 4 + 64 + kMaxNoiseHandshakeMessage);
    return outcome;
}

} // namespace

/// However the bytes are cut, a pipe whose peer has proved no key comes to the same end.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    if (in.size() > kMaxUnprovenBytes) return 0; // where the bound falls depends on the pieces
    for (const link::Side side : {link::Side::Dialer, link::Side::Listener}) {
        const Outcome whole = run(side, in, size);
        for (const size_t piece : {1, 3, 21, 1000}) {
            const Outcome cut = run(side, in, piece);
            ASSERT(cut.good == whole.good);
            ASSERT(!cut.good || cut == whole);
        }
    }
    return 0;
}
