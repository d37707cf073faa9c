#pragma once

#include "base/strong_id.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "kad/protocol_ids.h"
#include "link/bandwidth.h"
#include "peers/known_peer.h"
#include "transfer/transfer_types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the person, the command line or the app asks of a node. Each command has a RequestId and at least one answer.
namespace wherry::node {

using RequestId = StrongId<struct RequestTagType>;
using transfer::TransferId;

/// Whom to reach: the key that must be proved, and where to try.
struct Target {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses; ///< may hold /dns* names; runtime resolves them
    /// When not empty, instead of `peer`: any name that the peer book resolves (a key's names, the person's name for a
    /// peer, what a peer calls itself). A command with a `wait` waits for somebody of that name.
    std::string name{};
};

/// Of two transfers that wait for their turn the higher one goes first.
enum class Priority : uint8_t { Low, Normal, High };

/// Answered by TransferStarted at once; it begins when it is its turn (transfer_queue.h).
struct SendFiles {
    Target target;
    std::vector<std::string> paths; ///< absolute local paths
    /// Keep trying to reach the peer for so long, at first (once it is its turn) and after each loss.
    Duration wait = std::chrono::seconds(30);
    Priority priority = Priority::Normal;
};
/// How offers are met from now on.
struct SetReceive {
    transfer::ReceivePolicy policy;
};
struct AnswerOffer {
    TransferId transfer;
    bool accept = false;
    std::string reason;              ///< of a refusal; shown to the sender
    std::vector<uint32_t> selection; ///< entries to take; empty takes all
    /// With a yes: lands there instead of where the offer says, this one alone. Checked anew; a place that does not fit
    /// is RequestFailed, and the offer waits on.
    std::optional<transfer::OfferPlace> place{};
    bool unasked = false; ///< a no that nobody has said: there was nobody to ask. The history says so
};
/// What would become of an offer in another place. Changes nothing. Answered by OfferLooked or RequestFailed.
struct LookAtOffer {
    TransferId transfer;
    transfer::OfferPlace place;
};
struct CancelTransfer {
    TransferId transfer;
};
struct Ping {
    Target target;
    uint32_t count = 5;
    Duration wait = std::chrono::seconds(30);
};
struct Perf {
    Target target;
    uint64_t uploadBytes = 0;
    uint64_t downloadBytes = 0;
    Duration wait = std::chrono::seconds(30);
};

/// Ends a Ping or Perf that was asked for under `request`; that one is answered RequestFailed{Cancelled}.
struct CancelRequest {
    RequestId request;
};
/// Upper bounds of what goes over the network, from now on. Answered RequestDone.
struct SetLimits {
    link::BandwidthLimits limits;
};
/// Quiet: from now on nothing is done in the background that nobody here has asked for, neither for others (serving
/// hash tables and relays, dialling back) nor for itself (asking who is nearby, keeping hash tables fresh, looking for
/// relays, telling its presence). Who wants something of this node still reaches it, and it whom the person names.
/// Answered RequestDone.
struct SetQuiet {
    bool quiet = false;
};
/// Whether all who listen are told that this node is here (protocols/presence), and those who tell are heard. Answered
/// RequestDone.
struct SetPresence {
    bool tells = false;
};
/// Answered by StatusReport.
struct GetStatus {};
/// Answered by TransfersListed.
struct ListTransfers {};

/// Decisions about a peer, by a name of its key or the person's own name for it. Answered RequestDone.
struct TrustPeer {
    Target target;
};
struct UntrustPeer {
    Target target;
};
/// Its connections end; from now on it reaches nothing here.
struct BlockPeer {
    Target target;
};
struct UnblockPeer {
    Target target;
};
struct SetAlias {
    Target target;
    std::string alias; ///< the person's name for the peer; empty takes it away
};
/// Answered by PeersListed.
struct ListPeers {
    crypto::PeerId after; ///< only peers behind this one; nobody: from the first on
};
/// What this node says about itself. Answered RequestDone.
struct SetProfile {
    peers::Claims claims;
};
/// Answered by TextSent or RequestFailed.
struct SendText {
    Target target;
    std::string text;                         ///< 1 to 65536 bytes of UTF-8
    Duration wait = std::chrono::seconds(30); ///< keep trying for so long
};

/// What has been said to a peer and by it, the newest first. Answered by MessagesListed.
struct ListMessages {
    Target target;
    uint32_t limit = 0;  ///< 0: kMaxListedMessages, which is also the most
    uint64_t before = 0; ///< only messages with lower numbers; 0: from the newest on
};
/// The person has seen what the peer has said, up to this number. Answered RequestDone.
struct MarkRead {
    Target target;
    uint64_t upTo = 0;
};
/// Everything that was said to this peer and by it is forgotten. Answered RequestDone.
struct ClearMessages {
    Target target;
};
/// Sends a message that has failed once more. Answered as SendText.
struct RetryText {
    uint64_t message = 0; ///< its number
    Duration wait = std::chrono::seconds(30);
};

/// Lets whoever holds the ticket fetch `paths`. Answered by SharePublished.
struct ShareFiles {
    std::vector<std::string> paths; ///< absolute local paths
    Duration lifetime{};            ///< zero: until it is revoked
    bool once = false;              ///< ends with the first complete delivery
};
/// Answered by SharesListed.
struct ListShares {
    uint64_t skip = 0; ///< leaves out so many of the oldest
};
/// `share`: the id as SharesListed has it, or its beginning. Who is fetching it at the moment is cut off. Answered
/// RequestDone.
struct RevokeShare {
    std::string share;
};
/// Fetches what a ticket names. Every attempt is announced by TransferStarted; answered RequestDone once all of it is
/// here and verified.
struct GetShare {
    std::string ticket;             ///< text, URL or content of a QR code
    transfer::ReceivePolicy policy; ///< where to and what about names that are taken; the rest of it does not matter
    Duration wait =
        std::chrono::seconds(30); ///< keep trying to reach the sharer for so long, at first and after each loss
};

/// The content of a transfer stops, the connection and what has arrived stay; the loss of the connection does not end
/// it. An incoming one stays paused through the end of either program too, and is listed meanwhile. Until
/// ResumeTransfer or CancelTransfer; the other side may have paused it too. Answered RequestDone.
struct PauseTransfer {
    TransferId transfer;
};
struct ResumeTransfer {
    TransferId transfer;
};
/// Of an outgoing transfer that waits or runs; none that runs stops for it. Answered RequestDone.
struct SetPriority {
    TransferId transfer;
    Priority priority = Priority::Normal;
};
/// How many transfers are sent at once from now on, 1 to kMaxParallelSends. Answered RequestDone.
struct SetParallelSends {
    uint32_t count = 1;
};
/// How many incoming transfers take content at once from now on, 1 to kMaxParallelReceives; the others wait for their
/// turn, and their senders are told. Answered RequestDone.
struct SetParallelReceives {
    uint32_t count = 1;
};
/// Transfers that have ended, the newest first. Answered by HistoryListed.
struct ListHistory {
    uint32_t limit = 0;  ///< 0: kMaxListedHistory, which is also the most
    uint64_t before = 0; ///< only entries with lower numbers; 0: from the newest on
};
/// Sends again what an outgoing transfer of the history has not delivered. Answered by TransferStarted.
struct RetryTransfer {
    uint64_t entry = 0; ///< its number in the history
};
/// Answered RequestDone.
struct ForgetHistory {
    uint64_t entry = 0; ///< its number in the history; 0: all of it
};

/// What a distributed hash table is asked for, or what is left with it.
enum class DhtAction : uint8_t { Get, Put, Provide, Providers, Peer, Closest };
/// Answered by DhtAnswered or RequestFailed.
struct AskDht {
    DhtAction action = DhtAction::Closest;
    std::string protocol = std::string(kad::kOwnProtocolId); ///< the network
    /// Of a value 32 bytes on ours, elsewhere with its namespace; of a provider record a multihash; of a peer its id's
    /// multihash; else 1 to 80 bytes.
    Bytes key;
    Bytes value;                            ///< to put
    Duration ttl = std::chrono::hours(1);   ///< of what is put, on ours
    Duration wait = std::chrono::seconds(30); ///< for a first server to ask
    crypto::PeerId by; ///< Get, on ours: what this device has put, whatever others have under the same key
};

/// What others say in a topic (gossipsub), from now on: answered by TopicJoined, then by a GossipMessage for each. It
/// ends with CancelRequest, or with whoever has asked.
struct JoinTopic {
    std::string topic; ///< 1 to 256 bytes
};
/// Answered by MessagePublished once a peer that wants it has it, or RequestFailed.
struct PublishMessage {
    std::string topic;
    Bytes data;                               ///< at most 64 KiB
    Duration wait = std::chrono::seconds(30); ///< for such a peer
};

using Command =
    std::variant<SendFiles, SetReceive, AnswerOffer, CancelTransfer, Ping, Perf, SetLimits, CancelRequest, GetStatus,
                 ListTransfers, TrustPeer, UntrustPeer, BlockPeer, UnblockPeer, SetAlias, ListPeers, SetProfile,
                 SendText, ShareFiles, ListShares, RevokeShare, GetShare, PauseTransfer, ResumeTransfer, SetPriority,
                 SetParallelSends, ListHistory, RetryTransfer, SetParallelReceives, LookAtOffer, ListMessages, MarkRead,
                 ClearMessages, RetryText, ForgetHistory, AskDht, JoinTopic, PublishMessage, SetQuiet, SetPresence>;

} // namespace wherry::node
