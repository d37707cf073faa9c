#pragma once

#include "base/random.h"
#include "base/store.h"
#include "node/event.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace wherry::node {

/// "sending", "delivered", "failed", "received".
std::string_view messageStateName(MessageState state);

/// A text that RetryText has found, to be sent under the id that it had: whoever has it already does not show it again.
struct ResendText {
    RequestId request;
    uint64_t number = 0;
    crypto::PeerId peer;
    text::MessageId id{};
    std::string text;
    Duration wait{};
};
using MessageNews = std::variant<MessagesListed, MessageChanged, MessagesGone, ResendText, RequestFailed>;

/// The conversations: what has been said by text to peers and by them, in Space::Messages, with facts about each in
/// memory (about 200 bytes). Where the inbox answers for what has arrived, this is what people look back at.
///
/// Rows: 0x01 | number -> facts; 0x02 | length of peer id | peer id | ~number -> the text, so that a page of one
/// conversation is one scan. Numbers grow over all peers.
/// Invariants: the bounds of node_limits.h, the oldest go first; one message id of a peer is here once; what was being
/// sent when the program ended has failed.
///
/// When the store cannot be read at the start, nothing is recorded until the next one. After any input drain
/// pollStore() and poll().
class MessageBook {
  public:
    explicit MessageBook(Random& random) : m_random(random) {}

    void start();
    /// The store has answered start(), well or badly.
    bool isReady() const { return m_ready; }
    void onStoreScanned(const StoreScanned& scanned);
    /// The store has lost what it held.
    void forgetAll();

    void onReceived(const text::TextReceived& received);
    struct Sending {
        uint64_t number = 0;
        text::MessageId id{};
    };
    Sending onSending(const crypto::PeerId& peer, const std::string& text, UnixTime now);
    void onSent(uint64_t number);
    void onFailed(uint64_t number, const Error& error);

    /// LimitReached: kMaxMessageQueries of them wait.
    Result<void> mayAsk() const;
    void list(const ListMessages& command, RequestId request);
    void retry(const RetryText& command, RequestId request);
    bool cancel(RequestId request);
    /// False: there was nothing to mark.
    bool markRead(const crypto::PeerId& peer, uint64_t upTo);
    void clear(const crypto::PeerId& peer);

    uint32_t unread(const crypto::PeerId& peer) const;
    size_t size() const { return m_facts.size(); }

    std::optional<StoreOp> pollStore();
    std::optional<MessageNews> poll();

  private:
    struct Facts {
        crypto::PeerId peer;
        text::MessageId id{};
        bool incoming = false;
        MessageState state = MessageState::Received;
        bool unread = false;
        UnixTime at{};
        uint32_t bytes = 0;
        std::optional<Error> error;
    };
    struct Conversation {
        std::set<uint64_t> numbers;
        uint32_t unread = 0;
    };
    struct Query {
        RequestId request;
        crypto::PeerId peer;
        uint32_t limit = 0;
        std::optional<Duration> resend; ///< RetryText: how long to try
        uint64_t number = 0;            ///< of it
    };

    void onLoaded(const StoreScanned& scanned);
    bool addRow(ByteView key, ByteView value);
    void onPage(const Query& query, const StoreScanned& scanned);
    void onFound(const Query& query, const StoreScanned& scanned);
    uint64_t add(Facts facts, const std::string& text);
    void note(uint64_t number, const Facts& facts);
    void makeRoom();
    void drop(uint64_t number);
    void save(uint64_t number, const Facts& facts);
    void tell(uint64_t number, const Facts& facts, std::string text);
    static MessageInfo infoOf(uint64_t number, const Facts& facts, std::string text);
    void ask(Query query, Bytes prefix, Bytes after, size_t limit);

    Random& m_random;
    bool m_ready = false;
    bool m_broken = false; ///< the store could not be read
    uint64_t m_last = 0;
    uint64_t m_bytes = 0;
    std::map<uint64_t, Facts> m_facts;
    std::map<crypto::PeerId, Conversation> m_conversations;
    uint64_t m_queries = 16; ///< numbers of store requests; the first is that of the start
    std::map<StoreRequestId, Query> m_asked;
    std::deque<StoreOp> m_store;
    std::deque<MessageNews> m_news;
};

} // namespace wherry::node
