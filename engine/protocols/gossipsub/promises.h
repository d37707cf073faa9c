#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"
#include "protocols/gossipsub/message.h"

#include <map>
#include <string>
#include <vector>

namespace wherry::gossipsub {

/// Messages that peers have said they have and are asked for (libp2p/specs gossipsub v1.1, "Spam Protection Measures"):
/// of each IHAVE one, which counts against its peer when it does not come in time. The time runs from when the question
/// has gone; a question that a lost connection may have taken with it is put again. Bounded by kMaxPromisesPerPeer.
class Promises {
  public:
    /// The question waits to be taken; it is forgotten at `until`.
    void add(const MessageId& id, const crypto::PeerId& peer, const std::string& topic, Instant until);
    /// It has gone: the answer is due.
    void asked(const MessageId& id, const crypto::PeerId& peer, Instant due);
    /// What was asked may be lost: the ids to ask for again, which are forgotten at `until`.
    std::vector<MessageId> askAgain(const crypto::PeerId& peer, Instant until);
    /// The message is here, from whomever.
    void kept(const MessageId& id);
    /// Nobody here wants it any longer.
    void forgetTopic(const std::string& topic);
    /// Those that are over and were asked for, by peer.
    std::map<crypto::PeerId, size_t> broken(Instant now);
    size_t size() const;

  private:
    struct Promise {
        std::string topic;
        Instant until;
        bool asked = false;
    };
    template <typename IsOver> void eraseWhere(const IsOver& isOver);

    std::map<MessageId, std::map<crypto::PeerId, Promise>> m_promises;
    std::map<crypto::PeerId, size_t> m_counts;
};

} // namespace wherry::gossipsub
