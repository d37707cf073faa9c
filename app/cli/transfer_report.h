#pragma once

#include "api/types.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace wherry::cli {

/// Says what happens to transfers, to people and to programs, in the same words for both directions. Decides nothing.
class TransferReport {
  public:
    explicit TransferReport(Output& output) : m_output(output) {}

    void show(const api::TransferEvent& event);
    void show(const api::PathChanged& event);

  private:
    void remark(const api::OfferMade& event);
    void remark(const api::OfferAccepted& event);
    void remark(const api::OfferDeclined& event);
    void remark(const api::TransferResumed& event);
    void remark(const api::TransferProgress& event);
    void remark(const api::TransferDelivered& event);
    void remark(const api::TransferFailed& event);
    void remark(const api::TransferInterrupted& event);

    Output& m_output;
};

/// "3 files and 1 folder, 2.00 MB".
std::string contentsText(const api::OfferMade& event);
/// The sentence for a person whose transfer has ended with `error`; neutralised.
std::string failureSentence(const api::TransferFailed& event);

} // namespace wherry::cli
