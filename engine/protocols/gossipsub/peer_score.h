#pragma once

#include "base/time.h"
#include "codec/ip.h"
#include "crypto/peer_id.h"
#include "protocols/gossipsub/config.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace wherry::gossipsub {

/// What this node thinks of each peer's behaviour (libp2p/specs gossipsub v1.1, "Peer Scoring"). Who goes with a bad
/// score finds it again when it comes back within ScoreParams::retain; a good one is forgotten at once.
class PeerScore {
  public:
    /// `params` outlives this.
    explicit PeerScore(const ScoreParams& params) : m_params(params) {}

    /// `address`: where it comes from, when that is known and says something (not this device itself).
    void onPeer(const crypto::PeerId& peer, std::optional<codec::IpAddress> address, Instant now);
    void onPeerGone(const crypto::PeerId& peer, Instant now);
    void onGraft(const crypto::PeerId& peer, const std::string& topic, Instant now);
    void onPrune(const crypto::PeerId& peer, const std::string& topic);
    void onFirstDelivery(const crypto::PeerId& peer, const std::string& topic);
    /// Of a message that was accepted so long ago.
    void onDuplicate(const crypto::PeerId& peer, const std::string& topic, Duration since);
    /// Whether onDuplicate() makes a difference in this topic.
    bool countsDuplicates(const std::string& topic) const { return paramsOf(topic).meshDeliveriesWeight != 0; }
    void onInvalid(const crypto::PeerId& peer, const std::string& topic);
    void onMisbehaviour(const crypto::PeerId& peer, double count);
    /// Decays, once a heartbeat; forgets what is over.
    void refresh(Instant now);

    double score(const crypto::PeerId& peer, Instant now) const;
    size_t size() const { return m_peers.size(); }

  private:
    struct TopicStats {
        std::optional<Instant> inMeshSince;
        double firstDeliveries = 0;
        double meshDeliveries = 0;
        double meshFailures = 0;
        double invalid = 0;
        bool isNothing() const;
    };
    struct Stats {
        std::map<std::string, TopicStats> topics; ///< of ours: at most kMaxOwnTopics
        double misbehaviour = 0;
        std::optional<codec::IpAddress> address;
        std::optional<Instant> goneUntil; ///< it is not connected
    };

    const TopicScoreParams& paramsOf(const std::string& topic) const;
    double topicScore(const TopicStats& stats, const TopicScoreParams& params, Instant now) const;
    bool isActive(const TopicStats& stats, const TopicScoreParams& params, Instant now) const;
    double scoreOf(const crypto::PeerId& peer, const Stats& stats, Instant now) const;
    void forgetAddress(const crypto::PeerId& peer, Stats& stats);
    void decay(Stats& stats);

    const ScoreParams& m_params;
    Instant m_now{}; ///< of the last refresh
    std::map<crypto::PeerId, Stats> m_peers;
    std::map<codec::IpAddress, std::set<crypto::PeerId>> m_addresses; ///< of those that are connected
    size_t m_gone = 0;
};

} // namespace wherry::gossipsub
