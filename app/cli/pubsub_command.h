#pragma once

#include "cli/session.h"

namespace wherry::cli {

/// `wherry pubsub sub TOPIC` and `wherry pubsub pub TOPIC TEXT`
class PubsubCommand final : public Session {
    Q_OBJECT

  public:
    using Session::Session;

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;
    ExitCode onInterrupt() override;

  private:
    ExitCode readMessage();
    void show(const api::GossipMessage& message);

    bool m_publishes = false;
    std::vector<uint8_t> m_data;
    api::RequestId m_request;
};

} // namespace wherry::cli
