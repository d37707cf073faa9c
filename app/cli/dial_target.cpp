#include "cli/dial_target.h"

#include "api/display_text.h"
#include "api/target.h"
#include "api/ticket.h"
#include "cli/event_json.h"

namespace wherry::cli {

namespace {

DialTarget refuse(Output& output, ExitCode code, std::string_view codeName, const std::string& message) {
    output.json(failedJson(codeName, message));
    output.error(message);
    return {code, {}};
}

} // namespace

std::string targetText(const api::Target& target) {
    return target.name.empty() ? shortPeer(target.peer) : "'" + api::displayText(target.name) + "'";
}

bool isTargetWrong(const api::Error& error) {
    return error.code == api::Errc::InvalidArgument || error.code == api::Errc::PermissionDenied;
}

DialTarget readDialTarget(const std::string& operand, Output& output) {
    const std::string shown = "'" + api::displayText(operand) + "'";
    if (operand.starts_with("wherry:") || api::readTicket(operand))
        return refuse(output, ExitCode::Usage, "invalid-argument",
                      "TARGET is a ticket, which is fetched and not sent to: wherry get TICKET");
    auto target = api::parseTarget(operand);
    if (!target)
        return refuse(output, ExitCode::Usage, "invalid-argument",
                      "TARGET " + shown + ": " + api::displayText(target.error().context));
    return {ExitCode::Done, std::move(*target)};
}

api::Error selfAsTarget() {
    return api::makeError(
        api::Errc::Unreachable,
        "TARGET is this device's own key: there is nobody else to reach under it. Start the other side "
        "on another device, or with another --home, and use the address that it prints");
}

} // namespace wherry::cli
