#include "gateway/open_requests.h"

#include "base/overloaded.h"
#include "gateway/fields.h"

namespace wherry::gateway {

bool outlivesItsTransfers(const node::Command& command) {
    return std::holds_alternative<node::GetShare>(command);
}

bool isHandedOver(const node::Command& command) {
    return std::holds_alternative<node::RetryTransfer>(command);
}

bool isLastAnswer(const node::Event& event) {
    return std::visit(
        []<typename T>(const T& answer) {
            if constexpr (std::is_same_v<T, node::TargetFound>)
                return false; // now it can be carried out
            else if constexpr (requires { answer.last; })
                return answer.last;
            else
                return true;
        },
        event);
}

bool endsTransfer(const transfer::TransferEvent& event) {
    return std::visit(Overloaded{[](const transfer::TransferDelivered&) { return true; },
                                 [](const transfer::TransferFailed&) { return true; },
                                 [](const transfer::OfferDeclined&) { return true; },
                                 // The next attempt of the sender is another transfer.
                                 [](const transfer::TransferInterrupted& what) { return what.incoming; },
                                 [](const auto&) { return false; }},
                      event);
}

void OpenRequests::onAsked(node::RequestId id, const node::Command& command) {
    m_open.insert_or_assign(id, command);
    if (!std::holds_alternative<node::SetReceive>(command)) return;
    if (m_receive && *m_receive != id) m_open.erase(*m_receive);
    m_receive = id;
}

void OpenRequests::onEvent(const node::Event& event) {
    const auto onAnswer = [&]<typename T>(const T& answer) {
        if constexpr (Answer<T>) {
            const bool failed = std::is_same_v<T, node::RequestFailed>;
            if (m_receive == answer.request && !failed) return;
            if (m_receive == answer.request) m_receive.reset();
            if (isLastAnswer(event)) m_open.erase(answer.request);
        }
    };
    const auto onStarted = [&](const node::TransferStarted& what) {
        const auto asked = m_open.find(what.request);
        if (asked == m_open.end() || outlivesItsTransfers(asked->second)) return;
        if (isHandedOver(asked->second))
            m_open.erase(asked);
        else
            m_transfers[what.transfer] = what.request;
    };
    std::visit(Overloaded{onStarted,
                          [&](const node::TransferUpdate& what) {
                              if (!endsTransfer(what.event)) return;
                              const auto id = transfer::transferOf(what.event);
                              if (const auto found = m_transfers.extract(id)) m_open.erase(found.mapped());
                          },
                          [&](const auto& what) { onAnswer(what); }},
               event);
}

std::vector<std::pair<node::RequestId, node::Command>> OpenRequests::list() const {
    return {m_open.begin(), m_open.end()};
}

} // namespace wherry::gateway
