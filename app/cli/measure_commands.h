#pragma once

#include "cli/session.h"

#include <vector>

namespace wherry::cli {

/// What ping and perf have in common: one request to one target.
class MeasureCommand : public Session {
    Q_OBJECT

  public:
    using Session::Session;

  protected:
    ExitCode prepare() override;
    void onReady(const api::Ready& ready) override;
    void onEvent(const api::Event& event) override;
    api::Settings settings() const override;

    virtual api::Command command(const api::Target& target) const = 0;
    virtual void onAnswer(const api::Event& event, api::RequestId request) = 0;
    /// What a failure means for the person.
    virtual api::Error explained(const api::Error& error) const { return error; }

  private:
    api::Target m_target;
    api::RequestId m_request;
};

/// `wherry ping TARGET`
class PingCommand final : public MeasureCommand {
    Q_OBJECT

  public:
    using MeasureCommand::MeasureCommand;

  protected:
    api::Command command(const api::Target& target) const override;
    void onAnswer(const api::Event& event, api::RequestId request) override;

  private:
    void summarise();

    std::vector<double> m_milliseconds;
};

/// `wherry perf TARGET`
class PerfCommand final : public MeasureCommand {
    Q_OBJECT

  public:
    using MeasureCommand::MeasureCommand;

  protected:
    api::Command command(const api::Target& target) const override;
    void onAnswer(const api::Event& event, api::RequestId request) override;
    api::Error explained(const api::Error& error) const override;
};

} // namespace wherry::cli
