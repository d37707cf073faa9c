#include "base/assert.h"
#include "codec/frame.h"
#include "protocols/identify/identify_limits.h"
#include "protocols/identify/statement.h"

using namespace wherry;
using namespace wherry::identify;

/// Whatever a peer says about itself, what is kept of it is bounded.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const crypto::Identity identity = crypto::Identity::fromSeed({});
    StatementReader reader(identity.peerId());
    codec::FrameReader frames(kMaxMessageBytes);
    ByteView in(data, size);
    while (!in.empty()) {
        const auto step = frames.push(in);
        if (!step) break;
        in = in.subspan(step->consumed);
        if (step->message && !reader.add(*step->message)) break;
    }
    const Statement said = reader.finish();
    if (said.listenAddresses) ASSERT(said.listenAddresses->size() <= kMaxAddresses);
    if (said.recordAddresses) ASSERT(said.recordAddresses->size() <= kMaxAddresses);
    if (said.protocols) {
        ASSERT(said.protocols->size() <= kMaxProtocols);
        for (const auto& id : *said.protocols) ASSERT(id.size() <= kMaxTextBytes);
    }
    if (said.agent) ASSERT(said.agent->size() <= kMaxTextBytes);
    if (said.protocolVersion) ASSERT(said.protocolVersion->size() <= kMaxTextBytes);
    return 0;
}
