#pragma once

#include "base/time.h"
#include "link/link_limits.h"

#include <cstddef>
#include <cstdint>

/// Every bound of the swarm, with its unit and where it comes from.
namespace wherry::swarm {

// --- multistream-select -------------------------------------------------------------------------------------------

/// From the first byte to the agreed protocol; js gives up after 10 s too.
inline constexpr Duration kNegotiationTimeout = std::chrono::seconds(10);

// --- links --------------------------------------------------------------------------------------------------------

/// Links of all carriers together, and those that one prefix has opened.
using link::kMaxInboundLinksPerPrefix;
using link::kMaxLinks;
/// Links to one peer: the one in use, one that loses a simultaneous dial, and one whose peer has restarted without a
/// word.
inline constexpr size_t kMaxLinksPerPeer = 3;
/// Two links count as dialled at the same time when the second opens within this span after the first: a lost first
/// packet costs a second, a lost second one two more.
inline constexpr Duration kSimultaneousDialSpan = std::chrono::seconds(3);
/// A second link of the same dialler that it has neither used nor closed for so long has replaced the first. Its losing
/// dials it closes within one round trip.
inline constexpr Duration kUnusedLinkGrace = std::chrono::seconds(3);
/// A losing link without streams is closed after this span, when the other end has long stopped opening streams on it.
inline constexpr Duration kLosingLinkGrace = std::chrono::seconds(5);
/// The same for a relayed link whose peer is reached directly now: a direct one that does not last (a hole that its
/// router closes) shows within half of this, and takes the other half to find out that its path is dead.
inline constexpr Duration kRelayedLinkGrace = std::chrono::seconds(60);

// --- dials --------------------------------------------------------------------------------------------------------

/// Between the starts of two dials of a race (RFC 8305 section 8, Connection Attempt Delay).
inline constexpr Duration kDialStagger = std::chrono::milliseconds(250);
/// From the first QUIC dial of a race to the first one that needs a pipe: two round trips over a bad mobile network, so
/// that QUIC is open by then where UDP passes, and half of what a person notices where it does not.
inline constexpr Duration kQuicHeadStart = std::chrono::milliseconds(500);
/// From the first direct dial of a race to the first one through a relay: a handshake over a bad mobile network, by TCP
/// too, is done by then.
inline constexpr Duration kDirectHeadStart = std::chrono::milliseconds(1500);
/// Direct dials that go on when a relay has been quicker: as long as a person's router may take to answer.
inline constexpr Duration kDirectDialsBesideRelay = std::chrono::seconds(10);
/// Addresses of one race; a multi-homed peer has a dozen.
inline constexpr size_t kMaxAddressesPerConnect = 32;
/// Dials under way in all: 128 x about 60 kB of handshake state are 8 MB. A race that finds none free waits for one.
inline constexpr size_t kMaxPendingDials = 128;
/// connect() calls that wait for their outcome; each costs a few hundred bytes.
inline constexpr size_t kMaxConnects = 1024;

// --- streams ------------------------------------------------------------------------------------------------------

/// Inbound streams of one link whose protocol is not agreed yet: each may hold a message of 1 KiB for 10 s.
inline constexpr size_t kMaxNegotiatingPerLink = 128;
/// Inbound streams that one peer may have open with one protocol; a transfer uses nine.
inline constexpr size_t kMaxInboundStreamsPerProtocol = 128;

/// Peers that may make a second link at one time; the one whose time is over first is forgotten first.
inline constexpr size_t kMaxSecondLinks = 64;

// --- work ---------------------------------------------------------------------------------------------------------

/// Events and requests that one settle() handles before the rest waits for the next turn of the loop.
inline constexpr size_t kMaxSettleSteps = 4096;

} // namespace wherry::swarm
