#pragma once

#include "base/log.h"
#include "base/store.h"
#include "peers/peer_book.h"
#include "protocols/text/text_message.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace wherry::text {

/// A message of a peer: ids are the senders', so that only both together are one.
struct TextKey {
    crypto::PeerId peer;
    MessageId id{};
    auto operator<=>(const TextKey&) const = default;
};
/// A text is in the database, or could not be put there.
struct Shelved {
    TextKey key;
    bool stored = false;
    bool operator==(const Shelved&) const = default;
};
enum class Shelving : uint8_t {
    Begun,    ///< Shelved follows
    UnderWay, ///< the same message is on its way into the database
    Known,    ///< it is there already
    NoRoom,   ///< the peer's share, or that of all strangers, is used up
    NotReady, ///< the shelf is being read, or cannot be
};

/// Whether the bounds of strangers count for a peer that is one.
enum class Quota : uint8_t { OfStrangers, None };

/// The texts that have been received, in Space::Texts, with facts about each in memory (about 150 bytes).
///
/// Rows: 0x01 | length of peer id | peer id | message id -> received (8 bytes), bytes (4 bytes), told (1 byte);
/// 0x02 and the same -> the text. A text is stored when the row of its facts has been read back behind its Put.
/// Invariants: the bounds of text_limits.h; texts of strangers (peers that the person has not decided about) never push
/// out anything; nothing is shown twice after markTold().
class TextShelf {
  public:
    TextShelf(const peers::PeerBook& book, const Log& log) : m_book(book), m_log(log) {}

    void start();
    /// Ids of StoreUser::Texts.
    void onScanned(const StoreScanned& scanned);
    std::optional<StoreOp> pollStore();
    std::optional<Shelved> poll();

    Shelving put(const crypto::PeerId& peer, const Message& message, Quota quota, Now now);
    /// Whether a stored text has been shown; texts that are not stored have.
    bool isTold(const TextKey& key) const;
    void markTold(const TextKey& key);
    size_t size() const { return m_facts.size(); }

  private:
    enum class State : uint8_t { Loading, Ready, Unreadable };
    struct Facts {
        UnixTime received{};
        uint32_t bytes = 0;
        bool told = false;
        bool stored = false;
    };
    struct Share {
        size_t texts = 0;
        uint64_t bytes = 0;
    };

    void onRows(const StoreScanned& scanned);
    bool addRow(ByteView key, ByteView value);
    bool hasRoom(const crypto::PeerId& peer, size_t bytes) const;
    void dropExpired(Now now);
    void makeRoom(size_t texts, size_t bytes);
    void giveUp(const TextKey& key);
    void add(const TextKey& key, const Facts& facts);
    void drop(const TextKey& key);
    void saveFacts(const TextKey& key, const Facts& facts);
    bool isStranger(const crypto::PeerId& peer) const;
    UnixTime expiry(const TextKey& key, UnixTime received) const;

    const peers::PeerBook& m_book;
    const Log& m_log;
    State m_state = State::Loading;
    std::map<TextKey, Facts> m_facts;
    std::set<std::pair<UnixTime, TextKey>> m_byAge;
    std::map<crypto::PeerId, Share> m_shares;
    uint64_t m_bytes = 0;
    std::map<StoreRequestId, TextKey> m_readBack;
    uint64_t m_lastScan = 0;
    std::deque<StoreOp> m_store;
    std::deque<Shelved> m_events;
};

} // namespace wherry::text
