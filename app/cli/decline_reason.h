#pragma once

#include "api/types.h"

#include <string>
#include <string_view>

/// Why an offer was declined: the sender reads it as it was told, the receiver in words from his side.
namespace wherry::cli {

inline constexpr std::string_view kSaidNo = "the person at the other side said no";
inline constexpr std::string_view kNobodyThere = "nobody is there to answer";
inline constexpr std::string_view kNoTerminal =
    "nobody is there to answer: the receiver runs without a terminal and does not accept by itself";
inline constexpr std::string_view kOnlyTrusted = "only trusted devices are accepted here";
inline constexpr std::string_view kNeedsAPerson =
    "nobody is there to answer: names that programs start by themselves are only taken when a person says yes";

/// What the sender of an offer is told when nobody can be asked about it. `hadTerminal`: its input has ended.
std::string_view reasonWithoutAsking(const api::OfferMade& offer, api::Accept accept, bool hadTerminal);

/// "Declined." or why, on the receiver's side, for a reason that was told to the sender; neutralised.
std::string declinedHereSentence(const std::string& reason);

} // namespace wherry::cli
