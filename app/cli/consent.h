#pragma once

#include "api/types.h"
#include "cli/answering.h"
#include "cli/output.h"
#include "cli/peer_names.h"

#include <QObject>
#include <deque>
#include <memory>
#include <string>

namespace wherry::cli {

class LineInput;

/// Asks the person at the terminal about offers, one at a time, in the order in which they came. Nothing but a clear
/// yes accepts, and what was typed for one question never answers the next. Without a terminal every offer is refused
/// with a reason that the sender sees.
class Consent final : public QObject {
    Q_OBJECT

  public:
    /// `names` outlives it.
    Consent(Output& output, std::string folder, api::Accept accept, const PeerNames& names);
    ~Consent() override;

    /// Whether somebody can be asked.
    bool isAttended() const { return m_input != nullptr; }
    /// What is taken without asking, as the settings have it now.
    void setAccept(api::Accept accept) { m_accept = accept; }
    /// Where offers to come would go.
    void setFolder(std::string folder) { m_folder = std::move(folder); }
    void ask(const api::OfferMade& offer);
    /// For every event of a transfer, after ask(). True: it has ended an offer that waited for an answer here, and the
    /// person has been told why.
    bool withdraw(const api::TransferEvent& event);

  signals:
    void answered(const wherry::api::AnswerOffer& answer);

  private:
    void showNext();
    void openQuestion();
    void onLine(const std::string& line);
    void onTooSoon();
    void onAttended();
    void onClosed();
    /// `unasked`: nobody has said so.
    void answer(bool accept, const std::string& reason, bool unasked = false);

    Output& m_output;
    std::string m_folder;
    api::Accept m_accept;
    const PeerNames& m_names;
    std::unique_ptr<LineInput> m_input;
    ArmDelay m_armDelay;
    bool m_saidTooSoon = false;           ///< for the question on the screen
    bool m_hadTerminal = false;           ///< its input has ended
    std::deque<api::OfferMade> m_waiting; ///< the first one is on the screen
    std::deque<std::string> m_folders;    ///< where each of them would go
};

/// Why an offer that waits for an answer waits no longer; empty: it goes on waiting. Neutralised.
std::string whyOver(const api::TransferEvent& event);

/// The offer as the person reads it: who, every name (at most `maxEntries`, those that deserve a second look first),
/// sizes. All text from the peer neutralised. Ends with a line feed.
std::string offerText(const api::OfferMade& offer, size_t maxEntries, const PeerNames& names);

} // namespace wherry::cli
