#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Bounds of multicast DNS discovery, with their units.
namespace wherry::mdns {

// --- what we say --------------------------------------------------------------------------------------------------

/// Seconds that others may keep what we say (libp2p implementations say 120, as RFC 6762 10 does for host records).
inline constexpr uint32_t kAnswerTtl = 120;
/// Bytes of one message: what fits into the smallest IPv6 packet, 1280 less 40 of IP and 8 of UDP (RFC 6762 17).
inline constexpr size_t kMaxSentBytes = 1232;
/// Addresses of this node that are told on one link; at about 130 bytes each they make three messages.
inline constexpr size_t kMaxToldAddresses = 16;
/// Characters of the random name: libp2p/specs discovery/mdns asks for 32 to 63, a DNS label's most.
inline constexpr size_t kPeerNameChars = 40;
/// Unasked answers when a link appears or our addresses change, and the pause between (RFC 6762 8.3).
inline constexpr int kAnnouncements = 2;
inline constexpr Duration kAnnouncePause = std::chrono::seconds(1);
/// Answers wait for a random time in this range, so that those of many peers do not collide (RFC 6762 6).
inline constexpr Duration kMinAnswerDelay = std::chrono::milliseconds(20);
inline constexpr Duration kMaxAnswerDelay = std::chrono::milliseconds(120);
/// The same records go out once a second at most on one link and family (RFC 6762 6).
inline constexpr Duration kAnswerPause = std::chrono::seconds(1);
/// The pause between queries starts here and doubles (RFC 6762 5.2) up to a minute: below the hour that the RFC allows,
/// so that two parts of a network that are joined find each other soon, at 90 bytes a minute.
inline constexpr Duration kFirstQueryPause = std::chrono::seconds(1);
inline constexpr Duration kMaxQueryPause = std::chrono::minutes(1);

// --- what we hear -------------------------------------------------------------------------------------------------

/// However long a stranger wants to be remembered: 75 minutes, what RFC 6762 10 recommends for most records.
inline constexpr Duration kMaxTtl = std::chrono::minutes(75);
/// What has said goodbye is gone after this time (RFC 6762 10.1), and so is what a complete set no longer holds (10.2).
inline constexpr Duration kGoodbyeTime = std::chrono::seconds(1);
/// Within this time of a goodbye those who are said to go are asked: half of the time that they have left.
inline constexpr Duration kAskAfterGoodbye = std::chrono::milliseconds(500);
/// TXT strings of one message that are looked at: three times what we send ourselves.
inline constexpr size_t kMaxStringsPerMessage = 64;
/// Names about which one message is heard, goodbyes included. Peers speak for themselves alone; a proxy may speak for a
/// few. Bytes alone would allow 256.
inline constexpr size_t kMaxClaimsPerMessage = 32;
/// Names (a peer on a link) that are remembered: a large office. Each takes at most 2 kB with all its addresses.
inline constexpr size_t kMaxNames = 512;
/// Of these, from one source address: one host that lies does not fill the table. Tests run a dozen nodes on a host.
inline constexpr size_t kMaxNamesPerSource = 64;
/// Names that speak for one peer: its links here, and names of earlier runs that have not run out. A new one takes the
/// place of an old one.
inline constexpr size_t kMaxNamesPerPeer = 8;
/// Addresses of one name, as many as we tell ourselves; and of one peer, all its names together, that are reported:
/// two for each of kMaxNamesPerPeer at least, and half of what one race of dials takes, so that others have room.
inline constexpr size_t kMaxAddressesPerName = 16;
inline constexpr size_t kMaxReportedAddresses = 16;
/// New names and addresses that are taken in, at once and per second; more are ignored until they are said again. A
/// forger thereby causes at most so many reports.
inline constexpr size_t kNewsBurst = 256;
inline constexpr size_t kNewsPerSecond = 32;
/// A name is asked for again at these percentages of its time, each plus up to two at random (RFC 6762 5.2).
inline constexpr int kRefreshPercents[] = {80, 85, 90, 95};
/// Interfaces that are spoken on: a laptop with virtual machines has ten.
inline constexpr size_t kMaxLinks = 32;
/// Messages that wait to be taken: each link and family says at most four at once (three of addresses, one of service
/// types, or a query); what does not fit is said at the next occasion.
inline constexpr size_t kMaxWaitingActions = 1024;

} // namespace wherry::mdns
