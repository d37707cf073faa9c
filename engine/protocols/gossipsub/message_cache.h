#pragma once

#include "base/block.h"
#include "crypto/peer_id.h"
#include "protocols/gossipsub/message.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace wherry::gossipsub {

/// The messages of the last few heartbeats, for those who are told of them and ask (libp2p/specs gossipsub v1.0,
/// "Message Cache"). Bounded by heartbeats, number and bytes. Where there is no more room, the oldest goes of whoever
/// has brought the most: who says much pushes out nobody else.
class MessageCache {
  public:
    struct Bounds {
        size_t windows = 5;
        size_t messages = 0;
        size_t bytes = 0;
    };
    explicit MessageCache(Bounds bounds) : m_bounds(bounds) {}

    /// `via`: who has brought it; nobody: it is ours.
    void put(const MessageId& id, const std::string& topic, Slice encoded, const crypto::PeerId& via = {});
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
    using Number = uint64_t; ///< in the order in which they came
    struct Entry {
        std::string topic;
        Slice encoded;
        crypto::PeerId via;
        Number number = 0;
        uint64_t heartbeat = 0;
        std::map<crypto::PeerId, size_t> sent{};
    };
    using Entries = std::map<MessageId, Entry>;
    using Ordered = std::map<Number, Entries::iterator>;
    struct Source {
        Ordered entries;
        size_t weight = 0;
    };
    size_t weightOf(const Slice& encoded) const;
    void makeRoom();
    void erase(Entries::iterator at);

    Bounds m_bounds;
    Entries m_entries;
    Ordered m_order;
    std::map<std::string, Ordered> m_topics;
    std::map<crypto::PeerId, Source> m_sources;
    Number m_last = 0;
    uint64_t m_heartbeat = 0;
    size_t m_bytes = 0;
};

} // namespace wherry::gossipsub
