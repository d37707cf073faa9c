#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "protocols/text/text_limits.h"

#include <array>
#include <string>
#include <string_view>

namespace wherry::text {

/// Made by the sender at random; the same in every attempt to deliver one text.
using MessageId = std::array<uint8_t, kMessageIdBytes>;

struct Message {
    MessageId id{};
    UnixTime sentAt{}; ///< by the sender's clock, which may say anything; zero: no time that can be held
    std::string text;  ///< raw: to be neutralised before it is shown
    bool operator==(const Message&) const = default;
};
enum class Reply : uint8_t { Stored = 1, Refused = 2, NotNow = 3, Failed = 4 };

/// A text that can be sent: 1 to kMaxTextBytes bytes of UTF-8. InvalidArgument, TooLarge.
Result<void> checkText(std::string_view text);

/// One wire::TextMessage or TextReply, without its length.
Bytes encodeMessage(const Message& message);
Bytes encodeReply(Reply reply);
/// TooLarge, or Malformed: no message, no id of 16 bytes, a text that checkText() refuses.
Result<Message> decodeMessage(ByteView bytes);
Result<Reply> decodeReply(ByteView bytes);

} // namespace wherry::text
