#pragma once

#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "kad/kad_limits.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace wherry::kad {

/// Connect to this peer; the outcome is wanted as onConnected or onFailed.
struct Dial {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses;
    bool operator==(const Dial&) const = default;
};
/// Nobody waits for this dial any more; onFailed is wanted all the same.
struct GiveUpDial {
    crypto::PeerId peer;
    bool operator==(const GiveUpDial&) const = default;
};
enum class CloseWhen : uint8_t {
    Unused, ///< touch() it instead when something else goes on there, be it the peer's doing
    Now,    ///< its place is taken, and it counts no more: only what this device itself is doing there may keep it
};
/// Look-ups need this connection no more: close it.
struct CloseLink {
    crypto::PeerId peer;
    CloseWhen when = CloseWhen::Unused;
    bool operator==(const CloseLink&) const = default;
};
using LinkAction = std::variant<Dial, GiveUpDial, CloseLink>;

struct LinkCaps {
    size_t dialling = kMaxDialling;
    size_t queued = kMaxQueuedDials;
    size_t held = kMaxHeldLinks;
};

/// The connections that look-ups open, for all networks of a node together, so that a client costs a bounded number of
/// sockets, those of dials included, and next to nothing while it is idle (SECURITY D14). Who came to us, or whom
/// somebody else has dialled, is not counted and never closed here.
class Links {
  public:
    explicit Links(LinkCaps caps = {}) : m_caps(caps) {}

    /// Wants a peer that is not connected. False: too many dials wait already.
    bool want(const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses, Now now);
    /// The connection is being used.
    void touch(const crypto::PeerId& peer, Now now);
    /// Somebody else wants the connection too: from now on it is theirs.
    void release(const crypto::PeerId& peer);
    /// These stay; those that the same network kept before may go.
    void keep(const std::string& group, const std::vector<crypto::PeerId>& peers);

    void onConnected(const crypto::PeerId& peer, Now now);
    void onFailed(const crypto::PeerId& peer, Now now);
    void onGone(const crypto::PeerId& peer);

    Instant deadline() const;
    void onDeadline(Now now);
    std::optional<LinkAction> poll();

    size_t dialling() const { return m_dials.size(); }
    size_t held() const { return m_held.size(); }

  private:
    struct Under {
        Instant giveUp;
        bool givenUp = false;
    };
    void next(Now now);
    bool isKept(const crypto::PeerId& peer) const;
    void closeOldest();

    LinkCaps m_caps;
    std::map<crypto::PeerId, Under> m_dials;
    std::deque<Dial> m_queue;
    std::map<crypto::PeerId, Instant> m_held; ///< when last used
    std::map<std::string, std::set<crypto::PeerId>> m_kept;
    std::deque<LinkAction> m_actions;
};

} // namespace wherry::kad
