#pragma once

#include "gateway/fields.h"
#include "node/event.h"
#include "node/path_kind.h"

#include <array>

/// The structs and enums inside commands and events. Names as in the events that the program prints with --json.
namespace wherry::gateway {

/// The names that a function gives to every value up to `Last`.
template <auto Last> auto namesOf(std::string_view (*nameOf)(decltype(Last))) {
    std::array<std::string_view, static_cast<size_t>(Last) + 1> names;
    for (size_t i = 0; i < names.size(); ++i) names[i] = nameOf(static_cast<decltype(Last)>(i));
    return names;
}

template <> struct EnumNames<transfer::Accept> {
    static constexpr std::array<std::string_view, 3> list = {"ask", "all", "trusted"};
};
template <> struct EnumNames<transfer::Conflict> {
    static constexpr std::array<std::string_view, 4> list = {"rename", "replace", "skip", "fail"};
};
template <> struct EnumNames<transfer::NameFate> {
    static constexpr std::array<std::string_view, 3> list = {"renamed", "replaced", "skipped"};
};
template <> struct EnumNames<node::PathKind> {
    static constexpr std::array<std::string_view, 6> list = {"lan",     "direct6", "direct4",
                                                             "punched", "relayed", "routed"};
};
template <> struct EnumNames<node::PathReason> {
    static inline const auto list = namesOf<node::PathReason::AddressChanged>(node::pathReasonName);
};
template <> struct EnumNames<autonat::Verdict> {
    static constexpr std::array<std::string_view, 3> list = {"unknown", "reachable", "unreachable"};
};
template <> struct EnumNames<autonat::Subject> {
    static inline const auto list = namesOf<autonat::Subject::Multicast>(autonat::subjectName);
};
template <> struct EnumNames<autonat::Finding> {
    static inline const auto list = namesOf<autonat::Finding::Isolated>(autonat::findingName);
};
template <> struct EnumNames<autonat::Version> {
    static constexpr std::array<std::string_view, 2> list = {"1", "2"};
};
template <> struct EnumNames<node::TransferState> {
    static constexpr std::array<std::string_view, 6> list = {"preparing",   "offered", "running",
                                                             "interrupted", "paused",  "queued"};
};
template <> struct EnumNames<transfer::Hold> {
    static constexpr std::array<std::string_view, 3> list = {"none", "paused", "queued"};
};
template <> struct EnumNames<share::ShareEnd> {
    static constexpr std::array<std::string_view, 3> list = {"revoked", "expired", "fetched"};
};
template <> struct EnumNames<node::Priority> {
    static constexpr std::array<std::string_view, 3> list = {"low", "normal", "high"};
};
template <> struct EnumNames<node::TransferOutcome> {
    static constexpr std::array<std::string_view, 6> list = {"delivered", "declined",    "failed",
                                                             "cancelled", "interrupted", "unanswered"};
};
template <> struct EnumNames<node::MessageState> {
    static constexpr std::array<std::string_view, 4> list = {"sending", "delivered", "failed", "received"};
};
template <> struct EnumNames<node::DhtAction> {
    static constexpr std::array<std::string_view, 6> list = {"get", "put", "provide", "providers", "peer", "closest"};
};
template <> struct EnumNames<peers::Trust> {
    static constexpr std::array<std::string_view, 3> list = {"unknown", "trusted", "blocked"};
};
template <> struct EnumNames<peers::DeviceKind> {
    static constexpr std::array<std::string_view, 6> list = {"unknown", "desktop", "laptop",
                                                             "phone",   "tablet",  "server"};
};
template <> struct EnumNames<peers::FoundBy> {
    static constexpr std::array<std::string_view, 3> list = {"key", "alias", "claim"};
};
template <> struct EnumNames<Errc> { static inline const auto list = namesOf<Errc::Internal>(errcName); };

/// In bits a second; 0: no limit.
template <> inline constexpr auto kFields<link::BitRate> = described("", field("perSecond", &link::BitRate::perSecond));
template <>
inline constexpr auto kFields<link::BandwidthLimits> =
    described("", usual("upload", &link::BandwidthLimits::upload), usual("download", &link::BandwidthLimits::download),
              usual("uploadPerPeer", &link::BandwidthLimits::uploadPerPeer),
              usual("downloadPerPeer", &link::BandwidthLimits::downloadPerPeer),
              usual("metered", &link::BandwidthLimits::metered), usual("limitLan", &link::BandwidthLimits::limitLan));

template <>
inline constexpr auto kFields<Error> = described("", field("code", &Error::code), usual("message", &Error::context));

template <>
inline constexpr auto kFields<node::Target> = described("", usual("peer", &node::Target::peer),
                                                        usual("addresses", &node::Target::addresses),
                                                        usual("name", &node::Target::name));

template <>
inline constexpr auto kFields<autonat::Evidence> = described(
    "", field("peer", &autonat::Evidence::peer), field("version", &autonat::Evidence::version),
    usual("reachable", &autonat::Evidence::reachable), field("at", &autonat::Evidence::at));
template <>
inline constexpr auto kFields<autonat::AddressFact> = described(
    "", field("address", &autonat::AddressFact::address), field("verdict", &autonat::AddressFact::verdict),
    usual("evidence", &autonat::AddressFact::evidence));

template <>
inline constexpr auto kFields<autonat::Clue> = described("", field("peer", &autonat::Clue::peer),
                                                         field("address", &autonat::Clue::address));
template <>
inline constexpr auto kFields<autonat::NetworkFact> = described("", field("subject", &autonat::NetworkFact::subject),
                                                                field("finding", &autonat::NetworkFact::finding),
                                                                usual("clues", &autonat::NetworkFact::clues));

template <>
inline constexpr auto kFields<transfer::ReceivePolicy> = described(
    "", field("enabled", &transfer::ReceivePolicy::enabled), usual("accept", &transfer::ReceivePolicy::accept),
    usual("conflict", &transfer::ReceivePolicy::conflict), usual("folder", &transfer::ReceivePolicy::folder),
    usual("folderIsHome", &transfer::ReceivePolicy::folderIsHome), usual("trusted", &transfer::ReceivePolicy::trusted));

template <>
inline constexpr auto kFields<transfer::TransferFigures> = described(
    "", usual("bytes", &transfer::TransferFigures::bytesVerified),
    usual("bytesTotal", &transfer::TransferFigures::bytesTotal),
    usual("bytesSent", &transfer::TransferFigures::bytesSent), usual("files", &transfer::TransferFigures::filesDone),
    usual("filesTotal", &transfer::TransferFigures::filesTotal),
    usual("filesSkipped", &transfer::TransferFigures::filesSkipped),
    usual("chunksResent", &transfer::TransferFigures::chunksResent),
    usual("chunksCompressed", &transfer::TransferFigures::chunksCompressed),
    usual("filesBatched", &transfer::TransferFigures::filesBatched),
    usual("streamsUsed", &transfer::TransferFigures::streamsUsed));

template <>
inline constexpr auto kFields<transfer::OfferName> = described("", field("entry", &transfer::OfferName::entry),
                                                               field("name", &transfer::OfferName::name));
template <>
inline constexpr auto kFields<transfer::OfferPlace> = described("", field("folder", &transfer::OfferPlace::folder),
                                                                usual("conflict", &transfer::OfferPlace::conflict),
                                                                usual("names", &transfer::OfferPlace::names));
template <>
inline constexpr auto kFields<transfer::OfferEntry> = described("", field("path", &transfer::OfferEntry::path),
                                                                usual("folder", &transfer::OfferEntry::isFolder),
                                                                usual("size", &transfer::OfferEntry::size),
                                                                usual("warning", &transfer::OfferEntry::warning));

template <>
inline constexpr auto kFields<transfer::OfferRename> = described("", field("path", &transfer::OfferRename::path),
                                                                 usual("landsAs", &transfer::OfferRename::landsAs));

template <>
inline constexpr auto kFields<transfer::TakenName> = described("", field("path", &transfer::TakenName::path),
                                                               usual("fate", &transfer::TakenName::fate),
                                                               usual("landsAs", &transfer::TakenName::landsAs));

template <>
inline constexpr auto kFields<node::ConnectionInfo> = described(
    "", field("peer", &node::ConnectionInfo::peer), usual("kind", &node::ConnectionInfo::kind),
    usual("address", &node::ConnectionInfo::address), milliseconds("rttMs", &node::ConnectionInfo::roundTrip),
    usual("bytesSent", &node::ConnectionInfo::bytesSent), usual("bytesReceived", &node::ConnectionInfo::bytesReceived),
    usual("reason", &node::ConnectionInfo::reason), usual("relay", &node::ConnectionInfo::relay),
    usual("whyRelayed", &node::ConnectionInfo::whyRelayed));

template <>
inline constexpr auto kFields<peers::Claims> = described("", usual("alias", &peers::Claims::alias),
                                                         usual("device", &peers::Claims::kind),
                                                         usual("policy", &peers::Claims::policy));

/// `lastSeen` in nanoseconds since 1970.
template <>
inline constexpr auto kFields<peers::KnownPeer> = described("", field("peer", &peers::KnownPeer::peer),
                                                            usual("trust", &peers::KnownPeer::trust),
                                                            usual("alias", &peers::KnownPeer::alias),
                                                            usual("claims", &peers::KnownPeer::claims),
                                                            usual("lastSeen", &peers::KnownPeer::lastSeen),
                                                            usual("addresses", &peers::KnownPeer::addresses));

/// `at` in nanoseconds since 1970.
template <>
inline constexpr auto kFields<node::HeardPresence> = described("", usual("here", &node::HeardPresence::here),
                                                               usual("at", &node::HeardPresence::at));
template <>
inline constexpr auto kFields<node::PeerView> =
    described("", inlined(&node::PeerView::known), usual("claimsAnothersName", &node::PeerView::claimsAnothersName),
              usual("nearby", &node::PeerView::nearby), usual("connection", &node::PeerView::connection),
              usual("unread", &node::PeerView::unread), usual("presence", &node::PeerView::presence));

/// Times in nanoseconds since 1970.
template <>
inline constexpr auto kFields<text::TextReceived> = described("", field("peer", &text::TextReceived::peer),
                                                              field("message", &text::TextReceived::message),
                                                              field("text", &text::TextReceived::text),
                                                              usual("sentAt", &text::TextReceived::sentAt),
                                                              usual("receivedAt", &text::TextReceived::receivedAt),
                                                              usual("stranger", &text::TextReceived::stranger));

template <>
inline constexpr auto kFields<node::TransferInfo> =
    described("", field("transfer", &node::TransferInfo::transfer), usual("peer", &node::TransferInfo::peer),
              direction(&node::TransferInfo::incoming), usual("state", &node::TransferInfo::state),
              usual("priority", &node::TransferInfo::priority), usual("label", &node::TransferInfo::label),
              inlined(&node::TransferInfo::figures), usual("rate", &node::TransferInfo::rate),
              usual("eta", &node::TransferInfo::etaSeconds), usual("heldHere", &node::TransferInfo::heldHere),
              usual("heldThere", &node::TransferInfo::heldThere),
              usual("verified", &node::TransferInfo::verified),
              usual("silent", &node::TransferInfo::silentSeconds), usual("leftOut", &node::TransferInfo::leftOut));

/// Times in nanoseconds since 1970.
template <>
inline constexpr auto kFields<node::HistoryEntry> =
    described("", field("number", &node::HistoryEntry::number), usual("peer", &node::HistoryEntry::peer),
              direction(&node::HistoryEntry::incoming), field("outcome", &node::HistoryEntry::outcome),
              usual("label", &node::HistoryEntry::label), inlined(&node::HistoryEntry::figures),
              usual("bytesAlready", &node::HistoryEntry::bytesAlready), usual("begun", &node::HistoryEntry::begun),
              usual("ended", &node::HistoryEntry::ended), usual("seconds", &node::HistoryEntry::seconds),
              usual("error", &node::HistoryEntry::error), usual("file", &node::HistoryEntry::file),
              usual("byPeer", &node::HistoryEntry::byPeer), usual("folder", &node::HistoryEntry::folder),
              usual("names", &node::HistoryEntry::names), usual("path", &node::HistoryEntry::path),
              usual("retryable", &node::HistoryEntry::retryable), usual("leftOut", &node::HistoryEntry::leftOut));

template <>
inline constexpr auto kFields<node::MessageInfo> =
    described("", field("number", &node::MessageInfo::number), field("peer", &node::MessageInfo::peer),
              direction(&node::MessageInfo::incoming), field("state", &node::MessageInfo::state),
              usual("text", &node::MessageInfo::text), usual("at", &node::MessageInfo::at),
              usual("unread", &node::MessageInfo::unread), usual("error", &node::MessageInfo::error));

/// Times in nanoseconds since 1970. Who reads the ticket may fetch: never to be logged.
template <>
inline constexpr auto kFields<node::ShareInfo> =
    described("", field("share", &node::ShareInfo::share), field("ticket", &node::ShareInfo::ticket),
              usual("label", &node::ShareInfo::label), usual("paths", &node::ShareInfo::paths),
              usual("created", &node::ShareInfo::created), usual("expires", &node::ShareInfo::expires),
              usual("once", &node::ShareInfo::once), usual("fetched", &node::ShareInfo::fetched),
              usual("serving", &node::ShareInfo::serving));

} // namespace wherry::gateway
