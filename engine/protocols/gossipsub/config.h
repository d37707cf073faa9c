#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"
#include "crypto/public_key.h"
#include "protocols/gossipsub/message.h"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace wherry::gossipsub {

/// What a topic's traffic says of a peer (libp2p/specs gossipsub v1.1, "Topic Parameter Calculation and Decay"). A
/// weight of zero turns its part off. Decays are per heartbeat.
struct TopicScoreParams {
    double topicWeight = 1;
    // P1: time in the mesh
    double timeInMeshWeight = 0.01;
    Duration timeInMeshQuantum = std::chrono::seconds(1);
    double timeInMeshCap = 300;
    // P2: messages that it was the first to deliver
    double firstDeliveriesWeight = 0.5;
    double firstDeliveriesDecay = 0.99;
    double firstDeliveriesCap = 40;
    // P3: messages that it delivered while in the mesh; needs a rate that is known, so it is off
    double meshDeliveriesWeight = 0;
    double meshDeliveriesDecay = 0.97;
    double meshDeliveriesCap = 100;
    double meshDeliveriesThreshold = 20;
    Duration meshDeliveriesWindow = std::chrono::milliseconds(10);
    Duration meshDeliveriesActivation = std::chrono::seconds(30);
    // P3b: what it lacked when it left the mesh
    double meshFailureWeight = 0;
    double meshFailureDecay = 0.97;
    // P4: messages that were rejected. One is a bug, three are not
    double invalidWeight = -10;
    double invalidDecay = 0.997;
};

/// libp2p/specs gossipsub v1.1, "The Score Function". The defaults are those of js, except as said.
struct ScoreParams {
    double topicScoreCap = 30;
    double applicationWeight = 1; ///< P5
    double colocationWeight = -5; ///< P6
    double colocationThreshold = 10;
    double behaviourWeight = -10; ///< P7
    double behaviourThreshold = 0;
    double behaviourDecay = 0.98; ///< js 0.2: forgotten within a second or two
    double decayToZero = 0.1;
    Duration retain = std::chrono::hours(1);
    TopicScoreParams topic; ///< of every topic that has none of its own
    std::map<std::string, TopicScoreParams> topics;
    /// P5 of a peer; empty: zero.
    std::function<double(const crypto::PeerId&)> application;
};

struct ScoreThresholds {
    double gossip = -10;
    double publish = -50;
    double graylist = -80;
    /// Above ScoreParams::topicScoreCap: nobody earns with messages, which cost nothing, what only the application's
    /// good opinion brings.
    double acceptExchange = 40;
    double opportunisticGraft = 20;
};

/// StrictSign: every message has an author, a number and a signature; others are refused. StrictNoSign: none has.
enum class SignaturePolicy : uint8_t { StrictSign, StrictNoSign };

/// libp2p/specs gossipsub, "Parameters".
struct GossipsubConfig {
    size_t d = 6;
    size_t dLow = 4;
    size_t dHigh = 12;
    size_t dLazy = 6;
    size_t dScore = 4;
    size_t dOut = 2;
    double gossipFactor = 0.25;
    Duration heartbeat = std::chrono::seconds(1);
    Duration firstHeartbeat = std::chrono::milliseconds(100);
    size_t historyLength = 5;
    size_t historyGossip = 3;
    Duration fanoutTtl = std::chrono::seconds(60);
    Duration seenTtl = std::chrono::seconds(120);
    Duration pruneBackoff = std::chrono::seconds(60);
    Duration unsubscribeBackoff = std::chrono::seconds(10);
    Duration graftFloodThreshold = std::chrono::seconds(10);
    Duration iwantFollowup = std::chrono::seconds(3);
    size_t maxRetransmissions = 3; ///< of one message to one peer that asks for it
    size_t maxIhaveMessages = 10;  ///< of a peer in a heartbeat
    size_t maxIhaveLength = 5000;  ///< ids asked of a peer, or told to it, in a heartbeat
    uint64_t opportunisticGraftTicks = 60;
    size_t opportunisticGraftPeers = 2;
    uint64_t directConnectTicks = 300;
    bool floodPublish = true;
    bool exchangePeers = true;          ///< tell pruned peers of others
    size_t dontWantThreshold = 1024;    ///< bytes of a message from which on IDONTWANT is sent
    size_t maxPublishBytes = 64 * 1024; ///< of the data of a message of ours
    /// Messages of an author that are older than one which has been forgotten are ignored: they are replays. That
    /// silences authors whose numbers come by lot, as those of js before 15.0.21 do, some two minutes after
    /// their first message: nothing tells them from replays.
    bool numbersGrow = true;
    SignaturePolicy signatures = SignaturePolicy::StrictSign;
    MessageIdFunction messageId = idFromAuthor;
    std::set<crypto::PeerId>
        direct; ///< agreed on with their owners: always forwarded to, in no mesh, heard whatever their score is
    ScoreParams score;
    ScoreThresholds thresholds;
    /// Whether a signature holds; the simulator's remembers what it has checked.
    std::function<bool(const crypto::PublicKey&, ByteView text, ByteView signature)> verify = verifySignature;
};

} // namespace wherry::gossipsub
