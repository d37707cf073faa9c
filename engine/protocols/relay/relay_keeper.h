#pragma once

#include "base/random.h"
#include "base/time.h"
#include "crypto/peer_id.h"
#include "protocols/relay/relay_limits.h"

#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace wherry::relay {

/// Ask this relay, which is connected, for a reservation.
struct AskRelay {
    crypto::PeerId relay;
    bool operator==(const AskRelay&) const = default;
};
/// Connect to this relay.
struct MeetRelay {
    crypto::PeerId relay;
    bool operator==(const MeetRelay&) const = default;
};
using KeeperAction = std::variant<AskRelay, MeetRelay>;

/// With which relays to hold reservations: with every one that the person has named, always; and, while this node is
/// not known to be reachable, with up to kWantedRelays in all, of those that we have met.
///
/// A relay: known -> (met) -> asked -> held -> asked anew after three quarters of its time -> ... Who refuses or does
/// not answer is left in peace for a pause that doubles. A relay whose connection is lost is met again, as long as it
/// is wanted: one that was named for ever, another until the pause has reached kMaxPause, and only where no relay that
/// is connected will do. What nobody has named and that is not held is forgotten when there are more than
/// kMaxCandidates.
class RelayKeeper {
  public:
    /// `random`: which of many is asked, so that not all go to the same.
    explicit RelayKeeper(Random& random) : m_random(random) {}

    /// What the person has named.
    void setConfigured(const std::vector<crypto::PeerId>& relays, Now now);
    /// Whether relays are wanted that nobody has named.
    void setWanted(bool wanted) { m_wanted = wanted; }
    /// What those hold for us that nobody has named is given up now, instead of left to run out.
    void giveUpUnnamed(Now now);

    /// It is connected directly, or not any more (also: only through a relay).
    void onConnected(const crypto::PeerId& relay);
    void onGone(const crypto::PeerId& relay, Now now);
    /// What identify says.
    void onServes(const crypto::PeerId& relay, bool serves, Now now);
    void onReserved(const crypto::PeerId& relay, Instant until, Now now);
    /// It has said no, or nothing.
    void onFailed(const crypto::PeerId& relay, Now now);
    void onUnreachable(const crypto::PeerId& relay, Now now);

    bool isHeld(const crypto::PeerId& relay) const;
    bool isKnown(const crypto::PeerId& relay) const { return m_relays.contains(relay); }
    std::vector<crypto::PeerId> held() const;
    size_t size() const { return m_relays.size(); }

    std::optional<KeeperAction> poll(Now now);
    Instant deadline() const;

  private:
    struct Relay {
        bool configured = false;
        bool connected = false;
        bool serves = false;
        bool busy = false; ///< being met or asked
        bool worthMeeting = false;    ///< it has served or granted, and can be reached as far as is known
        std::optional<Instant> until; ///< it is held
        Instant nextTry = Instant::min();
        Duration pause = kFirstPause;
    };
    size_t heldOrAsked() const;
    /// When there is something to do about it; kNever: nothing.
    Instant due(const Relay& relay) const;
    void fail(Relay& relay, Now now);
    Relay* known(const crypto::PeerId& relay);
    bool makeRoom();

    Random& m_random;
    bool m_wanted = false;
    std::map<crypto::PeerId, Relay> m_relays;
};

} // namespace wherry::relay
