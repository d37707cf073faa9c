#include "cli/consent.h"

#include "api/display_text.h"
#include "cli/line_input.h"
#include "cli/quantity.h"
#include "cli/session.h"
#include "cli/transfer_report.h"

#include <algorithm>
#include <limits>

namespace wherry::cli {

namespace {

/// Names shown without being asked for: more would scroll the question out of sight.
constexpr size_t kFirstListed = 200;

std::string entryLine(const api::OfferEntry& entry) {
    std::string line = entry.warning.empty() ? "    " : "  ! ";
    line += api::displayText(entry.path) + (entry.isFolder ? "/" : "  " + bytesText(entry.size));
    if (!entry.warning.empty()) line += "   <- careful: " + api::displayText(entry.warning);
    return line + "\n";
}

std::string inLowerCase(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    text.erase(text.find_last_not_of(" \t\r") + 1);
    return text;
}

} // namespace

std::string offerText(const api::OfferMade& offer, size_t maxEntries) {
    std::string text = shortPeer(offer.peer) + " (" + offer.peer.text() + ")\noffers " + contentsText(offer) + ":\n";
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
    if (listed < offer.entries.size())
        text += "    ... and " + std::to_string(offer.entries.size() - listed) + " more; answer l to list all\n";
    return text;
}

Consent::Consent(Output& output, std::string folder) : m_output(output), m_folder(std::move(folder)) {
    if (!output.terminal().inputIsTerminal) return;
    m_input = std::make_unique<LineInput>();
    connect(m_input.get(), &LineInput::line, this, &Consent::onLine);
    connect(
        m_input.get(), &LineInput::closed, this,
        [this] {
            while (!m_waiting.empty()) answer(false, "nobody is there to answer");
            m_input.reset(); // offers to come are refused at once
        },
        Qt::QueuedConnection);
}

Consent::~Consent() = default;

void Consent::ask(const api::OfferMade& offer) {
    if (!m_input) {
        emit answered({offer.transfer,
                       false,
                       "nobody is there to answer: the receiver runs without a terminal and does not accept by itself",
                       {}});
        return;
    }
    m_waiting.push_back(offer);
    if (m_waiting.size() == 1) showNext();
}

void Consent::forget(api::TransferId transfer) {
    const bool shown = !m_waiting.empty() && m_waiting.front().transfer == transfer;
    std::erase_if(m_waiting, [&](const api::OfferMade& offer) { return offer.transfer == transfer; });
    if (!shown) return;
    m_output.ask("\nThis offer is gone.\n");
    showNext();
}

void Consent::showNext() {
    if (m_waiting.empty() || !m_input) return;
    m_output.ask("\n" + offerText(m_waiting.front(), kFirstListed));
    m_input->discardTyped();
    m_output.ask("Take it into " + api::displayText(m_folder) + "? [y/N] ");
}

void Consent::onLine(const std::string& line) {
    if (m_waiting.empty()) return;
    const std::string word = inLowerCase(line);
    if (word == "l") {
        m_output.ask(offerText(m_waiting.front(), std::numeric_limits<size_t>::max()) + "Take it? [y/N] ");
        return;
    }
    const bool yes = word == "y" || word == "yes";
    answer(yes, yes ? "" : "the person at the other side said no");
    showNext();
}

void Consent::answer(bool accept, const std::string& reason) {
    const api::TransferId transfer = m_waiting.front().transfer;
    m_waiting.pop_front();
    emit answered({transfer, accept, reason, {}});
}

} // namespace wherry::cli
