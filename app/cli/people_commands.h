#pragma once

#include "cli/session.h"

namespace wherry::cli {

/// `wherry peers`, `peers list`, `peers trust|untrust|block|unblock PEER`, `peers alias PEER [NAME]`
class PeersCommand final : public Session {
    Q_OBJECT

  public:
    using Session::Session;

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;

  private:
    void submit();
    bool isMistake(api::Errc code) const;
    void take(const api::PeersListed& listed);
    void show();

    std::vector<api::PeerView> m_peers;
    api::Command m_command = api::ListPeers{};
    std::string m_done; ///< what to say about a decision
    api::RequestId m_request;
    bool m_started = false;
    bool m_looked = false; ///< around, before it asked
};

/// `wherry text TARGET TEXT`
class TextCommand final : public Session {
    Q_OBJECT

  public:
    using Session::Session;

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;

  private:
    void failText(const api::Error& error);

    api::Target m_target;
    api::RequestId m_request;
};

} // namespace wherry::cli
