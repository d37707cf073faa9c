#pragma once

#include "node/command.h"
#include "node/event.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace wherry::gateway {

/// A command that may take several transfers, one after the other: its answer ends it, no transfer does.
bool outlivesItsTransfers(const node::Command& command);
/// A command whose transfers belong to the program that the engine runs in: they go on when whoever asked has left.
bool isHandedOver(const node::Command& command);
/// Whether an answer is the last one to its request. TransferStarted is: the transfer goes on under its own number.
bool isLastAnswer(const node::Event& event);
/// Whether nothing more follows of this transfer.
bool endsTransfer(const transfer::TransferEvent& event);

/// What a program has asked for and still waits for, so that it can ask again when the engine behind it changes:
/// requests without their last answer, sends until their transfer has ended, and how it receives.
class OpenRequests {
  public:
    void onAsked(node::RequestId id, const node::Command& command);
    void onEvent(const node::Event& event);

    /// In the order in which they were asked.
    std::vector<std::pair<node::RequestId, node::Command>> list() const;

  private:
    std::map<node::RequestId, node::Command> m_open;
    std::map<transfer::TransferId, node::RequestId> m_transfers;
    std::optional<node::RequestId> m_receive; ///< the SetReceive in force; stays open
};

} // namespace wherry::gateway
