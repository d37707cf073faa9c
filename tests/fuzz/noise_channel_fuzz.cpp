#include "base/assert.h"
#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/noise_channel.h"
#include "support/seeded_random.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;

namespace {

const NoiseCredentials& credentials() {
    static const NoiseCredentials kOurs = [] {
        test::SeededRandom random(1);
        return NoiseCredentials::make(crypto::Identity::generate(random), random, {"/yamux/1.0.0"});
    }();
    return kOurs;
}

struct Outcome {
    bool good = true;
    Bytes output;
    size_t held = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome run(link::Side side, ByteView in, size_t piece) {
    test::SeededRandom random(2);
    NoiseChannel channel(side, credentials(), {}, random);
    Outcome outcome;
    Bytes plain;
    while (!in.empty() && outcome.good) {
        const ByteView part = in.first(std::min(piece, in.size()));
        in = in.subspan(part.size());
        outcome.good = channel.receive(part, plain, {}).has_value();
        outcome.held = channel.held();
        ASSERT(outcome.held <= kMaxNoiseHandshakeMessage + 2);
    }
    outcome.output = channel.takeOutput();
    // Nobody can prove a key without knowing our ephemeral one.
    ASSERT(plain.empty() && !channel.proof());
    return outcome;
}

} // namespace

/// However the bytes are cut, both sides come to the same end; nothing is shown, and little is held. The payload that a
/// handshake would carry decodes or does not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    for (const link::Side side : {link::Side::Dialer, link::Side::Listener}) {
        const Outcome whole = run(side, in, size);
        for (const size_t piece : {1, 3, 34, 1000}) {
            const Outcome cut = run(side, in, piece);
            ASSERT(cut.good == whole.good);
            ASSERT(!cut.good || cut == whole);
        }
    }
    if (const auto payload = readNoisePayload(in, credentials().staticKey.publicKey()))
        ASSERT(payload->muxers.size() <= kMaxNoisePayloadFields && !payload->peer.peerId.empty());
    return 0;
}
