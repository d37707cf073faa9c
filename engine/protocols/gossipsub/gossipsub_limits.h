#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Every bound of gossipsub, with its unit and where it comes from. What the specification calls parameters is in
/// config.h.
namespace wherry::gossipsub {

// --- what is decoded ----------------------------------------------------------------------------------------------

/// Bytes of an RPC: go's default; rust takes 64 KiB, js 4 MiB.
inline constexpr size_t kMaxRpcBytes = 1024 * 1024;
/// Subscriptions and messages of one RPC: a peer's first one names all of its topics, and 1 MiB of the shortest signed
/// messages (about 120 bytes) are 8700, which nobody batches.
inline constexpr size_t kMaxRpcItems = 4096;
/// IHAVE, IWANT, GRAFT, PRUNE and IDONTWANT entries of one RPC: a few for each topic that a peer may have.
inline constexpr size_t kMaxControlItems = 1024;
/// Message ids in one entry: what go, js and rust send at most.
inline constexpr size_t kMaxIdsPerItem = 5000;
/// Message ids in one RPC: more than are asked for in a heartbeat are of no use.
inline constexpr size_t kMaxIdsPerRpc = 20'000;
/// Fields of a message, of a subscription or of a peer in a PRUNE: six at most, and some that later versions may add.
inline constexpr size_t kSmallFields = 16;
/// Bytes of a topic: names in use have 20 to 80. Longer ones are as if they had not been said.
inline constexpr size_t kMaxTopicBytes = 256;
/// Bytes of a message id: author and number are 52, with an RSA key (js) 310; 20 to 32 for hashes.
inline constexpr size_t kMaxMessageIdBytes = 512;
/// Bytes of `seqno` (libp2p/specs pubsub).
inline constexpr size_t kSeqnoBytes = 8;
/// Peers of one PRUNE (libp2p/specs gossipsub v1.1: GossipSubPrunePeers).
inline constexpr size_t kMaxExchangedPeers = 16;
/// Bytes of a peer record that is kept or passed on: 30 addresses.
inline constexpr size_t kMaxRecordBytes = 2048;
/// Peers of all the PRUNEs of one RPC whose records are verified.
inline constexpr size_t kMaxExchangedPerRpc = 2 * kMaxExchangedPeers;

// --- what is kept of one peer -------------------------------------------------------------------------------------

/// Topics that one peer may have: with names of 64 bytes some 30 kB.
inline constexpr size_t kMaxTopicsPerPeer = 256;
/// IDONTWANT ids of one peer, in a heartbeat and kept (libp2p/specs gossipsub v1.2: max_idontwant_messages; go 1000),
/// and the bytes of one: longer ones are in nobody's use, and cost a copy too many.
inline constexpr size_t kMaxDontWant = 1000;
inline constexpr size_t kMaxDontWantBytes = 128;
/// Heartbeats for which an IDONTWANT holds (go).
inline constexpr uint64_t kDontWantHeartbeats = 3;
/// IWANT ids of one peer that are looked at in a heartbeat.
inline constexpr size_t kMaxWantedPerHeartbeat = 5000;
/// Messages that wait for one peer, and their bytes, which all peers share: what a slow line takes in the time below.
inline constexpr size_t kMaxQueuedMessages = 512;
inline constexpr size_t kMaxQueuedBytes = 2 * 1024 * 1024;
/// A message that has waited for so long is of no more use: by then gossip has told of it elsewhere.
inline constexpr Duration kMaxQueueAge = std::chrono::seconds(5);
/// Bytes of a control RPC: rust takes no RPC above 64 KiB.
inline constexpr size_t kMaxControlBytes = 60 * 1024;
/// IWANT ids that wait for one peer, in bytes: 5000 of the usual ones.
inline constexpr size_t kMaxQueuedWantBytes = 256 * 1024;
/// Messages of one peer whose signature is checked a second, and at once: 60 us each, so one peer has at most 6 % of a
/// core in the long run.
inline constexpr uint64_t kChecksPerSecond = 1000;
inline constexpr uint64_t kCheckBurst = 4000;
/// Of these so many are certain: all of a topic in which some hundred people write, or a part of a busier one.
inline constexpr uint64_t kCertainChecksPerSecond = 20;
inline constexpr uint64_t kCertainCheckBurst = 200;
/// And of all peers together beyond what is certain: a third of a core.
inline constexpr uint64_t kAllChecksPerSecond = 5000;
inline constexpr uint64_t kAllCheckBurst = 20'000;
/// Peers whose checks are counted; they are forgotten some ten seconds after their last message.
inline constexpr size_t kMaxShares = 8 * 1024;
/// Bytes of a key that make one check more (an RSA key of 2048 bits has 300, one of 8192 bits 1070), and the most that
/// any key has.
inline constexpr size_t kKeyBytesPerCheck = 128;
inline constexpr size_t kCostlyKeyBytes = 1280;
/// Promises (IWANTs that are watched) of one peer: one an IHAVE, and so many of these a heartbeat, for three.
inline constexpr size_t kMaxPromisesPerPeer = 64;
/// How long a question that could not be put is remembered, for a peer that comes back.
inline constexpr Duration kPromiseMemory = std::chrono::seconds(60);
/// The first pause before a stream that has failed is opened again, and the longest.
inline constexpr Duration kFirstReopen = std::chrono::seconds(1);
inline constexpr Duration kMaxReopen = std::chrono::seconds(64);
/// Inbound streams that a peer may begin a second and at once: one a connection is the rule.
inline constexpr uint64_t kStreamsPerSecond = 1;
inline constexpr uint64_t kStreamBurst = 8;
/// What a peer sends is read as fast as 4000 items a second, and so many at once: an RPC, and each subscription,
/// message and wish of it. The most expensive takes 400 ns, so that all peers of one address take a tenth of a core;
/// those who forward a full topic send a quarter of it. Ids and bytes are cheaper: 16 MB a second.
inline constexpr Duration kItemTime = std::chrono::microseconds(250);
inline constexpr uint64_t kReadBurst = 4000;
inline constexpr size_t kIdsPerItem = 8;
inline constexpr size_t kBytesPerItem = 4096;

// --- what is kept in all ------------------------------------------------------------------------------------------

/// Topics of ours, subscribed to or only published to.
inline constexpr size_t kMaxOwnTopics = 256;
/// Message ids that are remembered as seen, some 200 bytes each.
inline constexpr size_t kMaxSeen = 32 * 1024;
/// Peers that others have named, as far as it is remembered who they are, some 100 bytes each.
inline constexpr size_t kMaxNamed = 1024;
/// Authors whose number is remembered beyond the time that ids are, some 120 bytes each.
inline constexpr size_t kMaxAuthors = 8 * 1024;
/// Messages that are kept for those who ask, and their bytes.
inline constexpr size_t kMaxCachedMessages = 8 * 1024;
inline constexpr size_t kMaxCachedBytes = 16 * 1024 * 1024;
/// Peers who may not be grafted to yet, over all topics, some 150 bytes each.
inline constexpr size_t kMaxBackoffs = 16 * 1024;
/// The longest backoff that a peer may ask for: it counts in seconds, up to 2^64.
inline constexpr Duration kMaxBackoff = std::chrono::hours(1);
/// Scores of peers that have gone, with what they have done in our topics.
inline constexpr size_t kMaxRetainedScores = 4096;
/// Peers that have delivered the same message, as far as their credit for it is counted.
inline constexpr size_t kMaxDeliverers = 32;
/// Where the counters of a score end: their squares are still numbers.
inline constexpr double kMaxCounter = 1e9;
/// Events that wait to be taken. The owner takes them after every input, so this is only reached by one input.
inline constexpr size_t kMaxEvents = 8 * 1024;
/// Own messages whose arrival at the transport's other end somebody waits for, of one stream, and how often it is
/// looked at: as many as wait for one peer. Those that came first are given up for later ones.
inline constexpr size_t kMaxWatched = kMaxQueuedMessages;
inline constexpr Duration kWatchInterval = std::chrono::milliseconds(20);
/// Between two calls for more peers of one topic.
inline constexpr Duration kPeersWantedInterval = std::chrono::seconds(10);

} // namespace wherry::gossipsub
