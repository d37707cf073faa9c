#include "protocols/share/fetches.h"

#include "base/take_front.h"
#include "protocols/share/share_limits.h"

#include <algorithm>

namespace wherry::share {

namespace {
/// What another attempt may mend.
bool passes(Errc code) {
    return code == Errc::ConnectionLost || code == Errc::Timeout || code == Errc::Unreachable || code == Errc::Busy;
}
} // namespace

void Fetches::start(FetchRequestId request, const ShareTicket& ticket, Duration wait, bool connected, Now now) {
    Fetch fetch;
    fetch.ticket = ticket;
    m_random.fill(fetch.token);
    fetch.wait = wait;
    fetch.connected = connected;
    fetch.awayUntil = fetch.giveUpAt = now.mono + wait;
    fetch.pause = kFirstFetchRetry;
    const bool twin = std::any_of(m_fetches.begin(), m_fetches.end(), [&](const auto& one) {
        return one.second.ticket.peer == ticket.peer && one.second.ticket.share == ticket.share;
    });
    const auto& [at, fresh] = m_fetches.emplace(request, std::move(fetch));
    ASSERT(fresh);
    if (ticket.expires.nanoseconds != 0 && ticket.expires <= now.wall)
        return end(request, makeError(Errc::NotFound, "the ticket has expired"));
    if (twin) return end(request, makeError(Errc::Busy, "this ticket is being fetched already"));
    if (m_fetches.size() > kMaxFetches) return end(request, makeError(Errc::LimitReached, "too many fetches at once"));
    if (connected)
        ask(request, at->second);
    else
        m_actions.push_back(FetchPeerWanted{ticket.peer});
}

void Fetches::ask(FetchRequestId request, Fetch& fetch) {
    fetch.phase = Phase::Asking;
    fetch.retryAt = kNever;
    fetch.giveUpAt = kNever; // it is there; a large folder takes its time
    // The sharer's offer may overtake its answer.
    m_actions.push_back(FetchOfferExpected{request, fetch.ticket.peer, fetch.token});
    fetch.ask = m_protocol.fetch(fetch.ticket, fetch.token);
}

Result<void> Fetches::cancel(FetchRequestId request, link::StreamIo& io) {
    const auto found = m_fetches.find(request);
    if (found == m_fetches.end()) return makeError(Errc::NotFound, "no such fetch");
    if (found->second.phase == Phase::Asking) m_protocol.cancel(found->second.ask, io);
    end(request, makeError(Errc::Cancelled, "no longer wanted"));
    return {};
}

void Fetches::cancelAll(link::StreamIo& io) {
    while (!m_fetches.empty()) (void)cancel(m_fetches.begin()->first, io);
}

void Fetches::end(FetchRequestId request, std::optional<Error> error) {
    const auto ended = m_fetches.extract(request);
    m_actions.push_back(FetchEnded{request, ended.mapped().ticket.peer, ended.mapped().token, std::move(error)});
}

void Fetches::retryLater(FetchRequestId request, const Error& error, Now now) {
    Fetch& fetch = m_fetches.at(request);
    if (fetch.phase == Phase::Receiving) fetch.awayUntil = now.mono + fetch.wait;
    fetch.giveUpAt = fetch.awayUntil;
    // What it said itself tells more than that it is gone.
    const bool said = fetch.lastError.code == Errc::Busy && error.code != Errc::Busy;
    if (!said) fetch.lastError = error;
    fetch.phase = Phase::Reaching;
    fetch.retryAt = std::min(now.mono + fetch.pause, fetch.giveUpAt);
    fetch.pause = std::min(fetch.pause * 2, kLastFetchRetry);
}

// --- the sharer ---------------------------------------------------------------------------------------------------

void Fetches::onPeerConnected(const crypto::PeerId& peer) {
    for (auto& [request, fetch] : m_fetches) {
        if (fetch.ticket.peer != peer) continue;
        fetch.connected = true;
        if (fetch.phase == Phase::Reaching) ask(request, fetch);
    }
}

void Fetches::onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) {
    for (auto& [request, fetch] : m_fetches) {
        if (fetch.ticket.peer != peer) continue;
        fetch.connected = false;
        // Asking: the protocol says so itself.
        if (fetch.phase == Phase::Expecting || fetch.phase == Phase::Receiving) retryLater(request, error, now);
    }
}

