#pragma once

#include "base/log.h"
#include "base/random.h"
#include "codec/ip.h"
#include "codec/multiaddr.h"
#include "codec/reach.h"
#include "crypto/identity.h"
#include "protocols/gossipsub/backoff.h"
#include "protocols/gossipsub/check_budget.h"
#include "protocols/gossipsub/config.h"
#include "protocols/gossipsub/mesh.h"
#include "protocols/gossipsub/message_cache.h"
#include "protocols/gossipsub/outbox.h"
#include "protocols/gossipsub/peer_score.h"
#include "protocols/gossipsub/promises.h"
#include "protocols/gossipsub/seen_cache.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace wherry::gossipsub {

enum class Version : uint8_t { Floodsub, V10, V11, V12 };

/// A peer as the router gets to know it.
struct NewPeer {
    crypto::PeerId peer;
    Version version = Version::V12;
    bool outbound = false;                     ///< we have dialled it, of our own accord
    std::optional<codec::IpAddress> address{}; ///< for the score; none: it does not count
    codec::Reach place{codec::Reach::Global};  ///< where it is, as seen from here
};

/// A message in a topic that this node has subscribed to, verified and accepted. Once each.
struct Received {
    crypto::PeerId via;
    Message message;
    bool operator==(const Received&) const = default;
};
/// A peer that another one knows, with addresses that it has signed itself.
struct ConnectWanted {
    crypto::PeerId via; ///< who has told of it; nobody: a direct peer
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses; ///< empty for a direct peer: where its owner is known to be
    bool operator==(const ConnectWanted&) const = default;
};
/// The mesh of this topic has fewer peers than it should; now and then, as long as that is so.
struct PeersWanted {
    std::string topic;
    bool operator==(const PeersWanted&) const = default;
};
using RouterEvent = std::variant<Received, ConnectWanted, PeersWanted>;

/// For status and tests; they only grow.
struct RouterFigures {
    uint64_t received = 0; ///< messages, those below included
    uint64_t duplicates = 0;
    uint64_t rejected = 0;   ///< bad signature, or the validator said so
    uint64_t ignored = 0;    ///< replays, of no topic of ours, or the validator said so
    uint64_t unchecked = 0;  ///< beyond what a peer may have checked
    uint64_t delivered = 0;  ///< to this node
    uint64_t forwarded = 0;  ///< copies handed to peers, own ones included
    uint64_t dropped = 0;    ///< copies for which a peer's line was too slow
    uint64_t graylisted = 0; ///< RPCs of peers that are not listened to
    uint64_t brokenPromises = 0;
};

/// Judges a message in a topic of ours whose signature holds: who reads it may know better (libp2p/specs pubsub,
/// "Topic validation"). Cheap, for it runs on the network thread.
using Validator = std::function<Verdict(const crypto::PeerId& via, const Message&)>;

/// gossipsub 1.1 and 1.2 (libp2p/specs pubsub/gossipsub): who is in which mesh, what is forwarded to whom, who tells
/// whom of what. Sans-I/O and without streams: RPCs come in decoded, frames are taken out peer by peer. gossipsub.h
/// puts it on streams.
///
/// Invariants: a mesh holds only peers that are here, not direct, and of meshsub; a message is delivered once while it
/// is remembered; nothing that a peer says makes more memory than gossipsub_limits.h says.
class Router {
  public:
    Router(GossipsubConfig config, crypto::Identity identity, Random& random, const Log& log, Now now);

