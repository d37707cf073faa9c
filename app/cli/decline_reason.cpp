#include "cli/decline_reason.h"

#include "api/display_text.h"

#include <algorithm>

namespace wherry::cli {

std::string_view reasonWithoutAsking(const api::OfferMade& offer, api::Accept accept, bool hadTerminal) {
    if (accept != api::Accept::Ask) {
        // Names that deserve a second look are asked about whoever sends them.
        if (std::ranges::any_of(offer.entries, [](const api::OfferEntry& entry) { return !entry.warning.empty(); }))
            return kNeedsAPerson;
        if (accept == api::Accept::Trusted) return kOnlyTrusted;
    }
    return hadTerminal ? kNobodyThere : kNoTerminal;
}

std::string declinedHereSentence(const std::string& reason) {
    if (reason.empty() || reason == kSaidNo) return "Declined.";
    if (reason == kNobodyThere) return "Declined: nobody can be asked here any more.";
    if (reason == kNoTerminal)
        return "Declined: nobody can be asked here; --accept all or --accept trusted takes files without asking.";
    if (reason == kOnlyTrusted) return "Declined: the sender is not trusted, and nobody can be asked here.";
    if (reason == kNeedsAPerson)
        return "Declined: names that programs start by themselves are only taken when somebody says yes, and nobody "
               "can be asked here.";
    return "Declined: " + api::displayText(reason) + ".";
}

} // namespace wherry::cli
