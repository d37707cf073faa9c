#pragma once

#include "base/time.h"
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
/// A quiet connection says that it lives: often enough that no NAT forgets it (15 to 25 s) and that a peer which has restarted answers with a
/// reset soon after, seldom enough to cost nothing (a third of the idle timeout, the most that quic allows).
inline constexpr Duration kKeepAlive = std::chrono::seconds(10);
/// A connection whose own address is gone is given up when nothing has come over it between these times after the
/// change. Before the first, packets that were on their way still arrive; until the second, a move to another address
/// has had its answer over any path (a satellite's round trip is 0.6 s, twice), and an address that only flickers is
/// back.
inline constexpr Duration kStrandedListens = std::chrono::seconds(1);
inline constexpr Duration kStrandedEnds = std::chrono::seconds(3);
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
/// Parallel streams of `wherry perf`, as a transfer uses.
inline constexpr uint32_t kPerfStreams = 8;

} // namespace wherry::node
