#include "protocols/text/text_outbox.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/stream_source.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::text {

using crypto::PeerId;
using link::Fin;
using link::StreamIo;
using link::StreamKey;

std::optional<OutboxEvent> Outbox::poll() {
    return takeFront(m_events);
}
std::optional<PeerId> Outbox::pollWant() {
    return takeFront(m_wants);
}
std::optional<swarm::SwarmRequest> Outbox::pollRequest() {
    return takeFront(m_requests);
}

// --- queue --------------------------------------------------------------------------------------------------------

TextId Outbox::send(const PeerId& peer, std::string words, Duration wait, Now now,
                    const std::optional<MessageId>& as) {
    Text text;
    text.id = m_ids.take();
    auto good = checkText(words);
    if (good && m_count >= kMaxOutgoing) good = makeError(Errc::LimitReached, "256 texts are on their way already");
    if (!good) {
        m_events.push_back(TextFailed{text.id, peer, good.error()});
        return text.id;
    }
    if (as)
        text.message.id = *as;
    else
        m_random.fill(text.message.id);
    text.message.sentAt = now.wall;
    text.message.text = std::move(words);
    text.giveUp = now.mono + wait;
    const TextId id = text.id;
    ++m_count;
    m_peers[peer].texts.push_back(std::move(text));
    advance(peer, now);
    return id;
}

/// Starts what the first text of the peer is waiting for.
void Outbox::advance(const PeerId& id, Now now) {
    const auto found = m_peers.find(id);
    if (found == m_peers.end()) return;
    Peer& peer = found->second;
    Text& text = peer.texts.front();
    if (text.tag != 0 || (text.nextTry != kNever && now.mono < text.nextTry)) return;
    text.nextTry = kNever;
    if (m_connected.contains(id)) {
        text.tag = ++m_lastTag;
        m_tags.emplace(text.tag, id);
        m_requests.push_back(swarm::OpenStream{id, {kProtocolId}, text.tag});
    } else if (!peer.wanted) {
        peer.wanted = true;
        m_wants.push_back(id);
    }
}

bool Outbox::cancel(TextId id, StreamIo& io) {
    for (auto& [peer, state] : m_peers) {
        const auto text =
            std::find_if(state.texts.begin(), state.texts.end(), [id](const Text& one) { return one.id == id; });
        if (text == state.texts.end()) continue;
        land(*text, io);
        fail(peer, *text, makeError(Errc::Cancelled, "the text"));
        state.texts.erase(text);
        if (state.texts.empty())
            m_peers.erase(PeerId(peer));
        else if (state.texts.front().nextTry == kNever && state.texts.front().tag == 0)
            state.texts.front().nextTry = Instant::min(); // its turn has come; onDeadline() takes it up
        return true;
    }
    return false;
}

void Outbox::cancelAll(StreamIo& io) {
    for (auto& [peer, state] : m_peers) {
        for (Text& text : state.texts) {
            land(text, io);
            fail(peer, text, makeError(Errc::Cancelled, "the text was not delivered"));
        }
    }
    m_peers.clear();
    m_requests.clear();
}

/// The attempt is over: its stream is let go.
void Outbox::land(Text& text, StreamIo& io) {
    m_tags.erase(text.tag);
    if (text.stream) {
        m_streams.erase(*text.stream);
        link::abandon(io, *text.stream, link::kNoError);
    }
    text.tag = 0;
    text.stream.reset();
    text.answerBy = kNever;
    text.written = 0;
    text.saidAll = false;
    text.answer = codec::FrameReader(kMaxReplyBytes);
}

void Outbox::fail(const PeerId& peer, const Text& text, Error error) {
    --m_count;
    m_events.push_back(TextFailed{text.id, peer, std::move(error)});
}

/// The first text of the peer has its outcome; the next one's turn has come.
void Outbox::finish(const PeerId& id, std::optional<Error> error, StreamIo& io, Now now) {
    const PeerId peer = id; // may be a key that is erased below
    auto& texts = m_peers.at(peer).texts;
    Text& text = texts.front();
    if (!error && text.stream) { // all has been said on this stream; its halves end in good order
        m_streams.erase(*text.stream);
        io.stop(*text.stream, link::kNoError);
        text.stream.reset();
    }
    land(text, io);
    if (error) {
        fail(peer, text, std::move(*error));
    } else {
        --m_count;
        m_events.push_back(TextSent{text.id, peer, text.message.id});
    }
    texts.pop_front();
    if (texts.empty())
        m_peers.erase(peer);
    else
        advance(peer, now);
}

void Outbox::tryLater(const PeerId& id, Error error, StreamIo& io, Now now) {
    const PeerId peer = id;
    Text& text = m_peers.at(peer).texts.front();
    land(text, io);
    if (now.mono >= text.giveUp) return finish(peer, std::move(error), io, now);
    text.lastError = std::move(error);
    text.nextTry = now.mono + text.pause;
    text.pause = std::min(2 * text.pause, kMaxRetryPause);
}

// --- peers --------------------------------------------------------------------------------------------------------

void Outbox::onConnected(const PeerId& peer, Now now) {
    m_connected.insert(peer);
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return;
    found->second.wanted = false;
    found->second.texts.front().nextTry = kNever;
    advance(peer, now);
}

/// Streams have been closed before this comes, so that nothing is in flight.
void Outbox::onGone(const PeerId& peer, const Error&, Now) {
    m_connected.erase(peer);
}

