#include "cli/history_text.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/quantity.h"

#include <QDateTime>
#include <algorithm>

namespace wherry::cli {

namespace {

/// Bytes that this transfer has brought a second, from the yes to the end; 0: none, or not known.
double rateOf(const api::HistoryEntry& entry) {
    const uint64_t verified = entry.figures.bytesVerified;
    const uint64_t moved = verified - std::min(verified, entry.bytesAlready);
    return entry.seconds > 0 ? static_cast<double>(moved) / entry.seconds : 0;
}

std::string timeText(api::UnixTime time) {
    return QDateTime::fromSecsSinceEpoch(time.seconds()).toString("yyyy-MM-dd HH:mm").toStdString();
}

/// "1.20 MB in 3 files, 2.0 s, 600 kB/s, lan"
std::string figuresText(const api::HistoryEntry& entry) {
    const api::TransferFigures& figures = entry.figures;
    const bool whole = entry.outcome == api::TransferOutcome::Delivered;
    std::string text = whole ? bytesText(figures.bytesTotal)
                             : bytesText(figures.bytesVerified) + " of " + bytesText(figures.bytesTotal);
    text += " in " + countText(figures.filesTotal, "file");
    if (entry.leftOut > 0) text += ", not sent: " + countText(entry.leftOut, "item");
    if (entry.seconds > 0) text += ", " + durationText(entry.seconds);
    if (rateOf(entry) > 0) text += ", " + rateText(rateOf(entry));
    if (entry.path) text += ", " + std::string(pathKindName(*entry.path));
    return text;
}

/// Why nobody here has said yes or no; what the other side says follows.
std::string unansweredText(const api::HistoryEntry& entry) {
    const api::Errc code = entry.error ? entry.error->code : api::Errc::Timeout;
    if (entry.byPeer) return "taken back before it was answered: ";
    if (code == api::Errc::LimitReached || code == api::Errc::Declined) return "sent away: ";
    return code == api::Errc::Timeout ? "not answered in time: " : "not answered: ";
}

/// What it came to: where it landed, or why not.
std::string endText(const api::HistoryEntry& entry) {
    if (entry.outcome == api::TransferOutcome::Delivered)
        return entry.folder.empty() ? std::string() : "in " + api::displayText(entry.folder);
    std::string text;
    if (entry.outcome == api::TransferOutcome::Unanswered) text = unansweredText(entry);
    if (!entry.file.empty()) text += "'" + api::displayText(entry.file) + "': ";
    if (entry.error) text += api::displayText(entry.error->context);
    if (text.empty() && entry.error) text = api::errcName(entry.error->code);
    return text;
}

} // namespace

JsonLine historyJson(const api::HistoryEntry& entry) {
    JsonLine line;
    line.count("number", entry.number)
        .text("peer", entry.peer.text())
        .text("direction", entry.incoming ? "incoming" : "outgoing")
        .text("outcome", api::transferOutcomeName(entry.outcome))
        .bytes("label", entry.label)
        .count("begun", static_cast<uint64_t>(std::max<int64_t>(entry.begun.seconds(), 0)))
        .count("ended", static_cast<uint64_t>(std::max<int64_t>(entry.ended.seconds(), 0)))
        .decimal("seconds", entry.seconds)
        .count("bytes", entry.figures.bytesVerified)
        .count("bytesTotal", entry.figures.bytesTotal)
        .count("bytesAlready", entry.bytesAlready)
        .count("files", entry.figures.filesDone)
        .count("filesTotal", entry.figures.filesTotal)
        .count("filesSkipped", entry.figures.filesSkipped)
        .count("leftOut", entry.leftOut)
        .decimal("rate", rateOf(entry), 0)
        .flag("retryable", entry.retryable);
    if (entry.path) line.text("path", pathKindName(*entry.path));
    if (entry.error) line.text("code", api::errcName(entry.error->code)).bytes("message", entry.error->context);
    if (entry.error) line.flag("byPeer", entry.byPeer);
    if (!entry.file.empty()) line.bytes("file", entry.file);
    if (!entry.folder.empty()) line.bytes("folder", entry.folder).texts("names", entry.names);
    return line;
}

std::string historyText(const api::HistoryEntry& entry, const PeerNames& names) {
    std::string text = std::to_string(entry.number) + "  " + timeText(entry.ended) +
                       (entry.incoming ? "  from " : "  to ") + names.of(entry.peer) + "  " +
                       std::string(api::transferOutcomeName(entry.outcome));
    if (!entry.label.empty()) text += "  " + api::displayText(entry.label);
    text += "  " + figuresText(entry);
    const std::string end = endText(entry);
    return end.empty() ? text : text + "\n     " + end;
}

} // namespace wherry::cli
