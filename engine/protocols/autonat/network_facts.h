#pragma once

#include "codec/ip.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "discovery/discovery.h"
#include "protocols/autonat/reachability.h"

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

namespace wherry::autonat {

/// What a fact about the network around this node is about.
enum class Subject : uint8_t {
    Mapping4, ///< what becomes of our IPv4 source addresses on the way out (RFC 4787 4.1)
    Mapping6, ///< of our IPv6 ones: NAT66, NPTv6 (RFC 6296)
    Incoming4, ///< whether others can begin, over IPv4
    Incoming6,
    Udp,
    Multicast,
};
enum class Finding : uint8_t {
    Unknown,
    Untranslated,        ///< Mapping: peers see our own addresses
    PrefixTranslated,    ///< Mapping6: another network's prefix before our own interface identifier, the port unchanged
    EndpointIndependent, ///< Mapping: all of several networks see one outer end, which is not ours
    EndpointDependent,   ///< Mapping: each network sees another outer end
    Open,                ///< Incoming: somebody has come in
    Filtered,            ///< Incoming: nobody who tried came in
    Passes,              ///< Udp: QUIC has reached somebody, or somebody us
    Blocked,             ///< Udp: where QUIC was tried and TCP worked, QUIC never did
    Heard,               ///< Multicast: somebody here is heard by it
    Isolated,            ///< Multicast: devices here are connected, and none of them is heard by it
};
/// "mapping4", "endpoint-independent": stable, for scripts.
std::string_view subjectName(Subject subject);
std::string_view findingName(Finding finding);

/// On whose word, or by whose connection.
struct Clue {
    crypto::PeerId peer;
    codec::Multiaddr address; ///< Mapping: where it sees us; Incoming: what it tried; else where it is itself
    bool operator==(const Clue&) const = default;
};
struct NetworkFact {
    Subject subject = Subject::Udp;
    Finding finding = Finding::Unknown;
    std::vector<Clue> clues; ///< at most kMaxEvidence
    bool operator==(const NetworkFact&) const = default;
};

/// Knows what stands between this node and others, from what peers say and what connections have shown: routers that
/// translate, firewalls, networks without UDP or multicast. Decides nothing; whoever punches, keeps mappings alive or
/// advises a person reads it. A peer that lies changes nothing alone: a mapping takes peers of kObserversNeeded
/// networks, and what a connection shows is proven by its handshake.
class NetworkFacts {
  public:
    /// The ends at which QUIC listens, and every address of our interfaces with its prefix. A change forgets what was
    /// learnt in the network before.
    void setListening(std::vector<codec::SocketAddress> ends);
    void setInterfaces(std::vector<discovery::OwnAddress> addresses);
    /// A peer sees us at `us` over a link whose ends are `local` and `remote`. Only links of QUIC from where we listen
    /// count: TCP leaves from any port.
    void onObserved(const crypto::PeerId& peer, const codec::Multiaddr& local, const codec::Multiaddr& remote,
                    const codec::Multiaddr& us);
    /// These addresses of a peer that is not connected are being dialled, QUIC first; onOpened() or onDialFailed()
    /// follows.
    void onDialling(const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses);
    void onDialFailed(const crypto::PeerId& peer);
    /// A link is open, or a direct one has taken the place of one through a relay.
    void onOpened(const crypto::PeerId& peer, const codec::Multiaddr& remote, Instant now);
    void onGone(const crypto::PeerId& peer);
    /// Multicast DNS knows the peer, or does not any more.
    void onHeard(const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses);
    void onUnheard(const crypto::PeerId& peer);

    Finding mapping(codec::IpAddress::Family family) const;
    /// In the order of Subject; Unknown ones too. `outside`: Reachability::facts().
    std::vector<NetworkFact> facts(const std::vector<AddressFact>& outside, Instant now) const;

  private:
    struct Vote {
        codec::SocketAddress seen;
        codec::IpAddress network; ///< of the peer
        uint64_t order = 0;
    };
    struct Near {
        codec::Multiaddr remote;
        Instant since;
    };
    using Family = codec::IpAddress::Family;

    void forget();
    bool isOwn(const codec::SocketAddress& seen) const;
    bool hasOwnIdentifier(const codec::SocketAddress& seen) const;
    Finding judge(const codec::SocketAddress& seen) const;
    NetworkFact mappingFact(Family family) const;
    NetworkFact udpFact() const;
    NetworkFact multicastFact(Instant now) const;

    std::vector<codec::SocketAddress> m_listening;
    std::vector<discovery::OwnAddress> m_own;
    std::map<crypto::PeerId, Vote> m_votes;
    std::map<crypto::PeerId, std::set<codec::IpAddress>> m_tried; ///< hosts to which QUIC is being tried
    std::map<crypto::PeerId, codec::Multiaddr> m_quic;    ///< reached by QUIC
    std::map<crypto::PeerId, codec::Multiaddr> m_noQuic;  ///< reached only otherwise
    std::map<crypto::PeerId, codec::Multiaddr> m_heard;   ///< by multicast
    std::map<crypto::PeerId, Near> m_near;                ///< connected, on a network of ours
    uint64_t m_observations = 0;
};

} // namespace wherry::autonat
