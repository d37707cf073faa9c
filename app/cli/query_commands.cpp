#include "cli/query_commands.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/quantity.h"

namespace wherry::cli {

namespace {

/// A warning names a path of this system and says what to do.
constexpr size_t kMaxWarningText = 2048;

double inSeconds(api::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

JsonLine toJson(const api::ConnectionInfo& connection) {
    return JsonLine()
        .text("peer", connection.peer.text())
        .text("kind", pathKindName(connection.kind))
        .text("address", connection.address.text())
        .decimal("rttMs", inSeconds(connection.roundTrip) * 1000)
        .count("bytesSent", connection.bytesSent)
        .count("bytesReceived", connection.bytesReceived);
}

JsonLine toJson(const api::StatusReport& report, const std::string& host) {
    std::vector<std::string> listen;
    for (const auto& address : report.listen) listen.push_back(address.text());
    std::vector<JsonLine> connections;
    for (const auto& connection : report.connections) connections.push_back(toJson(connection));
    return JsonLine("status")
        .text("peerId", report.self.text())
        .text("program", host)
        .decimal("uptime", inSeconds(report.uptime))
        .texts("listen", listen)
        .flag("receives", report.receive.enabled)
        .bytes("folder", report.receive.folder)
        .flag("metered", report.metered)
        .count("transfers", report.transfers)
        .count("connectionsTotal", report.connectionsTotal)
        .count("connectionsMax", report.connectionsMax)
        .objects("connections", connections)
        .texts("warnings", report.warnings);
}

} // namespace

// --- one question, one answer -------------------------------------------------------------------------------------

api::Settings QueryCommand::settings() const {
    api::Settings settings = Session::settings();
    settings.attach = api::Attach::Always;
    return settings;
}

void QueryCommand::onReady(const api::Ready&) {
    if (!m_request) m_request = engine().submit(command());
}

void QueryCommand::onEvent(const api::Event& event) {
    const auto* failed = std::get_if<api::RequestFailed>(&event);
    if (!failed)
        onAnswer(event);
    else if (failed->error.code == api::Errc::NotFound || failed->error.code == api::Errc::InvalidArgument)
        fail(ExitCode::Usage, api::errcName(failed->error.code), failed->error.context);
    else
        fail(failed->error);
}

// --- status -------------------------------------------------------------------------------------------------------

void StatusCommand::onAnswer(const api::Event& event) {
    const auto* report = std::get_if<api::StatusReport>(&event);
    if (!report) return;
    output().json(toJson(*report, engine().host()));
    show(*report);
    finish(ExitCode::Done);
}

void StatusCommand::show(const api::StatusReport& report) {
    output().result("Running      " + api::displayText(engine().host()) + ", for " +
                    durationText(inSeconds(report.uptime)));
    output().result("Peer id      " + report.self.text());
    for (const std::string& warning : report.warnings)
        output().result("Warning      " + api::displayText(warning, kMaxWarningText));
    for (size_t i = 0; i < report.listen.size(); ++i)
        output().result((i == 0 ? "Addresses    " : "             ") + report.listen[i].text());
    output().result("Receiving    " +
                    (report.receive.enabled ? "into " + api::displayText(report.receive.folder) : std::string("no")));
    if (report.metered) output().result("Network      metered: limits.metered holds");
    output().result("Transfers    " + std::to_string(report.transfers) + " under way");
    output().result("Connections  " + std::to_string(report.connectionsTotal) + " of at most " +
                    std::to_string(report.connectionsMax));
    for (const auto& connection : report.connections)
        output().result("  " + connection.peer.text() + "  " + std::string(pathKindName(connection.kind)) + "  " +
                        connection.address.withoutPeer().text() + "  " +
                        decimalText(inSeconds(connection.roundTrip) * 1000, 3) + " ms");
}

} // namespace wherry::cli
