#pragma once

#include "base/block.h"
#include "crypto/peer_id.h"
#include "protocols/gossipsub/message.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace wherry::gossipsub {

/// The messages of the last few heartbeats, for those who are told of them and ask (libp2p/specs gossipsub v1.0,
/// "Message Cache"). Bounded by heartbeats, number and bytes: the oldest goes first.
class MessageCache {
  public:
    struct Bounds {
        size_t windows = 5;
        size_t messages = 0;
        size_t bytes = 0;
    };
    explicit MessageCache(Bounds bounds) : m_bounds(bounds), m_counts{0} {}

    void put(const MessageId& id, const std::string& topic, Slice encoded);
    /// nullptr: it is not here.
    const Slice* find(const MessageId& id) const;
    /// How often this peer has been sent it because it asked.
    size_t sent(const MessageId& id, const crypto::PeerId& peer) const;
    void noteSent(const MessageId& id, const crypto::PeerId& peer);
    /// The ids of a topic in the last `windows` heartbeats, the newest first.
    std::vector<MessageId> recent(const std::string& topic, size_t windows) const;
    /// A heartbeat.
    void shift();

    size_t size() const { return m_entries.size(); }
    size_t bytes() const { return m_bytes; }

  private:
    struct Entry {
        std::string topic;
        Slice encoded;
        std::map<crypto::PeerId, size_t> sent;
    };
    using Entries = std::map<MessageId, Entry>;
    struct OfTopic {
        uint64_t heartbeat = 0;
        const MessageId* id = nullptr; ///< the entry's own
    };
    void dropOldest();
    void eraseOldest();

    Bounds m_bounds;
    Entries m_entries;
    std::deque<Entries::iterator> m_order;               ///< the oldest first
    std::map<std::string, std::deque<OfTopic>> m_topics; ///< each in the same order
    uint64_t m_heartbeat = 0;
    std::deque<size_t> m_counts;   ///< messages of each heartbeat, the present one last
    size_t m_bytes = 0;
};

} // namespace wherry::gossipsub
