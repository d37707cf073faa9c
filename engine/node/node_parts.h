#pragma once

#include "discovery/discovery.h"
#include "node/dht_part.h"
#include "node/dial_back_side.h"
#include "node/dialer.h"
#include "node/node.h"
#include "node/people.h"
#include "node/pubsub_part.h"
#include "node/punching.h"
#include "node/quiet_peers.h"
#include "node/relaying.h"
#include "node/sharing.h"
#include "node/stranded.h"
#include "node/transfer_history.h"
#include "node/transfer_ledger.h"
#include "node/transfer_queue.h"
#include "node/waiting_requests.h"
#include "protocols/autonat/network_facts.h"
#include "protocols/autonat/reachability.h"
#include "protocols/identify/identify.h"
#include "protocols/perf/perf.h"
#include "protocols/ping/ping.h"
#include "protocols/presence/presence.h"
#include "quic/endpoint.h"
#include "swarm/swarm.h"
#include "transfer/transfers.h"

#include <deque>
#include <map>
#include <set>

namespace wherry::node {

/// Running, then the last words of the protocols go out, then the endpoint is closed, then the owner knows.
enum class Life : uint8_t { Running, Draining, Closed, Stopped };
/// Whether a command can be carried out now, later, or has been answered already.
enum class Readiness : uint8_t { Ready, NotYet, Failed };

/// nullptr: the config wants none. InvalidArgument: a service name that is none.
Result<std::unique_ptr<discovery::Discovery>> makeDiscovery(const DiscoveryConfig& config, const crypto::PeerId& self,
                                                            Random& random, const Log& log);

/// "holiday.jpg", "Music and 2 more".
std::string labelOf(const std::vector<std::string>& paths);

/// What carries links, and the limits that both keep.
struct Carriers {
    std::unique_ptr<link::Bandwidth> bandwidth;
    std::unique_ptr<quic::Endpoint> endpoint;
    std::unique_ptr<bytepipe::Endpoint> pipes;
    std::unique_ptr<DialBackSide> dialBack; ///< nullptr: it dials for nobody
    std::unique_ptr<Circuits> circuits;
};
Result<Carriers> makeCarriers(const NodeConfig& config, const crypto::Identity& identity, Random& random,
                              const std::shared_ptr<BlockPool>& pool, const Log& log);

/// Everything a node owns, and the wiring: who has to hear what another part says. No decisions of its own.
struct Node::Parts {
    Parts(const NodeConfig& config, crypto::Identity identity, Random& random, std::shared_ptr<BlockPool> pool,
          const Log& log, Carriers carriers, Now now);

    crypto::PeerId self;
    std::unique_ptr<link::Bandwidth> bandwidth; ///< of both carriers
    std::unique_ptr<quic::Endpoint> endpoint;
    std::unique_ptr<bytepipe::Endpoint> pipes;
    std::unique_ptr<DialBackSide> dialBack; ///< nullptr: it dials for nobody
    swarm::Swarm swarm;
    ping::PingProtocol pingProtocol;
    identify::IdentifyProtocol identifyProtocol;
    perf::PerfProtocol perfProtocol;
    autonat::AutonatClient autonatClient;
    autonat::Reachability reachability;
    autonat::NetworkFacts networkFacts;
    Punching punching; ///< (node_punch.cpp)
    autonat::Verdict toldVerdict = autonat::Verdict::Unknown;
    uint64_t toldReachability = 0; ///< version of what the hash tables have heard
    DhtPart dht;
    PubsubPart pubsub; ///< (node_pubsub.cpp)
    presence::Presence presence; ///< (node_presence.cpp)
    bool tellsPresence = false;  ///< as far as the person is concerned
    bool meetsFriends = false;   ///< has come in, and has not met them yet
    bool quietMode = false;      ///< (node_quiet.cpp)
    std::string restsInQuiet;    ///< what the person has asked for and quiet mode suspends
    Instant leaveAt = kNever;    ///< connections that background work has led to
    Now settlingAt{};            ///< when the settling under way began
    transfer::Transfers transfers;
    Dialer dialer;
    std::unique_ptr<discovery::Discovery> discovery; ///< nullptr: none
    WaitingRequests waiting;
    People people;
    Sharing sharing;
    TransferLedger ledger;
    QuietPeers quiet; ///< (node_network.cpp)
    TransferQueue queue;
    /// In the queue, not begun.
    struct Unsent {
        crypto::PeerId peer;
        transfer::SendOrder order;
    };
    std::map<transfer::TransferId, Unsent> unsent;
    TransferHistory history;
    size_t maxConnections;
    size_t maxPerPrefix; ///< that others have opened from one address or IPv6 /64
    Crowding crowding;
    Instant started;
    Relaying relaying;
    std::vector<codec::Multiaddr> listeningAt; ///< at present
    std::vector<codec::Multiaddr> listen;      ///< that and what leads through relays, with /p2p/ID
    transfer::ReceivePolicy receivePolicy;
    link::BandwidthLimits limits;
    link::Metered metered = link::Metered::No;

