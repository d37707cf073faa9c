#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

#include <array>
#include <optional>

/// The frames of WebSocket (RFC 6455 section 5) as libp2p uses them: binary messages whose borders mean nothing.
namespace wherry::bytepipe {

enum class WebSocketOpcode : uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

/// Whether the sender of frames masks them: clients must, servers must not.
enum class WebSocketMask : uint8_t { No, Yes };

/// Appends one final frame; payload of any length, at most 125 bytes for control frames.
void appendWebSocketFrame(WebSocketOpcode opcode, ByteView payload, WebSocketMask mask, Random& random, Bytes& out);

/// Takes frames apart, in pieces of any size. Held: the header of a frame, and the payload of a control frame.
class WebSocketReader {
  public:
    explicit WebSocketReader(WebSocketMask expected) : m_expected(expected) {}

    /// Takes all of `in`; the payload of binary messages is appended to `payload`. ProtocolViolation. Nothing is read
    /// behind a close frame.
    Result<void> receive(ByteView in, Bytes& payload);
    /// The payload of the last ping since the last call: only that need be answered (RFC 6455 5.5.3).
    std::optional<Bytes> takePing() { return std::exchange(m_ping, {}); }
    /// The peer has closed; its status code and reason, as they came.
    const std::optional<Bytes>& closed() const { return m_closed; }

  private:
    Result<bool> readHeader(ByteView& in);
    Result<void> checkHeader();
    void onPayload(ByteView masked, Bytes& out);
    void onFrameEnd();
    bool control() const { return m_opcode >= WebSocketOpcode::Close; }

    const WebSocketMask m_expected;
    Bytes m_header;
    WebSocketOpcode m_opcode = WebSocketOpcode::Binary;
    bool m_final = true;
    bool m_inMessage = false; // a fragment has come that is not the last
    bool m_inPayload = false;
    uint64_t m_left = 0;
    std::array<uint8_t, 4> m_mask{};
    size_t m_maskAt = 0;
    Bytes m_control;
    std::optional<Bytes> m_ping;
    std::optional<Bytes> m_closed;
};

} // namespace wherry::bytepipe
