#pragma once

#include "base/result.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "node/command.h"
#include "peers/peer_book.h"
#include "protocols/autonat/network_facts.h"
#include "protocols/autonat/reachability.h"
#include "protocols/share/share_book.h"
#include "protocols/text/text_inbox.h"
#include "transfer/transfer_types.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What happened once: low-rate, never dropped. Answers carry the RequestId of their command.
namespace wherry::node {

/// The node listens; addresses carry the real ports and /p2p/ID.
struct Ready {
    crypto::PeerId self;
    std::vector<codec::Multiaddr> listen;
};
/// The transfer that a SendFiles command has started.
struct TransferStarted {
    RequestId request;
    TransferId transfer;
    bool waits = false; ///< for its turn, behind others
};
struct TransferUpdate {
    transfer::TransferEvent event;
};
enum class PathKind : uint8_t { Lan, Direct6, Direct4, Punched, Relayed, Routed };
/// Why a path is the one in use.
enum class PathReason : uint8_t {
    SameNetwork,     ///< both are on one network
    Direct,          ///< the other side can be reached
    Punched,         ///< both sent at the same moment, so both routers let it through
    OnlyWay,         ///< no direct one has been found
    DirectOverRelay, ///< a direct one has been found, so the relay is not needed any more
    DirectLost,      ///< the direct one has ended, the relay was still there
    BothDialled,     ///< both dialled at the same time; both use this one
    DialledAnew,     ///< the other side has connected anew
    OtherLost,       ///< the one before has ended, this one was still there
    AddressChanged,  ///< one side has gone to another network or address
};
/// The path to a peer that a request uses, at first and whenever it changes.
struct PathChanged {
    crypto::PeerId peer;
    PathKind kind = PathKind::Lan;
    codec::Multiaddr address;
    PathReason reason = PathReason::Direct;
    std::optional<crypto::PeerId> relay{}; ///< of a relayed one
};
struct PingReply {
    RequestId request;
    uint32_t index = 0; ///< from 0
    Duration roundTrip{};
    bool last = false;
};
struct PerfDone {
    RequestId request;
    uint64_t uploadBytes = 0;
    uint64_t downloadBytes = 0;
    Duration uploadTime{};
    Duration downloadTime{};
};
/// A request has ended without success (transfers report through TransferFailed instead).
struct RequestFailed {
    RequestId request;
    Error error;
};

/// A command that has no other answer has been carried out: SetReceive, AnswerOffer, CancelTransfer, CancelRequest.
struct RequestDone {
    RequestId request;
};
/// What there is to know of a place that LookAtOffer asked about.
struct OfferLooked {
    RequestId request;
    TransferId transfer;
    transfer::OfferPlace place;
    uint64_t freeBytes = 0;
    std::vector<transfer::OfferRename> renames; ///< the first 100
    uint64_t renamesTotal = 0;
    std::vector<transfer::TakenName> taken; ///< the first 100
    uint64_t takenTotal = 0;
    bool takenMayBeMore = false;
};
/// A connected peer.
struct ConnectionInfo {
    crypto::PeerId peer;
    PathKind kind = PathKind::Lan;
    codec::Multiaddr address;
    Duration roundTrip{}; ///< smoothed; 0: not measured yet
    uint64_t bytesSent = 0;
    uint64_t bytesReceived = 0;
    PathReason reason = PathReason::Direct;
    std::optional<crypto::PeerId> relay{}; ///< of a relayed one
    std::string whyRelayed{};              ///< what became of the attempt at a direct one; empty: none was made
};
/// Something that the person has to know, though nobody has asked.
struct Warning {
    Error error;
};
/// What the bounds on connections that others open have come to in this run.
struct Crowding {
    uint64_t gaveWay = 0;    ///< strangers whose connections were closed to make room
    std::string address{};   ///< from where there were too many the last time; empty: too many in all, or never
    uint64_t perAddress = 0; ///< how many may come from one address, or one IPv6 /64
};
/// That a relay passes on what others have for this node.
struct HeldReservation {
    crypto::PeerId relay;
    std::vector<codec::Multiaddr> addresses; ///< through it, with /p2p/ID of this node
    Duration left{};                         ///< until it has to be asked again
    uint64_t maxBytes = 0;                   ///< of one connection, as it says; 0: it does not
};
/// What this node does for others as a relay.
struct RelayService {
    bool serving = false;
    uint64_t reservations = 0;
    uint64_t circuits = 0;       ///< under way
    uint64_t circuitsServed = 0; ///< in this run
    uint64_t bytes = 0;          ///< passed on in this run
};
/// What topics have come to in this run: messages, but for the first two.
struct GossipFigures {
    uint64_t topics = 0; ///< joined at present
    uint64_t peers = 0;  ///< connected that speak gossip
    uint64_t received = 0;
    uint64_t delivered = 0; ///< new, good, and of a topic of ours
    uint64_t forwarded = 0; ///< copies that went to others
    uint64_t dropped = 0;   ///< copies for which a line was too slow
    uint64_t rejected = 0;  ///< with bad signatures
};
/// A distributed hash table that this node is part of.
struct DhtFigures {
    std::string protocol;
    bool server = false;    ///< it answers others; else it only asks them
    uint64_t servers = 0;   ///< that it knows, in its routing table
    uint64_t lookups = 0;   ///< under way
    uint64_t values = 0;    ///< kept for others
    uint64_t providers = 0; ///< so too: who has something
};
struct StatusReport {
    RequestId request;
    crypto::PeerId self;
    std::vector<codec::Multiaddr> listen; ///< at present, with /p2p/ID
    Duration uptime{};
    transfer::ReceivePolicy receive;
    link::BandwidthLimits limits; ///< in force
    bool metered = false;   ///< the network, as far as the system says and a setting needs to know
    uint64_t transfers = 0; ///< under way, both directions, offers that wait included
    uint64_t connectionsTotal = 0;
    uint64_t connectionsMax = 0;             ///< as settings have it
    Crowding crowding;
    std::vector<ConnectionInfo> connections; ///< the first kMaxListedConnections by peer id
    std::vector<std::string> warnings;       ///< of this run, the first kMaxWarnings
    autonat::Verdict reachable = autonat::Verdict::Unknown; ///< from the internet
    std::vector<autonat::AddressFact> outside; ///< what is known of each public address, and from whom
    std::vector<autonat::NetworkFact> network; ///< what stands between this node and others, and from whom that is
    std::vector<HeldReservation> relays;
    RelayService relayService;
    GossipFigures gossip;
    std::vector<DhtFigures> dht;
    bool quiet = false; ///< it does nothing that nobody here has asked for (SetQuiet)
};
/// Whether this node can be reached from the internet, when that has changed; StatusReport says why.
struct ReachabilityChanged {
    autonat::Verdict reachable = autonat::Verdict::Unknown;
};
/// Where this node is reached has changed since Ready.
struct AddressesChanged {
    std::vector<codec::Multiaddr> listen; ///< as in Ready, and those that lead through relays
};
enum class TransferState : uint8_t { Preparing, Offered, Running, Interrupted, Paused, Queued };
/// A transfer under way. Texts from the peer: to be neutralised before they are shown.
struct TransferInfo {
    transfer::TransferId transfer;
    crypto::PeerId peer; ///< nobody: not known yet
    bool incoming = false;
    TransferState state = TransferState::Preparing;
    Priority priority = Priority::Normal; ///< of an outgoing one
    std::string label;
    transfer::TransferFigures figures;
    double rate = 0; ///< bytes a second
    double etaSeconds = 0;
    transfer::Hold heldHere = transfer::Hold::None;  ///< who has paused it, or lets it wait for its turn: `state` says
    transfer::Hold heldThere = transfer::Hold::None; ///< so too
    Bytes verified{}; ///< as TransferProgress has it; empty: not known, or many are listed
    double silentSeconds = 0; ///< its peer, which is connected, has answered nothing for so long; 0: it does
    uint64_t leftOut = 0; ///< outgoing: items of what was to be sent that are not in the offer
};
struct TransfersListed {
    RequestId request;
    std::vector<TransferInfo> transfers; ///< in the order in which they began
};

/// Somebody on the local network claims to be this peer, at these addresses: never proof. Again when the addresses
/// change.
struct PeerDiscovered {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses;
};
/// Nobody on the local network claims to be this peer any more.
struct PeerLost {
    crypto::PeerId peer;
};

/// The name in a command's target has been found to mean this peer.
struct TargetFound {
    RequestId request;
    crypto::PeerId peer;
    peers::FoundBy by = peers::FoundBy::Key;
};
/// What a peer has told all who listen of itself (protocols/presence).
struct HeardPresence {
    bool here = false; ///< it runs, as far as is known
    UnixTime at{};     ///< when it said so last, by our clock
};
/// A peer as lists show it. Texts of its claims: to be neutralised before they are shown.
struct PeerView {
    peers::KnownPeer known;
    bool claimsAnothersName = false; ///< it calls itself what the person calls another peer, or a trusted one itself
    bool nearby = false;             ///< somebody on the local network claims to be this peer
    std::optional<ConnectionInfo> connection;
    uint32_t unread = 0; ///< messages that the person has not seen
    std::optional<HeardPresence> presence;
};
struct PeersListed {
    RequestId request;
    std::vector<PeerView> peers; ///< by peer id, at most kMaxListedPeers
    bool more = false;           ///< there are others behind them
};
/// Something that a list shows has changed, or the peer is new.
struct PeerChanged {
    PeerView peer;
};
/// The receiver has it in its database.
struct TextSent {
    RequestId request;
    crypto::PeerId peer;
    text::MessageId message{};
};
struct TextReceived {
    text::TextReceived text;
};

enum class MessageState : uint8_t { Sending, Delivered, Failed, Received };
/// Something that was said by text to a peer, or by it.
struct MessageInfo {
    uint64_t number = 0; ///< the next one has a higher one, over all peers
    crypto::PeerId peer;
    bool incoming = false;
    MessageState state = MessageState::Received;
    std::string text; ///< raw: to be neutralised before it is shown
    UnixTime at{};    ///< when it came or was first sent, by our clock
    bool unread = false;
    std::optional<Error> error; ///< why it has failed
};
struct MessagesListed {
    RequestId request;
    crypto::PeerId peer;
    std::vector<MessageInfo> messages; ///< the newest first
    bool more = false;                 ///< there are older ones
};
/// A message is new, or its state has changed.
struct MessageChanged {
    MessageInfo message; ///< without text: that has been told before
};
/// Messages are kept no longer.
struct MessagesGone {
    crypto::PeerId peer;
    uint64_t upTo = 0; ///< this one and all that are older
};

/// Something that is shared.
struct ShareInfo {
    std::string share;  ///< the beginning of its id, as RevokeShare takes it
    std::string ticket; ///< with the addresses of this moment
    std::string label;
    std::vector<std::string> paths; ///< the first kMaxPathsTold
    UnixTime created{};
    UnixTime expires{}; ///< zero: never
    bool once = false;
    uint64_t fetched = 0; ///< complete deliveries
    uint64_t serving = 0; ///< transfers under way
};
struct SharePublished {
    RequestId request;
    ShareInfo share;
};
struct SharesListed {
    RequestId request;
    std::vector<ShareInfo> shares; ///< the oldest first, at most kMaxListedShares
    bool more = false;             ///< there are newer ones
};

/// Nothing of it is served any more, its ticket is good for nothing.
struct ShareEnded {
    std::string share; ///< as ShareInfo has it
    share::ShareEnd why = share::ShareEnd::Revoked;
};

enum class TransferOutcome : uint8_t {
    Delivered,
    Declined,
    Failed,
    Cancelled,   ///< by either side
    Interrupted, ///< the connection was lost for good, or this program ended while it ran
    Unanswered,  ///< an offer to us that went, or that nobody could be asked about, before anybody here said yes or no
};
/// A transfer that has ended. Texts from the peer: to be neutralised before they are shown.
struct HistoryEntry {
    uint64_t number = 0; ///< the next one that ends has a higher one
    crypto::PeerId peer; ///< nobody: not known
    bool incoming = false;
    TransferOutcome outcome = TransferOutcome::Interrupted;
    std::string label;
    transfer::TransferFigures figures;
    uint64_t bytesAlready = 0; ///< of figures.bytesVerified: there before this transfer
    UnixTime begun{};
    UnixTime ended{};
    double seconds = 0;             ///< from the yes to the end; 0: nobody said yes
    std::optional<Error> error;     ///< why it has not been delivered
    std::string file;               ///< the entry that the error is about
    bool byPeer = false;            ///< the peer has said so
    std::string folder;             ///< receiving: where it landed
    std::vector<std::string> names; ///< receiving: the first kMaxHistoryNames names there
    std::optional<PathKind> path;   ///< the last one that it went over
    bool retryable = false;         ///< RetryTransfer knows how
    uint64_t leftOut = 0;           ///< outgoing: items of what was to be sent that were not in the offer
};
struct HistoryListed {
    RequestId request;
    std::vector<HistoryEntry> entries; ///< the newest first
    bool more = false;                 ///< there are older ones
};

/// A peer as others tell of it: a claim, but that who is connected has proved its key.
struct DhtPeer {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses;
};
struct DhtAnswered {
    RequestId request;
    DhtAction action = DhtAction::Closest;
    std::vector<DhtPeer> closest;   ///< servers that have answered, the closest to the key first
    std::vector<DhtPeer> providers; ///< Providers
    std::vector<codec::Multiaddr> addresses; ///< Peer: where it is said to be
    bool proved = false;            ///< Peer: it has proved its key there, and is connected
    Bytes value;                    ///< Get
    crypto::PeerId publisher;       ///< Get, on ours and of /ipns/ID: who has signed it
    uint64_t version = 0;           ///< Get and Put, on ours; Get of /ipns/ID: its sequence
    Bytes pointsTo;                 ///< Get of /ipns/ID: the content path that its record holds
    UnixTime validUntil{};          ///< and until when it says so
    uint64_t stored = 0;            ///< Put, Provide: servers that have taken it
    bool onlyOwn = false;           ///< Put: it is there for those who name this device (AskDht::by), and for no others
    uint64_t requests = 0;          ///< that it has cost
    Duration took{};
};

struct TopicJoined {
    RequestId request;
    std::string topic;
    static constexpr bool last = false;
};
/// Somebody has said this in a topic. Its author has signed it; who that is may be anybody.
struct GossipMessage {
    RequestId request;
    std::string topic;
    crypto::PeerId from; ///< the author
    Bytes data;          ///< at most 1 MiB
    static constexpr bool last = false;
};
struct MessagePublished {
    RequestId request;
    std::string topic;
    uint64_t peers = 0; ///< that it is on its way to; one of them has it
};

using Event =
    std::variant<Ready, TransferStarted, TransferUpdate, PathChanged, PingReply, PerfDone, RequestFailed, RequestDone,
                 StatusReport, TransfersListed, PeerDiscovered, PeerLost, TargetFound, PeersListed, PeerChanged,
                 TextSent, TextReceived, SharePublished, SharesListed, HistoryListed, Warning, ShareEnded, OfferLooked,
                 MessagesListed, MessageChanged, MessagesGone, ReachabilityChanged, AddressesChanged, DhtAnswered,
                 TopicJoined, GossipMessage, MessagePublished>;

} // namespace wherry::node
