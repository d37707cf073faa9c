#include "cli/transfer_report.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/progress_line.h"
#include "cli/quantity.h"
#include "cli/session.h"

namespace wherry::cli {

namespace {

/// Reasons for entries that were left out that are worth a line each.
constexpr size_t kMaxShownReasons = 10;

} // namespace

std::string contentsText(const api::OfferMade& event) {
    std::string text = countText(event.filesTotal, "file");
    if (event.foldersTotal > 0) text += " and " + countText(event.foldersTotal, "folder");
    return text + ", " + bytesText(event.bytesTotal);
}

std::string failureSentence(const api::TransferFailed& event) {
    std::string text(api::errcName(event.error.code));
    if (!event.file.empty()) text += ", " + api::displayText(event.file);
    if (!event.error.context.empty()) text += ": " + api::displayText(event.error.context);
    return text;
}

void TransferReport::show(const api::TransferEvent& event) {
    std::visit(
        [this](const auto& what) {
            m_output.json(toJson(what));
            remark(what);
        },
        event);
}

void TransferReport::show(const api::PathChanged& event) {
    m_output.json(toJson(event));
    m_output.remark("Path to " + shortPeer(event.peer) + ": " + std::string(pathKindName(event.kind)) + ", " +
                    event.address.withoutPeer().text());
}

void TransferReport::remark(const api::OfferMade& event) {
    const std::string label = api::displayText(event.label);
    if (event.needsAnswer) return; // whoever asks shows it
    if (event.incoming) {
        m_output.remark(shortPeer(event.peer) + " offers " + label + " (" + contentsText(event) + ").");
        return;
    }
    m_output.remark("Offering " + label + " (" + contentsText(event) + "). Waiting for the other side to accept.");
    // Never only a remark: --quiet must not hide that something stays at home.
    if (event.skipped > 0) m_output.error("not sent: " + countText(event.skipped, "item") + ", for instance");
    for (size_t i = 0; i < event.skippedReasons.size() && i < kMaxShownReasons; ++i)
        m_output.error("  " + api::displayText(event.skippedReasons[i]));
}

void TransferReport::remark(const api::OfferAccepted&) {
    m_output.remark("Accepted.");
}

void TransferReport::remark(const api::OfferDeclined& event) {
    m_output.remark("Declined" + (event.reason.empty() ? std::string() : ": " + api::displayText(event.reason)) + ".");
}

void TransferReport::remark(const api::TransferResumed& event) {
    m_output.remark("Continues an earlier attempt: " + bytesText(event.bytesAlready) + " are there already.");
}

void TransferReport::remark(const api::TransferProgress& event) {
    if (m_output.showsMoving()) m_output.moving(progressLine(event, terminalColumns()));
}

void TransferReport::remark(const api::TransferDelivered& event) {
    const double rate = event.seconds > 0 ? static_cast<double>(event.figures.bytesTotal) / event.seconds : 0;
    m_output.result("Delivered: " + countText(event.figures.filesTotal, "file") + ", " +
                    bytesText(event.figures.bytesTotal) + " in " + durationText(event.seconds) + " (" + rateText(rate) +
                    "), verified on the " + (event.incoming ? "disk." : "receiver's disk."));
    for (const std::string& name : event.names)
        m_output.result("  " + api::displayText(event.folder) + "/" + api::displayText(name));
}

void TransferReport::remark(const api::TransferFailed& event) {
    m_output.error((event.incoming ? "receiving from " : "sending to ") + shortPeer(event.peer) +
                   " failed: " + failureSentence(event));
}

void TransferReport::remark(const api::TransferInterrupted& event) {
    m_output.remark(
        "The connection is lost (" + api::displayText(event.error.text()) + "). " +
        (event.incoming ? "Waiting for the sender to come back." : "Trying to reach the other side again."));
}

} // namespace wherry::cli