    // --- the owner's wishes ---
    /// LimitReached: too many topics. InvalidArgument: no name for one. Exists: it is subscribed to.
    Result<void> subscribe(const std::string& topic, Validator validator, Now now);
    void unsubscribe(const std::string& topic, Now now);
    /// Whether publish() would take it: TooLarge, InvalidArgument.
    Result<void> checkMessage(const std::string& topic, size_t bytes) const;
    /// A message of ours. Whoever is offered it twice knows it by its id.
    struct Own {
        MessageId id;
        std::string topic;
        Slice encoded;
    };
    /// Numbers and signs it; nobody gets it yet. TooLarge, InvalidArgument; Exists: nobody signs, and the same has been
    /// said already.
    Result<Own> make(const std::string& topic, Bytes data, Now now);
    /// To whoever shall have it; to how many it is on its way now.
    size_t offer(const Own& message, Now now);
    struct Published {
        MessageId id;
        size_t peers = 0; ///< that it is on its way to
    };
    /// The messages of this run are numbered above this.
    void numberAbove(uint64_t number) { m_seqno = std::max(m_seqno, number); }
    /// Of our last message; zero: there has been none.
    uint64_t lastNumber() const { return m_hasNumbered ? m_seqno : 0; }
    /// Both.
    Result<Published> publish(const std::string& topic, Bytes data, Now now);
    /// Messages of ours that wait to be taken, for whomever.
    std::set<MessageId> waitingOwn() const;
    /// Whether anybody here would take a message of this topic.
    bool hasPeers(const std::string& topic) const { return !peersOf(topic).empty(); }
    /// Who would.
    const std::set<crypto::PeerId>& peersOf(const std::string& topic) const;
    /// A peer's signed record, for PX: to peers no farther away than `farthest`. Not verified here.
    void setRecord(const crypto::PeerId& peer, Bytes record, codec::Reach farthest);
    /// It has none that may be handed on.
    void forgetRecord(const crypto::PeerId& peer);

    // --- peers ---
    /// A new one, or where one that is here is met now: its version stays.
    void onPeer(const NewPeer& peer, Now now);
    void onPeerGone(const crypto::PeerId& peer, Now now);
    /// The stream to it is another one, and what was said on the one before may be lost: it hears again of our topics,
    /// those that we have left, and in which mesh of ours it is.
    void announceAgain(const crypto::PeerId& peer, Now now);
    void onRpc(const crypto::PeerId& peer, Rpc rpc, Now now);
    /// Whether what it sends is not even read: its score is too bad.
    bool ignores(const crypto::PeerId& peer, Now now) const;
    /// An RPC of such a peer has come.
    void noteIgnored() { ++m_figures.graylisted; }
    /// It has sent something that cannot be read.
    void onMalformed(const crypto::PeerId& peer, Now now);

    Instant deadline() const;
    void onDeadline(Now now);
    std::optional<RouterEvent> poll();
    /// A peer for which something waits, each once.
    std::optional<crypto::PeerId> pollReady();
    /// The next RPC for this peer; nullopt: nothing waits.
    std::optional<OutFrame> takeFrame(const crypto::PeerId& peer, Now now);
    bool hasFrames(const crypto::PeerId& peer) const;

    // --- what is known ---
    bool isSubscribed(const std::string& topic) const { return m_topics.contains(topic); }
    /// Whether this peer is in a mesh or fanout of ours, or direct.
    bool isUsed(const crypto::PeerId& peer) const;
    std::vector<crypto::PeerId> mesh(const std::string& topic) const;
    std::vector<std::string> topicsOf(const crypto::PeerId& peer) const;
    double score(const crypto::PeerId& peer, Now now) const { return m_score.score(peer, now.mono); }
    size_t peers() const { return m_peers.size(); }
    const RouterFigures& figures() const { return m_figures; }

  private:
    struct Peer {
        NewPeer info;
        std::set<std::string> topics;
        Outbox out;
        std::set<std::string> left; ///< topics that we have left since it is here; at most kMaxOwnTopics
        bool ready = false;         ///< in m_ready
        Bytes record;               ///< empty: none
        codec::Reach farthest = codec::Reach::Loopback; ///< where others may be handed it
        // in this heartbeat
        size_t ihaves = 0;
        size_t asked = 0;  ///< ids that we have asked it for
        size_t wanted = 0; ///< ids that it has asked for
        size_t dontWants = 0;
        std::map<MessageId, uint64_t> dontWant; ///< with the heartbeat that said so
    };
    using Peers = std::map<crypto::PeerId, Peer>;
    struct Topic {
        Validator validator;
        std::set<crypto::PeerId> mesh;
        Instant askedForPeers = Instant::min();
    };
    struct Fanout {
        std::set<crypto::PeerId> peers;
        Instant last;
    };

