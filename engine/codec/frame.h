#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/varint.h"

#include <concepts>
#include <optional>

namespace wherry::codec {

/// Where framed bytes come from: `front` is the first contiguous piece (empty: nothing here now), `consume` drops
/// bytes.
template <typename Source>
concept FrameSource = requires(Source& source, size_t count) {
    { source.front() } -> std::convertible_to<ByteView>;
    source.consume(count);
};

/// Cuts a byte stream into the messages that the peer put on it, each behind its length as an unsigned varint: the
/// frame of nearly every libp2p protocol. It takes any cut of the bytes: several messages in one piece, one message in
/// many.
///
/// Memory grows with the bytes that have arrived, never with the length that the peer has announced. After an error
/// nothing more can be read, because where the next message begins is unknown.
class FrameReader {
  public:
    explicit FrameReader(size_t maxMessageBytes) : m_maxMessageBytes(maxMessageBytes) {}

    struct Step {
        size_t consumed = 0; ///< bytes taken off the front of the input; the rest belongs to what follows the message
        std::optional<Bytes> message;
    };
    /// Takes bytes up to the end of the first message, or all. Malformed: a bad length. TooLarge: a length above the
    /// bound.
    Result<Step> push(ByteView in);

    /// The next whole message, or nullopt when the source has no more bytes now.
    template <FrameSource Source> Result<std::optional<Bytes>> next(Source& source) {
        for (ByteView in = source.front(); !in.empty(); in = source.front()) {
            TRY(Step step, push(in));
            source.consume(step.consumed);
            if (step.message) return std::move(step.message);
        }
        return std::optional<Bytes>();
    }

    /// Whether a message has begun and not ended: the stream must not end here.
    bool midMessage() const { return !m_prefix.empty() || m_length.has_value(); }

  private:
    Result<size_t> pushPrefix(ByteView in);

    size_t m_maxMessageBytes;
    Bytes m_prefix;
    std::optional<size_t> m_length;
    Bytes m_message;
    std::optional<Error> m_error;
};

/// Puts one message behind its length.
void appendFrame(Bytes& out, ByteView message);

} // namespace wherry::codec
