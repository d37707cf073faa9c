#include "cli/query_commands.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/quantity.h"

namespace wherry::cli {

namespace {

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
        .count("transfers", report.transfers)
        .count("connectionsTotal", report.connectionsTotal)
        .count("connectionsMax", report.connectionsMax)
        .objects("connections", connections);
}

JsonLine toJson(const api::TransferInfo& info) {
    JsonLine line;
    line.count("transfer", info.transfer.value)
        .text("peer", info.peer.text())
        .text("direction", info.incoming ? "incoming" : "outgoing")
        .text("state", api::transferStateName(info.state))
        .bytes("label", info.label);
    return line.count("bytes", info.figures.bytesVerified)
        .count("bytesTotal", info.figures.bytesTotal)
        .count("files", info.figures.filesDone)
        .count("filesTotal", info.figures.filesTotal)
        .decimal("rate", info.rate, 0)
        .decimal("eta", info.etaSeconds, 1);
}

/// "7  to peer …Xy12Ab  running  holiday.jpg  1.2 of 3.4 GB, 80 MB/s"
std::string transferText(const api::TransferInfo& info) {
    std::string text = std::to_string(info.transfer.value) + (info.incoming ? "  from " : "  to ") +
                       shortPeer(info.peer) + "  " + std::string(api::transferStateName(info.state));
    if (!info.label.empty()) text += "  " + api::displayText(info.label);
    if (info.figures.bytesTotal > 0)
        text += "  " + bytesText(info.figures.bytesVerified) + " of " + bytesText(info.figures.bytesTotal);
    if (info.rate > 0) text += ", " + rateText(info.rate);
    return text;
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
    else if (failed->error.code == api::Errc::NotFound)
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
    for (size_t i = 0; i < report.listen.size(); ++i)
        output().result((i == 0 ? "Addresses    " : "             ") + report.listen[i].text());
    output().result("Receiving    " +
                    (report.receive.enabled ? "into " + api::displayText(report.receive.folder) : std::string("no")));
    output().result("Transfers    " + std::to_string(report.transfers) + " under way");
    output().result("Connections  " + std::to_string(report.connectionsTotal) + " of at most " +
                    std::to_string(report.connectionsMax));
    for (const auto& connection : report.connections)
        output().result("  " + connection.peer.text() + "  " + std::string(pathKindName(connection.kind)) + "  " +
                        connection.address.withoutPeer().text() + "  " +
                        decimalText(inSeconds(connection.roundTrip) * 1000, 3) + " ms");
}

// --- transfers ----------------------------------------------------------------------------------------------------

ExitCode TransfersCommand::prepare() {
    const auto& operands = arguments().operands;
    const auto refuse = [&](const std::string& message) {
        fail(ExitCode::Usage, "usage", message);
        return ExitCode::Usage;
    };
    if (operands.empty() || (operands.size() == 1 && operands[0] == "list")) return ExitCode::Done;
    if (operands[0] != "cancel")
        return refuse("'" + operands[0] + "': wanted is `transfers list` or `transfers cancel ID`");
    const auto number = operands.size() == 2 ? parseCount(operands[1]) : std::nullopt;
    if (!number || *number == 0) return refuse("which transfer? `wherry transfers` lists them with their numbers");
    m_cancelled = {*number};
    return ExitCode::Done;
}

api::Command TransfersCommand::command() const {
    if (m_cancelled) return api::CancelTransfer{m_cancelled};
    return api::ListTransfers{};
}

void TransfersCommand::onAnswer(const api::Event& event) {
    if (const auto* listed = std::get_if<api::TransfersListed>(&event)) {
        show(*listed);
    } else if (std::holds_alternative<api::RequestDone>(event)) {
        output().json(JsonLine("cancelled").count("transfer", m_cancelled.value));
        output().result("Cancelled. What was verified is kept: the same send continues it.");
    } else {
        return;
    }
    finish(ExitCode::Done);
}

void TransfersCommand::show(const api::TransfersListed& listed) {
    std::vector<JsonLine> lines;
    for (const auto& info : listed.transfers) lines.push_back(toJson(info));
    output().json(JsonLine("transfers").objects("transfers", lines));
    if (listed.transfers.empty()) output().result("No transfer is under way.");
    for (const auto& info : listed.transfers) output().result(transferText(info));
}

} // namespace wherry::cli
