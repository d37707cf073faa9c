#include "protocols/presence/presence_message.h"

#include "protocols/presence/presence_limits.h"
#include "wire/decode.h"
#include "wire/presence.pb.h"

#include <algorithm>

namespace wherry::presence {

static constexpr uint64_t kNanosecondsPerMillisecond = 1'000'000;
static constexpr uint32_t kGoing = 1;

Bytes encodeStatement(const Statement& statement) {
    wire::Presence message;
    message.set_sent_ms(static_cast<uint64_t>(std::max<int64_t>(statement.sent.nanoseconds, 0)) /
                        kNanosecondsPerMillisecond);
    message.set_state(statement.here ? 0 : kGoing);
    message.set_next_s(static_cast<uint32_t>(std::chrono::floor<std::chrono::seconds>(statement.promise).count()));
    message.set_arrived(statement.arrived);
    Bytes encoded = wire::encode(message);
    ASSERT(encoded.size() <= kMaxMessageBytes);
    return encoded;
}

Result<Statement> decodeStatement(ByteView encoded) {
    TRY(const auto message, wire::decode<wire::Presence>(encoded, {"presence", kMaxMessageBytes, kMaxFields}));
    constexpr uint64_t latest = static_cast<uint64_t>(INT64_MAX) / kNanosecondsPerMillisecond;
    if (message.sent_ms() > latest) return makeError(Errc::Malformed, "presence: a time that is none");
    const Duration promise = std::chrono::seconds(message.next_s());
    return Statement{{static_cast<int64_t>(message.sent_ms() * kNanosecondsPerMillisecond)},
                     message.state() != kGoing,
                     std::clamp(promise, kLeastPromise, kMostPromise),
                     message.arrived()};
}

} // namespace wherry::presence
