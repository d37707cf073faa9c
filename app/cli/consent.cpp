#include "cli/consent.h"

#include "api/display_text.h"
#include "cli/decline_reason.h"
#include "cli/line_input.h"
#include "cli/quantity.h"
#include "cli/terminal.h"
#include "cli/transfer_report.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace wherry::cli {

namespace {

/// Names shown without being asked for: more would scroll the question out of sight.
constexpr size_t kFirstListed = 200;

/// Of a question, beside the label in it: "Take  from peer …Xy12Ab? [y/N] " and room for the answer.
constexpr size_t kQuestionFrame = 50;
/// Characters of a name there: as wide as "peer …Xy12Ab", also where each takes two columns and some are cut.
constexpr size_t kLongestName = 12;
constexpr size_t kShortestLabel = 8;

std::string entryLine(const api::OfferEntry& entry) {
    std::string line = entry.warning.empty() ? "    " : "  ! ";
    line += api::displayText(entry.path) + (entry.isFolder ? "/" : "  " + bytesText(entry.size));
    if (!entry.warning.empty()) line += "   <- careful: " + api::displayText(entry.warning);
    return line + "\n";
}

/// Names that are taken and told without being asked for.
constexpr size_t kTakenListed = 10;

std::string fateText(const api::TakenName& name) {
    switch (name.fate) {
    case api::NameFate::Replaced:
        return ": what is there is replaced";
    case api::NameFate::Skipped:
        return ": this one is left out";
    case api::NameFate::Renamed:
        break;
    }
    return name.landsAs.empty() ? ": this one is kept beside it under another name"
                                : ": this one is kept beside it as " + api::displayText(name.landsAs);
}

/// What the offer would do to what is in the folder; empty: nothing.
std::string takenText(const api::OfferMade& offer) {
    std::string text;
    if (offer.takenTotal > 0)
        text = "  " + std::to_string(offer.takenTotal) + (offer.takenTotal == 1 ? " name is" : " names are") +
               " taken in the folder already" + (offer.takenMayBeMore ? ", perhaps more" : "") + ":\n";
    const size_t listed = std::min(offer.taken.size(), kTakenListed);
    for (size_t i = 0; i < listed; ++i)
        text += "  = " + api::displayText(offer.taken[i].path) + fateText(offer.taken[i]) + "\n";
    if (offer.takenTotal > listed) text += "    ... and " + std::to_string(offer.takenTotal - listed) + " more\n";
    return text;
}

/// Of a clock that never goes back, whoever sets the time of day.
ArmDelay::Time now() {
    return std::chrono::steady_clock::now();
}

/// What becomes of offers when the person has ended the input.
std::string unattendedText(api::Accept accept) {
    const std::string what = accept == api::Accept::All ? "offers with names that programs start by themselves are"
                             : accept == api::Accept::Trusted ? "offers of devices that are not trusted are"
                                                              : "offers are";
    return "The input has ended, so nobody can be asked any more: " + what + " declined from now on.\n";
}

/// One line of the terminal, also where every character of the name takes two columns.
std::string questionText(const api::OfferMade& offer, const PeerNames& names) {
    const size_t columns = terminalColumns();
    const size_t room = columns > kQuestionFrame ? (columns - kQuestionFrame) / 2 : 0;
    return "Take " + api::displayText(offer.label, std::max(room, kShortestLabel)) + " from " +
           names.of(offer.peer, kLongestName) + "? [y/N] ";
}

} // namespace

std::string whyOver(const api::TransferEvent& event) {
    if (const auto* failed = std::get_if<api::TransferFailed>(&event))
        return failed->byPeer && failed->error.code == api::Errc::Cancelled ? "the sender has taken it back"
                                                                            : failureSentence(*failed);
    if (const auto* interrupted = std::get_if<api::TransferInterrupted>(&event))
        return "the connection to the sender is lost (" + api::displayText(interrupted->error.text()) + ")";
    if (const auto* declined = std::get_if<api::OfferDeclined>(&event))
        return declined->reason.empty() || declined->reason == kSaidNo
                   ? "it was declined elsewhere"
                   : "declined: " + api::displayText(declined->reason);
    if (std::holds_alternative<api::OfferAccepted>(event) || std::holds_alternative<api::TransferDelivered>(event))
        return "it was accepted elsewhere";
    return {};
}

std::string offerText(const api::OfferMade& offer, size_t maxEntries, const PeerNames& names) {
    std::string text = names.of(offer.peer) + " (" + offer.peer.text() + ")\noffers " + contentsText(offer) + ":\n";
    size_t listed = 0;
    const auto list = [&](bool warned) {
        for (const api::OfferEntry& entry : offer.entries) {
            if (listed >= maxEntries) return;
            if (entry.warning.empty() == warned) continue;
            text += entryLine(entry);
            ++listed;
        }
    };
    list(true);
    list(false);
    for (size_t i = 0; i < std::min(offer.renames.size(), maxEntries); ++i) {
        const api::OfferRename& rename = offer.renames[i];
        text += "  ~ " + api::displayText(rename.path) +
                (rename.landsAs.empty() ? " cannot be kept on this volume at all\n"
                                        : " becomes " + api::displayText(rename.landsAs) + " on this volume\n");
    }
    for (const api::OfferName& name : offer.place.names)
        if (name.entry < offer.entries.size())
            text += "  ~ " + api::displayText(offer.entries[name.entry].path) + " will be called " +
                    api::displayText(name.name) + ", as you have chosen before\n";
    if (listed < offer.entries.size())
        text += "    ... and " + std::to_string(offer.entries.size() - listed) + " more; answer l to list all\n";
    return text + takenText(offer);
}

