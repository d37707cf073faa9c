#include "protocols/text/text_message.h"

#include "base/utf8.h"
#include "wire/decode.h"
#include "wire/text.pb.h"

#include <algorithm>

namespace wherry::text {

namespace {

constexpr int64_t kNanosecondsPerMillisecond = 1'000'000;
constexpr uint64_t kMaxMilliseconds =
    static_cast<uint64_t>(std::numeric_limits<int64_t>::max() / kNanosecondsPerMillisecond);

} // namespace

Result<void> checkText(std::string_view text) {
    if (text.empty()) return makeError(Errc::InvalidArgument, "a text has at least one character");
    if (text.size() > kMaxTextBytes)
        return makeError(Errc::TooLarge, "a text has at most 65536 bytes, this one has " + std::to_string(text.size()));
    if (!isUtf8(text)) return makeError(Errc::InvalidArgument, "a text is UTF-8");
    return {};
}

Bytes encodeMessage(const Message& message) {
    wire::TextMessage out;
    out.set_id(message.id.data(), message.id.size());
    const int64_t milliseconds = message.sentAt.nanoseconds / kNanosecondsPerMillisecond;
    out.set_sent_at_ms(static_cast<uint64_t>(std::max<int64_t>(milliseconds, 0)));
    out.set_text(message.text);
    return wire::encode(out);
}

Bytes encodeReply(Reply reply) {
    wire::TextReply out;
    out.set_status(static_cast<uint32_t>(reply));
    return wire::encode(out);
}

Result<Message> decodeMessage(ByteView bytes) {
    TRY(auto in, wire::decode<wire::TextMessage>(bytes, {"text message", kMaxMessageBytes, kMaxFields}));
    Message message;
    if (in.id().size() != message.id.size()) return makeError(Errc::Malformed, "text message: id");
    std::copy(in.id().begin(), in.id().end(), message.id.begin());
    if (in.sent_at_ms() <= kMaxMilliseconds)
        message.sentAt = {static_cast<int64_t>(in.sent_at_ms()) * kNanosecondsPerMillisecond};
    if (const auto good = checkText(in.text()); !good)
        return makeError(good.error().code == Errc::TooLarge ? Errc::TooLarge : Errc::Malformed,
                         "text message: " + good.error().context);
    message.text = std::move(*in.mutable_text());
    return message;
}

Result<Reply> decodeReply(ByteView bytes) {
    TRY(const auto in, wire::decode<wire::TextReply>(bytes, {"text reply", kMaxReplyBytes, kMaxFields}));
    const bool known = in.status() >= 1 && in.status() <= static_cast<uint32_t>(Reply::Failed);
    return known ? static_cast<Reply>(in.status()) : Reply::Failed;
}

} // namespace wherry::text
