#pragma once

#include "base/log.h"
#include "base/random.h"
#include "discovery/discovery.h"
#include "protocols/mdns/messages.h"
#include "protocols/mdns/peer_cache.h"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace wherry::mdns {

inline constexpr uint16_t kPort = 5353;
/// 224.0.0.251 and ff02::fb (RFC 6762 3).
codec::IpAddress group(codec::IpAddress::Family family);

struct MdnsConfig {
    crypto::PeerId self;
    std::string serviceName = "_p2p._udp.local"; ///< another one makes a network of its own
};

/// Finds libp2p peers on the links of this machine by multicast DNS (RFC 6762; libp2p/specs discovery/mdns) and answers
/// those who ask. Each link and family is spoken on separately; answers name only addresses of that very link.
///
/// A link that appears: asked at once and with growing pauses, announced twice. A query for our service is answered
/// after a random short time, by multicast, once a second at most; our own queries too, as libp2p asks for. What is
/// heard is remembered for its TTL and asked for again before it runs out. At shutdown goodbye is said once. While it
/// is quiet it answers, and asks when somebody is sought, and nothing else; what the queries of others bring to light
/// it hears too.
///
/// Other than RFC 6762 6: answers from other ports than 5353 are heard (see onResponse).
/// Not done: probing for the name (it is random, 190 bits), answers by unicast, legacy queries as such (RFC 6762
/// 6.7: they come from other ports, and are answered by multicast), names resolved through SRV and A records of others.
class MdnsDiscovery final : public discovery::Discovery {
  public:
    /// InvalidArgument: the service name is none. `random` and `log` outlive the object.
    static Result<std::unique_ptr<MdnsDiscovery>> create(const MdnsConfig& config, Random& random, const Log& log);

    void setLinks(std::vector<discovery::LocalLink> links, Now now) override;
    void onDatagram(const discovery::Heard& heard, Now now) override;
    void onDeadline(Now now) override;
    Instant deadline() const override;
    void setQuiet(bool quiet, Now now) override;
    void ask(Now now) override;
    void shutdown(Now now) override;
    std::optional<discovery::Action> poll() override;

    /// The name of this run in the network.
    const codec::DnsName& instance() const { return m_names.instance; }

  private:
    using Family = codec::IpAddress::Family;
    /// One link and family.
    struct Channel {
        Instant query = kNever; ///< when to ask next
        Duration pause{};       ///< between this query and the one after
        Instant lastQuery = Instant::min();
        Instant answer = kNever; ///< when to answer next
        Instant lastAnswer = Instant::min();
        int announcements = 0; ///< still to be made
        bool services = false; ///< the next answer names our service type too
    };
    using ChannelKey = std::pair<uint32_t, Family>;

    MdnsDiscovery(OwnNames names, Random& random, const Log& log);
    void startChannel(ChannelKey key, Now now);
    void announce(Channel& channel, Now now);
    void onQuery(const codec::DnsMessage& query, Channel& channel, Now now);
    void onResponse(const codec::DnsMessage& response, const discovery::Heard& heard, Now now);
    void askSoon(Channel& channel, Now now);
    void ask(ChannelKey key, Channel& channel, Now now);
    void answer(ChannelKey key, Channel& channel, Now now);
    void send(ChannelKey key, Bytes bytes);
    Duration answerDelay();

    OwnNames m_names;
    Random& m_random;
    const Log& m_log;
    std::map<uint32_t, discovery::LocalLink> m_links;
    std::map<ChannelKey, Channel> m_channels;
    PeerCache m_cache;
    std::deque<discovery::SendMulticast> m_out;
    bool m_quiet = false;
};

} // namespace wherry::mdns
