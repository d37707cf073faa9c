#include "cli/transfers_command.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/history_text.h"
#include "cli/quantity.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wherry::cli {

namespace {

JsonLine toJson(const api::TransferInfo& info) {
    JsonLine line;
    const auto heldBy = [&] {
        std::vector<std::string> sides;
        if (info.heldHere == api::Hold::Paused) sides.emplace_back("here");
        if (info.heldThere == api::Hold::Paused) sides.emplace_back("there");
        return sides;
    };
    line.count("transfer", info.transfer.value)
        .text("peer", info.peer.text())
        .text("direction", info.incoming ? "incoming" : "outgoing")
        .text("state", api::transferStateName(info.state))
        .texts("pausedBy", heldBy())
        .text("priority", api::priorityName(info.priority))
        .bytes("label", info.label);
    return line.count("bytes", info.figures.bytesVerified)
        .count("bytesTotal", info.figures.bytesTotal)
        .count("files", info.figures.filesDone)
        .count("filesTotal", info.figures.filesTotal)
        .decimal("rate", info.rate, 0)
        .decimal("eta", info.etaSeconds, 1);
}

/// "7  to laptop  running  holiday.jpg  1.2 of 3.4 GB, 80 MB/s"
std::string transferText(const api::TransferInfo& info, const PeerNames& names) {
    const bool here = info.heldHere == api::Hold::Paused;
    const bool there = info.heldThere == api::Hold::Paused;
    const bool waitsThere = !here && !there && info.heldThere == api::Hold::Queued;
    std::string text = std::to_string(info.transfer.value) + (info.incoming ? "  from " : "  to ") +
                       names.of(info.peer) + "  " + std::string(api::transferStateName(info.state));
    if (info.priority != api::Priority::Normal) text += " (" + std::string(api::priorityName(info.priority)) + ")";
    if (there) text += here ? " (here and there)" : " (by the other device)";
    if (waitsThere) text += " (on the other device)";
    if (!info.label.empty()) text += "  " + api::displayText(info.label);
    if (info.figures.bytesTotal > 0)
        text += "  " + bytesText(info.figures.bytesVerified) + " of " + bytesText(info.figures.bytesTotal);
    if (info.rate > 0) text += ", " + rateText(info.rate);
    return text;
}

} // namespace

ExitCode TransfersCommand::prepare() {
    constexpr std::array<std::pair<std::string_view, Action>, 7> kActions{{{"list", Action::List},
                                                                           {"pause", Action::Pause},
                                                                           {"resume", Action::Resume},
                                                                           {"cancel", Action::Cancel},
                                                                           {"priority", Action::Priority},
                                                                           {"history", Action::History},
                                                                           {"retry", Action::Retry}}};
    const auto& operands = arguments().operands;
    const auto refuse = [&](const std::string& message) {
        fail(ExitCode::Usage, "usage", message);
        return ExitCode::Usage;
    };
    if (operands.empty()) return ExitCode::Done;
    const auto* action = std::ranges::find(kActions, operands[0], &std::pair<std::string_view, Action>::first);
    const bool known = action != kActions.end();
    if (known) m_action = action->second;
    const size_t wanted = m_action == Action::Priority ? 3 : 2;
    const bool needsNumber = m_action != Action::List && m_action != Action::History;
    if (!known || (!needsNumber && operands.size() > 1))
        return refuse("wanted is `transfers list`, `transfers history`, `transfers pause|resume|cancel ID`, "
                      "`transfers priority ID low|normal|high` or `transfers retry NUMBER`");
    if (!needsNumber) return ExitCode::Done;
    m_number = operands.size() == wanted ? parseCount(operands[1]).value_or(0) : 0;
    if (m_action == Action::Priority) {
        const auto priority = operands.size() == wanted ? api::priorityNamed(operands[2]) : std::nullopt;
        if (!priority) return refuse("wanted is `transfers priority ID low|normal|high`");
        m_priority = *priority;
    }
    if (m_number > 0) return ExitCode::Done;
    return refuse(m_action == Action::Retry
                      ? "which transfer? `wherry transfers history` lists those that have ended with their numbers"
                      : "which transfer? `wherry transfers` lists them with their numbers");
}

