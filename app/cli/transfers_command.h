#pragma once

#include "cli/query_commands.h"

#include <vector>

namespace wherry::cli {

/// `wherry transfers [list]`, `pause|resume|cancel ID`, `priority ID LEVEL`, `history`, `retry NUMBER`
class TransfersCommand final : public QueryCommand {
    Q_OBJECT

  public:
    using QueryCommand::QueryCommand;

  protected:
    ExitCode prepare() override;
    api::Settings settings() const override;
    bool wantsNames() const override { return m_action == Action::List || m_action == Action::History; }
    api::Command command() const override;
    void onAnswer(const api::Event& event) override;

  private:
    enum class Action { List, Pause, Resume, Cancel, Priority, History, Retry };

    void show(const api::TransfersListed& listed);
    void take(const api::HistoryListed& listed);
    void showHistory(bool more);
    void showDone();

    Action m_action = Action::List;
    api::Priority m_priority = api::Priority::Normal;
    uint64_t m_number = 0; ///< of a transfer or a history entry
    std::vector<api::HistoryEntry> m_entries;
};

} // namespace wherry::cli
