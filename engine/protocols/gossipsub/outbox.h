#pragma once

#include "base/block.h"
#include "base/time.h"
#include "crypto/peer_id.h"
#include "protocols/gossipsub/rpc.h"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wherry::gossipsub {

/// Whose a message is: ours pushes out older ones of others when there is no more room.
enum class Ownership : uint8_t { Ours, Others };

/// A whole RPC with its length in front.
struct OutFrame {
    Slices bytes;
    std::optional<MessageId> ours{}; ///< the message of ours that it carries
    std::vector<MessageId> wanted{}; ///< for which it asks
};

/// What waits to be written to one peer: control before messages, and of control only what still holds. Messages are
/// bounded by number, bytes and age; beyond these they are dropped, and gossip tells of them later.
class Outbox {
  public:
    void subscribe(const std::string& topic, bool on) { m_subscriptions[topic] = on; }
    /// The latest of the two holds.
    void graft(const std::string& topic) { m_mesh.insert_or_assign(topic, Graft{}); }
    void prune(Prune prune);
    /// Instead of what has not been told yet of this topic. At most kMaxIdsPerItem of all topics wait.
    void ihave(const std::string& topic, std::vector<MessageId> ids);
    /// How many of them there is room for.
    size_t iwant(std::vector<MessageId> ids);
    void dontWant(const MessageId& id);
    /// `via`: who has brought it, if it is not ours. False: there is no room for it. Who has brought more than others
    /// makes room for them.
    bool message(const MessageId& id, const Slice& encoded, Ownership whose, Instant now,
                 const crypto::PeerId& via = {});
    /// The peer has it.
    void cancel(const MessageId& id);
    /// Drops messages that have waited for too long.
    void expire(Instant now);
    /// Messages that were dropped for their age or for others of ours, since the last call.
    size_t takeDropped() { return std::exchange(m_dropped, 0); }

    std::optional<OutFrame> take(Instant now);
    bool empty() const;
    /// The messages of ours that wait.
    void addOurs(std::set<MessageId>& to) const;
    size_t messages() const { return m_messages.size(); }
    size_t bytes() const { return m_bytes; }

  private:
    struct Graft {};
    struct Waiting {
        MessageId id;
        Slice encoded;
        Ownership whose;
        Instant since;
        crypto::PeerId via;
    };
    using Messages = std::deque<Waiting>;
    Rpc takeControl();
    Messages::iterator drop(Messages::iterator at);
    Messages::iterator whatGivesWay(const Slice& encoded, Ownership whose, const crypto::PeerId& via);

    std::map<std::string, bool> m_subscriptions;
    std::map<std::string, std::variant<Graft, Prune>> m_mesh;
    std::map<std::string, std::vector<MessageId>> m_ihave;
    std::deque<MessageId> m_iwant;
    size_t m_iwantBytes = 0;
    std::deque<MessageId> m_dontWant;
    Messages m_messages;                        ///< the oldest first
    std::map<crypto::PeerId, size_t> m_weights; ///< of others' messages, by who has brought them
    size_t m_bytes = 0;
    size_t m_dropped = 0;
};

} // namespace wherry::gossipsub
