#include "api/ticket.h"

#include "codec/qr_code.h"
#include "protocols/share/ticket.h"

namespace wherry::api {

Result<TicketFacts> readTicket(std::string_view text) {
    TRY(share::ShareTicket ticket, share::parseTicket(text));
    return TicketFacts{ticket.peer, std::move(ticket.label), ticket.expires};
}

std::optional<std::string> ticketQrCode(std::string_view ticket, int quietZone, size_t columns) {
    const auto parsed = share::parseTicket(ticket);
    if (!parsed) return std::nullopt;
    const auto code = codec::makeQrCode(share::ticketQrText(*parsed));
    if (!code || static_cast<size_t>(code->width + 2 * quietZone) > columns) return std::nullopt;
    return codec::qrTerminalText(*code, quietZone);
}

} // namespace wherry::api
