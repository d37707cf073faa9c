#pragma once

#include "gateway/fields.h"
#include "node/event.h"

#include <array>

/// The structs and enums inside commands and events. Names as in the events that the program prints with --json.
namespace wherry::gateway {

template <> struct EnumNames<transfer::Accept> {
    static constexpr std::array<std::string_view, 3> list = {"ask", "all", "trusted"};
};
template <> struct EnumNames<transfer::Conflict> {
    static constexpr std::array<std::string_view, 4> list = {"rename", "replace", "skip", "fail"};
};
template <> struct EnumNames<node::PathKind> {
    static constexpr std::array<std::string_view, 6> list = {"lan", "direct6", "direct4", "punched", "relayed", "routed"};
};
template <> struct EnumNames<node::TransferState> {
    static constexpr std::array<std::string_view, 4> list = {"preparing", "offered", "running", "interrupted"};
};
template <> struct EnumNames<Errc> {
    static inline const auto list = [] {
        std::array<std::string_view, static_cast<size_t>(Errc::Internal) + 1> names;
        for (size_t i = 0; i < names.size(); ++i) names[i] = errcName(static_cast<Errc>(i));
        return names;
    }();
};

template <>
inline constexpr auto kFields<Error> = described("", field("code", &Error::code), usual("message", &Error::context));

template <>
inline constexpr auto kFields<node::Target> =
    described("", field("peer", &node::Target::peer), usual("addresses", &node::Target::addresses));

template <>
inline constexpr auto kFields<transfer::ReceivePolicy> = described(
    "", field("enabled", &transfer::ReceivePolicy::enabled), usual("accept", &transfer::ReceivePolicy::accept),
    usual("conflict", &transfer::ReceivePolicy::conflict), usual("folder", &transfer::ReceivePolicy::folder),
    usual("folderIsHome", &transfer::ReceivePolicy::folderIsHome), usual("trusted", &transfer::ReceivePolicy::trusted));

template <>
inline constexpr auto kFields<transfer::TransferFigures> = described(
    "", usual("bytes", &transfer::TransferFigures::bytesVerified), usual("bytesTotal", &transfer::TransferFigures::bytesTotal),
    usual("bytesSent", &transfer::TransferFigures::bytesSent), usual("files", &transfer::TransferFigures::filesDone),
    usual("filesTotal", &transfer::TransferFigures::filesTotal), usual("filesSkipped", &transfer::TransferFigures::filesSkipped),
    usual("chunksResent", &transfer::TransferFigures::chunksResent),
    usual("chunksCompressed", &transfer::TransferFigures::chunksCompressed),
    usual("filesBatched", &transfer::TransferFigures::filesBatched), usual("streamsUsed", &transfer::TransferFigures::streamsUsed));

template <>
inline constexpr auto kFields<transfer::OfferEntry> =
    described("", field("path", &transfer::OfferEntry::path), usual("folder", &transfer::OfferEntry::isFolder),
              usual("size", &transfer::OfferEntry::size), usual("warning", &transfer::OfferEntry::warning));

template <>
inline constexpr auto kFields<node::ConnectionInfo> =
    described("", field("peer", &node::ConnectionInfo::peer), usual("kind", &node::ConnectionInfo::kind),
              usual("address", &node::ConnectionInfo::address), milliseconds("rttMs", &node::ConnectionInfo::roundTrip),
              usual("bytesSent", &node::ConnectionInfo::bytesSent), usual("bytesReceived", &node::ConnectionInfo::bytesReceived));

template <>
inline constexpr auto kFields<node::TransferInfo> =
    described("", field("transfer", &node::TransferInfo::transfer), usual("peer", &node::TransferInfo::peer),
              direction(&node::TransferInfo::incoming), usual("state", &node::TransferInfo::state),
              usual("label", &node::TransferInfo::label), inlined(&node::TransferInfo::figures),
              usual("rate", &node::TransferInfo::rate), usual("eta", &node::TransferInfo::etaSeconds));

} // namespace wherry::gateway
