#include "base/assert.h"
#include "bytepipe/tls_channel.h"
#include "crypto/identity.h"
#include "support/seeded_random.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;

namespace {

const crypto::TlsContext& context() {
    static const std::unique_ptr<crypto::TlsContext> kOurs = [] {
        test::SeededRandom random(1);
        const auto certificate = crypto::makeTlsCertificate(crypto::Identity::generate(random));
        return std::move(*crypto::TlsContext::create(*certificate));
    }();
    return *kOurs;
}

bool run(link::Side side, ByteView in, size_t piece) {
    const auto channel = std::move(*TlsChannel::create(side, context(), {"/yamux/1.0.0"}, {}));
    Bytes plain;
    bool good = true;
    while (!in.empty() && good) {
        const ByteView part = in.first(std::min(piece, in.size()));
        in = in.subspan(part.size());
        good = channel->receive(part, plain, {}).has_value();
    }
    ASSERT(plain.empty() && !channel->proof());
    return good;
}

} // namespace

/// However the bytes are cut, who has not seen our first flight proves nothing and is shown nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    for (const link::Side side : {link::Side::Dialer, link::Side::Listener}) {
        const bool whole = run(side, in, size);
        for (const size_t piece : {3, 21}) ASSERT(run(side, in, piece) == whole);
    }
    return 0;
}
