#include "node/waiting_requests.h"

#include "base/take_front.h"
#include "node/node_limits.h"

#include <algorithm>

namespace wherry::node {

using crypto::PeerId;

void WaitingRequests::add(RequestId id, std::variant<Ping, Perf> work, bool connected, Now now) {
    if (connected) {
        m_actions.push_back(RequestCanStart{id, std::move(work)});
        return;
    }
    if (m_waiting.size() >= kMaxPendingRequests) {
        m_actions.push_back(RequestGaveUp{id, makeError(Errc::LimitReached, "too many requests wait for their peer")});
        return;
    }
    const auto [peer, wait] =
        std::visit([](const auto& request) { return std::pair(request.target.peer, request.wait); }, work);
    m_waiting.push_back({id, std::move(work), peer, now.mono + wait, kNever, kFirstRetryPause, {}});
    m_actions.push_back(PeerWanted{peer});
}

void WaitingRequests::onConnected(const PeerId& peer) {
    for (Waiting& waiting : m_waiting)
        if (waiting.peer == peer) m_actions.push_back(RequestCanStart{waiting.id, std::move(waiting.work)});
    std::erase_if(m_waiting, [&](const Waiting& waiting) { return waiting.peer == peer; });
}

void WaitingRequests::onUnreachable(const PeerId& peer, const Error& error, Now now) {
    const bool hopeless = error.code == Errc::IdentityMismatch;
    std::erase_if(m_waiting, [&](Waiting& waiting) {
        if (waiting.peer != peer) return false;
        waiting.lastError = error;
        if (hopeless) {
            m_actions.push_back(RequestGaveUp{waiting.id, error});
            return true;
        }
        waiting.nextTry = std::min(now.mono + waiting.pause, waiting.giveUp); // the peer may still come by itself
        waiting.pause = std::min(waiting.pause * 2, kMaxRetryPause);
        return false;
    });
}

void WaitingRequests::note(const PeerId& peer, const Error& error) {
    for (Waiting& waiting : m_waiting)
        if (waiting.peer == peer) waiting.lastError = error;
}

void WaitingRequests::cancelAll() {
    for (const Waiting& waiting : m_waiting)
        m_actions.push_back(RequestGaveUp{waiting.id, makeError(Errc::Cancelled, "shutting down")});
    m_waiting.clear();
}

bool WaitingRequests::cancel(RequestId id) {
    const auto found = std::ranges::find(m_waiting, id, &Waiting::id);
    if (found == m_waiting.end()) return false;
    m_waiting.erase(found);
    m_actions.push_back(RequestGaveUp{id, makeError(Errc::Cancelled, "no longer wanted")});
    return true;
}

Instant WaitingRequests::deadline() const {
    Instant earliest = kNever;
    for (const Waiting& waiting : m_waiting) earliest = std::min({earliest, waiting.nextTry, waiting.giveUp});
    return earliest;
}

void WaitingRequests::onDeadline(Now now) {
    std::erase_if(m_waiting, [&](Waiting& waiting) {
        if (now.mono >= waiting.giveUp) {
            const Error none = makeError(Errc::Unreachable, waiting.peer.text() + " has not answered");
            m_actions.push_back(
                RequestGaveUp{waiting.id, waiting.lastError.context.empty() ? none : waiting.lastError});
            return true;
        }
        if (now.mono >= waiting.nextTry) {
            waiting.nextTry = kNever;
            m_actions.push_back(PeerWanted{waiting.peer});
        }
        return false;
    });
}

std::optional<WaitingAction> WaitingRequests::poll() {
    return takeFront(m_actions);
}

} // namespace wherry::node
