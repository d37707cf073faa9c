#pragma once

#include "base/random.h"
#include "protocols/mdns/mdns_limits.h"
#include "protocols/mdns/messages.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <variant>
#include <vector>

namespace wherry::mdns {

/// Who has been heard, on which link, and until when. Everything in it is a claim of somebody on that link; its size
/// and the rate of its changes are bounded whatever is claimed (mdns_limits.h).
class PeerCache {
  public:
    explicit PeerCache(Random& random) : m_random(random) {}

    /// What one message says; the addresses are only those that may be dialled from here.
    void hear(uint32_t interface, const codec::IpAddress& source, std::span<const Claim> claims, Instant now);
    /// The link is gone.
    void forgetLink(uint32_t interface);
    void forgetAll();

    /// Drops what has run out. Returns the links on which names must be asked for again.
    std::set<uint32_t> onDeadline(Instant now);
    Instant deadline() const { return m_deadline; }
    /// Names on this link with more than half their time left.
    std::vector<KnownName> known(uint32_t interface, Instant now) const;

    /// What has changed since the last call.
    std::optional<std::variant<discovery::PeerFound, discovery::PeerExpired>> poll();

    size_t names() const { return m_names.size(); }

  private:
    struct Life {
        Instant heard;
        Instant expires;
    };
    struct Name {
        codec::IpAddress source;                           ///< who said it first
        Instant since;                                     ///< and when
        std::map<codec::TransportAddress, Life> addresses; // QUIC first
        Instant heard;
        Instant expires;
        size_t refreshes = 0; ///< done since it was heard
        Instant refresh;
    };
    /// Whoever takes somebody else's name gets an entry of his own and does not stand in the way of the other.
    struct Key {
        uint32_t interface;
        codec::DnsName name;
        crypto::PeerId peer;
        auto operator<=>(const Key&) const = default;
    };

    void take(uint32_t interface, const codec::IpAddress& source, const Claim& claim, Instant now);
    bool makeRoom(const crypto::PeerId& peer, const codec::IpAddress& source, Instant now);
    Name* nameFor(const Key& key, const codec::IpAddress& source, Instant now);
    bool addAddress(Name& name, const codec::TransportAddress& address, Life life, Instant now);
    void sayGoodbye(uint32_t interface, const Claim& claim, Instant now);
    void scheduleRefresh(Name& name);
    bool takeNews(Instant now);
    std::vector<codec::Multiaddr> addressesOf(const crypto::PeerId& peer) const;
    void settle();

    Random& m_random;
    std::map<Key, Name> m_names;
    std::set<crypto::PeerId> m_changed;
    std::set<crypto::PeerId> m_reported;
    size_t m_news = kNewsBurst;
    Instant m_newsSince{};
    Instant m_deadline = kNever;
};

} // namespace wherry::mdns