    /// A request under way, kept whole so that it can begin again when its link was dead already.
    template <typename Work> struct Begun {
        RequestId id;
        Work work;
        Instant giveUp;
        std::optional<link::LinkId> link; ///< that it began over; nullopt: there was none
        bool answered = false;            ///< by the peer, at least once
    };
    std::map<ping::PingId, Begun<Ping>> pings;
    std::map<perf::PerfId, Begun<Perf>> measurements;
    std::deque<NodeAction> actions;
    Life life = Life::Running;
    bool unsettled = false; ///< an input has come since the last settle()
    bool announced = false; ///< Ready has been emitted
    Stranded stranded;      ///< (node_network.cpp)
    std::vector<std::string> warnings;
    /// A decision that is being stored; answered when that is done.
    struct Decision {
        std::optional<RequestId> request{};        ///< none: nobody has asked for it
        std::optional<share::ShareId> published{}; ///< the share that begins with it
        std::optional<share::ShareId> ended{};     ///< the share that ends with it
        std::string unasked{}; ///< what the person is warned of when that fails and nobody has asked
    };
    std::map<StoreRequestId, Decision> confirming;
    std::deque<StoreOp> decisions; ///< each followed by the scan that its own failure is told to
    uint64_t lastConfirmation = 0;
    std::set<RequestId> accepting;      ///< answers that wait until their place has been looked at
    std::set<transfer::JobId> diskJobs; ///< handed out and not done: files on their way to their names

    void warn(Error error);
    /// Right after the parts have taken the decision. RequestDone (SharePublished) once it is safe in the store.
    void confirm(Decision decision);
    void onConfirmed(const StoreScanned& scanned, Now now);
    void onPublished(const Decision& decision, const StoreScanned& scanned, Now now);
    void onStoreBegunAnew(const std::string& aside, Now now);
    void emit(Event event) { actions.push_back(Emit{std::move(event)}); }
    std::optional<NodeAction> takeAction();

