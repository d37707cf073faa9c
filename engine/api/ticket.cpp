#include "api/ticket.h"

#include "codec/qr_code.h"
#include "protocols/share/ticket.h"

namespace wherry::api {

Result<TicketFacts> readTicket(std::string_view text) {
    TRY(share::ShareTicket ticket, share::parseTicket(text));
    return TicketFacts{ticket.peer, std::move(ticket.label), ticket.expires};
}

bool looksLikeTicket(std::string_view text) {
    return share::looksLikeTicket(text);
}

std::vector<std::string> ticketQrRows(std::string_view ticket) {
    const auto parsed = share::parseTicket(ticket);
    if (!parsed) return {};
    const auto code = codec::makeQrCode(share::ticketQrText(*parsed));
    std::vector<std::string> rows;
    for (int row = 0; code && row < code->width; ++row) {
        rows.emplace_back();
        for (int column = 0; column < code->width; ++column) rows.back() += code->at(row, column) ? '1' : '0';
    }
    return rows;
}

std::optional<std::string> ticketQrCode(std::string_view ticket, int quietZone, size_t columns) {
    const auto parsed = share::parseTicket(ticket);
    if (!parsed) return std::nullopt;
    const auto code = codec::makeQrCode(share::ticketQrText(*parsed));
    if (!code || static_cast<size_t>(code->width + 2 * quietZone) > columns) return std::nullopt;
    return codec::qrTerminalText(*code, quietZone);
}

} // namespace wherry::api