void Fetches::onPeerUnreachable(const crypto::PeerId& peer, const Error& error, Now now) {
    std::vector<FetchRequestId> hopeless;
    for (auto& [request, fetch] : m_fetches) {
        if (fetch.ticket.peer != peer || fetch.phase != Phase::Reaching || fetch.connected) continue;
        if (error.code == Errc::IdentityMismatch)
            hopeless.push_back(request);
        else
            retryLater(request, error, now);
    }
    for (const FetchRequestId request : hopeless) end(request, error);
}

// --- its answer ---------------------------------------------------------------------------------------------------

std::map<FetchRequestId, Fetches::Fetch>::iterator Fetches::byAsk(FetchId id) {
    return std::ranges::find_if(
        m_fetches, [&](const auto& one) { return one.second.phase == Phase::Asking && one.second.ask == id; });
}

std::map<FetchRequestId, Fetches::Fetch>::iterator Fetches::byToken(const FetchToken& token) {
    return std::ranges::find_if(m_fetches, [&](const auto& one) { return one.second.token == token; });
}

void Fetches::on(const FetchGranted& event, Now now) {
    const auto found = byAsk(event.fetch);
    if (found == m_fetches.end()) return; // the offer was faster
    found->second.reached = true;
    found->second.lastError = {};
    found->second.phase = Phase::Expecting;
    found->second.giveUpAt = std::max(found->second.awayUntil, now.mono + kOfferAfterGrant);
}

void Fetches::on(const FetchFailed& event, Now now) {
    const auto found = byAsk(event.fetch);
    if (found == m_fetches.end()) return;
    if (passes(event.error.code))
        retryLater(found->first, event.error, now);
    else
        end(found->first, event.error);
}

std::optional<FetchRequestId> Fetches::requestOf(const FetchToken& token) const {
    const auto found = std::ranges::find_if(m_fetches, [&](const auto& one) { return one.second.token == token; });
    return found == m_fetches.end() ? std::nullopt : std::optional(found->first);
}

// --- the transfer -------------------------------------------------------------------------------------------------

void Fetches::onOffered(const FetchToken& token) {
    const auto found = byToken(token);
    if (found == m_fetches.end()) return;
    found->second.reached = true;
    found->second.lastError = {};
    found->second.phase = Phase::Receiving;
    found->second.giveUpAt = kNever;
    found->second.retryAt = kNever;
    found->second.pause = kFirstFetchRetry;
}

void Fetches::onDelivered(const FetchToken& token) {
    const auto found = byToken(token);
    if (found != m_fetches.end()) end(found->first, std::nullopt);
}

void Fetches::onTransferFailed(const FetchToken& token, const Error& error, Now now) {
    const auto found = byToken(token);
    if (found == m_fetches.end()) return;
    if (passes(error.code))
        retryLater(found->first, error, now);
    else
        end(found->first, error);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant Fetches::deadline() const {
    Instant next = kNever;
    for (const auto& [request, fetch] : m_fetches) next = std::min({next, fetch.giveUpAt, fetch.retryAt});
    return next;
}

void Fetches::onDeadline(link::StreamIo& io, Now now) {
    std::vector<FetchRequestId> over;
    for (auto& [request, fetch] : m_fetches) {
        if (fetch.giveUpAt <= now.mono) {
            over.push_back(request);
        } else if (fetch.retryAt <= now.mono) {
            fetch.retryAt = kNever;
            if (fetch.connected)
                ask(request, fetch);
            else
                m_actions.push_back(FetchPeerWanted{fetch.ticket.peer});
        }
    }
    for (const FetchRequestId request : over) {
        Fetch& fetch = m_fetches.at(request);
        if (fetch.phase == Phase::Asking) m_protocol.cancel(fetch.ask, io);
        std::string why = fetch.lastError.context;
        if (why.empty()) why = fetch.reached ? "the sharer has not sent its offer" : "the sharer has not answered";
        const Errc code = fetch.lastError.code == Errc::Busy ? Errc::Busy
                          : fetch.reached                    ? Errc::ConnectionLost
                                                             : Errc::Unreachable;
        end(request, makeError(code, std::move(why)));
    }
}

std::optional<FetchAction> Fetches::poll() {
    return takeFront(m_actions);
}

} // namespace wherry::share
