#include "cli/transfer_report.h"

#include "api/display_text.h"
#include "cli/decline_reason.h"
#include "cli/event_json.h"
#include "cli/quantity.h"

#include <algorithm>
#include <type_traits>

namespace wherry::cli {

namespace {

/// Reasons for entries that were left out that are worth a line each.
constexpr size_t kMaxShownReasons = 10;
/// Of the root names, where they stand in front of every line.
constexpr size_t kMaxSubjectLabel = 60;

} // namespace

std::string subjectText(const api::OfferMade& event, const PeerNames& names) {
    return api::displayText(event.label, kMaxSubjectLabel) + (event.incoming ? " from " : " to ") +
           names.of(event.peer);
}

std::string contentsText(const api::OfferMade& event) {
    std::string text = countText(event.filesTotal, "file");
    if (event.foldersTotal > 0) text += " and " + countText(event.foldersTotal, "folder");
    return text + ", " + bytesText(event.bytesTotal);
}

std::string failureSentence(const api::TransferFailed& event) {
    std::string text(api::errcName(event.error.code));
    if (!event.file.empty()) text += ", " + api::displayText(event.file);
    if (!event.error.context.empty()) text += ": " + api::displayText(event.error.context);
    if (!event.incoming && event.error.code == api::Errc::Unsupported)
        text += "; the other side takes no files: it has to run `wherry receive`";
    if (event.restDelivered)
        text += ". " + std::to_string(event.figures.filesDone) + " of " + countText(event.figures.filesTotal, "file") +
                " delivered";
    return text;
}

std::string heldSentence(const api::TransferHeld& event) {
    const std::string resume = "`wherry transfers resume " + std::to_string(event.transfer.value) + "`";
    const bool there = event.there == api::Hold::Paused;
    if (event.here == api::Hold::Paused)
        return there ? "Paused, here and by the other device. Here it goes on with " + resume + "."
                     : "Paused here, until " + resume + ".";
    if (there) return "Paused by the other device: it goes on when it is resumed there.";
    if (event.here == api::Hold::Queued) return "Accepted; it waits for its turn here, behind other transfers.";
    if (event.there == api::Hold::Queued)
        return event.incoming ? "The other device sends something else first."
                              : "The other device has others to receive first: it waits there for its turn.";
    return "It goes on.";
}

std::string deliveredSentence(const api::TransferDelivered& event, uint64_t bytesAlready) {
    const api::TransferFigures& figures = event.figures;
    const std::string files = countText(figures.filesTotal, "file");
    const std::string skipped = countText(figures.filesSkipped, "file");
    if (figures.filesTotal == 0 && figures.filesSkipped > 0)
        return "Nothing to do: " + skipped + " skipped, because something of that name is there already and stays.";
    const std::string rest =
        figures.filesSkipped > 0 ? " Skipped: " + skipped + ", whose names are taken." : std::string();
    if (figures.filesTotal == 0) return "Nothing to do: there was no file in it; the folders are there.";
    if (figures.bytesTotal > 0 && bytesAlready >= figures.bytesTotal && figures.bytesSent == 0)
        return "Nothing to do: " + files + ", " + bytesText(figures.bytesTotal) + ", already delivered earlier." + rest;
    const uint64_t moved = figures.bytesTotal - std::min(figures.bytesTotal, bytesAlready);
    std::string text = "Delivered: " + files + ", " + bytesText(figures.bytesTotal);
    if (bytesAlready > 0) text += "; " + bytesText(bytesAlready) + " were there already, " + bytesText(moved);
    text += " in " + durationText(event.seconds);
    if (event.seconds > 0 && moved > 0) text += " (" + rateText(static_cast<double>(moved) / event.seconds) + ")";
    text += std::string(", verified on the ") + (event.incoming ? "disk." : "receiver's disk.");
    return text + rest;
}

void TransferReport::remember(const api::TransferEvent& event) {
    if (const auto* offer = std::get_if<api::OfferMade>(&event)) {
        m_stories[offer->transfer].leftOut = offer->skippedFailures;
        m_stories[offer->transfer].bytesTotal = offer->bytesTotal;
        m_stories[offer->transfer].subject = subjectText(*offer, m_names);
        m_stories[offer->transfer].incoming = offer->incoming;
    } else if (const auto* accepted = std::get_if<api::OfferAccepted>(&event)) {
        m_stories[accepted->transfer].sinceAccepted.start();
    } else if (const auto* resumed = std::get_if<api::TransferResumed>(&event)) {
        Story& story = m_stories[resumed->transfer];
        if (!story.moving)
            story.bytesAlready = resumed->bytesAlready; // later ones count what this transfer has brought
    } else if (const auto* progress = std::get_if<api::TransferProgress>(&event)) {
        Story& story = m_stories[progress->transfer];
        story.moving = true;
        story.bytesSent = progress->figures.bytesSent;
        story.bytesTotal = progress->figures.bytesTotal;
    } else if (const auto* interrupted = std::get_if<api::TransferInterrupted>(&event)) {
        m_stories[interrupted->transfer].moving = true;
        m_progress.end(interrupted->transfer);
    } else if (const auto* held = std::get_if<api::TransferHeld>(&event)) {
        m_progress.end(held->transfer);
    } else if (const auto* delivered = std::get_if<api::TransferDelivered>(&event)) {
        m_progress.end(delivered->transfer);
    } else if (const auto* failed = std::get_if<api::TransferFailed>(&event)) {
        m_progress.end(failed->transfer);
    }
}

void TransferReport::show(const api::TransferEvent& event) {
    remember(event);
    const auto say = [this]<typename T>(const T& what) {
        JsonLine line = toJson(what);
        if constexpr (std::is_same_v<T, api::OfferMade>) m_names.addTo(line, what.peer);
        m_output.json(line);
        remark(what);
    };
    const auto* delivered = std::get_if<api::TransferDelivered>(&event);
    if (!delivered) return std::visit(say, event);
    api::TransferDelivered timed = *delivered;
    // The engine counts from the beginning; looking for the peer and the person's thinking are no part of the speed.
    if (const QElapsedTimer& timer = m_stories[timed.transfer].sinceAccepted; timer.isValid())
        timed.seconds = static_cast<double>(timer.elapsed()) / 1000;
    say(timed);
}

JsonLine TransferReport::interruptedJson(api::TransferId transfer, const api::PeerId& peer) const {
    JsonLine line = failedJson("interrupted", "stopped by a signal; the same command again continues");
    if (transfer.value != 0) line.count("transfer", transfer.value);
    if (peer != api::PeerId()) line.text("peer", peer.text());
    const auto found = m_stories.find(transfer);
    const Story story = found == m_stories.end() ? Story() : found->second;
    return line.count("bytesSent", story.bytesSent).count("bytesTotal", story.bytesTotal);
}

void TransferReport::showToPrograms(const api::TransferEvent& event) {
    std::visit(
        [this](const auto& what) {
            m_stories.erase(what.transfer);
            m_output.json(toJson(what));
        },
        event);
}

std::string TransferReport::prefix(api::TransferId transfer) const {
    const auto story = m_stories.find(transfer);
    return m_subjects == Subjects::Several && story != m_stories.end() && !story->second.subject.empty()
               ? story->second.subject + ": "
               : std::string();
}

void TransferReport::show(const api::PathChanged& event) {
    m_output.json(toJson(event));
    const std::string via = event.relay ? " via " + m_names.of(*event.relay) : std::string();
    const std::string where = event.relay ? std::string() : ", " + event.address.withoutPeer().text();
    m_output.remark("Path to " + m_names.of(event.peer) + ": " + std::string(pathKindName(event.kind)) + via + where +
                    " (" + std::string(pathReasonText(event.reason)) + ")");
}

void TransferReport::remark(const api::OfferMade& event) {
    const std::string label = api::displayText(event.label);
    if (event.needsAnswer) return; // whoever asks shows it
    if (event.incoming) {
        m_output.remark(m_names.of(event.peer) + " offers " + label + " (" + contentsText(event) + ").");
        return;
    }
    m_output.remark("Offering " + label + " (" + contentsText(event) + "). Waiting for the other side to accept.");
    if (event.skipped == 0) return;
    // Never only a remark: --quiet must not hide that something stays at home.
    const size_t shown = std::min(event.skippedReasons.size(), kMaxShownReasons);
    std::string text = "not sent: " + countText(event.skipped, "item");
    if (event.skippedFailures > 0 && event.skippedFailures < event.skipped)
        text += ", " + std::to_string(event.skippedFailures) + " of them because of an error";
    for (size_t i = 0; i < shown; ++i) text += "\n  " + api::displayText(event.skippedReasons[i]);
    if (event.skipped > shown) text += "\n  and " + countText(event.skipped - shown, "other");
    m_output.error(text);
}

void TransferReport::remark(const api::OfferAccepted& event) {
    m_output.remark(prefix(event.transfer) + "Accepted.");
}

void TransferReport::remark(const api::OfferDeclined& event) {
    const std::string subject = prefix(event.transfer);
    const bool here = m_stories[event.transfer].incoming;
    m_stories.erase(event.transfer);
    if (here) return m_output.remark(subject + declinedHereSentence(event.reason));
    m_output.remark(subject + "Declined" +
                    (event.reason.empty() ? std::string() : ": " + api::displayText(event.reason)) + ".");
}

void TransferReport::remark(const api::TransferResumed& event) {
    const std::string subject = prefix(event.transfer);
    if (event.bytesAlready == 0) return m_output.remark(subject + "Continues an earlier attempt.");
    m_output.remark(subject + "Continues an earlier attempt: " + bytesText(event.bytesAlready) + " are there already.");
}

void TransferReport::remark(const api::TransferProgress& event) {
    m_progress.show(event);
}

void TransferReport::remark(const api::TransferDelivered& event) {
    const Story story = m_stories[event.transfer];
    const std::string subject = prefix(event.transfer);
    m_stories.erase(event.transfer);
    m_output.result(subject + deliveredSentence(event, story.bytesAlready));
    if (!event.incoming && story.leftOut > 0)
        m_output.error("not everything was sent: " + countText(story.leftOut, "item") + " could not be, as said above");
    for (const std::string& name : event.names)
        m_output.result("  " + api::displayText(event.folder) + "/" + api::displayText(name));
}

void TransferReport::remark(const api::TransferFailed& event) {
    const Story story = m_stories[event.transfer];
    m_stories.erase(event.transfer);
    const std::string subject = m_subjects == Subjects::Several && !story.subject.empty() ? story.subject
                                : event.incoming ? "receiving from " + m_names.of(event.peer)
                                                 : "sending to " + m_names.of(event.peer);
    m_output.error(subject + " failed: " + failureSentence(event));
}

void TransferReport::remark(const api::TransferInterrupted& event) {
    const std::string subject = prefix(event.transfer);
    if (event.incoming) m_stories.erase(event.transfer); // the sender comes back with a new one
    m_output.remark(
        subject + "The connection is lost (" + api::displayText(event.error.text()) + "). " +
        (event.incoming ? "Waiting for the sender to come back." : "Trying to reach the other side again."));
}

void TransferReport::remark(const api::TransferHeld& event) {
    std::string subject = prefix(event.transfer);
    if (subject.empty() && m_subjects == Subjects::Several) // paused in an earlier run
        subject = api::displayText(event.label, kMaxSubjectLabel) + (event.incoming ? " from " : " to ") +
                  m_names.of(event.peer) + ": ";
    m_output.remark(subject + heldSentence(event));
}

} // namespace wherry::cli
