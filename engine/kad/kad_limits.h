#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Every bound of Kademlia, with its unit and where it comes from.
namespace wherry::kad {

// --- the specification's parameters -------------------------------------------------------------------------------

/// k: contacts of a bucket, peers of an answer, copies of a record (libp2p/specs kad-dht, "Replication parameter").
inline constexpr size_t kReplication = 20;
/// alpha: requests of one query under way at once (ours; the specification has 10).
inline constexpr size_t kParallelism = 5;
/// And with those that take their time: the specification's.
inline constexpr size_t kMaxParallelism = 10;
/// d: disjoint paths of a query on our own network (S/Kademlia section 4.4).
inline constexpr size_t kDisjointPaths = 3;
/// Bits of a key: SHA-256.
inline constexpr size_t kKeyBits = 256;

// --- messages -----------------------------------------------------------------------------------------------------

/// Bytes of one message that we take: twenty closer peers and twenty providers with sixteen addresses of 60 bytes each
/// are 40 KB; go and js take 4 MiB, rust 16 KiB.
inline constexpr size_t kMaxMessageBytes = 64 * 1024;
/// Bytes of one message that we send: what rust takes.
inline constexpr size_t kMaxSentBytes = 16 * 1024;
/// Fields of one message on all levels: 40 peers of 16 addresses and four scalars are 800.
inline constexpr size_t kMaxFields = 2048;
/// Peers kept of one list of a message; an honest one has k.
inline constexpr size_t kMaxPeersPerList = kReplication;
/// Addresses kept of one peer in a message; what peers tell of themselves in identify (kMaxOwnAddresses there).
inline constexpr size_t kMaxAddresses = 16;
/// Bytes of a key: go takes 80 for providers; "/ipns/" and a peer id are 50.
inline constexpr size_t kMaxKeyBytes = 80;
/// Bytes of a record's value: an IPNS record has at most 10 KiB (IPNS record specification, "Record Size Limit"), and a
/// put of it with its key fits into what rust takes.
inline constexpr size_t kMaxValueBytes = 10 * 1024;
/// Bytes of a record's time of receipt: RFC 3339 with nanoseconds and an offset has 35.
inline constexpr size_t kMaxTimeBytes = 40;

// --- routing table ------------------------------------------------------------------------------------------------

/// Servers that wait for a place in a full bucket: half a bucket goes away within a refresh at the most.
inline constexpr size_t kMaxWaiting = 10;
/// Failed requests in a row after which a contact goes although nobody waits for its place: a burst of loss is no
/// death.
inline constexpr unsigned kMaxFailures = 3;
/// A contact that was seen within this span is not pinged for somebody who wants its place: with 20 contacts a bucket
/// costs at most 20 pings in that time, however many strangers knock.
inline constexpr Duration kPingAfter = std::chrono::minutes(1);
/// Between two refreshes of a bucket, and between two look-ups of ourselves (libp2p/specs kad-dht, "Bootstrap
/// process").
inline constexpr Duration kRefreshInterval = std::chrono::minutes(10);
/// Deepest bucket that is refreshed by a key of its own: finding one for depth 10 takes 2000 hashes, a millisecond;
/// deeper ones (networks above 20 000 nodes) are filled by the look-up of ourselves.
inline constexpr unsigned kMaxRefreshPrefix = 10;
/// Tries for such a key, in multiples of the mean; one in 3000 gives up and takes the nearest found.
inline constexpr unsigned kRefreshTries = 8;

/// How many contacts may come from one prefix, so that one provider of addresses fills neither a bucket nor the table
/// (SECURITY D11). Routing tables of 10 000 nodes hold about 200 contacts.
struct PrefixCaps {
    size_t v6Slash64; ///< one customer
    size_t v6Slash48; ///< one site
    size_t v6Slash32; ///< one provider
    size_t v4Slash24; ///< one site
    size_t v4Slash16; ///< one provider
};
inline constexpr PrefixCaps kBucketCaps = {2, 4, 8, 2, 4};
inline constexpr PrefixCaps kTableCaps = {4, 10, 40, 4, 16};

// --- queries ------------------------------------------------------------------------------------------------------

/// From asking a peer to its answer, the dial included; js, go and rust take 10 s.
inline constexpr Duration kRequestTimeout = std::chrono::seconds(10);
/// A request that is older holds nobody up: the next peer is asked, and the query ends without it when all others have
/// answered and these are one at least. A dial and an answer take three round trips of 200 ms, and one lost packet a
/// second more; without a loss a peer at 600 ms is in time.
inline constexpr Duration kStallAfter = std::chrono::seconds(2);
/// Once somebody has answered, such a request takes so many times as long as the slowest answer: a dial and one answer
/// to it are four round trips. At the least so long where the other answers are worth something without it; more where
/// it may be the only one to keep a value, or is to keep one.
inline constexpr int kStallAnswers = 4;
inline constexpr Duration kFoundStalls = std::chrono::milliseconds(500);
inline constexpr Duration kLeftStalls = std::chrono::seconds(1);
/// And one to somebody who has not answered of late: who is back has by then, over any but the slowest paths.
inline constexpr Duration kSilentStalls = std::chrono::milliseconds(300);
/// Who has not answered counts as silent for so long; and how many such are remembered: those of a refresh of
/// every bucket.
inline constexpr Duration kSilentFor = std::chrono::minutes(10);
inline constexpr size_t kMaxSilent = 256;
/// After so long another peer is asked beside a request, up to kMaxParallelism: half the peers of a continent have
/// answered by then over a standing connection. At 1000 simulated nodes with 20 to 200 ms it takes a sixth off the
/// slowest hundredth of look-ups of k, and costs a fifth more requests.
inline constexpr Duration kHedgeAfter = std::chrono::milliseconds(50);
/// A whole query: at most log2(n) rounds of kStallAfter for a million peers who are all slow.
inline constexpr Duration kQueryTimeout = std::chrono::seconds(60);
/// Requests of one query, shared out evenly among its paths so that a hostile path cannot use up the others': k final
/// ones, twenty rounds and as many failures again leave 66 of one path half unused.
inline constexpr size_t kMaxRequests = 200;
/// Peers that one path remembers without having asked them: those of six answers.
inline constexpr size_t kMaxCandidates = 6 * kReplication;
/// Candidates of one path that may come from one prefix: less than half of k, so that answers out of one network
/// (SECURITY D11) leave room for others.
inline constexpr PrefixCaps kPathCaps = {4, 8, 8, 4, 8};

/// Look-ups of a node on one network at once, our own upkeep included: a screen of names, or a send to each of them.
inline constexpr size_t kMaxLookups = 64;
/// Answers with a record after which a get needs no more: more than half of those that a record was left with may be
/// gone, and still as many agree as three paths of liars could name.
inline constexpr size_t kQuorum = 8;
/// A peer that was named and has not proved its key when the look-up ends: one more dial over a slow path.
inline constexpr Duration kProveGrace = kStallAfter;

// --- connections (SECURITY D14) -----------------------------------------------------------------------------------

/// Dials under way for all networks of a node: six look-ups of alpha each; what comes then waits.
inline constexpr size_t kMaxDialling = 32;
/// Dials that wait for their turn.
inline constexpr size_t kMaxQueuedDials = 256;
/// A dial is given up with the request that it was for.
inline constexpr Duration kDialTimeout = kRequestTimeout;
/// Connections that look-ups have opened and that are kept for the next one; with the dials at most 128 peers. A dial
/// may race over several addresses of its peer, each a socket: swarm::kMaxPendingDials bounds those of all dials.
inline constexpr size_t kMaxHeldLinks = 96;
/// After so long without a request such a connection is closed: a look-up and what follows it is over by then.
inline constexpr Duration kIdleLink = std::chrono::seconds(30);
/// The servers next to us, whose connections stay, so that whoever looks for us finds us with them, also behind a NAT.
/// Eight of the twenty that a look-up of us asks; each costs a packet in ten seconds.
inline constexpr size_t kNeighbours = 8;

// --- records ------------------------------------------------------------------------------------------------------

/// How long a record of ours is good when its publisher does not say, and the longest that we keep one.
inline constexpr Duration kDefaultTtl = std::chrono::hours(1);
inline constexpr Duration kMaxTtl = std::chrono::hours(48);
/// A record may be signed that far in our future: clocks differ.
inline constexpr Duration kMaxClockSkew = std::chrono::minutes(10);
/// How long a value of /ipfs/kad/1.0.0 is kept after its last put (go: 48 h).
inline constexpr Duration kIpfsValueTtl = std::chrono::hours(48);
/// Lamport versions that a key may have got by a moment, from 1970 on (highestVersion): above every honest counter, and
/// whoever takes the highest is outdone a millisecond later.
inline constexpr int64_t kVersionsPerSecond = 1000;
/// Bytes of content in a record of ours: what is left of kMaxValueBytes beside envelope, signature and proof.
inline constexpr size_t kMaxContentBytes = kMaxValueBytes - 512;
/// Fields of a worked record and of the signed record in it: theirs, and some that later versions may add.
inline constexpr size_t kRecordFields = 16;

/// Values kept for others, in all, and their bytes.
inline constexpr size_t kMaxRecords = 4096;
inline constexpr size_t kMaxRecordBytes = 16 * 1024 * 1024;
/// Of these, put by one peer: who would fill the store needs 16 connections from as many keys.
inline constexpr size_t kMaxRecordsPerPeer = 256;
/// Publishers of one key whose records are kept side by side.
inline constexpr size_t kMaxPublishersPerKey = 4;

/// Zero bits of work that a record needs while there is room: 4096 hashes, about 2 ms.
inline constexpr unsigned kMinWorkBits = 12;
/// And when the store is nearly full: 2^24 hashes, some 10 s of one core for each record.
inline constexpr unsigned kMaxWorkBits = 24;
/// The most that a record of ours is worked for where at least one server keeps it, or nobody waits for it, as when it
/// is put anew: 2^18 hashes, an eighth of a second. A server is that far from kMinWorkBits at two thirds of its bounds.
inline constexpr unsigned kMaxExtraWorkBits = 18;
/// Hashes of one job, which a transfer's job may have to wait for: about 30 ms.
inline constexpr uint64_t kWorkSlice = 64 * 1024;
/// The share of the store up to which the least work is enough: 1 of 4.
inline constexpr size_t kQuietShare = 4;

/// Values of our own that are put anew before they expire.
inline constexpr size_t kMaxPublished = 256;
/// A value of ours is put anew after this share of its time: two chances.
inline constexpr int kRepublishShare = 2;
/// And one of /ipfs/kad/1.0.0, which is kept for 48 h (LIBP2P.md 3.11).
inline constexpr Duration kIpfsValueRepublish = std::chrono::hours(22);
/// Between two looks for what has expired; nothing that has is told meanwhile.
inline constexpr Duration kSweepInterval = std::chrono::minutes(1);

/// Providers kept of one key; an answer has k of them.
inline constexpr size_t kMaxProvidersPerKey = 100;
/// Provider records in all, each up to 1 KiB; and of one peer: 512 shares.
inline constexpr size_t kMaxProviders = 16 * 1024;
inline constexpr size_t kMaxProvidersPerPeer = 512;
/// How long a provider counts after its last word (go, js, libp2p/specs kad-dht "Content provider advertisement": 48 h
/// at the most; MISSION: 24 h on ours), and how often it repeats it.
inline constexpr Duration kIpfsProviderTtl = std::chrono::hours(48);
inline constexpr Duration kOwnProviderTtl = std::chrono::hours(24);
inline constexpr Duration kProviderRepublish = std::chrono::hours(22);
/// On ours, whose providers expire after 24 h: two chances.
inline constexpr Duration kOwnProviderRepublish = std::chrono::hours(11);
/// How long a provider's addresses are told on; afterwards it has to be looked up (go-libp2p-kad-dht).
inline constexpr Duration kProviderAddressTtl = std::chrono::hours(24);

// --- serving ------------------------------------------------------------------------------------------------------

/// Requests answered of one peer: a query of its asks us once, a refresh of its table a dozen times.
inline constexpr uint64_t kRequestsPerSecond = 10;
inline constexpr uint64_t kRequestBurst = 100;
/// Of these, puts and provider records, whose check costs a signature and whose keeping costs memory.
inline constexpr uint64_t kWritesPerSecond = 2;
inline constexpr uint64_t kWriteBurst = 64;
/// Peers whose rate is remembered, also when they are gone: 100 bytes each. It recovers within 32 s.
inline constexpr size_t kMaxRates = 1024;
/// Rows that a server writes to its store: at once as many as it may keep values, then three times what 4096 values
/// that are put anew each half hour and 16 Ki providers in eleven hours are (2.7). However many put one value after the
/// other, they wear the disk with 80 KB a second at the most; what is beyond is kept in memory alone.
inline constexpr uint64_t kStoredPerSecond = 8;
inline constexpr uint64_t kStoredBurst = 4096;

// --- streams ------------------------------------------------------------------------------------------------------

/// Inbound streams of one peer at once: it has alpha requests of one query under way, and several queries. js takes 32.
inline constexpr size_t kMaxInboundPerPeer = 32;
/// Inbound streams in all, each with a message of at most kMaxMessageBytes that has arrived and one answer: 80 MB at
/// the very worst, in ten seconds.
inline constexpr size_t kMaxInbound = 1024;
/// Requests of ours under way or waiting for a stream: alpha of each of fifty queries.
inline constexpr size_t kMaxOutbound = 256;
/// Requests of one network that wait for their connection or their answer: kMaxOutbound at work and as many again.
inline constexpr size_t kMaxAsks = 2 * kMaxOutbound;
/// After a request without answer our half stays open for so long: js does not serve a stream whose end comes with its
/// first bytes, and the peer may still refuse the protocol.
inline constexpr Duration kNoAnswerGrace = std::chrono::seconds(2);

} // namespace wherry::kad
