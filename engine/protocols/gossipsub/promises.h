#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"
#include "protocols/gossipsub/message.h"

#include <map>

namespace wherry::gossipsub {

/// Messages that peers have said they have and were asked for (libp2p/specs gossipsub v1.1, "Spam Protection
/// Measures"): of each IHAVE one, which counts against its peer when it does not come in time. Bounded by
/// kMaxPromisesPerPeer.
class Promises {
  public:
    void add(const MessageId& id, const crypto::PeerId& peer, Instant until);
    /// The message is here, from whomever.
    void kept(const MessageId& id);
    void forget(const crypto::PeerId& peer);
    /// Those that are over, by peer.
    std::map<crypto::PeerId, size_t> broken(Instant now);
    size_t size() const;

  private:
    std::map<MessageId, std::map<crypto::PeerId, Instant>> m_promises;
    std::map<crypto::PeerId, size_t> m_counts;
};

} // namespace wherry::gossipsub
