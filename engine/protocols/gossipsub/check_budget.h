#pragma once

#include "base/rate_limit.h"
#include "base/time.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <map>

namespace wherry::gossipsub {

/// How much checking of signatures the messages of each peer may cost. A share is certain for each, however much the
/// others send; what goes beyond it comes out of what all have together. Whoever leaves and comes back finds what it
/// had left.
class CheckBudget {
  public:
    /// `cost`: as many Ed25519 signatures take as long. When it is false, its own share may have been spent.
    bool allow(const crypto::PeerId& peer, uint64_t cost, Instant now);
    /// Forgets who has all of its share again.
    void expire(Instant now);
    size_t size() const { return m_shares.size(); }

  private:
    struct Share {
        Share();
        RateLimit most;    ///< of this peer
        RateLimit certain; ///< whatever the others do
    };

    std::map<crypto::PeerId, Share> m_shares;
    RateLimit m_all = ofAll();
    static RateLimit ofAll();
};

/// What a message costs that is signed with a key of so many bytes; 0: with the one that the author's id holds. RSA
/// takes longer the longer its key is: of 8192 bits as long as eight of Ed25519.
uint64_t checkCost(size_t keyBytes);

} // namespace wherry::gossipsub
