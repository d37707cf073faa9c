#include "base/assert.h"
#include "link/multistream.h"
#include "link/link_limits.h"

using namespace wherry;
using namespace wherry::link;

namespace {

struct Outcome {
    Negotiation state = Negotiation::Going;
    std::string protocolId;
    Bytes output;
    size_t taken = 0;
    bool operator==(const Outcome&) const = default;
};

template <typename Negotiator> Outcome run(Negotiator negotiator, ByteView in, size_t piece) {
    Outcome outcome;
    while (!in.empty() && negotiator.state() == Negotiation::Going) {
        const size_t taken = negotiator.onBytes(in.first(std::min(piece, in.size())));
        ASSERT(taken > 0 && taken <= std::min(piece, in.size()));
        outcome.taken += taken;
        in = in.subspan(taken);
        append(outcome.output, negotiator.takeOutput());
    }
    outcome.state = negotiator.state();
    outcome.protocolId = negotiator.protocolId();
    return outcome;
}

} // namespace

/// However the bytes are cut, both sides come to the same end, and never answer more than a bounded number of times.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    const auto responder = [] { return MultistreamResponder([](std::string_view id) { return id == "/a/1"; }); };
    const auto initiator = [] { return MultistreamInitiator({"/b/1", "/a/1"}); };
    const Outcome answered = run(responder(), in, size);
    const Outcome asked = run(initiator(), in, size);
    ASSERT(answered.output.size() <= kMaxProposals * 8 + 64 && asked.output.size() <= 64);
    for (const size_t piece : {1, 2, 7, 130}) {
        const Outcome again = run(responder(), in, piece);
        ASSERT(again.state == answered.state && again.protocolId == answered.protocolId);
        ASSERT(again.state == Negotiation::Failed || again == answered);
        const Outcome askedAgain = run(initiator(), in, piece);
        ASSERT(askedAgain.state == asked.state && askedAgain.protocolId == asked.protocolId);
    }
    return 0;
}
