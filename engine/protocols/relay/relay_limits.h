#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Every bound of relaying, with its unit and where it comes from.
namespace wherry::relay {

// --- messages -----------------------------------------------------------------------------------------------------

/// Bytes of one message (specification).
inline constexpr size_t kMaxMessageBytes = 4096;
/// Fields of one message: a reservation with some dozens of addresses, those beyond kMaxRelayAddresses unread.
inline constexpr size_t kMaxFields = 256;
/// Addresses of a relay that it tells and that we keep: a few interfaces of two families, each by QUIC and TCP.
inline constexpr size_t kMaxRelayAddresses = 8;

// --- server: what it grants unless its settings say otherwise, and the most that they may say ---------------------

/// Reservations in all: each is a connection that stays open, an eighth of the connections of a node; and 200 bytes.
inline constexpr uint32_t kReservations = 128;
inline constexpr uint32_t kMaxReservations = 4096;
/// Of one IPv4 address or IPv6 /64: a household behind one router (go: 8 of an address). A peer has one at a time.
inline constexpr uint32_t kReservationsPerPrefix = 8;
/// How long a reservation is good (specification, go: an hour). The client asks again before.
inline constexpr Duration kReservationTtl = std::chrono::hours(1);
inline constexpr Duration kMinReservationTtl = std::chrono::minutes(1);
inline constexpr Duration kMaxReservationTtl = std::chrono::hours(24);
/// Circuits in all, those that are being made included, and those in which one peer is an end. A device has one to each
/// of its peers; a window's worth of people is 16 (go's number too).
inline constexpr uint32_t kCircuits = 256;
inline constexpr uint32_t kMaxCircuits = 4096;
inline constexpr uint32_t kCircuitsPerPeer = 16;
/// Circuits that were asked for from one IPv4 address or IPv6 /64, in all: a quarter of kCircuits, which a provider
/// that has its customers share an address seldom needs; and to one peer: half of what it may have, but these at least.
inline constexpr size_t kCircuitsPerPrefix = 64;
inline constexpr size_t kMinCircuitsPerPrefixAndPeer = 4;
/// Bytes that one circuit may carry in each direction. A film or a folder of pictures of 1 GB passes in one; what is
/// larger goes on over the next one. What a relay gives away is bounded by this and kCircuits; who pays for traffic
/// sets less, or a bandwidth limit.
inline constexpr uint64_t kCircuitBytes = 1024 * 1024 * 1024;
/// MiB, for the settings: from what carries no chunk of ours whole on, and 1 TiB.
inline constexpr uint32_t kMinCircuitMebibytes = 1;
inline constexpr uint32_t kMaxCircuitMebibytes = 1024 * 1024;
/// Time of one circuit: 50 MB over the slowest uplink that people still have (256 kbit/s) take 27 minutes; an hour is
/// twice that.
inline constexpr Duration kCircuitDuration = std::chrono::hours(1);
inline constexpr Duration kMinCircuitDuration = std::chrono::minutes(1);
inline constexpr Duration kMaxCircuitDuration = std::chrono::hours(24 * 7);

// --- server: what nobody sets ---------------------------------------------------------------------------------------

/// From the request to its answer: the relay's own question to the other end takes half of it.
inline constexpr Duration kHopTimeout = std::chrono::seconds(20);
/// From the first byte of a hop stream to the end of the request, which is one packet.
inline constexpr Duration kRequestTimeout = std::chrono::seconds(5);
/// Without a byte in either direction a circuit is over: what lives says so, most implementations each 30 s.
inline constexpr Duration kCircuitIdle = std::chrono::minutes(2);
/// The same until both ends have said something, which is the handshake between them.
inline constexpr Duration kCircuitSilence = std::chrono::seconds(10);
/// Hop streams that carry no circuit yet, of one peer, of one IPv4 address or IPv6 /64, and in all: a refresh and a few
/// connections at a time; 4 kB each.
inline constexpr size_t kMaxRequestsPerPeer = 8;
inline constexpr size_t kMaxRequestsPerPrefix = 64;
inline constexpr size_t kMaxRequests = 512;
/// Requests of a peer, on average and at once: a signature each at most, 50 microseconds.
inline constexpr uint64_t kRequestsPerSecond = 2;
inline constexpr uint64_t kRequestBurst = 20;
/// Peers whose rate is remembered, connected or not: 100 bytes each.
inline constexpr size_t kMaxRates = 4096;
/// Bytes that one circuit moves before the others have their turn: 2 ms at 1 Gbit/s.
inline constexpr size_t kCircuitTurn = 256 * 1024;
/// Bytes. A piece that is smaller waits for kSmallPieceDelay, to grow, while so many bytes before it are under way:
/// each piece costs 32 bytes until its bytes are acknowledged, and a peer could send them one by one.
inline constexpr size_t kSmallPiece = 1024;
inline constexpr size_t kManySmallPieces = 8 * 1024;
/// While the other end takes nothing, the delay doubles up to kMaxSmallPieceDelay.
inline constexpr Duration kSmallPieceDelay = std::chrono::milliseconds(5);
inline constexpr Duration kMaxSmallPieceDelay = std::chrono::milliseconds(640);
/// Bytes that all circuits together may hold because those who are to have them read too slowly: what has come in
/// behind a stream that takes no more. Beyond, the one that holds most is ended.
inline constexpr size_t kMaxHeldBytes = 64 * 1024 * 1024;

// --- client -------------------------------------------------------------------------------------------------------

/// Relays with which a reservation is kept: one may fail at any time.
inline constexpr size_t kWantedRelays = 2;
/// Addresses through one relay that others are told: QUIC and TCP of two families.
inline constexpr size_t kToldPerRelay = 4;
/// Relays that are known and may be asked: 300 bytes each.
inline constexpr size_t kMaxCandidates = 64;
/// From our request to the relay's answer.
inline constexpr Duration kReserveTimeout = std::chrono::seconds(10);
/// From the wish for a circuit to its beginning: dialling the relay, and its own dial. Below the 30 s of an attempt.
inline constexpr Duration kConnectTimeout = std::chrono::seconds(25);
/// From the beginning of a dial through a relay to the end of the handshake inside: the time above and a bit.
inline constexpr Duration kCircuitUpgradeTimeout = std::chrono::seconds(28);
/// A reservation is asked for anew when this part of its time is over: a quarter is left for failures.
inline constexpr int kRefreshNumerator = 3;
inline constexpr int kRefreshDenominator = 4;
/// Not sooner after the last time, however short the relay's time is.
inline constexpr Duration kMinRefreshInterval = std::chrono::seconds(15);
/// A reservation that ends sooner is none: its addresses would be gone before others have them.
inline constexpr Duration kMinUsefulTtl = std::chrono::seconds(30);
/// What is believed of a reservation's time at most: a relay that lives longer is asked again all the same.
inline constexpr Duration kMaxBelievedTtl = std::chrono::hours(2);
/// From the loss of a relay that held a reservation to the first dial: it may have restarted.
inline constexpr Duration kRegainPause = std::chrono::seconds(1);
/// First pause after a relay has refused or was not reached; doubles up to the last.
inline constexpr Duration kFirstPause = std::chrono::seconds(5);
inline constexpr Duration kMaxPause = std::chrono::minutes(15);
/// Dials through relays that are being made: each may hold a dial of the relay's own, and those may not use up all of
/// the swarm's.
inline constexpr size_t kMaxConnecting = 32;
/// Circuits that others open to us through one relay and that have not said whom they bring, and the time for it.
inline constexpr size_t kMaxStopsPerRelay = 16;
inline constexpr Duration kStopTimeout = std::chrono::seconds(10);
/// Circuits that others have opened to us, by one relay. The swarm bounds the links, by the relay's address too.
inline constexpr size_t kMaxAcceptedPerRelay = 64;

} // namespace wherry::relay