Consent::Consent(Output& output, std::string folder, api::Accept accept, const PeerNames& names)
    : m_output(output),
      m_folder(std::move(folder)),
      m_accept(accept),
      m_names(names) {
    if (!output.terminal().inputIsTerminal) return;
    m_input = std::make_unique<LineInput>();
    connect(m_input.get(), &LineInput::line, this, &Consent::onLine);
    connect(m_input.get(), &LineInput::closed, this, &Consent::onClosed, Qt::QueuedConnection);
    connect(m_input.get(), &LineInput::attended, this, &Consent::onAttended);
}

Consent::~Consent() = default;

void Consent::ask(const api::OfferMade& offer) {
    if (!m_input) {
        const std::string reason(reasonWithoutAsking(offer, m_accept, m_hadTerminal));
        emit answered({offer.transfer, false, reason, {}, {}, true});
        return;
    }
    m_waiting.push_back(offer);
    m_folders.push_back(offer.place.folder.empty() ? m_folder : offer.place.folder);
    if (m_waiting.size() == 1) return showNext();
    m_output.ask(subjectText(offer, m_names) + " (" + contentsText(offer) + ") is offered too; " +
                 std::to_string(m_waiting.size() - 1) + " more " + (m_waiting.size() == 2 ? "is" : "are") +
                 " waiting.\n");
}

bool Consent::withdraw(const api::TransferEvent& event) {
    const std::string why = whyOver(event);
    if (why.empty()) return false;
    const api::TransferId transfer = api::transferOf(event);
    const auto found = std::ranges::find(m_waiting, transfer, &api::OfferMade::transfer);
    if (found == m_waiting.end()) return false;
    const bool shown = found == m_waiting.begin();
    const std::string subject = subjectText(*found, m_names);
    m_folders.erase(m_folders.begin() + (found - m_waiting.begin()));
    m_waiting.erase(found);
    if (shown) {
        m_output.withdrawQuestion();
        m_armDelay.withdrawn();
    }
    m_output.ask(subject + " is not offered any more: " + why + ".\n");
    if (shown) showNext();
    return true;
}

void Consent::showNext() {
    if (!m_input) return;
    if (m_waiting.empty()) return m_input->stopListening();
    m_output.ask("\n" + offerText(m_waiting.front(), kFirstListed, m_names));
    if (m_waiting.size() > 1) m_output.ask(std::to_string(m_waiting.size() - 1) + " more waiting.\n");
    m_output.ask("It would go into " + api::displayText(m_folders.front()) + ".\n");
    if (!m_input->isInForeground())
        m_output.ask("This program runs in the background; to answer bring it to the foreground (fg).\n");
    m_input->listen();
    openQuestion();
    m_saidTooSoon = false;
    m_armDelay.shown(now());
}

void Consent::openQuestion() {
    m_output.openQuestion(questionText(m_waiting.front(), m_names));
}

void Consent::onLine(const std::string& line) {
    if (m_waiting.empty()) return;
    m_output.questionAnswered();
    if (!m_armDelay.isAnswer(now())) return onTooSoon();
    switch (readReply(line)) {
    case Reply::List:
        m_output.ask(offerText(m_waiting.front(), std::numeric_limits<size_t>::max(), m_names));
        return openQuestion();
    case Reply::Unclear:
        m_output.ask("Please answer y (yes), n (no) or l (list all).\n");
        return openQuestion();
    case Reply::Yes:
        answer(true, "");
        break;
    case Reply::No:
        answer(false, std::string(kSaidNo));
        break;
    }
    m_armDelay.answered(now());
    showNext();
}

/// It was typed for the question that stood here before.
void Consent::onTooSoon() {
    if (!std::exchange(m_saidTooSoon, true))
        m_output.ask("That came too soon after the question before and is no answer to this one.\n");
    openQuestion();
    m_armDelay.restart(now());
}

/// What the shell has printed since is what stands at the bottom now.
void Consent::onAttended() {
    if (m_waiting.empty()) return;
    openQuestion();
    m_saidTooSoon = false;
    m_armDelay.shown(now());
}

void Consent::onClosed() {
    if (!m_input) return;
    m_output.withdrawQuestion();
    m_output.ask(unattendedText(m_accept));
    m_hadTerminal = true;
    m_input.reset(); // offers to come are refused at once
    while (!m_waiting.empty()) answer(false, std::string(kNobodyThere), true);
}

void Consent::answer(bool accept, const std::string& reason, bool unasked) {
    const api::TransferId transfer = m_waiting.front().transfer;
    m_waiting.pop_front();
    m_folders.pop_front();
    emit answered({transfer, accept, reason, {}, {}, unasked});
}

} // namespace wherry::cli