    // commands
    void carryOut(RequestId id, SendFiles command, Now now);
    void carryOut(RequestId id, SetReceive command, Now now);
    void carryOut(RequestId id, AnswerOffer command, Now now);
    void carryOut(RequestId id, LookAtOffer command, Now now);
    void lookAtOffer(RequestId id, TransferId transfer, transfer::OfferPlace place,
                     std::optional<std::vector<uint32_t>> selection, Now now);
    void on(transfer::OfferPlaced placed);
    void carryOut(RequestId id, CancelTransfer command, Now now);
    void carryOut(RequestId id, Ping command, Now now);
    void carryOut(RequestId id, Perf command, Now now);
    void carryOut(RequestId id, SetLimits command, Now now);
    void carryOut(RequestId id, CancelRequest command, Now now);
    void carryOut(RequestId id, GetStatus command, Now now);
    void carryOut(RequestId id, ListTransfers command, Now now);
    void carryOut(RequestId id, TrustPeer command, Now now);
    void carryOut(RequestId id, UntrustPeer command, Now now);
    void carryOut(RequestId id, BlockPeer command, Now now);
    void carryOut(RequestId id, UnblockPeer command, Now now);
    void carryOut(RequestId id, SetAlias command, Now now);
    void carryOut(RequestId id, ListPeers command, Now now);
    void carryOut(RequestId id, SetProfile command, Now now);
    void carryOut(RequestId id, SendText command, Now now);
    void carryOut(RequestId id, ShareFiles command, Now now);
    void carryOut(RequestId id, ListShares command, Now now);
    void carryOut(RequestId id, RevokeShare command, Now now);
    void carryOut(RequestId id, GetShare command, Now now);
    void carryOut(RequestId id, PauseTransfer command, Now now);
    void carryOut(RequestId id, ResumeTransfer command, Now now);
    void carryOut(RequestId id, SetPriority command, Now now);
    void carryOut(RequestId id, SetParallelSends command, Now now);
    void carryOut(RequestId id, SetParallelReceives command, Now now);
    void answerTurn(RequestId id, TransferId transfer, const Result<void>& done);
    void carryOut(RequestId id, ListHistory command, Now now);
    void carryOut(RequestId id, RetryTransfer command, Now now);
    void carryOut(RequestId id, ForgetHistory command, Now now);
    void carryOut(RequestId id, ListMessages command, Now now);
    void carryOut(RequestId id, MarkRead command, Now now);
    void carryOut(RequestId id, ClearMessages command, Now now);
    void carryOut(RequestId id, RetryText command, Now now);
    void carryOut(RequestId id, AskDht command, Now now);
    void carryOut(RequestId id, JoinTopic command, Now now);
    void carryOut(RequestId id, PublishMessage command, Now now);
    void carryOut(RequestId id, SetQuiet command, Now now);
    void carryOut(RequestId id, SetPresence command, Now now);
    std::optional<link::LinkId> linkTo(const crypto::PeerId& peer) const;
    void begin(RequestId id, const Ping& command, Now now);
    void begin(RequestId id, const Perf& command, Now now);
    template <typename Work> void retryOrFail(Begun<Work> begun, const Error& error, Now now);
    void cancelMeasurements(Now now);

    // wiring
    void settle(Now now);
    bool settleOnce(Now now);
    void on(const swarm::Connected& event, Now now);
    void on(const swarm::ConnectFailed& event, Now now);
    void on(const swarm::PeerConnected& event, Now now);
    void on(const swarm::PeerMoved& event, Now now);
    void on(const swarm::PeerGone& event, Now now);
    void on(const ping::PingReply& event, Now now);
    void on(const ping::PingFailed& event, Now now);
    void on(const perf::PerfDone& event, Now now);
    void on(const perf::PerfFailed& event, Now now);
    void on(ResolveNames action, Now now);
    void on(DialPeer action, Now now);
    void on(const DialImpossible& action, Now now);
    void on(const RequestCanStart& action, Now now);
    void on(const PeerWanted& action, Now now);
    void on(const RequestGaveUp& action, Now now);
    void on(discovery::SendMulticast action, Now now);
    void on(discovery::PeerFound action, Now now);
    void on(const discovery::PeerExpired& action, Now now);

    // reachability (node_reachability.cpp)
    void on(const identify::Identified& said, Now now);
    void on(const identify::IdentifyFailed& failed, Now now);
    void tellReachability(const identify::Identified& said, Now now);
    bool settleReachability(Now now);
    quic::Endpoint& endpointOf(const quic::Path& path);
    bytepipe::Endpoint& pipesOf(link::LinkId pipe);
    std::optional<bytepipe::PipeAction> pollPipes();

    // hole punching (node_punch.cpp)
    void tellPunching(const identify::Identified& said, Now now);
    void punch(const swarm::PeerInfo& info, Now now);
    bool settlePunching(Now now);
    bool dialForPunch(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses, bool agreed, Now now);
    void endPunchDial(const crypto::PeerId& peer, Now now);
    bool takePunchDial(swarm::ConnectId id, const crypto::PeerId& peer);
    void onPunchDialFailed(const swarm::ConnectFailed& event, Now now);
    void on(const dcutr::DialNow& action, Now now);
    void on(const dcutr::PunchNow& action, Now now);
    void on(const dcutr::StopNow& action, Now now);
    void on(const dcutr::Ended& action, Now now);
    void onPunchMoved(const swarm::PeerInfo& moved, Now now);
    void onPunchGone(const crypto::PeerId& peer);

