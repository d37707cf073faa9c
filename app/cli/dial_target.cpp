#include "cli/dial_target.h"

#include "api/display_text.h"
#include "api/target.h"
#include "cli/event_json.h"

namespace wherry::cli {

namespace {

constexpr std::string_view kHowToGetAnAddress =
    "Looking devices up by name or key is not part of this version: give the full address, which `wherry "
    "receive` (or `wherry node`) prints on the other device: /ip4/.../udp/.../quic-v1/p2p/...";

DialTarget refuse(Output& output, ExitCode code, std::string_view codeName, const std::string& message) {
    output.json(failedJson(codeName, message));
    output.error(message);
    return {code, {}};
}

} // namespace

DialTarget readDialTarget(const std::string& operand, Output& output) {
    const std::string shown = "'" + api::displayText(operand) + "'";
    auto target = api::parseTarget(operand);
    if (!target && target.error().code == api::Errc::NotFound)
        return refuse(output, ExitCode::Unreachable, "unreachable",
                      shown + ": " + target.error().context + ". " + std::string(kHowToGetAnAddress));
    if (!target)
        return refuse(output, ExitCode::Usage, "invalid-argument",
                      "TARGET " + shown + ": " + api::displayText(target.error().context));
    if (target->addresses.empty())
        return refuse(output, ExitCode::Unreachable, "unreachable",
                      "no address is known for " + shown + ". " + std::string(kHowToGetAnAddress));
    return {ExitCode::Done, std::move(*target)};
}

api::Error selfAsTarget() {
    return api::makeError(
        api::Errc::Unreachable,
        "TARGET is this device's own key: there is nobody else to reach under it. Start the other side "
        "on another device, or with another --home, and use the address that it prints");
}

} // namespace wherry::cli
