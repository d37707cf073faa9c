#pragma once

#include "cli/consent.h"
#include "cli/session.h"
#include "cli/transfer_report.h"

#include <memory>
#include <string>

namespace wherry::cli {

/// `wherry receive`
class ReceiveCommand final : public Session {
    Q_OBJECT

  public:
    ReceiveCommand(const Arguments& arguments, Output& output);

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;

  private:
    void explain(const std::vector<api::Multiaddr>& addresses);
    void onTransfer(const api::TransferEvent& event);

    TransferReport m_report;
    std::string m_folder;
    std::unique_ptr<Consent> m_consent;
    bool m_explained = false;
};

} // namespace wherry::cli
