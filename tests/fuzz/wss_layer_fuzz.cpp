#include "base/assert.h"
#include "bytepipe/wss_layer.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;

namespace {

const std::shared_ptr<const crypto::WebCertificate>& ours() {
    static const auto kOurs = *crypto::WebCertificate::forLocalhost({});
    return kOurs;
}

std::unique_ptr<WssLayer> fresh(bool listens) {
    static const auto kTrust = *crypto::WebTrust::fromPem(ours()->pem());
    return std::move(listens ? *WssLayer::listen(ours()) : *WssLayer::dial(kTrust, "localhost"));
}

bool run(bool listens, ByteView in, size_t piece) {
    const auto layer = fresh(listens);
    Bytes plain;
    bool good = true;
    while (!in.empty() && good) {
        const ByteView part = in.first(std::min(piece, in.size()));
        in = in.subspan(part.size());
        good = layer->receive(part, plain, {}).has_value();
    }
    ASSERT(plain.empty() && !layer->open());
    return good;
}

} // namespace

/// However the bytes are cut, who has not seen our first flight comes to no end of the handshake.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    for (const bool listens : {true, false}) {
        const bool whole = run(listens, in, size);
        for (const size_t piece : {3, 21}) ASSERT(run(listens, in, piece) == whole);
    }
    return 0;
}