    // distributed hash tables (node_dht.cpp)
    void startDht(Now now);
    void tellDhtOwnAddresses();
    void meetBootstrap(Now now);
    void onBootstrapGone(const crypto::PeerId& peer, Now now);
    void scanServers();
    void rememberSoon(Now now);
    void rememberServers(Now now);
    void onServersScanned(const StoreScanned& scanned, Now now);
    void onBootstrapUnreachable(const crypto::PeerId& peer, const Error& error);
    std::string bootstrapTrouble() const;
    void onKeptScanned(const StoreScanned& scanned, Now now);
    void onDhtDeadline(Now now);
    void onDhtConnected(const swarm::PeerInfo& peer, Now now);
    void onDhtGone(const crypto::PeerId& peer, const Error& error, Now now);
    bool onDhtDialFailed(const swarm::ConnectFailed& event, Now now);
    void tellDht(const identify::Identified& said, Now now);
    void on(kad::Dial action, Now now);
    void on(const kad::GiveUpDial& action, Now now);
    void on(const kad::CloseLink& action, Now now);
    void reach(const crypto::PeerId& peer, Now now);
    void searchSoon(const crypto::PeerId& peer, Now now);
    void search(const crypto::PeerId& peer, Now now);
    void onSearched(const DhtPart::Asked& asked, const kad::Outcome& outcome);
    bool cancelDht(RequestId request, Now now);
    void shutdownDht(Now now);
    void onOutcome(size_t network, kad::Outcome outcome, Now now);
    bool settleDht(Now now);

    // topics (node_pubsub.cpp)
    static gossipsub::GossipsubConfig gossipConfig(const Parts& parts);
    double opinionOf(const crypto::PeerId& peer) const;
    gossipsub::Verdict judge(const gossipsub::Message& message);
    void tellPubsub(const identify::Identified& said, Now now);
    void on(gossipsub::Received event, Now now);
    void on(gossipsub::ConnectWanted event, Now now);
    void on(const gossipsub::PeersWanted& event, Now now);
    Result<void> join(const std::string& topic, Now now);
    void leave(const std::string& topic, Now now);
    void publishWhatWaits(Now now);
    void onNumbersScanned(const StoreScanned& scanned);
    GossipFigures gossipFigures() const;
    bool cancelPubsub(RequestId request, Now now);
    void shutdownPubsub();
    bool settlePubsub(Now now);

    // presence (node_presence.cpp)
    gossipsub::Verdict judgePresence(const crypto::PeerId& author, const gossipsub::Message& message);
    void hearPresence(const crypto::PeerId& author, const gossipsub::Message& message, Now now);
    void applyPresence(Now now);
    bool settlePresence(Now now);

    // quiet mode (node_quiet.cpp)
    void noteServices(const NodeConfig& config);
    void setQuiet(bool quiet, Now now);
    void leaveServers(Now now);
    void seek(Now now);
    std::vector<DhtFigures> dhtFigures() const;

    // history (node_history.cpp)
    void tellHistory(const transfer::TransferEvent& event, Now now);
    bool settleHistory(Now now);

    // turns (node_turns.cpp)
    std::optional<TransferId> twinOf(const crypto::PeerId& peer, const std::vector<std::string>& paths) const;
    void startSend(RequestId id, SendFiles command, Now now);
    bool settleTurns(Now now);
    void on(const TurnHas& action, Now now);
    void on(const TurnLost& action, Now now);
    void dropUnsent(TransferId transfer, const Error& error, Now now);
    void dropAllUnsent(Now now);
    void tell(transfer::TransferEvent event, Now now);

    // sharing (node_sharing.cpp)
    void startSharing();
    void onSharesScanned(const StoreScanned& scanned, Now now);
    bool settleSharing(Now now);
    bool cancelSharing(RequestId request);
    ShareInfo infoOf(const share::Share& share) const;
    void tellSharing(const transfer::TransferEvent& event, Now now);
    template <typename What>
    void onServed(std::map<TransferId, Sharing::Serving>::iterator at, const What& event, Now now);
    template <typename What> void onFetched(const What& event, Now now);
    void on(const share::FetchGranted& event, Now now);
    void on(const share::FetchFailed& event, Now now);
    void on(const share::FetchAsked& event, Now now);
    void on(const share::FetchPeerWanted& action, Now now);
    void on(const share::FetchOfferExpected& action, Now now);
    void on(const share::FetchEnded& action, Now now);
    bool staysPaused(TransferId transfer, const Error& error) const;

