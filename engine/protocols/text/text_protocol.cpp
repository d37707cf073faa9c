#include "protocols/text/text_protocol.h"

#include <algorithm>

namespace wherry::text {

using link::StreamIo;
using link::StreamKey;

namespace {
const std::string kProtocolIds[] = {kProtocolId};
} // namespace

std::span<const std::string> TextProtocol::protocolIds() const {
    return kProtocolIds;
}

std::optional<TextEvent> TextProtocol::poll() {
    if (auto event = m_inbox.poll()) return std::move(*event);
    auto event = m_outbox.poll();
    if (!event) return std::nullopt;
    return std::visit([](auto& what) { return TextEvent(std::move(what)); }, *event);
}

void TextProtocol::onPeerConnected(const swarm::PeerInfo& info, StreamIo&, Now now) {
    m_outbox.onConnected(info.peer, now);
    m_inbox.onConnected(info.peer, info.remote);
}

void TextProtocol::onPeerMoved(const swarm::PeerInfo& info, Now) {
    m_inbox.onConnected(info.peer, info.remote);
}

void TextProtocol::onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) {
    m_outbox.onGone(peer, error, now);
    m_inbox.onGone(peer);
}

void TextProtocol::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (stream.outbound)
        m_outbox.onStream(stream, io, now);
    else
        m_inbox.onStream(stream, io, now);
}

void TextProtocol::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, StreamIo& io,
                                  Now now) {
    m_outbox.onStreamFailed(tag, error, io, now);
}

void TextProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    m_outbox.onReadable(key, io, now);
    m_inbox.onReadable(key, io, now);
}

void TextProtocol::onWritable(StreamKey key, StreamIo& io, Now) {
    m_outbox.onWritable(key, io);
    m_inbox.onWritable(key, io);
}

void TextProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now now) {
    m_outbox.onBroken(key, io, now);
    m_inbox.onBroken(key, io);
}

void TextProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now now) {
    m_outbox.onBroken(key, io, now);
    m_inbox.onBroken(key, io);
}

void TextProtocol::onClosed(StreamKey key, StreamIo& io, Now now) {
    m_outbox.onBroken(key, io, now);
    m_inbox.onClosed(key);
}

Instant TextProtocol::deadline() const {
    return std::min(m_outbox.deadline(), m_inbox.deadline());
}

void TextProtocol::onDeadline(StreamIo& io, Now now) {
    m_outbox.onDeadline(io, now);
    m_inbox.onDeadline(io, now);
}

} // namespace wherry::text
