#pragma once

#include "bytepipe/http_head.h"
#include "bytepipe/websocket_frames.h"
#include "link/link.h"

namespace wherry::bytepipe {

/// A byte pipe through WebSocket (RFC 6455; libp2p/specs websockets): what browsers can open. A sans-I/O layer between
/// the pipe and its Upgrade; it protects nothing.
///
/// States: opening (one HTTP request and its answer) -> open -> closed. The dialler may not wrap() before it is open,
/// the listener neither. Held: the head of a message, or of a frame; of all pings only the last is answered.
class WebSocket {
  public:
    /// `host`: what the dialler asks for, "192.0.2.1:4001"; the listener needs none. `random` outlives it.
    WebSocket(link::Side side, std::string_view host, Random& random);

    /// Takes all of `in`; bytes of the pipe behind it are appended to `payload`. Malformed, TooLarge, Unsupported,
    /// ProtocolViolation; ConnectionLost: the peer has closed in good order.
    Result<void> receive(ByteView in, Bytes& payload);
    /// What has to go out by itself: the opening, a pong, a close; after an error too.
    Bytes takeOutput();
    bool hasOutput() const { return !m_output.empty() || m_ping; }
    bool open() const { return m_open; }
    /// When open(); takeOutput() goes first.
    void wrap(ByteView bytes, Bytes& out);
    /// The closing frame has been sent or is in the output.
    bool closing() const { return m_closing; }
    /// Appends the frame that ends it in good order, when open().
    void close(Bytes& out);

  private:
    WebSocketMask ownMask() const { return m_side == link::Side::Dialer ? WebSocketMask::Yes : WebSocketMask::No; }
    Result<void> onRequest();
    Result<void> onAnswer();
    Result<void> refuse(std::string_view status, std::string context);

    const link::Side m_side;
    Random& m_random;
    std::string m_key; // of the dialler
    HttpHead m_head;
    WebSocketReader m_reader;
    bool m_open = false;
    bool m_closing = false;
    Bytes m_output;
    std::optional<Bytes> m_ping; ///< the last that is not answered yet: a peer that does not read makes nothing grow
};

} // namespace wherry::bytepipe