    // people (node_people.cpp)
    void startPeople(const peers::Claims& profile, Now now);
    void onPeopleScanned(const StoreScanned& scanned, Now now);
    std::optional<StoreOp> pollPeopleStore();
    bool settlePeople(Now now);
    Instant peopleDeadline() const;
    void shutdownPeople();
    void take(RequestId id, Command command, Now now);
    template <typename What> Readiness prepare(RequestId id, What& what, Now now, Instant& giveUp);
    Result<void> settleTarget(RequestId id, Target& target, bool isDecision);
    void defer(Deferred what, Now now);
    void retryDeferred(Now now);
    bool cancelPeople(RequestId request);
    void refuseOwnKey(RequestId id);
    void answerDecision(RequestId id, const Result<void>& decided, Now now);
    void applyReceivePolicy(Now now);
    PeerView viewOf(const peers::KnownPeer& known) const;
    void learnVerified(const peers::KnownPeer& known);
    void meet(const swarm::PeerInfo& peer, Now now);
    void greet(const crypto::PeerId& peer, Now now);
    // messages (node_messages.cpp)
    void beginText(People::Outgoing what, const crypto::PeerId& peer, const text::MessageId& message, std::string words,
                   Duration wait, Now now);
    void tellPeer(const crypto::PeerId& peer);
    void forgetMessages(const crypto::PeerId& peer);
    bool settleMessages(Now now);
    void on(const text::TextSent& event, Now now);
    void on(const text::TextFailed& event, Now now);
    void on(text::TextReceived event, Now now);

    void tellUnreachable(const crypto::PeerId& peer, const Error& error, Now now);
    void tellPath(const swarm::PeerInfo& peer);
    bool isPunched(const swarm::PeerInfo& peer) const;
    ConnectionInfo connectionTo(const swarm::PeerInfo& peer) const;
    void tellPathInUse(const crypto::PeerId& peer);
    void onLimitsChanged();

    // relays (node_relay.cpp)
    void startRelaying(const RelayConfig& config, const crypto::Identity& identity, const Log& log, Now now);
    void tellAddresses(Now now);
    void tellRelayed();
    bool settleRelaying(Now now);
    void onRelay(const relay::Reserved& event, Now now);
    void onRelay(const relay::ReserveFailed& event, Now now);
    void onRelay(const relay::RelayWanted& event, Now now);
    void tellRelayTrouble(const crypto::PeerId& relay, const Error& error);
    void dialRelay(const crypto::PeerId& relay, std::vector<codec::Multiaddr> addresses, Now now);
    void onNamesResolved(ResolveId id, const Result<std::vector<codec::Multiaddr>>& addresses, Now now);
    void failRelayDial(const crypto::PeerId& relay, const Error& error);
    void reportRelaying(StatusReport& report, Now now) const;
    void meetRelay(const swarm::PeerInfo& peer, Now now);
    void meetDirectly(DialPeer dial, Now now);
    void learnCircuits(const identify::Identified& said);
    void onCircuitGone(const crypto::PeerId& peer, const Error& error);
    void preferOtherRelays(DialPeer& dial);
    bool dialFailedRelays(const crypto::PeerId& peer, Now now);

    // network (node_network.cpp)
    void onListening(const std::vector<codec::Multiaddr>& addresses, Now now);
    void onLinks(const std::vector<discovery::LocalLink>& links, Now now);
    // (node_crowd.cpp)
    std::set<crypto::PeerId> busyPeers() const;
    void makeRoom(const swarm::PeerInfo& newcomer, Now now);
    bool makeRoomInAll(const swarm::PeerInfo& newcomer, Now now);
    void makeRoomFrom(const swarm::PeerInfo& newcomer, Now now);
    void letGo(const crypto::PeerId& peer, const std::string& prefix, Now now);
    void onAddressesLost(const std::set<codec::IpAddress>& before, Now now);
    void judgeStranded(Now now);
    void lookAtQuiet(Now now);
    void redialStranded(const crypto::PeerId& peer);
};

} // namespace wherry::node
