#pragma once

#include "api/types.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::api {

/// What a ticket says to whoever holds it. Texts from its maker: to be neutralised before they are shown.
struct TicketFacts {
    PeerId peer;
    std::string label;
    UnixTime expires{}; ///< zero: never
};

/// Whether somebody means a ticket, whole or damaged.
bool looksLikeTicket(std::string_view text);
/// Understands whatever people paste, scan or click (share::parseTicket, with its errors).
Result<TicketFacts> readTicket(std::string_view text);

/// A QR code of the ticket as rows of "1" (dark) and "0", without its quiet zone; empty: it is no ticket.
std::vector<std::string> ticketQrRows(std::string_view ticket);

/// A QR code of the ticket as lines for a terminal; nullopt when it is wider than `columns`.
std::optional<std::string> ticketQrCode(std::string_view ticket, int quietZone, size_t columns);

} // namespace wherry::api