void Outbox::onUnreachable(const PeerId& peer, const Error& error, Now now) {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end() || m_connected.contains(peer)) return;
    found->second.wanted = false;
    if (error.code == Errc::IdentityMismatch || error.code == Errc::PermissionDenied) {
        for (const Text& text : found->second.texts) fail(peer, text, error);
        m_peers.erase(found);
        return;
    }
    Text& text = found->second.texts.front();
    text.lastError = error;
    text.nextTry = now.mono + text.pause;
    text.pause = std::min(2 * text.pause, kMaxRetryPause);
}

// --- streams ------------------------------------------------------------------------------------------------------

const PeerId* Outbox::peerOn(StreamKey key) const {
    const auto found = m_streams.find(key);
    return found == m_streams.end() ? nullptr : &found->second;
}

void Outbox::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    const auto found = m_tags.find(stream.tag);
    if (found == m_tags.end()) { // cancelled meanwhile
        link::abandon(io, stream.key, link::kNoError);
        return;
    }
    Text& text = m_peers.at(found->second).texts.front();
    text.stream = stream.key;
    text.answerBy = now.mono + kAnswerTimeout;
    m_streams.emplace(stream.key, found->second);
    write(text, io);
}

void Outbox::onStreamFailed(swarm::RequestTag tag, const Error& error, StreamIo& io, Now now) {
    const auto found = m_tags.find(tag);
    if (found == m_tags.end()) return;
    const PeerId peer = found->second;
    if (error.code == Errc::Unsupported)
        return finish(peer, makeError(Errc::Unsupported, "the other side does not take texts"), io, now);
    tryLater(peer, error, io, now);
}

void Outbox::write(Text& text, StreamIo& io) {
    Bytes frame;
    codec::appendFrame(frame, encodeMessage(text.message));
    while (text.written < frame.size()) {
        const size_t count = std::min(frame.size() - text.written, io.writable(*text.stream));
        if (count == 0) return;
        const Slice bytes = Slice::copyOf(ByteView(frame).subspan(text.written, count));
        text.written += count;
        text.saidAll = text.written == frame.size();
        io.write(*text.stream, bytes, text.saidAll ? Fin::Yes : Fin::No);
    }
}

void Outbox::onWritable(StreamKey key, StreamIo& io) {
    if (const PeerId* peer = peerOn(key)) write(m_peers.at(*peer).texts.front(), io);
}

void Outbox::onReadable(StreamKey key, StreamIo& io, Now now) {
    const PeerId* on = peerOn(key);
    if (!on) return;
    const PeerId peer = *on;
    link::StreamSource source{io, key};
    auto frame = m_peers.at(peer).texts.front().answer.next(source);
    if (frame && !*frame) {
        if (io.atEnd(key)) tryLater(peer, makeError(Errc::ConnectionLost, "the peer ended the stream"), io, now);
        return;
    }
    const auto reply = frame ? decodeReply(**frame) : Result<Reply>(frame.error());
    if (!reply) {
        LOG(m_log, Debug, "text", peer.shortText() << " gives a bad answer to a text: " << reply.error().text());
        return finish(peer, makeError(Errc::ProtocolViolation, "the answer to a text: " + reply.error().context), io,
                      now);
    }
    if (*reply == Reply::Stored && !m_peers.at(peer).texts.front().saidAll)
        return finish(peer, makeError(Errc::ProtocolViolation, "the answer to a text came before its end"), io, now);
    onReply(peer, *reply, io, now);
}

void Outbox::onReply(const PeerId& peer, Reply reply, StreamIo& io, Now now) {
    switch (reply) {
    case Reply::Stored:
        return finish(peer, std::nullopt, io, now);
    case Reply::Refused:
        return finish(peer, makeError(Errc::Declined, "the other side takes no texts from this device"), io, now);
    case Reply::NotNow:
        return tryLater(peer, makeError(Errc::LimitReached, "the other side takes no more texts now"), io, now);
    case Reply::Failed:
        return tryLater(peer, makeError(Errc::ConnectionLost, "the other side could not store the text"), io, now);
    }
}

void Outbox::onBroken(StreamKey key, StreamIo& io, Now now) {
    if (const PeerId* peer = peerOn(key))
        tryLater(*peer, makeError(Errc::ConnectionLost, "the connection ended before the answer"), io, now);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant Outbox::deadline() const {
    Instant next = kNever;
    for (const auto& [peer, state] : m_peers) {
        const Text& first = state.texts.front();
        next = std::min({next, first.nextTry, first.answerBy});
        for (const Text& text : state.texts)
            if (text.tag == 0) next = std::min(next, text.giveUp);
    }
    return next;
}

void Outbox::onDeadline(StreamIo& io, Now now) {
    std::vector<PeerId> all;
    for (const auto& [peer, state] : m_peers) all.push_back(peer);
    for (const PeerId& peer : all) {
        Text& first = m_peers.at(peer).texts.front();
        if (first.answerBy <= now.mono) tryLater(peer, makeError(Errc::Timeout, "no answer within 10 s"), io, now);
        const auto found = m_peers.find(peer);
        if (found == m_peers.end()) continue;
        auto& texts = found->second.texts;
        for (const Text& text : texts)
            if (text.tag == 0 && text.giveUp <= now.mono) fail(peer, text, text.lastError);
        std::erase_if(texts, [&](const Text& text) { return text.tag == 0 && text.giveUp <= now.mono; });
        if (texts.empty())
            m_peers.erase(found);
        else
            advance(peer, now);
    }
}

} // namespace wherry::text
