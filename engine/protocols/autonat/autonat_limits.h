#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

namespace wherry::autonat {

// --- messages -----------------------------------------------------------------------------------------------------

/// Bytes of one message; js takes as many, and 50 addresses of 60 bytes are 3000.
inline constexpr size_t kMaxMessageBytes = 8192;
/// Bytes of one message of version 1 that we send: rust takes no more.
inline constexpr size_t kMaxSentBytes1 = 1024;
/// Bytes of a message on a dial-back stream: a nonce takes 9; the rest is for fields that later versions may add.
inline constexpr size_t kMaxDialBackBytes = 64;
/// Addresses of one request that are looked at, go's bound.
inline constexpr size_t kMaxAddresses = 50;
/// Fields of one message, so that one with too many addresses is cut and not refused.
inline constexpr size_t kMaxFields = 512;
/// Bytes of a status text that are kept, for the log.
inline constexpr size_t kMaxStatusText = 128;

// --- dial data (autonat-v2.md, "Amplification Attack Prevention") ---------------------------------------------------

/// Bytes that a request for another host costs its sender, at least and at most: a handshake that fails costs the host
/// that is dialled some 10 kB.
inline constexpr uint64_t kMinDialData = 30'000;
inline constexpr uint64_t kMaxDialData = 100'000;
/// Bytes of data in one message (specification).
inline constexpr size_t kMaxDataPerMessage = 4096;

// --- server -------------------------------------------------------------------------------------------------------

/// Requests that are carried out, in all and for one peer (go's values).
inline constexpr int kRequestsPerMinute = 60;
inline constexpr int kRequestsPerMinuteAndPeer = 12;
/// Of those, the ones that dial another address than the one a request came from.
inline constexpr int kOtherHostsPerMinute = 12;
/// At once: the rates above spread over a minute; the rest is slack for a burst.
inline constexpr uint64_t kRequestBurst = 12;
inline constexpr uint64_t kRequestBurstOfPeer = 4;
/// Peers whose rate is remembered, connected or not: 100 bytes each.
inline constexpr size_t kMaxRates = 1024;
/// Streams that ask us, of one peer and in all. One is used; the second opens before the first has closed.
inline constexpr size_t kMaxInboundPerPeer = 2;
inline constexpr size_t kMaxInbound = 64;
/// Dials for others at once; each is a socket's worth of handshake.
inline constexpr size_t kMaxDialBacks = 16;
/// From the request to its answer, dial data and dial included (js waits as long).
inline constexpr Duration kRequestTimeout = std::chrono::seconds(30);
/// Longest random wait before another host is dialled, so that many servers cannot be made to strike at one time.
inline constexpr Duration kMaxDialDelay = std::chrono::seconds(3);
/// From the beginning of a dial back to its end.
inline constexpr Duration kDialTimeout = std::chrono::seconds(10);

// --- client -------------------------------------------------------------------------------------------------------

/// Questions of ours that are open at once.
inline constexpr size_t kMaxProbes = 8;
/// Streams that dial us back, in all.
inline constexpr size_t kMaxInboundDialBacks = 16;
inline constexpr Duration kDialBackTimeout = std::chrono::seconds(10);
/// The answer may overtake the connection that it speaks of by no more than this.
inline constexpr Duration kNonceGrace = std::chrono::seconds(5);

// --- what is made of it -------------------------------------------------------------------------------------------

/// Addresses of ours that are tried: a few interfaces of two families and what peers see.
inline constexpr size_t kMaxCandidates = 16;
/// Peers whose word of where they see us counts, one each: 150 bytes each. Connected ones say it again with each push.
inline constexpr size_t kMaxVotes = 256;
/// Networks that must have seen us at an address before we have it dialled: one alone could name a victim.
inline constexpr size_t kObserversNeeded = 2;
/// Latest opinions kept of one address, each of another peer.
inline constexpr size_t kMaxEvidence = 5;
/// Refusals in a row that make an address unreachable; one server may be cut off itself.
inline constexpr size_t kFailuresNeeded = 3;
/// Agreeing peers that version 1 takes, which proves nothing ("more than 3", autonat-v1.md).
inline constexpr size_t kOpinionsNeeded = 4;
/// Peers that can be asked: those that are connected are bounded already; this many are remembered.
inline constexpr size_t kMaxServers = 64;
/// Between two questions about one address while it is not known, and between two to one peer (a server may allow
/// kRequestsPerMinuteAndPeer).
inline constexpr Duration kAskSoon = std::chrono::seconds(15);
inline constexpr Duration kServerInterval = std::chrono::seconds(10);
/// An address that is reachable is tried again as often as this, one that is not more often: routers get rules.
inline constexpr Duration kAskReachable = std::chrono::minutes(30);
inline constexpr Duration kAskUnreachable = std::chrono::minutes(5);
/// The same peer is not asked again about the same address sooner, while others are to be had or not.
inline constexpr Duration kAskPeerAgain = std::chrono::minutes(4);

// --- the network around us ----------------------------------------------------------------------------------------

/// Peers that are remembered for each fact of the network; those that are connected say enough.
inline constexpr size_t kMaxWitnesses = 256;
/// Other hosts that QUIC did not reach and TCP did, before UDP counts as blocked: one may have closed its own port.
inline constexpr size_t kHostsWithoutUdp = 2;
/// A device of this network that has been connected for so long would have been heard: ours is asked for at once and
/// again within seconds (mdns_limits.h).
inline constexpr Duration kMulticastPatience = std::chrono::seconds(30);

} // namespace wherry::autonat
