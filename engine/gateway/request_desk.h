#pragma once

#include "gateway/control_message.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <variant>

namespace wherry::gateway {

using ClientId = StrongId<struct ClientTag>;
/// The program that the engine runs in; there from the start.
inline constexpr ClientId kLocalClient{1};

/// For the node. `request` is the node's own number.
struct SubmitCommand {
    node::RequestId request;
    node::Command command;
};
/// For one client. `report.id` is the client's own number, 0: no answer to a request of his.
struct DeliverReport {
    ClientId client;
    Report report;
};
using DeskAction = std::variant<SubmitCommand, DeliverReport>;

/// Several programs share one node: who has asked for what, who hears what, and what ends with whom. Sans-I/O; after
/// any input drain poll().
///
/// - Answers go to whoever asked. Events of a transfer go to whoever began it: the sender of an outgoing one, the
///   receiver (whoever has SetReceive in force) of an incoming one. Whoever subscribes hears all events but answers.
/// - One client receives at a time. When it leaves, what the local program has set is in force again.
/// - A client that leaves ends what it began, as if interrupted: its transfers are cancelled, its requests taken back.
///   What comes in and is paused stays.
class RequestDesk {
  public:
    RequestDesk();

    /// How refusals name the program that the engine runs in: "wherry receive (process 12)".
    void setHost(std::string who) { m_host = std::move(who); }

    void join(ClientId client);
    void leave(ClientId client);
    /// It hears every event that is no answer, from now on.
    void subscribe(ClientId client) { m_clients[client].subscribed = true; }
    /// LimitReached (kMaxRequestsPerClient), InvalidArgument (a number in use) and Busy (somebody receives already) are
    /// answered as RequestFailed without asking the node.
    void ask(ClientId client, node::RequestId id, Wish wish);
    void onEvent(const node::Event& event);
    std::optional<DeskAction> poll();

    /// Whether a client has nothing under way and hears of nothing.
    bool isIdle(ClientId client) const;
    /// Some other client waits for something or receives.
    bool guestsAreBusy() const;

  private:
    /// A request that the node has not answered, or a transfer that has not ended.
    struct Owner {
        ClientId client; ///< 0: has left
        node::RequestId id;
        crypto::PeerId peer;  ///< whom it is about; nobody: unknown
        bool outlives = false; ///< goes on when one of its transfers has begun, until it is answered
        bool handsOver = false; ///< its transfer is the local program's
    };
    struct Client {
        bool subscribed = false;
    };

    void carryOut(ClientId client, node::RequestId id, node::Command command);
    void carryOut(ClientId client, node::RequestId id, node::SetReceive command);
    void carryOut(ClientId client, node::RequestId id, const node::CancelRequest& command);
    void submit(Owner owner, node::Command command);
    void deliver(ClientId client, node::RequestId id, const node::Event& event);
    void refuse(ClientId client, node::RequestId id, Errc code, std::string why);
    void onAnswer(node::RequestId request, const node::Event& event, bool last);
    void onStarted(const node::TransferStarted& event);
    void onTransfer(const transfer::TransferEvent& event, const node::Event& whole);
    void notePause(const transfer::TransferEvent& event);
    void onNews(const node::Event& event);
    void tell(const std::set<ClientId>& clients, const node::Event& event);
    std::set<ClientId> subscribers() const;
    /// The client that incoming transfers belong to; 0: nobody.
    ClientId receiver() const;
    size_t underWay(ClientId client) const;
    bool isInUse(ClientId client, node::RequestId id) const;

    std::string m_host = "wherry";
    std::map<ClientId, Client> m_clients;
    std::map<node::RequestId, Owner> m_requests;
    std::map<transfer::TransferId, Owner> m_transfers;
    std::set<transfer::TransferId> m_pausedHere; ///< incoming; they do not end with their owner
    IdSource<node::RequestId> m_ids;
    transfer::ReceivePolicy m_localPolicy;
    ClientId m_guestReceiver;
    std::optional<node::Ready> m_ready;
    std::deque<DeskAction> m_actions;
};

} // namespace wherry::gateway
