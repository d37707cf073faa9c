#include "base/assert.h"
#include "base/utf8.h"
#include "protocols/text/text_message.h"

using namespace wherry;

/// Whatever a peer sends, a text is bounded UTF-8 and is encoded to what decodes to the same; so is an answer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    if (const auto message = text::decodeMessage(in)) {
        ASSERT(!message->text.empty() && message->text.size() <= text::kMaxTextBytes && isUtf8(message->text));
        ASSERT(message->sentAt >= UnixTime());
        ASSERT(text::decodeMessage(text::encodeMessage(*message)).value() == *message);
    }
    if (const auto reply = text::decodeReply(in))
        ASSERT(text::decodeReply(text::encodeReply(*reply)).value() == *reply);
    return 0;
}
