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
    void onNamesLearnt() override;
    void onEvent(const api::Event& event) override;
    api::Settings settings() const override;

    /// Whether the answer is about devices that may have a name here.
    virtual bool wantsNames() const { return false; }
    virtual api::Command command() const = 0;
    virtual void onAnswer(const api::Event& event) = 0;

  private:
    bool m_asked = false;
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
