#pragma once

#include "cli/consent.h"
#include "cli/query_commands.h"
#include "cli/session.h"
#include "cli/transfer_report.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wherry::cli {

/// `wherry share`: prints a ticket and serves it; a wherry that runs already serves it instead. The ticket names the
/// relays that this device was told to be reached through, as far as they answer soon.
class ShareCommand final : public Session {
    Q_OBJECT

  public:
    ShareCommand(const Arguments& arguments, Output& output);

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;
    ExitCode onInterrupt() override;

  private:
    void onReached(const std::vector<api::Multiaddr>& addresses);
    void onPatienceOver();
    void publish();
    void show(const api::ShareInfo& share);
    void onTransfer(const api::TransferEvent& event);
    void onEnded(const api::ShareEnded& ended);

    TransferReport m_report;
    std::vector<std::string> m_paths;
    std::set<Bytes> m_relays; ///< that have not answered yet
    api::RequestId m_request;
    std::string m_share; ///< its id, once it is published
};

/// `wherry get`
class GetCommand final : public Session {
    Q_OBJECT

  public:
    GetCommand(const Arguments& arguments, Output& output);

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;
    ExitCode onInterrupt() override;

  private:
    void onTransfer(const api::TransferEvent& event);
    void onFailed(const api::Error& error);

    TransferReport m_report;
    std::string m_folder;
    api::PeerId m_sharer;
    std::unique_ptr<Consent> m_consent; ///< only for what is dangerous in a home folder
    api::RequestId m_request;
    api::TransferId m_transfer;                  ///< the latest of them; 0: none yet
    std::optional<api::TransferFailed> m_failed; ///< the last one that failed
    std::set<api::TransferId> m_transfers;       ///< its attempts
};

/// `wherry shares`, `wherry shares list`, `wherry shares revoke ID`
class SharesCommand final : public Session {
    Q_OBJECT

  public:
    using Session::Session;

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;

  private:
    void take(const api::SharesListed& listed);
    void show();

    std::vector<api::ShareInfo> m_shares;
    std::string m_revoked; ///< empty: list them
    api::RequestId m_request;
};

} // namespace wherry::cli
