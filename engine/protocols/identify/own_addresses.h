#pragma once

#include "base/time.h"
#include "codec/multiaddr.h"
#include "codec/reach.h"
#include "crypto/identity.h"

#include <array>
#include <cstdint>
#include <vector>

namespace wherry::identify {

/// Where we are, as each peer is told it: only what can lead here from where that peer is, so that nobody on the
/// Internet learns what our network looks like from within, and what we have signed is fit to be handed on by whoever
/// has it to others in the same place.
class OwnAddresses {
  public:
    /// All of them, without /p2p, the best first. Whether they are others than before.
    bool set(std::vector<codec::Multiaddr> addresses, Now now);

    /// At most kMaxOwnAddresses; where there are more, those through relays stay, which are good for everybody.
    const std::vector<codec::Multiaddr>& toldFrom(codec::Reach place) const { return at(place).told; }
    /// These as a signed record, which is made once. Its number is one for all places, so that the newest that somebody
    /// has counts, wherever it is from. Empty: none was ever set.
    const Bytes& recordFor(codec::Reach place, const crypto::Identity& identity);
    /// Who has been told under this number knows what is told at this place.
    uint64_t version(codec::Reach place) const { return at(place).version; }

  private:
    struct Place {
        std::vector<codec::Multiaddr> told;
        uint64_t version = 0;
        Bytes record;
    };
    const Place& at(codec::Reach place) const { return m_places[static_cast<size_t>(place)]; }
    void tell(Place& place, std::vector<codec::Multiaddr> addresses);

    std::vector<codec::Multiaddr> m_all;
    std::array<Place, codec::kReaches.size()> m_places;
    uint64_t m_seq = 0; ///< of the records
    uint64_t m_lastVersion = 0;
};

} // namespace wherry::identify
