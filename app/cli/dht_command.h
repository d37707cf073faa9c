#pragma once

#include "cli/session.h"

namespace wherry::cli {

/// `wherry dht get|put|provide|providers|peer|closest KEY [VALUE]`
class DhtCommand final : public Session {
    Q_OBJECT

  public:
    using Session::Session;

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;
    api::Settings settings() const override;

  private:
    ExitCode readValue();
    void failRequest(const api::Error& error);
    void show(const api::DhtAnswered& answer);
    void showValue(const api::DhtAnswered& answer);
    void showStored(const api::DhtAnswered& answer, std::string_view event, const std::string& what);
    void showPeers(std::string_view event, const std::vector<api::DhtPeer>& peers);
    void showPeer(const api::DhtAnswered& answer);

    api::AskDht m_ask;
    api::RequestId m_request;
};

} // namespace wherry::cli
