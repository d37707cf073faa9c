#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"

#include <map>
#include <vector>

namespace wherry::node {

/// Finds out soon that a peer is dead with which a transfer is under way, or whose offer waits for an answer. A link
/// says so after half a minute; meanwhile somebody looks at a transfer that does not move.
///
/// Whoever is quiet is asked for a sign of life, which anybody gives who lives, whatever it does otherwise. Only
/// transfers that move are worth a link that may come back: an offer that waits loses nothing with it but what the
/// person has chosen so far.
///
/// Time that passed between two looks that are far apart (the lid was closed) is nobody's silence.
class QuietPeers {
  public:
    /// A connected peer with which something is under way.
    struct AtWork {
        crypto::PeerId peer;
        bool moves = false;    ///< a transfer that both sides have agreed to
        uint64_t received = 0; ///< bytes over its link so far
    };
    struct Advice {
        enum class What : uint8_t { Probe, GiveUp };
        crypto::PeerId peer;
        What what = What::Probe;
        bool operator==(const Advice&) const = default;
    };

    /// Every kQuietLook: all that are at work now; who is not in it is forgotten.
    std::vector<Advice> look(const std::vector<AtWork>& peers, Instant now);

    /// For how long nothing has come from it, as far as the last look knows; 0: not worth a word.
    double silentSeconds(const crypto::PeerId& peer) const;

    Instant deadline() const { return m_lookAt; }
    /// Something is under way, so there is something to look at.
    void arm(Instant now);

  private:
    struct Watch {
        uint64_t received = 0;
        Instant heardAt{};
        Instant lookedAt{};
        bool probed = false;
    };
    std::map<crypto::PeerId, Watch> m_watched;
    Instant m_lookAt = kNever;
};

} // namespace wherry::node
