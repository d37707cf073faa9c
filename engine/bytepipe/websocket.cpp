#include "bytepipe/websocket.h"

#include "base/assert.h"
#include "codec/base64.h"
#include "crypto/sha1.h"

namespace wherry::bytepipe {

using link::Side;

namespace {

constexpr size_t kNonceBytes = 16;
constexpr size_t kKeyLetters = 24;

/// RFC 6455 4.2.2, item 5.4.
std::string acceptOf(std::string_view key) {
    return codec::encodeBase64(crypto::sha1(asBytes(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}

} // namespace

WebSocket::WebSocket(Side side, std::string_view host, Random& random)
    : m_side(side),
      m_random(random),
      m_reader(side == Side::Dialer ? WebSocketMask::No : WebSocketMask::Yes) {
    if (side == Side::Listener) return;
    m_key = codec::encodeBase64(random.bytes(kNonceBytes));
    append(m_output, asBytes("GET / HTTP/1.1\r\nHost: " + std::string(host) +
                             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + m_key +
                             "\r\nSec-WebSocket-Version: 13\r\n\r\n"));
}

Result<void> WebSocket::receive(ByteView in, Bytes& payload) {
    if (!m_open) {
        size_t used = 0;
        TRY(const bool complete, m_head.read(in, used));
        if (!complete) return {};
        in = in.subspan(used);
        TRY_OK(m_side == Side::Listener ? onRequest() : onAnswer());
        m_head = {};
        m_open = true;
    }
    TRY_OK(m_reader.receive(in, payload));
    if (auto ping = m_reader.takePing()) m_ping = std::move(*ping);
    if (!m_reader.closed()) return {};
    close(m_output);
    return makeError(Errc::ConnectionLost, "the WebSocket was closed by the peer");
}

Bytes WebSocket::takeOutput() {
    const auto ping = std::exchange(m_ping, std::nullopt);
    if (ping && !m_closing) appendWebSocketFrame(WebSocketOpcode::Pong, *ping, ownMask(), m_random, m_output);
    return std::exchange(m_output, {});
}

Result<void> WebSocket::onRequest() {
    const std::string_view line = m_head.firstLine();
    if (!line.starts_with("GET ") || !line.ends_with(" HTTP/1.1")) return refuse("400 Bad Request", "not a GET");
    if (!m_head.lists("upgrade", "websocket") || !m_head.lists("connection", "upgrade"))
        return refuse("400 Bad Request", "an HTTP request that asks for no WebSocket");
    if (m_head.field("sec-websocket-version") != "13")
        return refuse("426 Upgrade Required\r\nSec-WebSocket-Version: 13", "another version of WebSocket");
    const auto key = m_head.field("sec-websocket-key");
    if (!key || key->size() != kKeyLetters || !key->ends_with("=="))
        return refuse("400 Bad Request", "a WebSocket request without its key");
    append(m_output, asBytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: " +
                             acceptOf(*key) + "\r\n\r\n"));
    return {};
}

Result<void> WebSocket::refuse(std::string_view status, std::string context) {
    append(m_output, asBytes("HTTP/1.1 " + std::string(status) + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    return makeError(Errc::Unsupported, std::move(context));
}

Result<void> WebSocket::onAnswer() {
    const bool switched = m_head.firstLine().starts_with("HTTP/1.1 101") && m_head.lists("upgrade", "websocket") &&
                          m_head.lists("connection", "upgrade");
    if (!switched) return makeError(Errc::Unsupported, "the peer speaks no WebSocket");
    if (m_head.field("sec-websocket-accept") != acceptOf(m_key))
        return makeError(Errc::ProtocolViolation, "WebSocket: the answer belongs to another request");
    if (m_head.field("sec-websocket-protocol") || m_head.field("sec-websocket-extensions"))
        return makeError(Errc::ProtocolViolation, "WebSocket: an extension that nobody asked for");
    return {};
}

void WebSocket::wrap(ByteView bytes, Bytes& out) {
    ASSERT(m_open);
    if (!bytes.empty()) appendWebSocketFrame(WebSocketOpcode::Binary, bytes, ownMask(), m_random, out);
}

void WebSocket::close(Bytes& out) {
    if (!m_open) return;
    m_closing = true;
    uint8_t status[2];
    putBigEndian(MutableBytes(status), uint16_t{1000}); // "normal closure", RFC 6455 7.4.1
    appendWebSocketFrame(WebSocketOpcode::Close, status, ownMask(), m_random, out);
}

} // namespace wherry::bytepipe
