#pragma once

#include "base/time.h"
#include "protocols/dcutr/dcutr_limits.h"
#include "quic/quic_limits.h"
#include "swarm/swarm_limits.h"
#include "transfer/machine_limits.h"

#include <cstddef>

/// Bounds of the composition root, with their units.
namespace wherry::node {

/// Every transfer that one peer may have accepted and offered gets all its streams, or it would wait for them in vain.
static_assert(transfer::kMaxReceivesPerPeer * (1 + transfer::kDataStreams) + transfer::kMaxOffersPerPeer <=
              swarm::kMaxInboundStreamsPerProtocol);

/// Addresses remembered per peer; a home has a handful, a multi-homed server a dozen.
inline constexpr size_t kMaxAddressesPerPeer = 32;
/// Peers whose addresses are remembered in memory: about 2 kB each.
inline constexpr size_t kMaxKnownPeers = 4096;
/// First pause before a peer that did not answer is tried again; doubles up to kMaxRetryPause.
inline constexpr Duration kFirstRetryPause = std::chrono::milliseconds(250);
inline constexpr Duration kMaxRetryPause = std::chrono::seconds(4);
/// A command that is not to wait for its peer gets so long for its attempt: a handshake takes two round trips, a lost
/// first packet costs a second and a lost second one two more.
inline constexpr Duration kShortestWait = std::chrono::seconds(5);
/// A quiet connection says that it lives. NATs are to hold a UDP mapping for two minutes (RFC 4787 REQ-5), and routers
/// in use hold it for 30 s: half of that leaves room for one that is lost. It is half of our idle timeout too, which is
/// the most that quic allows; peers that idle out sooner hear of us sooner (js and rust: 10 s, so each 5 s).
inline constexpr Duration kKeepAlive = std::chrono::seconds(15);
/// A connection whose own address is gone is given up when nothing has come over it between these times after the
/// change. Before the first, packets that were on their way still arrive; until the second, a move to another address
/// has had its answer over any path (a satellite's round trip is 0.6 s, twice), and an address that only flickers is
/// back.
inline constexpr Duration kStrandedListens = std::chrono::seconds(1);
inline constexpr Duration kStrandedEnds = std::chrono::seconds(3);
/// How often the peers of transfers under way are looked at, and the pause between two looks after which this program
/// was not running itself.
inline constexpr Duration kQuietLook = std::chrono::seconds(1);
inline constexpr Duration kQuietLookLate = 3 * kQuietLook;
/// Whoever of them has been silent for so long is asked for a sign of life; whose has not come by the second span has
/// none to give, over any path with one packet lost, and the person is told. After the third the connection of a
/// transfer that should move is over: five packets have been lost one after the other. What it costs when the peer
/// lives after all is a new handshake; the transfer goes on where it was.
inline constexpr Duration kQuietProbe = std::chrono::seconds(2);
inline constexpr Duration kQuietTold = std::chrono::seconds(4);
inline constexpr Duration kQuietEnds = std::chrono::seconds(12);
/// One in so many of the connections that others may open is kept free for those who come next: a burst of a few dozen
/// finds room before the next turn.
inline constexpr size_t kCrowdRoomShare = 16;
/// Ping and perf requests that wait or run at once; each costs a few hundred bytes.
inline constexpr size_t kMaxPendingRequests = 256;
/// Transfers to holders of share tickets at once: each reads a folder and sends it, and a busy link serves no more at a
/// useful speed.
inline constexpr size_t kMaxServedFetches = 64;
/// Paths of a share that a list of shares names: enough to recognise it, and a thousand shares fit a line of the
/// control socket.
inline constexpr size_t kMaxPathsTold = 3;
/// Of these to one peer: a person fetches a few things at once, and nobody keeps the others out.
inline constexpr size_t kMaxServedFetchesPerPeer = 4;
/// For how long such a transfer waits for a fetcher that has gone; it asks again anyway when it comes back.
inline constexpr Duration kServedFetchWait = std::chrono::seconds(30);
/// Rounds of "drain everything" per input before the rest waits for the next turn of the loop.
inline constexpr int kMaxSettleRounds = 64;
/// Devices nearby that are connected to in order to hear who they are: a classroom at once, and then what a home never
/// has. Forged announcements cost that many dials.
inline constexpr uint64_t kGreetingsPerSecond = 2;
inline constexpr uint64_t kGreetingBurst = 32;
/// Between two pings of one `wherry ping`.
inline constexpr Duration kPingInterval = std::chrono::milliseconds(200);
/// Connections that a status report names; a person reads no more, and 100 are about 20 kB of JSON.
inline constexpr size_t kMaxListedConnections = 100;
/// Transfers that are listed: those that may be received at once, and as many commands as may wait.
inline constexpr size_t kMaxListedTransfers = 1024;
/// Of them those with a map of what is verified, 256 bytes each: as many as may move at once.
inline constexpr size_t kMaxListedMaps = transfer::kMaxReceivesInAll;
/// Warnings that a status report repeats; each kind comes once, and there are a few.
inline constexpr size_t kMaxWarnings = 16;
/// Peers and shares of one answer, with what a hostile one of them may say of itself some 2 MB of JSON and less.
inline constexpr size_t kMaxListedPeers = 256;
inline constexpr size_t kMaxListedShares = 100;
/// Transfers that are sent at once unless configured otherwise, and the most that may be configured. Two fill a line
/// and a disk; four leave room for two to slow devices, and are as many offers as one peer lets stand
/// (kMaxOffersPerPeer). Of the most each may have a source open and jobs under way, as of what is received
/// (kMaxReceivesInAll).
inline constexpr uint32_t kParallelSends = 4;
inline constexpr uint32_t kMaxParallelSends = transfer::kMaxReceivesInAll;
/// The most incoming transfers that may be configured to take content at once: all that may be under way.
inline constexpr uint32_t kMaxParallelReceives = transfer::kMaxReceivesInAll;
/// Sends that have begun, whether it is their turn or not: each has its list of files in memory. Twice as many as may
/// run, so that absent devices and people who do not answer stop nobody.
inline constexpr size_t kMaxBegunSends = 2 * kMaxParallelSends;
/// Sends that wait or run; as many as a list shows.
inline constexpr size_t kMaxQueuedSends = kMaxListedTransfers;
/// For how long a transfer keeps its turn while its peer is away or an offer is not answered: a program answers within
/// a round trip and a connection that was lost is back within two retries; a person takes longer.
inline constexpr Duration kTurnPatience = std::chrono::seconds(10);
/// Ended transfers that are remembered: years of a person's, months of a busy machine's; some 4 MB in the database.
inline constexpr uint64_t kMaxHistoryEntries = 10'000;
/// How long each of them is remembered at most, unless configured otherwise.
inline constexpr Duration kHistoryKeep = std::chrono::hours(90 * 24);
/// Of them those of offers to us that nobody has answered, in all and of one peer: what somebody reads who comes back
/// from a weekend. The oldest go when more come, so that strangers never push out what the person has done.
inline constexpr size_t kMaxUnansweredEntries = 64;
inline constexpr size_t kMaxUnansweredEntriesOfPeer = 8;
/// Such an entry takes a number, as others do, and kMaxHistoryEntries counts numbers: so many at once and one in so
/// long, and they come to fewer in kHistoryKeep than there are. Beyond that an offer leaves no trace.
inline constexpr uint64_t kUnansweredBurst = kMaxUnansweredEntries;
inline constexpr Duration kUnansweredInterval = std::chrono::minutes(15);
static_assert(kHistoryKeep / kUnansweredInterval + kUnansweredBurst < kMaxHistoryEntries);
/// Offers of one peer that are sent away because too many wait are one entry, written anew after so long: its sender
/// tries again every few seconds.
inline constexpr Duration kTurnedAwayInterval = std::chrono::minutes(5);
/// Entries of one answer: 1 MB of JSON at most sizes of names and errors below.
inline constexpr uint32_t kMaxListedHistory = 200;
/// Bytes of a label, error, file or landed name that an entry keeps, and names that it keeps: a line of a list each.
inline constexpr size_t kMaxHistoryText = 512;
inline constexpr size_t kMaxHistoryNames = 4;
/// Paths and their bytes that are kept for a retry: a command line holds no more. What is larger cannot be retried.
inline constexpr size_t kMaxRetryPaths = 1024;
inline constexpr size_t kMaxRetryPathBytes = 128 * 1024;
/// How much progress the history may miss of a transfer that a crash ends.
inline constexpr Duration kHistoryNoteInterval = std::chrono::seconds(1);
/// ListHistory and RetryTransfer commands that wait for the store at once.
inline constexpr size_t kMaxHistoryQueries = 256;
/// Messages that are kept of one peer and in all, and their bytes: years of words between people, and what a list
/// scrolls through. The oldest go when more come.
inline constexpr size_t kMaxMessagesPerPeer = 1000;
inline constexpr size_t kMaxMessages = 10'000;
inline constexpr uint64_t kMaxMessagesBytes = 16 * 1024 * 1024;
/// Messages of one answer, and the bytes of their texts, which JSON may make six times as long.
inline constexpr uint32_t kMaxListedMessages = 100;
inline constexpr size_t kMaxListedText = 256 * 1024;
/// Bytes of the reason that is kept of a failure: two lines.
inline constexpr size_t kMaxMessageError = 256;
/// ListMessages and RetryText commands that wait for the store at once.
inline constexpr size_t kMaxMessageQueries = 256;
/// Distributed hash tables that a node is part of: ours, the public one, and two of whoever runs his own.
inline constexpr size_t kMaxDhtNetworks = 4;
/// Servers of the list that are not connected are tried again after this pause, which doubles up to the interval of
/// refreshes.
inline constexpr Duration kFirstBootstrapPause = std::chrono::seconds(5);
/// From the beginning of quiet mode to the end of connections that it has no use for: what has been said last, that
/// this node serves no more and is here no longer, has left by then.
inline constexpr Duration kLastWords = std::chrono::seconds(2);
/// Servers are remembered for the next run so long after the first was met, and again after pauses that double up to
/// the interval of refreshes: the first look-up of ourselves is over by then.
inline constexpr Duration kRememberSoon = std::chrono::seconds(5);
/// Addresses that an error names of those that have not answered.
inline constexpr size_t kBootstrapsTold = 3;
/// Rows of what a server of a hash table has kept that are read at once: some 10 ms of signatures.
inline constexpr size_t kKeptRowsAtOnce = 64;
/// Servers of a hash table are remembered for so long after they were there last, and so many of them are tried first.
inline constexpr Duration kServersKeep = std::chrono::hours(24 * 7);
inline constexpr size_t kServersMetAgain = 8;
/// A peer that somebody wants is looked up when dials have not reached it within this span, or have all failed: a
/// handshake over a slow path, and one lost packet.
inline constexpr Duration kSearchAfter = std::chrono::seconds(2);
/// And again, while it is still wanted, after this one.
inline constexpr Duration kSearchAgain = std::chrono::seconds(30);
/// Peers that are wanted and looked for at once: as many as one list of sends names.
inline constexpr size_t kMaxSearches = 16;
/// Messages that wait for a first peer who wants them.
inline constexpr size_t kMaxWaitingMessages = 256;
/// When a message is offered again that nobody could take, or of which every copy is lost.
inline constexpr Duration kPublishAgain = std::chrono::seconds(1);
/// Numbers of messages that are stored as used at a time: what a clock counts in 10 s, so that somebody who talks all
/// the time has one write in 10 s.
inline constexpr uint64_t kNumbersReserved = 10'000'000'000;
/// Messages of topics that shells are told a second, and at once: a person reads none of so many, and a program that
/// writes them down keeps up with them.
inline constexpr uint64_t kGossipsToldPerSecond = 2000;
inline constexpr uint64_t kGossipsToldBurst = 8000;
/// And in bytes, as whole pieces: 16 MiB a second, and 64 MiB at once.
inline constexpr size_t kGossipPiece = 4 * 1024;
inline constexpr uint64_t kGossipPiecesPerSecond = 4096;
inline constexpr uint64_t kGossipPiecesBurst = 16 * 1024;
/// What of it each topic has for itself, however much is said in others.
inline constexpr uint64_t kCertainToldPerSecond = 20;
inline constexpr uint64_t kCertainToldBurst = 200;
inline constexpr uint64_t kCertainPiecesPerSecond = 64;
inline constexpr uint64_t kCertainPiecesBurst = 512;
/// Between two words about messages of one topic that shells were not told.
inline constexpr Duration kLeftOutInterval = std::chrono::seconds(60);
/// Peers that are dialled because a topic has too few, at once and one in so long after that; and as many again whom
/// others have named.
inline constexpr uint64_t kGossipDialBurst = 16;
inline constexpr Duration kGossipDialInterval = std::chrono::seconds(2);
/// How much a peer that the person knows by name or trusts, or a first server of the list, is ahead of others in the
/// score of gossip: enough for what it says of others to be believed (ScoreThresholds::acceptExchange).
inline constexpr double kGoodOpinion = 50;
/// Parallel streams of `wherry perf`, as a transfer uses.
inline constexpr uint32_t kPerfStreams = 8;

/// Peers whose word of where they see this node is kept, for each transport and family: 150 bytes each.
inline constexpr size_t kMaxSights = 256;
/// Networks whose peers must see it at an address that it did not ask them about itself.
inline constexpr size_t kSightsNeeded = 2;
/// Addresses of one transport and family that a hole is punched to: behind a NAT that gives each flow a port of its own
/// more would be as wrong.
inline constexpr size_t kSightsOfOneKind = 2;
/// Dials to punch holes at one time, in addresses: those that both sides have agreed on, of peers that we have dialled;
/// and those that only may help. A quarter of all dials is left for others.
inline constexpr size_t kMaxAgreedPunchDials = swarm::kMaxPendingDials / 2;
inline constexpr size_t kMaxOtherPunchDials = swarm::kMaxPendingDials / 4;
static_assert(kMaxOtherPunchDials >= dcutr::kMaxCandidates);
/// Every hole that is punched has room at the endpoint.
static_assert(dcutr::kMaxAttempts * dcutr::kMaxCandidates <= quic::kMaxPunches);
/// Strangers that have connected through a relay and that a direct way is sought to: a second, at once, and of all
/// attempts at one time, so that nobody keeps it from those whom the person knows.
inline constexpr uint64_t kStrangersPunchedPerSecond = 1;
inline constexpr uint64_t kStrangersPunchedBurst = 16;
inline constexpr size_t kMaxStrangersPunched = dcutr::kMaxAttempts / 2;
/// Peers of whom it is remembered why no direct way to them was found, for the person who asks.
inline constexpr size_t kMaxPunchFailures = 64;
/// Peers of whom it is remembered through which relays a circuit to them has failed.
inline constexpr size_t kMaxFailedCircuits = 64;
/// Bytes of what a relay lets through that are left over, for what the other end has on its way: some relays count both
/// directions together, and what has not left them when it becomes too much is lost.
inline constexpr uint64_t kCircuitMargin = 4 * 1024;

/// Addresses of TCP and WebSocket in a ticket: those that reach furthest are enough where no UDP gets through, and a QR
/// code stays small.
inline constexpr size_t kTicketPipeAddresses = 2;
/// Those that lead through relays, likewise: as many as one relay has at most (relay::kToldPerRelay).
inline constexpr size_t kTicketRelayAddresses = 4;

} // namespace wherry::node
