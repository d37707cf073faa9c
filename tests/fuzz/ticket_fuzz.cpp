#include "base/assert.h"
#include "protocols/share/share_limits.h"
#include "protocols/share/ticket.h"

using namespace wherry;
using namespace wherry::share;

/// Whatever is pasted, a ticket that comes out of it is bounded and makes a text that gives the same ticket.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto ticket = parseTicket(asText({data, size}));
    if (!ticket) return 0;
    ASSERT(ticket->addresses.size() <= kMaxTicketAddresses && ticket->label.size() <= kMaxLabelBytes);
    const auto again = parseTicket(ticketText(*ticket));
    ASSERT(again.has_value() && *again == *ticket);
    return 0;
}