    // router.cpp
    void announce(const std::string& topic, bool on);
    Outbox& outboxOf(Peer& peer);
    void onSubscriptions(Peer& peer, const std::vector<Subscription>& subscriptions);
    bool isDirect(const crypto::PeerId& peer) const { return m_config.direct.contains(peer); }
    bool hearsMesh(const Peer& peer) const;
    bool isWellThoughtOf(const crypto::PeerId& peer) const;
    double scoreOf(const Peer& peer, Now now) const { return m_score.score(peer.info.peer, now.mono); }
    void tell(RouterEvent event);

    // router_messages.cpp
    void onMessage(Peer& from, Message message, Now now);
    void onDuplicate(const Peer& from, const std::string& topic, SeenCache::Entry& seen, Now now);
    bool isReplay(const Message& message) const;
    bool mayCheck(const Peer& from, const Message& message, Now now);
    Result<crypto::PeerId> checkSignature(const Message& message) const;
    void reject(Peer& from, const Message& message, const Error& error);
    void deliver(Peer& from, Message message, const MessageId& id, Topic& topic, Now now);
    void forward(const MessageId& id, const std::string& topic, const Slice& encoded, const crypto::PeerId& author,
                 const crypto::PeerId& via, Now now);
    bool send(Peer& to, const MessageId& id, const Slice& encoded, const crypto::PeerId& via, Now now);
    std::set<crypto::PeerId> targets(const std::string& topic, Now now);
    std::set<crypto::PeerId>& fanoutOf(const std::string& topic, Now now);

    // router_control.cpp
    void onGraft(Peer& peer, const std::string& topic, Now now);
    void onPrune(Peer& peer, const Prune& prune, bool mayExchange, Now now);
    void onIhaves(Peer& peer, const std::vector<IHave>& ihaves, Now now);
    void onIwant(Peer& peer, const std::vector<MessageId>& ids, Now now);
    void askAgain(Peer& peer, Now now);
    void onDontWant(Peer& peer, const std::vector<MessageId>& ids);
    std::vector<ExchangedPeer> othersFor(const Peer& peer, const std::string& topic, Now now);
    void takeExchanged(const crypto::PeerId& via, const Prune& prune);
    void noteNamed(const crypto::PeerId& peer);
    void graft(Topic& topic, const std::string& name, Peer& peer, Now now);
    enum class Exchange : uint8_t { No, Yes };
    void sendPrune(Peer& peer, const std::string& topic, Duration backoff, Exchange exchange, Now now);
    void leaveMesh(Topic& topic, const std::string& name, const crypto::PeerId& peer, Duration backoff, Now now);

    // router_heartbeat.cpp
    void heartbeat(Now now);
    void maintainMesh(const std::string& name, Topic& topic, Now now);
    void maintainFanout(Now now);
    void gossip(const std::string& topic, const std::set<crypto::PeerId>& except, Now now);
    void wantPeers(const std::string& name, Topic& topic, Now now);
    std::vector<Candidate> candidates(const std::string& topic, Now now);

    GossipsubConfig m_config;
    crypto::Identity m_identity;
    Random& m_random;
    const Log& m_log;
    Peers m_peers;
    std::map<std::string, Topic> m_topics;
    std::map<std::string, Fanout> m_fanout;
    std::map<std::string, std::set<crypto::PeerId>> m_topicPeers; ///< of all topics that peers have
    PeerScore m_score;
    Backoff m_backoff{kMaxBackoffs};
    AuthorNumbers m_authors;
    SeenCache m_seen;
    MessageCache m_cache;
    Promises m_promises;
    CheckBudget m_checks;
    uint64_t m_seqno;
    bool m_hasNumbered = false;
    uint64_t m_heartbeats = 0;
    Instant m_nextHeartbeat;
    std::set<crypto::PeerId> m_named; ///< by others, who may have sent us to peers of theirs
    std::deque<crypto::PeerId> m_namedInOrder;
    std::deque<RouterEvent> m_events;
    std::deque<crypto::PeerId> m_ready;
    RouterFigures m_figures;
};

} // namespace wherry::gossipsub
