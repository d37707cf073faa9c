#include "bytepipe/websocket_frames.h"

#include "base/assert.h"
#include "bytepipe/bytepipe_limits.h"

#include <algorithm>
#include <limits>

namespace wherry::bytepipe {

namespace {

constexpr uint8_t kFinal = 0x80;
constexpr uint8_t kReserved = 0x70;
constexpr uint8_t kMasked = 0x80;
constexpr uint8_t kLength16 = 126;
constexpr uint8_t kLength64 = 127;
constexpr size_t kMaskBytes = 4;

Error violation(std::string what) {
    return makeError(Errc::ProtocolViolation, "WebSocket: " + std::move(what));
}

size_t lengthBytes(uint8_t code) {
    return code == kLength16 ? 2 : code == kLength64 ? 8 : 0;
}

} // namespace

void appendWebSocketFrame(WebSocketOpcode opcode, ByteView payload, WebSocketMask mask, Random& random, Bytes& out) {
    ASSERT(opcode < WebSocketOpcode::Close || payload.size() <= kMaxWebSocketControl);
    const uint8_t maskBit = mask == WebSocketMask::Yes ? kMasked : 0;
    out.push_back(kFinal | static_cast<uint8_t>(opcode));
    uint8_t length[8];
    if (payload.size() < kLength16) {
        out.push_back(maskBit | static_cast<uint8_t>(payload.size()));
    } else if (payload.size() <= std::numeric_limits<uint16_t>::max()) {
        out.push_back(maskBit | kLength16);
        putBigEndian(MutableBytes(length), static_cast<uint16_t>(payload.size()));
        append(out, ByteView(length).first(2));
    } else {
        out.push_back(maskBit | kLength64);
        putBigEndian(MutableBytes(length), uint64_t{payload.size()});
        append(out, length);
    }
    if (mask == WebSocketMask::No) return append(out, payload);
    uint8_t key[kMaskBytes];
    random.fill(key);
    append(out, key);
    const size_t begin = out.size();
    append(out, payload);
    for (size_t i = 0; i < payload.size(); ++i) out[begin + i] ^= key[i % kMaskBytes];
}

Result<void> WebSocketReader::receive(ByteView in, Bytes& payload) {
    while (!m_closed) {
        if (!m_inPayload) {
            TRY(const bool complete, readHeader(in));
            if (!complete) return {};
            m_inPayload = true;
        }
        const size_t part = static_cast<size_t>(std::min<uint64_t>(m_left, in.size()));
        onPayload(in.first(part), control() ? m_control : payload);
        in = in.subspan(part);
        m_left -= part;
        if (m_left > 0) return {};
        m_inPayload = false;
        onFrameEnd();
    }
    return {};
}

/// Takes the bytes of a header from the front of `in`. Whether it is complete.
Result<bool> WebSocketReader::readHeader(ByteView& in) {
    while (!in.empty()) {
        m_header.push_back(in.front());
        in = in.subspan(1);
        if (m_header.size() < 2) continue;
        if (m_header.size() == 2) TRY_OK(checkHeader());
        const size_t length = lengthBytes(m_header[1] & ~kMasked);
        const bool masked = m_expected == WebSocketMask::Yes;
        if (m_header.size() < 2 + length + (masked ? kMaskBytes : 0)) continue;
        const ByteView header = m_header;
        if (length == 0) m_left = m_header[1] & ~kMasked;
        if (length == 2) m_left = getBigEndian<uint16_t>(header.subspan(2, 2));
        if (length == 8) m_left = getBigEndian<uint64_t>(header.subspan(2, 8));
        const bool minimal = length == 0 || (length == 2 ? m_left >= kLength16 : m_left > 0xffff);
        if (!minimal || m_left > kMaxWebSocketFrame)
            return violation("a frame of " + std::to_string(m_left) + " bytes");
        if (masked) std::copy_n(header.end() - kMaskBytes, kMaskBytes, m_mask.begin());
        m_maskAt = 0;
        m_header.clear();
        return true;
    }
    return false;
}

/// What the first two bytes say (RFC 6455 5.2, 5.4, 5.5).
Result<void> WebSocketReader::checkHeader() {
    m_final = (m_header[0] & kFinal) != 0;
    m_opcode = static_cast<WebSocketOpcode>(m_header[0] & 0x0f);
    if ((m_header[0] & kReserved) != 0) return violation("a reserved bit");
    if (((m_header[1] & kMasked) != 0) != (m_expected == WebSocketMask::Yes))
        return violation(m_expected == WebSocketMask::Yes ? "a frame without mask" : "a masked frame");
    switch (m_opcode) {
    case WebSocketOpcode::Continuation:
        if (!m_inMessage) return violation("a continuation of nothing");
        break;
    case WebSocketOpcode::Binary:
        if (m_inMessage) return violation("a message inside another");
        break;
    case WebSocketOpcode::Close:
    case WebSocketOpcode::Ping:
    case WebSocketOpcode::Pong:
        if (!m_final || (m_header[1] & ~kMasked) > kMaxWebSocketControl) return violation("a long control frame");
        break;
    case WebSocketOpcode::Text:
    default:
        return violation("a frame of kind " + std::to_string(m_header[0] & 0x0f));
    }
    if (!control()) m_inMessage = !m_final;
    return {};
}

void WebSocketReader::onPayload(ByteView masked, Bytes& out) {
    const size_t begin = out.size();
    append(out, masked);
    if (m_expected == WebSocketMask::No) return;
    for (size_t i = 0; i < masked.size(); ++i) out[begin + i] ^= m_mask[(m_maskAt + i) % kMaskBytes];
    m_maskAt = (m_maskAt + masked.size()) % kMaskBytes;
}

void WebSocketReader::onFrameEnd() {
    if (m_opcode == WebSocketOpcode::Ping) m_ping = m_control;
    if (m_opcode == WebSocketOpcode::Close) m_closed = m_control;
    m_control.clear();
}

} // namespace wherry::bytepipe
