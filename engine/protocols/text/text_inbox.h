#pragma once

#include "base/deadline_set.h"
#include "base/rate_table.h"
#include "codec/frame.h"
#include "protocols/text/text_shelf.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <optional>

namespace wherry::text {

/// From whom texts are taken. Blocked peers are refused in each.
enum class InboxPolicy : uint8_t {
    Closed,  ///< from nobody: this program shows no texts
    Trusted, ///< from peers that the person trusts
    Guarded, ///< from everybody; strangers within their own narrow bounds
    Open,    ///< from everybody, strangers as known peers
};

/// A text, in the database and not shown before (a process that was killed between both shows it again).
struct TextReceived {
    crypto::PeerId peer;
    MessageId message{};
    std::string text;      ///< raw: to be neutralised before it is shown
    UnixTime sentAt{};     ///< what the sender's clock says; zero: unknown
    UnixTime receivedAt{}; ///< by our clock
    bool stranger = false; ///< of a peer that the person has not decided about: a request rather than a message
    bool operator==(const TextReceived&) const = default;
};

/// The receiving half of /wherry/text/1. A text is judged when it is here as a whole: refused, put off, answered
/// because it is known already, or put onto the shelf; it is answered and shown when the database has it.
///
/// Texts of peers that are neither trusted nor named are taken (policy Guarded: a first word must be possible), but
/// their keys cost nothing: each may leave kMaxTextsPerStranger, all together kMaxStrangerTexts, at the rates of
/// text_limits.h, and connecting anew gives no new share.
class Inbox {
  public:
    Inbox(const peers::PeerBook& book, const Log& log) : m_book(book), m_log(log), m_shelf(book, log) {}

    void setPolicy(InboxPolicy policy) { m_policy = policy; }
    void start() { m_shelf.start(); }
    void onScanned(const StoreScanned& scanned, link::StreamIo& io, Now now);
    std::optional<StoreOp> pollStore() { return m_shelf.pollStore(); }
    std::optional<TextReceived> poll();

    void onConnected(const crypto::PeerId& peer, const codec::Multiaddr& remote);
    void onGone(const crypto::PeerId& peer);
    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now);
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now);
    void onWritable(link::StreamKey key, link::StreamIo& io);
    void onBroken(link::StreamKey key, link::StreamIo& io);
    void onClosed(link::StreamKey key);
    Instant deadline() const;
    void onDeadline(link::StreamIo& io, Now now);

  private:
    struct Incoming {
        crypto::PeerId peer;
        codec::FrameReader frames{kMaxMessageBytes};
        std::optional<MessageId> waitsFor; ///< is judged; the database is asked
        Bytes reply;                       ///< ours, framed: what is still to be written
        Instant by = kNever;
        DeadlineSet<link::StreamKey, crypto::PeerId>::Entry deadline;
    };

    bool withinRate(const crypto::PeerId& peer, Now now);
    bool isKnown(const crypto::PeerId& peer) const;
    bool isWelcome(const crypto::PeerId& peer) const;
    bool admit(const crypto::PeerId& peer, bool stranger, link::StreamIo& io);
    std::optional<Reply> judge(Incoming& incoming, Message message, Now now);
    void show(const TextKey& key, Message message, Now now);
    void answer(link::StreamKey key, Incoming& incoming, Reply reply, link::StreamIo& io);
    void write(link::StreamKey key, Incoming& incoming, link::StreamIo& io);
    void refuse(link::StreamKey key, link::StreamIo& io, uint64_t code);

    const peers::PeerBook& m_book;
    const Log& m_log;
    TextShelf m_shelf;
    InboxPolicy m_policy = InboxPolicy::Closed;
    RateLimit m_strangers{kStrangersInterval, kStrangersBurst};
    // Of peers whether they are connected or not; which ones count depends on whether the person knows the peer.
    RateTable<crypto::PeerId> m_knownRates{{kKnownPerSecond, kKnownBurst}, kMaxRates};
    RateTable<crypto::PeerId> m_strangerRates{{kStrangerInterval, kStrangerBurst}, kMaxRates};
    RateTable<codec::IpAddress> m_prefixRates{{kPrefixInterval, kPrefixBurst}, kMaxRates};
    std::map<crypto::PeerId, codec::IpAddress> m_prefixes; ///< where those that are connected come from
    DeadlineSet<link::StreamKey, crypto::PeerId> m_silent; ///< of strangers whose text is not here yet
    DeadlineSet<link::StreamKey, crypto::PeerId> m_heard;  ///< of strangers whose text is judged
    DeadlineSet<link::StreamKey, crypto::PeerId> m_known;  ///< of all others
    std::map<link::StreamKey, Incoming> m_incoming;        ///< each with its deadline in one of the three
    std::map<TextKey, Message> m_pending; ///< on their way into the database; their streams may have ended meanwhile
    std::deque<TextReceived> m_events;
};

} // namespace wherry::text
