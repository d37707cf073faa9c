#pragma once

#include "cli/session.h"

namespace wherry::cli {

/// `wherry node`
class NodeCommand final : public Session {
    Q_OBJECT

  public:
    NodeCommand(const Arguments& arguments, Output& output) : Session(arguments, output) { holdWarnings(); }

  protected:
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;
    void onAddresses(const api::AddressesChanged& changed);
    ExitCode onInterrupt() override { return ExitCode::Done; }
    api::Settings settings() const override;
    bool takesReloads() const override { return true; }

  private:
    bool m_explained = false;
    std::vector<api::Multiaddr> m_told; ///< where it has said that it is reached
};

} // namespace wherry::cli