/// The history is there when nothing runs too.
api::Settings TransfersCommand::settings() const {
    api::Settings settings = QueryCommand::settings();
    if (m_action == Action::History) settings.attach = api::Attach::IfRunning;
    return settings;
}

api::Command TransfersCommand::command() const {
    switch (m_action) {
    case Action::List:
        break;
    case Action::Pause:
        return api::PauseTransfer{{m_number}};
    case Action::Resume:
        return api::ResumeTransfer{{m_number}};
    case Action::Cancel:
        return api::CancelTransfer{{m_number}};
    case Action::Priority:
        return api::SetPriority{{m_number}, m_priority};
    case Action::History:
        return api::ListHistory{arguments().limit - static_cast<uint32_t>(m_entries.size()),
                                m_entries.empty() ? 0 : m_entries.back().number};
    case Action::Retry:
        return api::RetryTransfer{m_number};
    }
    return api::ListTransfers{};
}

void TransfersCommand::onAnswer(const api::Event& event) {
    if (const auto* history = std::get_if<api::HistoryListed>(&event)) return take(*history);
    if (const auto* listed = std::get_if<api::TransfersListed>(&event)) {
        show(*listed);
    } else if (std::holds_alternative<api::RequestDone>(event)) {
        showDone();
    } else if (const auto* started = std::get_if<api::TransferStarted>(&event)) {
        output().json(JsonLine("retried").count("number", m_number).count("transfer", started->transfer.value));
        output().result("Sent again as transfer " + std::to_string(started->transfer.value) + " by the " +
                        api::displayText(engine().host()) + (started->waits ? ", once it is its turn." : "."));
    } else {
        return;
    }
    finish(ExitCode::Done);
}

void TransfersCommand::showDone() {
    switch (m_action) {
    case Action::Pause:
        output().json(JsonLine("paused").count("transfer", m_number));
        return output().result("Paused, until `wherry transfers resume " + std::to_string(m_number) + "`.");
    case Action::Resume:
        output().json(JsonLine("continued").count("transfer", m_number));
        return output().result("It goes on, or does when its other side is back.");
    case Action::Priority:
        output().json(JsonLine("priority").count("transfer", m_number).text("priority", api::priorityName(m_priority)));
        return output().result("Its priority is " + std::string(api::priorityName(m_priority)) + " now.");
    default:
        output().json(JsonLine("cancelled").count("transfer", m_number));
        output().result("Cancelled. What was verified is kept: the same send continues it.");
    }
}

void TransfersCommand::show(const api::TransfersListed& listed) {
    std::vector<JsonLine> lines;
    for (const auto& info : listed.transfers) {
        lines.push_back(toJson(info));
        names().addTo(lines.back(), info.peer);
    }
    output().json(JsonLine("transfers").objects("transfers", lines));
    if (listed.transfers.empty()) output().result("No transfer is under way.");
    for (const auto& info : listed.transfers) output().result(transferText(info, names()));
}

/// One answer has a bound; the rest is asked for until there is no more or enough.
void TransfersCommand::take(const api::HistoryListed& listed) {
    m_entries.insert(m_entries.end(), listed.entries.begin(), listed.entries.end());
    if (listed.more && !listed.entries.empty() && m_entries.size() < arguments().limit) {
        engine().submit(command());
        return;
    }
    showHistory(listed.more);
    finish(ExitCode::Done);
}

void TransfersCommand::showHistory(bool more) {
    std::vector<JsonLine> lines;
    for (const auto& entry : m_entries) {
        lines.push_back(historyJson(entry));
        names().addTo(lines.back(), entry.peer);
    }
    output().json(JsonLine("history").objects("entries", lines).flag("more", more));
    if (m_entries.empty()) output().result("No transfer has ended yet.");
    for (const auto& entry : m_entries) output().result(historyText(entry, names()));
    if (more) output().remark("There are older ones: --limit shows more.");
}

} // namespace wherry::cli
