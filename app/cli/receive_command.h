#pragma once

#include "cli/consent.h"
#include "cli/session.h"
#include "cli/transfer_report.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

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
    /// Takes no more offers and ends when what is under way has.
    void onOutputBroken() override;
    bool takesReloads() const override { return true; }
    api::Result<void> checkReload(const Arguments& fresh) override;
    void onReloaded() override;

  private:
    void onReceiving();
    void onAddresses(const api::AddressesChanged& changed);
    void explain(const std::vector<api::Multiaddr>& addresses);
    void show(const api::TextReceived& text);
    void onTransfer(const api::TransferEvent& event);
    void onFailed(const api::TransferFailed& failed);
    /// It is under way no more.
    void ended(api::TransferId transfer);

    TransferReport m_report;
    std::string m_folder;
    std::unique_ptr<Consent> m_consent;
    api::Ready m_ready;
    api::RequestId m_request; ///< the policy
    bool m_explained = false;
    std::set<api::TransferId> m_underWay;    ///< accepted and not over
    std::vector<api::TransferHeld> m_paused; ///< in an earlier run: to be said after `ready`
};

} // namespace wherry::cli
