#pragma once

#include "api/types.h"
#include "cli/exit_code.h"
#include "cli/json_line.h"
#include "cli/output.h"
#include "cli/peer_names.h"
#include "cli/progress_display.h"

#include <QElapsedTimer>
#include <map>

namespace wherry::cli {

/// How many transfers a report is about: of several each line says which it means.
enum class Subjects { One, Several };

/// Says what happens to transfers, to people and to programs, in the same words for both directions. Decides nothing.
class TransferReport {
  public:
    /// `names` outlives it.
    TransferReport(Output& output, Subjects subjects, const PeerNames& names)
        : m_output(output),
          m_progress(output),
          m_subjects(subjects),
          m_names(names) {}

    void show(const api::TransferEvent& event);
    /// The end of an offer that the person has been told about already.
    void showToPrograms(const api::TransferEvent& event);
    void show(const api::PathChanged& event);
    /// The event of a command that a signal has ended. `transfer` 0: none has begun yet; its figures are those of its
    /// last event.
    JsonLine interruptedJson(api::TransferId transfer, const api::PeerId& peer) const;

  private:
    /// What the sentence at the end needs from what came before.
    struct Story {
        QElapsedTimer sinceAccepted;
        std::string subject;       ///< "photos from laptop"
        uint64_t bytesAlready = 0; ///< there before the first byte of this transfer
        uint64_t leftOut = 0;      ///< items that cannot be sent
        uint64_t bytesSent = 0;
        uint64_t bytesTotal = 0;
        bool incoming = false;
        bool moving = false; ///< bytes have come since it was accepted
    };
    /// "photos from laptop: " or nothing. Before the story is forgotten.
    std::string prefix(api::TransferId transfer) const;
    void remember(const api::TransferEvent& event);
    void remark(const api::OfferMade& event);
    void remark(const api::OfferAccepted& event);
    void remark(const api::OfferDeclined& event);
    void remark(const api::TransferResumed& event);
    void remark(const api::TransferProgress& event);
    void remark(const api::TransferDelivered& event);
    void remark(const api::TransferFailed& event);
    void remark(const api::TransferInterrupted& event);
    void remark(const api::TransferHeld& event);

    Output& m_output;
    ProgressDisplay m_progress;
    const Subjects m_subjects;
    const PeerNames& m_names;
    std::map<api::TransferId, Story> m_stories;
};

/// "photos from laptop", or "to" when it is sent there.
std::string subjectText(const api::OfferMade& event, const PeerNames& names);
/// "3 files and 1 folder, 2.00 MB".
std::string contentsText(const api::OfferMade& event);
/// The sentence for a person whose transfer has been delivered. `bytesAlready` were there before.
std::string deliveredSentence(const api::TransferDelivered& event, uint64_t bytesAlready);
/// The sentence for a person whose transfer is held, or goes on.
std::string heldSentence(const api::TransferHeld& event);
/// The sentence for a person whose transfer has ended with `error`; neutralised.
std::string failureSentence(const api::TransferFailed& event);

} // namespace wherry::cli
