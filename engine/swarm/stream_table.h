#pragma once

#include "link/link.h"
#include "link/multistream.h"
#include "swarm/protocol.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

namespace wherry::swarm {

/// Who a stream belongs to at present.
enum class StreamPhase : uint8_t {
    Inbound,   ///< the peer has opened it; no protocol is agreed
    Outbound,  ///< we have opened it and wait for the agreed protocol
    Lazy,      ///< its protocol owns it and may write; the peer's answer has not been read
    Owned,     ///< agreed
    Abandoned, ///< both halves are reset; only its end is awaited
};

struct StreamRecord {
    link::Carrier* carrier = nullptr;
    link::StreamKey inner; ///< the carrier's own name for it
    crypto::PeerId peer;
    StreamPhase phase = StreamPhase::Inbound;
    Protocol* owner = nullptr;
    bool outbound = false;
    RequestTag tag = 0;
    std::variant<std::monostate, link::MultistreamInitiator, link::MultistreamResponder> negotiator;
    Bytes pending; ///< negotiation messages that the stream has not taken yet; bounded by kMaxProposals
    Instant deadline = kNever;
    uint64_t heardBefore = 0;               ///< outbound: bytes that had come over the link when it was opened
    const std::string* countedAs = nullptr; ///< the inbound protocol whose budget it uses
    // Lazy only: what its protocol has asked for and what has to wait for the answer.
    bool finHeld = false;
    std::optional<uint64_t> stopHeld;
    std::optional<uint64_t> stoppedHeld; ///< the peer's stop: its answer says whether that is a refusal
    bool resetSent = false;
    bool sendDead = false; ///< the peer has stopped our half
};

struct StreamKeyHash {
    size_t operator()(const link::StreamKey& key) const {
        return std::hash<uint64_t>()(key.link.value * 0x9e3779b97f4a7c15ull ^ key.stream);
    }
};

/// All streams of all links, and the view of them that protocols get: it knows only streams that a protocol owns, and
/// on lazily negotiated ones it shows no byte before the peer's answer and holds FIN back until then (a peer may lose a
/// request whose FIN arrives before its handler: js-libp2p does).
class StreamTable final : public link::StreamIo {
  public:
    StreamRecord* find(link::StreamKey key);
    const StreamRecord* find(link::StreamKey key) const;
    StreamRecord& insert(link::StreamKey key, StreamRecord record);
    void erase(link::StreamKey key) { m_streams.erase(key); }
    size_t size() const { return m_streams.size(); }

    /// What was held back goes out: the answer has been read, or pending negotiation bytes have left.
    void releaseHeld(StreamRecord& record);

    /// Credit may come after its stream has closed; then it still belongs to the link.
    void addLink(link::LinkId id, link::Carrier& carrier, link::LinkId inner) { m_links[id] = {&carrier, inner}; }
    void removeLink(link::LinkId id) { m_links.erase(id); }

    size_t available(link::StreamKey key) const override;
    ByteView front(link::StreamKey key) const override;
    void consume(link::StreamKey key, size_t count) override;
    Slices take(link::StreamKey key, size_t count) override;
    void credit(link::StreamKey key, size_t count) override;
    bool atEnd(link::StreamKey key) const override;
    size_t writable(link::StreamKey key) const override;
    size_t unacknowledged(link::StreamKey key) const override;
    void write(link::StreamKey key, Slice bytes, link::Fin fin) override;
    void reset(link::StreamKey key, uint64_t code) override;
    void stop(link::StreamKey key, uint64_t code) override;

  private:
    const StreamRecord* owned(link::StreamKey key) const;
    StreamRecord* owned(link::StreamKey key);
    const StreamRecord* answered(link::StreamKey key) const;

    std::unordered_map<link::StreamKey, StreamRecord, StreamKeyHash> m_streams;
    std::unordered_map<link::LinkId, std::pair<link::Carrier*, link::LinkId>> m_links;
};

} // namespace wherry::swarm
