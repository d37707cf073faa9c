#pragma once

#include "gateway/value_fields.h"
#include "node/event.h"

/// One entry per event; a test finds the one that is missing, and the member that is missing in one.
namespace wherry::gateway {

template <>
inline constexpr auto kFields<node::Ready> = described("ready", field("peerId", &node::Ready::self),
                                                       field("listen", &node::Ready::listen));
template <>
inline constexpr auto kFields<node::TransferStarted> = described("started",
                                                                 field("transfer", &node::TransferStarted::transfer),
                                                                 usual("waits", &node::TransferStarted::waits));
template <>
inline constexpr auto kFields<node::PathChanged> = described("path", field("peer", &node::PathChanged::peer),
                                                             field("kind", &node::PathChanged::kind),
                                                             field("address", &node::PathChanged::address),
                                                             field("reason", &node::PathChanged::reason),
                                                             usual("relay", &node::PathChanged::relay));
template <>
inline constexpr auto kFields<node::PingReply> = described("pong", field("index", &node::PingReply::index),
                                                           milliseconds("ms", &node::PingReply::roundTrip),
                                                           field("last", &node::PingReply::last));
template <>
inline constexpr auto kFields<node::PerfDone> = described("perf", field("uploadBytes", &node::PerfDone::uploadBytes),
                                                          field("downloadBytes", &node::PerfDone::downloadBytes),
                                                          field("uploadSeconds", &node::PerfDone::uploadTime),
                                                          field("downloadSeconds", &node::PerfDone::downloadTime));
template <>
inline constexpr auto kFields<node::RequestFailed> = described("error", inlined(&node::RequestFailed::error));
template <> inline constexpr auto kFields<node::Warning> = described("warning", inlined(&node::Warning::error));
template <> inline constexpr auto kFields<node::RequestDone> = described("done");
template <>
inline constexpr auto kFields<node::OfferLooked> = described(
    "looked", field("transfer", &node::OfferLooked::transfer), field("place", &node::OfferLooked::place),
    usual("freeBytes", &node::OfferLooked::freeBytes), usual("renames", &node::OfferLooked::renames),
    usual("renamesTotal", &node::OfferLooked::renamesTotal), usual("taken", &node::OfferLooked::taken),
    usual("takenTotal", &node::OfferLooked::takenTotal), usual("takenMayBeMore", &node::OfferLooked::takenMayBeMore));
template <>
inline constexpr auto kFields<node::Crowding> = described("", field("gaveWay", &node::Crowding::gaveWay),
                                                          usual("address", &node::Crowding::address),
                                                          usual("perAddress", &node::Crowding::perAddress));
template <>
inline constexpr auto kFields<node::GossipFigures> = described("", usual("topics", &node::GossipFigures::topics),
                                                               usual("peers", &node::GossipFigures::peers),
                                                               usual("received", &node::GossipFigures::received),
                                                               usual("delivered", &node::GossipFigures::delivered),
                                                               usual("forwarded", &node::GossipFigures::forwarded),
                                                               usual("dropped", &node::GossipFigures::dropped),
                                                               usual("rejected", &node::GossipFigures::rejected));
template <>
inline constexpr auto kFields<node::HeldReservation> = described("", field("relay", &node::HeldReservation::relay),
                                                                 field("addresses", &node::HeldReservation::addresses),
                                                                 field("left", &node::HeldReservation::left),
                                                                 usual("maxBytes", &node::HeldReservation::maxBytes));
template <>
inline constexpr auto kFields<node::RelayService> = described(
    "", field("serving", &node::RelayService::serving), usual("reservations", &node::RelayService::reservations),
    usual("circuits", &node::RelayService::circuits), usual("circuitsServed", &node::RelayService::circuitsServed),
    usual("bytes", &node::RelayService::bytes));
template <>
inline constexpr auto kFields<node::DhtFigures> = described("", field("protocol", &node::DhtFigures::protocol),
                                                            usual("server", &node::DhtFigures::server),
                                                            usual("servers", &node::DhtFigures::servers),
                                                            usual("lookups", &node::DhtFigures::lookups),
                                                            usual("values", &node::DhtFigures::values),
                                                            usual("providers", &node::DhtFigures::providers));
template <>
inline constexpr auto kFields<node::StatusReport> = described(
    "status", field("peerId", &node::StatusReport::self), field("listen", &node::StatusReport::listen),
    field("uptime", &node::StatusReport::uptime), field("receive", &node::StatusReport::receive),
    usual("limits", &node::StatusReport::limits), usual("metered", &node::StatusReport::metered),
    field("transfers", &node::StatusReport::transfers),
    field("connectionsTotal", &node::StatusReport::connectionsTotal),
    field("connectionsMax", &node::StatusReport::connectionsMax), usual("crowding", &node::StatusReport::crowding),
    field("connections", &node::StatusReport::connections), usual("warnings", &node::StatusReport::warnings),
    usual("reachable", &node::StatusReport::reachable), usual("outside", &node::StatusReport::outside),
    usual("network", &node::StatusReport::network), usual("relays", &node::StatusReport::relays),
    usual("relayService", &node::StatusReport::relayService), usual("gossip", &node::StatusReport::gossip),
    usual("dht", &node::StatusReport::dht), usual("quiet", &node::StatusReport::quiet));
template <>
inline constexpr auto kFields<node::AddressesChanged> = described("addresses",
                                                                  field("listen", &node::AddressesChanged::listen));
template <>
inline constexpr auto kFields<node::ReachabilityChanged> = described(
    "reachability", field("reachable", &node::ReachabilityChanged::reachable));
template <>
inline constexpr auto kFields<node::TransfersListed> = described("transfers",
                                                                 field("transfers", &node::TransfersListed::transfers));
template <>
inline constexpr auto kFields<node::PeerDiscovered> = described("discovered",
                                                                field("peer", &node::PeerDiscovered::peer),
                                                                field("addresses", &node::PeerDiscovered::addresses));
template <> inline constexpr auto kFields<node::PeerLost> = described("lost", field("peer", &node::PeerLost::peer));

template <>
inline constexpr auto kFields<node::SharePublished> = described("ticket", inlined(&node::SharePublished::share));
template <>
inline constexpr auto kFields<node::SharesListed> = described("shares", field("shares", &node::SharesListed::shares),
                                                              usual("more", &node::SharesListed::more));
template <>
inline constexpr auto kFields<node::ShareEnded> = described("share-ended", field("share", &node::ShareEnded::share),
                                                            field("why", &node::ShareEnded::why));
template <>
inline constexpr auto kFields<node::TargetFound> = described("found", field("peer", &node::TargetFound::peer),
                                                             usual("by", &node::TargetFound::by));
template <>
inline constexpr auto kFields<node::PeersListed> = described("peers", field("peers", &node::PeersListed::peers),
                                                             usual("more", &node::PeersListed::more));
template <> inline constexpr auto kFields<node::PeerChanged> = described("peer", inlined(&node::PeerChanged::peer));
template <>
inline constexpr auto kFields<node::TextSent> = described("text-sent", field("peer", &node::TextSent::peer),
                                                          field("message", &node::TextSent::message));
template <> inline constexpr auto kFields<node::TextReceived> = described("text", inlined(&node::TextReceived::text));
template <>
inline constexpr auto kFields<node::HistoryListed> = described("history",
                                                               field("entries", &node::HistoryListed::entries),
                                                               usual("more", &node::HistoryListed::more));
template <>
inline constexpr auto kFields<node::MessagesListed> = described("messages", field("peer", &node::MessagesListed::peer),
                                                                field("messages", &node::MessagesListed::messages),
                                                                usual("more", &node::MessagesListed::more));
template <>
inline constexpr auto kFields<node::MessageChanged> = described("message", inlined(&node::MessageChanged::message));
template <>
inline constexpr auto kFields<node::MessagesGone> = described("messages-gone", field("peer", &node::MessagesGone::peer),
                                                              field("upTo", &node::MessagesGone::upTo));

template <>
inline constexpr auto kFields<node::DhtPeer> = described("", field("peer", &node::DhtPeer::peer),
                                                         usual("addresses", &node::DhtPeer::addresses));
template <>
inline constexpr auto kFields<node::DhtAnswered> =
    described("dht", field("action", &node::DhtAnswered::action), usual("closest", &node::DhtAnswered::closest),
              usual("providers", &node::DhtAnswered::providers), usual("addresses", &node::DhtAnswered::addresses),
              usual("proved", &node::DhtAnswered::proved), usual("value", &node::DhtAnswered::value),
              usual("publisher", &node::DhtAnswered::publisher), usual("version", &node::DhtAnswered::version),
              usual("stored", &node::DhtAnswered::stored), usual("onlyOwn", &node::DhtAnswered::onlyOwn),
              usual("pointsTo", &node::DhtAnswered::pointsTo), usual("validUntil", &node::DhtAnswered::validUntil),
              usual("requests", &node::DhtAnswered::requests), usual("took", &node::DhtAnswered::took));
template <>
inline constexpr auto kFields<node::TopicJoined> = described("topic-joined", field("topic", &node::TopicJoined::topic));
template <>
inline constexpr auto kFields<node::GossipMessage> = described("gossip", field("topic", &node::GossipMessage::topic),
                                                               field("from", &node::GossipMessage::from),
                                                               field("data", &node::GossipMessage::data));
template <>
inline constexpr auto kFields<node::MessagePublished> = described("published",
                                                                  field("topic", &node::MessagePublished::topic),
                                                                  field("peers", &node::MessagePublished::peers));

// of a transfer

template <>
inline constexpr auto kFields<transfer::OfferMade> =
    described("offer", field("transfer", &transfer::OfferMade::transfer), field("peer", &transfer::OfferMade::peer),
              direction(&transfer::OfferMade::incoming), usual("needsAnswer", &transfer::OfferMade::needsAnswer),
              usual("label", &transfer::OfferMade::label), usual("bytesTotal", &transfer::OfferMade::bytesTotal),
              usual("filesTotal", &transfer::OfferMade::filesTotal), usual("foldersTotal", &transfer::OfferMade::foldersTotal),
              usual("entries", &transfer::OfferMade::entries), usual("renames", &transfer::OfferMade::renames),
              usual("taken", &transfer::OfferMade::taken), usual("takenTotal", &transfer::OfferMade::takenTotal),
              usual("takenMayBeMore", &transfer::OfferMade::takenMayBeMore),
              usual("place", &transfer::OfferMade::place), usual("freeBytes", &transfer::OfferMade::freeBytes),
              usual("skipped", &transfer::OfferMade::skipped),
              usual("skippedFailures", &transfer::OfferMade::skippedFailures),
              usual("skippedReasons", &transfer::OfferMade::skippedReasons));
template <>
inline constexpr auto
    kFields<transfer::OfferAccepted> = described("accepted", field("transfer", &transfer::OfferAccepted::transfer),
                                                 field("peer", &transfer::OfferAccepted::peer));
template <>
inline constexpr auto
    kFields<transfer::OfferDeclined> = described("declined", field("transfer", &transfer::OfferDeclined::transfer),
                                                 field("peer", &transfer::OfferDeclined::peer),
                                                 usual("reason", &transfer::OfferDeclined::reason));
template <>
inline constexpr auto
    kFields<transfer::TransferResumed> = described("resumed", field("transfer", &transfer::TransferResumed::transfer),
                                                   usual("bytesAlready", &transfer::TransferResumed::bytesAlready));
template <>
inline constexpr auto kFields<transfer::TransferProgress> =
    described("progress", field("transfer", &transfer::TransferProgress::transfer),
              direction(&transfer::TransferProgress::incoming), inlined(&transfer::TransferProgress::figures),
              usual("rate", &transfer::TransferProgress::rate), usual("eta", &transfer::TransferProgress::etaSeconds),
              usual("verified", &transfer::TransferProgress::verified));
template <>
inline constexpr auto kFields<transfer::TransferDelivered> = described(
    "delivered", field("transfer", &transfer::TransferDelivered::transfer),
    field("peer", &transfer::TransferDelivered::peer), direction(&transfer::TransferDelivered::incoming),
    inlined(&transfer::TransferDelivered::figures), usual("seconds", &transfer::TransferDelivered::seconds),
    usual("folder", &transfer::TransferDelivered::folder), usual("names", &transfer::TransferDelivered::names));
template <>
inline constexpr auto kFields<transfer::TransferFailed> =
    described("failed", field("transfer", &transfer::TransferFailed::transfer),
              field("peer", &transfer::TransferFailed::peer), direction(&transfer::TransferFailed::incoming),
              inlined(&transfer::TransferFailed::error), usual("file", &transfer::TransferFailed::file),
              inlined(&transfer::TransferFailed::figures), usual("byPeer", &transfer::TransferFailed::byPeer),
              usual("restDelivered", &transfer::TransferFailed::restDelivered));
template <>
inline constexpr auto kFields<transfer::TransferInterrupted> =
    described("interrupted", field("transfer", &transfer::TransferInterrupted::transfer),
              field("peer", &transfer::TransferInterrupted::peer), direction(&transfer::TransferInterrupted::incoming),
              inlined(&transfer::TransferInterrupted::error));
template <>
inline constexpr auto kFields<transfer::TransferHeld> =
    described("held", field("transfer", &transfer::TransferHeld::transfer),
              field("peer", &transfer::TransferHeld::peer), direction(&transfer::TransferHeld::incoming),
              usual("here", &transfer::TransferHeld::here), usual("there", &transfer::TransferHeld::there),
              usual("label", &transfer::TransferHeld::label), inlined(&transfer::TransferHeld::figures));

} // namespace wherry::gateway
