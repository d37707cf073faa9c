#pragma once

#include "cli/session.h"
#include "cli/transfer_report.h"

#include <string>
#include <vector>

namespace wherry::cli {

/// `wherry send TARGET PATH...`
class SendCommand final : public Session {
    Q_OBJECT

  public:
    SendCommand(const Arguments& arguments, Output& output);

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;
    ExitCode onInterrupt() override;
    void onOutputBroken() override {} ///< the files are what matters
    api::Settings settings() const override;

  private:
    ExitCode checkOrder();
    void onStarted(const api::TransferStarted& started);
    void showPath(const api::PathChanged& path);
    void onFound(const api::TargetFound& found);
    void onTransfer(const api::TransferEvent& event);

    TransferReport m_report;
    api::Target m_target;
    std::vector<std::string> m_paths;
    api::RequestId m_request;
    api::TransferId m_transfer;
    bool m_leftOut = false; ///< something that was named cannot be sent
};

/// The path with everything but its last part resolved, so that the same file always has the same name; NotFound and
/// other errors name it.
api::Result<std::string> absolutePath(const std::string& path);

} // namespace wherry::cli
