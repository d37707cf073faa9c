#pragma once

#include "base/random.h"
#include "protocols/text/text_inbox.h"
#include "protocols/text/text_outbox.h"

#include <variant>

namespace wherry::text {

using TextEvent = std::variant<TextSent, TextFailed, TextReceived>;

/// The protocol /wherry/text/1 (engine/wire/text.proto): texts from person to person, both directions. Streams that we
/// open belong to the outbox, streams of peers to the inbox. After any input the owner drains pollRequest(),
/// pollStore(), pollWant() and poll().
class TextProtocol final : public swarm::Protocol {
  public:
    /// `book` outlives the protocol; it is only asked who a peer is.
    TextProtocol(const peers::PeerBook& book, Random& random, const Log& log)
        : m_outbox(random, log),
          m_inbox(book, log) {}

    // --- commands ---
    /// `text` within checkText(). Sent, or failed when `wait` is over: the outcome is TextSent or TextFailed.
    TextId send(const crypto::PeerId& peer, std::string text, Duration wait, Now now,
                const std::optional<MessageId>& id = {}) {
        return m_outbox.send(peer, std::move(text), wait, now, id);
    }
    /// A wanted peer could not be reached just now. IdentityMismatch and PermissionDenied fail its texts at once.
    void onPeerUnreachable(const crypto::PeerId& peer, const Error& error, Now now) {
        m_outbox.onUnreachable(peer, error, now);
    }
    /// TextFailed follows. False: no such text is on its way.
    bool cancel(TextId id, link::StreamIo& io) { return m_outbox.cancel(id, io); }
    void setInbox(InboxPolicy policy) { m_inbox.setPolicy(policy); }
    void shutdown(link::StreamIo& io) { m_outbox.cancelAll(io); }

    // --- store ---
    void start() { m_inbox.start(); }
    void onStoreScanned(const StoreScanned& scanned, link::StreamIo& io, Now now) {
        m_inbox.onScanned(scanned, io, now);
    }
    std::optional<StoreOp> pollStore() { return m_inbox.pollStore(); }

    // --- outputs ---
    std::optional<TextEvent> poll();
    /// A peer to be dialled for a text that waits.
    std::optional<crypto::PeerId> pollWant() { return m_outbox.pollWant(); }

    // --- swarm::Protocol ---
    std::span<const std::string> protocolIds() const override;
    bool runsOverRelay() const override { return true; }
    void onPeerConnected(const swarm::PeerInfo& info, link::StreamIo& io, Now now) override;
    void onPeerMoved(const swarm::PeerInfo& info, Now now) override;
    void onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) override;
    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now) override;
    void onStreamFailed(swarm::RequestTag tag, const crypto::PeerId& peer, const Error& error, link::StreamIo& io,
                        Now now) override;
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onWritable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onReset(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onStopped(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onClosed(link::StreamKey key, link::StreamIo& io, Now now) override;
    Instant deadline() const override;
    void onDeadline(link::StreamIo& io, Now now) override;
    std::optional<swarm::SwarmRequest> pollRequest() override { return m_outbox.pollRequest(); }

  private:
    Outbox m_outbox;
    Inbox m_inbox;
};

} // namespace wherry::text
