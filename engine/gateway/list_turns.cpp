#include "gateway/list_turns.h"

#include "gateway/gateway_limits.h"

#include <algorithm>

namespace wherry::gateway {

bool isList(const Wish& wish) {
    const auto* command = std::get_if<node::Command>(&wish);
    return command && std::visit(
                          []<typename T>(const T&) {
                              return std::is_same_v<T, node::GetStatus> || std::is_same_v<T, node::ListTransfers> ||
                                     std::is_same_v<T, node::ListPeers> || std::is_same_v<T, node::ListShares> ||
                                     std::is_same_v<T, node::ListHistory> || std::is_same_v<T, node::ListMessages>;
                          },
                          *command);
}

bool ListTurns::add(ClientId client, Request request) {
    const auto his = std::ranges::count(m_waiting, client, &Turn::client);
    if (static_cast<size_t>(his) >= kMaxRequestsPerClient) return false;
    m_waiting.push_back({client, std::move(request)});
    return true;
}

void ListTurns::onAnswered(ClientId client, node::RequestId request) {
    if (m_client == client && m_request == request) m_client = {};
}

void ListTurns::leave(ClientId client) {
    std::erase_if(m_waiting, [&](const Turn& turn) { return turn.client == client; });
    if (m_client == client) m_client = {};
}

bool ListTurns::waits(ClientId client) const {
    return std::ranges::find(m_waiting, client, &Turn::client) != m_waiting.end();
}

std::optional<ListTurns::Turn> ListTurns::next(const HasRoom& hasRoom) {
    if (m_client) return std::nullopt;
    const auto found = std::ranges::find_if(m_waiting, [&](const Turn& turn) { return hasRoom(turn.client); });
    if (found == m_waiting.end()) return std::nullopt;
    Turn turn = std::move(*found);
    m_waiting.erase(found);
    m_client = turn.client;
    m_request = turn.request.id;
    return turn;
}

} // namespace wherry::gateway
