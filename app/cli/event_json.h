#pragma once

#include "api/types.h"
#include "cli/json_line.h"

/// The events of CLI.md as JSON objects. Names and fields are an interface: add, never change.
namespace wherry::cli {

/// Entries of an offer that a line carries when nobody has to answer it; all of them when somebody has.
inline constexpr size_t kMaxListedEntries = 1000;

/// "none", "paused", "queued".
std::string_view holdName(api::Hold hold);

JsonLine toJson(const api::Ready& event);
JsonLine toJson(const api::AddressesChanged& event);
JsonLine toJson(const api::OfferMade& event);
JsonLine toJson(const api::OfferAccepted& event);
JsonLine toJson(const api::OfferDeclined& event);
JsonLine toJson(const api::TransferResumed& event);
JsonLine toJson(const api::TransferProgress& event);
JsonLine toJson(const api::TransferDelivered& event);
JsonLine toJson(const api::TransferFailed& event);
JsonLine toJson(const api::TransferInterrupted& event);
JsonLine toJson(const api::TransferHeld& event);
JsonLine toJson(const api::PathChanged& event);
JsonLine toJson(const api::PingReply& event);
JsonLine toJson(const api::PerfDone& event);
/// A failure that belongs to no transfer.
JsonLine failedJson(std::string_view code, std::string_view message);
JsonLine toJson(const api::KeyNames& names);

} // namespace wherry::cli
