#pragma once

#include "cli/session.h"

namespace wherry::cli {

/// What is asked of the wherry that runs with this home, and of no other: one question, one answer.
class QueryCommand : public Session {
    Q_OBJECT

  public:
    using Session::Session;

  protected:
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;
    api::Settings settings() const override;

    virtual api::Command command() const = 0;
    virtual void onAnswer(const api::Event& event) = 0;

  private:
    api::RequestId m_request;
};

/// `wherry status`
class StatusCommand final : public QueryCommand {
    Q_OBJECT

  public:
    using QueryCommand::QueryCommand;

  protected:
    api::Command command() const override { return api::GetStatus{}; }
    void onAnswer(const api::Event& event) override;

  private:
    void show(const api::StatusReport& report);
};

} // namespace wherry::cli
