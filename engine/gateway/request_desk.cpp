#include "gateway/request_desk.h"

#include "base/overloaded.h"
#include "base/take_front.h"
#include "gateway/fields.h"
#include "gateway/gateway_limits.h"
#include "gateway/open_requests.h"

#include <algorithm>

namespace wherry::gateway {

namespace {

/// Whom a command is about.
crypto::PeerId peerOf(const node::Command& command) {
    return std::visit(
        []<typename T>(const T& what) {
            if constexpr (requires { what.target.peer; })
                return what.target.peer;
            else
                return crypto::PeerId();
        },
        command);
}

} // namespace

RequestDesk::RequestDesk() {
    join(kLocalClient);
}

void RequestDesk::join(ClientId client) {
    m_clients.try_emplace(client);
    if (m_ready) deliver(client, {}, *m_ready);
}

void RequestDesk::leave(ClientId client) {
    m_clients.erase(client);
    std::vector<node::Command> last;
    for (auto& [request, owner] : m_requests) {
        if (owner.client != client) continue;
        owner.client = {};
        last.push_back(node::CancelRequest{request});
    }
    for (auto& [transfer, owner] : m_transfers) {
        if (owner.client != client) continue;
        owner.client = {};
        if (!m_pausedHere.contains(transfer)) last.push_back(node::CancelTransfer{transfer});
    }
    if (m_guestReceiver == client) {
        m_guestReceiver = {};
        last.push_back(node::SetReceive{m_localPolicy});
    }
    for (node::Command& command : last) submit({}, std::move(command));
}

bool RequestDesk::isIdle(ClientId client) const {
    const auto found = m_clients.find(client);
    const bool subscribed = found != m_clients.end() && found->second.subscribed;
    return !subscribed && m_guestReceiver != client && underWay(client) == 0;
}

bool RequestDesk::guestsAreBusy() const {
    const auto ofGuest = [](const auto& one) { return one.second.client && one.second.client != kLocalClient; };
    return m_guestReceiver || std::ranges::any_of(m_requests, ofGuest) || std::ranges::any_of(m_transfers, ofGuest);
}

// --- requests -----------------------------------------------------------------------------------------------------

void RequestDesk::ask(ClientId client, node::RequestId id, Wish wish) {
    if (isInUse(client, id))
        return refuse(client, id, Errc::InvalidArgument, "the number of a request that is still under way");
    if (std::holds_alternative<Subscribe>(wish)) {
        subscribe(client);
        return deliver(client, id, node::RequestDone{});
    }
    if (underWay(client) >= kMaxRequestsPerClient)
        return refuse(client, id, Errc::LimitReached,
                      "at most " + std::to_string(kMaxRequestsPerClient) + " requests at once");
    std::visit(Overloaded{[&](node::SetReceive& what) { carryOut(client, id, std::move(what)); },
                          [&](node::CancelRequest& what) { carryOut(client, id, what); },
                          [&](auto& what) { carryOut(client, id, node::Command(std::move(what))); }},
               std::get<node::Command>(wish));
}

void RequestDesk::carryOut(ClientId client, node::RequestId id, node::Command command) {
    const crypto::PeerId peer = peerOf(command);
    submit({client, id, peer}, std::move(command));
}

void RequestDesk::carryOut(ClientId client, node::RequestId id, node::SetReceive command) {
    if (client == kLocalClient) {
        m_localPolicy = command.policy;
        if (m_guestReceiver) return deliver(client, id, node::RequestDone{}); // in force when the guest has left
    } else if (m_guestReceiver && m_guestReceiver != client) {
        return refuse(client, id, Errc::Busy, "another `wherry receive` takes the files that come to this device");
    } else if (m_localPolicy.enabled) {
        return refuse(client, id, Errc::Busy,
                      m_host + " takes the files that come to this device already, into '" + m_localPolicy.folder +
                          "'");
    } else {
        m_guestReceiver = command.policy.enabled ? client : ClientId();
        if (!m_guestReceiver) command.policy = m_localPolicy;
    }
    submit({client, id, {}}, std::move(command));
}

void RequestDesk::carryOut(ClientId client, node::RequestId id, const node::CancelRequest& command) {
    for (const auto& [request, owner] : m_requests)
        if (owner.client == client && owner.id == command.request)
            return submit({client, id, {}}, node::CancelRequest{request});
    for (const auto& [transfer, owner] : m_transfers)
        if (owner.client == client && owner.id == command.request)
            return submit({client, id, {}}, node::CancelTransfer{transfer});
    refuse(client, id, Errc::NotFound, "no such request is under way");
}

void RequestDesk::submit(Owner owner, node::Command command) {
    const node::RequestId request = m_ids.take();
    owner.outlives = outlivesItsTransfers(command);
    owner.handsOver = isHandedOver(command);
    m_requests[request] = owner;
    m_actions.push_back(SubmitCommand{request, std::move(command)});
}

void RequestDesk::refuse(ClientId client, node::RequestId id, Errc code, std::string why) {
    deliver(client, id, node::RequestFailed{{}, makeError(code, std::move(why))});
}

bool RequestDesk::isInUse(ClientId client, node::RequestId id) const {
    const auto isIt = [&](const auto& one) { return one.second.client == client && one.second.id == id; };
    return std::ranges::any_of(m_requests, isIt) || std::ranges::any_of(m_transfers, isIt);
}

size_t RequestDesk::underWay(ClientId client) const {
    const auto isHis = [&](const auto& one) { return one.second.client == client; };
    return static_cast<size_t>(std::ranges::count_if(m_requests, isHis) + std::ranges::count_if(m_transfers, isHis));
}

// --- events -------------------------------------------------------------------------------------------------------

void RequestDesk::onEvent(const node::Event& event) {
    std::visit(Overloaded{[&](const node::Ready& what) {
                              m_ready = what;
                              for (const auto& [client, about] : m_clients) deliver(client, {}, event);
                          },
                          [&](const node::TransferStarted& what) { onStarted(what); },
                          [&](const node::TransferUpdate& what) { onTransfer(what.event, event); },
                          [&]<typename T>(const T& what) {
                              if constexpr (Answer<T>)
                                  onAnswer(what.request, event, isLastAnswer(event));
                              else
                                  onNews(event);
                          }},
               event);
}

void RequestDesk::onAnswer(node::RequestId request, const node::Event& event, bool last) {
    const auto found = m_requests.find(request);
    if (found == m_requests.end()) return;
    if (const auto* target = std::get_if<node::TargetFound>(&event)) found->second.peer = target->peer;
    const Owner owner = found->second;
    if (last) m_requests.erase(found);
    if (owner.client) deliver(owner.client, owner.id, event);
}

void RequestDesk::onStarted(const node::TransferStarted& event) {
    const auto found = m_requests.find(event.request);
    if (found == m_requests.end()) return;
    const Owner owner = found->second;
    if (!owner.outlives) m_requests.erase(found);
    m_transfers[event.transfer] = owner;
    if (owner.handsOver) m_transfers[event.transfer] = Owner{kLocalClient, {}, owner.peer};
    if (owner.client)
        deliver(owner.client, owner.id, event);
    else if (!owner.handsOver)
        submit({}, node::CancelTransfer{event.transfer}); // whoever asked for it has left meanwhile
}

namespace {

bool isOutgoing(const transfer::TransferEvent& event) {
    return std::visit(
        [](const auto& what) {
            if constexpr (requires { what.incoming; })
                return !what.incoming;
            else
                return false;
        },
        event);
}

} // namespace

void RequestDesk::onTransfer(const transfer::TransferEvent& event, const node::Event& whole) {
    const transfer::TransferId transfer = transfer::transferOf(event);
    // Whoever sends is known since TransferStarted. One that is not known comes in (it may fail before it is an offer),
    // or goes to somebody with a share ticket.
    Owner owner{isOutgoing(event) ? kLocalClient : receiver(), {}, {}};
    if (const auto found = m_transfers.find(transfer); found != m_transfers.end()) owner = found->second;
    if (const auto* offer = std::get_if<transfer::OfferMade>(&event))
        m_transfers.try_emplace(transfer, Owner{owner.client, {}, offer->peer});
    notePause(event);
    if (endsTransfer(event)) m_transfers.erase(transfer);
    std::set<ClientId> others = subscribers();
    others.erase(owner.client);
    if (owner.client) deliver(owner.client, owner.id, whole);
    tell(others, whole);
}

/// What the person has paused stays when the program that has received it leaves, also after its sender was away: the
/// number is the same then.
void RequestDesk::notePause(const transfer::TransferEvent& event) {
    if (const auto* held = std::get_if<transfer::TransferHeld>(&event)) {
        if (held->incoming && held->here == transfer::Hold::Paused)
            m_pausedHere.insert(held->transfer);
        else
            m_pausedHere.erase(held->transfer);
    } else if (endsTransfer(event) && !std::holds_alternative<transfer::TransferInterrupted>(event)) {
        m_pausedHere.erase(transfer::transferOf(event));
    }
}

/// What answers nobody: for those who subscribe, for the local program, and for whoever it concerns.
void RequestDesk::onNews(const node::Event& event) {
    std::set<ClientId> clients = subscribers();
    clients.insert(kLocalClient);
    if (receiver()) clients.insert(receiver());
    if (const auto* path = std::get_if<node::PathChanged>(&event)) {
        clients = subscribers();
        if (receiver()) clients.insert(receiver());
        const auto add = [&](const auto& one) {
            if (one.second.peer == path->peer && one.second.client) clients.insert(one.second.client);
        };
        std::ranges::for_each(m_requests, add);
        std::ranges::for_each(m_transfers, add);
    }
    tell(clients, event);
}

void RequestDesk::tell(const std::set<ClientId>& clients, const node::Event& event) {
    for (const ClientId client : clients) deliver(client, {}, event);
}

std::set<ClientId> RequestDesk::subscribers() const {
    std::set<ClientId> found;
    for (const auto& [client, about] : m_clients)
        if (about.subscribed) found.insert(client);
    return found;
}

ClientId RequestDesk::receiver() const {
    if (m_guestReceiver) return m_guestReceiver;
    return m_localPolicy.enabled ? kLocalClient : ClientId();
}

void RequestDesk::deliver(ClientId client, node::RequestId id, const node::Event& event) {
    DeliverReport delivery{client, {id, event}};
    std::visit(
        [&]<typename T>(T& what) {
            if constexpr (Answer<T>) what.request = id;
        },
        delivery.report.event);
    m_actions.push_back(std::move(delivery));
}

std::optional<DeskAction> RequestDesk::poll() {
    return takeFront(m_actions);
}

} // namespace wherry::gateway
