#pragma once

#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "link/link.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace wherry::node {

/// What one peer sees of us over one link.
struct Sight {
    crypto::PeerId peer;
    codec::IpAddress from;  ///< where the peer is
    codec::Multiaddr us;    ///< where it sees us
    codec::Multiaddr local; ///< our end of the link
    link::Side side = link::Side::Dialer;
};

/// Where this node is seen from outside, which is where hole punching has others send to. A peer has one vote for each
/// transport and family, for what it has said last; links that did not leave from where we listen say nothing. An
/// address that peers of two networks name comes before one that a single peer names, and that counts only of peers
/// that we dialled: whoever comes to us could name a victim. What kind of NAT it is, autonat's NetworkFacts knows.
class SeenAddresses {
  public:
    /// Where we listen now. A change forgets what was seen, which was seen of the network that we were in.
    void setListening(const std::vector<codec::Multiaddr>& addresses);
    void onSeen(const Sight& sight);
    /// What a peer has said counts while it is connected.
    void onGone(const crypto::PeerId& peer);
    /// The likeliest first, at most `most`: public addresses of our own; those that are seen; and where only QUIC has
    /// been seen, and at its own port, the TCP port of the same host, which such a NAT leaves alone as well.
    std::vector<codec::Multiaddr> candidates(size_t most) const;
    uint64_t version() const { return m_version; }

  private:
    struct Key {
        crypto::PeerId peer;
        codec::Transport transport = codec::Transport::Quic;
        bool ipv4 = false;
        auto operator<=>(const Key&) const = default;
    };
    struct Vote {
        codec::SocketAddress us;
        codec::IpAddress site; ///< of the peer
        uint16_t localPort = 0;
        bool dialled = false;
        uint64_t order = 0;
    };
    struct Ranked {
        codec::SocketAddress at;
        size_t networks = 0;
        uint64_t order = 0;
        bool keepsPort = false;
    };
    std::vector<Ranked> ranked(codec::Transport transport, bool ipv4) const;

    std::vector<codec::Multiaddr> m_listening;
    std::map<codec::Transport, std::set<uint16_t>> m_ports; ///< that we listen at
    std::map<Key, Vote> m_votes;
    uint64_t m_order = 0;
    uint64_t m_version = 0;
};

} // namespace wherry::node
