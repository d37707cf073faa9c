#include "codec/frame.h"

#include "codec/codec_limits.h"

#include <algorithm>
#include <utility>

namespace wherry::codec {

Result<FrameReader::Step> FrameReader::push(ByteView in) {
    if (m_error) return *m_error;
    Step step;
    if (!m_length) {
        auto taken = pushPrefix(in);
        if (!taken) {
            m_error = taken.error();
            return *m_error;
        }
        step.consumed = *taken;
        if (!m_length) return step;
    }
    const ByteView content = in.subspan(step.consumed);
    const size_t count = std::min(content.size(), *m_length - m_message.size());
    append(m_message, content.first(count));
    step.consumed += count;
    if (m_message.size() < *m_length) return step;
    step.message = std::exchange(m_message, {});
    m_length.reset();
    m_prefix.clear();
    return step;
}

/// Takes bytes of the length; sets m_length when it is whole.
Result<size_t> FrameReader::pushPrefix(ByteView in) {
    const size_t before = m_prefix.size();
    append(m_prefix, in.first(std::min(in.size(), kMaxVarintBytes - before)));
    TRY(const std::optional<Varint> length, decodeVarint(m_prefix));
    if (!length) return m_prefix.size() - before;
    if (length->value > m_maxMessageBytes)
        return makeError(Errc::TooLarge, "message of " + std::to_string(length->value) + " bytes, at most " +
                                             std::to_string(m_maxMessageBytes) + " are allowed");
    m_length = static_cast<size_t>(length->value);
    m_prefix.resize(length->length);
    m_message.reserve(std::min(*m_length, kFirstFrameBytes));
    return length->length - before;
}

void appendFrame(Bytes& out, ByteView message) {
    appendVarint(out, message.size());
    append(out, message);
}

} // namespace wherry::codec
