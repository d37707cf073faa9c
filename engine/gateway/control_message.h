#pragma once

#include "base/result.h"
#include "crypto/identity.h"
#include "node/command.h"
#include "node/event.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// The lines of the control socket: one JSON object each, ended by a line feed that is not part of it here. The first
/// line of a server is its Greeting; a client sends requests {"id":N,"command":"ping",...}; every other line of the
/// server is an event {"id":N,"event":"pong",...}, where `id` is that of the request that it answers, or is not there.
namespace wherry::gateway {

struct Greeting {
    std::string version; ///< of the program
    uint64_t process = 0;
    std::string who; ///< "wherry node"
    crypto::KeyNames names;
};
/// Every event that is not the answer to somebody else's request, from now on.
struct Subscribe {};
using Wish = std::variant<node::Command, Subscribe>;

/// Whether the programs that use an engine go on with one of their own when it ends.
enum class Farewell { Gone, HandOver };
/// The last line of an engine that has let go of its home and leaves it to whoever needs one (Farewell::HandOver).
inline constexpr std::string_view kHandOverLine = R"({"event":"handover"})";

struct Request {
    node::RequestId id; ///< chosen by the client, not 0
    Wish wish;
};
/// The event's own `request` member is `id`.
struct Report {
    node::RequestId id; ///< 0: of no request
    node::Event event;
};

std::string encodeGreeting(const Greeting& greeting);
Result<Greeting> decodeGreeting(std::string_view line);

/// Unsupported: a command that has no JSON form.
Result<std::string> encodeRequest(const Request& request);
/// A request that is no good, and whose it is (0: it does not say).
struct BadRequest {
    node::RequestId id;
    Error error;
};
/// Malformed, TooLarge: not even JSON (parseJson). Unsupported: no such command. InvalidArgument: names the member that
/// is missing, wrong or not known.
std::variant<Request, BadRequest> decodeRequest(std::string_view line);

/// Offers come with as many entries as fit (kMaxOfferEntries, kMaxOfferBytes). Unsupported: an event without a JSON
/// form.
Result<std::string> encodeReport(const Report& report);
/// Members that this version does not know are passed over. Unsupported: an event that it does not know.
Result<Report> decodeReport(std::string_view line);

} // namespace wherry::gateway
