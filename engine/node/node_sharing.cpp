#include "node/node_limits.h"
#include "node/node_parts.h"

#include <algorithm>

namespace wherry::node {

using share::ShareId;
using transfer::TransferId;

std::string labelOf(const std::vector<std::string>& paths) {
    if (paths.empty()) return {};
    std::string label = paths.front().substr(paths.front().rfind('/') + 1);
    if (paths.size() > 1) label += " and " + std::to_string(paths.size() - 1) + " more";
    return label;
}

Sharing::Serving* Sharing::servedAt(const crypto::PeerId& peer, const share::FetchToken& token) {
    const auto found = std::ranges::find_if(
        serving, [&](const auto& one) { return one.second.peer == peer && one.second.token == token; });
    return found == serving.end() ? nullptr : &found->second;
}

std::vector<TransferId> Sharing::abandonedBy(const crypto::PeerId& peer, const ShareId& share) const {
    std::vector<TransferId> found;
    for (const auto& [id, one] : serving)
        if (one.peer == peer && one.share == share && one.interrupted) found.push_back(id);
    return found;
}

bool Sharing::mayServe(const crypto::PeerId& peer, const share::Share& share) const {
    size_t ofPeer = 0;
    for (const auto& [id, one] : serving) {
        if (one.peer == peer) ++ofPeer;
        if (share.once && one.share == share.id && one.peer != peer && !one.interrupted) return false;
    }
    return ofPeer < kMaxServedFetchesPerPeer && serving.size() < kMaxServedFetches;
}

std::vector<TransferId> Sharing::servingOf(const ShareId& share) const {
    std::vector<TransferId> found;
    for (const auto& [id, one] : serving)
        if (one.share == share) found.push_back(id);
    return found;
}

std::optional<share::EndedShare> Sharing::pollEnded() {
    while (const auto one = book.pollEnded()) ended.push_back(*one);
    const auto isOver = [&](const share::EndedShare& one) {
        return one.why != share::ShareEnd::Expired || servingOf(one.id).empty();
    };
    const auto found = std::ranges::find_if(ended, isOver);
    if (found == ended.end()) return std::nullopt;
    const share::EndedShare one = *found;
    ended.erase(found);
    return one;
}

// --- commands -----------------------------------------------------------------------------------------------------

void Node::Parts::startSharing() {
    actions.push_back(StoreWork{StoreScan{storeRequest(StoreUser::Shares, 1), Space::Shares, {}}});
}

void Node::Parts::onSharesScanned(const StoreScanned& scanned, Now now) {
    // A store that cannot be read costs the shares of before; what is shared from now on works.
    sharing.book.load(scanned.rows ? *scanned.rows : std::vector<std::pair<Bytes, Bytes>>(), now);
    retryDeferred(now);
}

bool Node::Parts::settleSharing(Now now) {
    bool more = false;
    const auto drain = [&](auto& from) {
        while (auto said = from.poll()) {
            std::visit([&](const auto& what) { on(what, now); }, *said);
            more = true;
        }
    };
    drain(sharing.protocol);
    drain(sharing.fetches);
    // Whoever has revoked it is answered first: a program that only serves it ends with the event.
    while (confirming.empty()) {
        const auto ended = sharing.pollEnded();
        if (!ended) break;
        emit(ShareEnded{share::shareIdText(ended->id), ended->why});
        more = true;
    }
    return more;
}

bool Node::Parts::cancelSharing(RequestId request) {
    return sharing.fetches.cancel(share::FetchRequestId{request.value}, swarm.streams()).has_value();
}

ShareInfo Node::Parts::infoOf(const share::Share& share) const {
    share::ShareTicket ticket{self, {}, share.id, share.secret, share.expires, share.label};
    const auto isLoopback = [](const codec::Multiaddr& address) {
        const auto at = address.transportAddress();
        return at && at->socket.ip.isLoopback();
    };
    size_t overPipes = 0, overRelays = 0;
    for (const codec::Multiaddr& address : listen) {
        if (isLoopback(address)) continue;
        if (address.isCircuit()) {
            if (++overRelays <= kTicketRelayAddresses) ticket.addresses.push_back(address.withoutPeer());
            continue;
        }
        if (!address.quicAddress() && ++overPipes > kTicketPipeAddresses) continue;
        ticket.addresses.push_back(address.withoutPeer());
    }
    if (ticket.addresses.empty()) ticket.addresses = listen; // a machine without a network talks to itself
    ShareInfo info;
    info.share = share::shareIdText(share.id);
    info.ticket = share::ticketText(ticket);
    info.label = share.label;
    info.paths.assign(share.paths.begin(),
                      share.paths.begin() + static_cast<ptrdiff_t>(std::min(share.paths.size(), kMaxPathsTold)));
    info.created = share.created;
    info.expires = share.expires;
    info.once = share.once;
    info.fetched = share.fetched;
    info.serving = sharing.servingOf(share.id).size();
    return info;
}

void Node::Parts::carryOut(RequestId id, ShareFiles command, Now now) {
    std::string label = labelOf(command.paths);
    const auto share =
        sharing.book.add({std::move(command.paths), std::move(label), command.lifetime, command.once}, now);
    if (!share) return emit(RequestFailed{id, share.error()});
    confirm({.request = id, .published = share->id});
}

/// A ticket is handed out when the share survives the program.
void Node::Parts::onPublished(const Decision& decision, const StoreScanned& scanned, Now now) {
    sharing.book.onStored(*decision.published, scanned.rows.has_value());
    const share::Share* share = sharing.book.find(*decision.published, now);
    if (!scanned.rows)
        emit(RequestFailed{*decision.request,
                           scanned.rows.error().within("nothing is shared, as it could not be stored")});
    else if (!share)
        emit(RequestFailed{*decision.request, makeError(Errc::NotFound, "the share has ended already")});
    else
        emit(SharePublished{*decision.request, infoOf(*share)});
}

void Node::Parts::carryOut(RequestId id, ListShares command, Now now) {
    SharesListed listed{id, {}};
    const std::vector<share::Share> all = sharing.book.list(now);
    for (size_t i = command.skip; i < all.size() && !listed.more; ++i) {
        listed.more = listed.shares.size() == kMaxListedShares;
        if (!listed.more) listed.shares.push_back(infoOf(all[i]));
    }
    emit(std::move(listed));
}

void Node::Parts::carryOut(RequestId id, RevokeShare command, Now now) {
    const auto share = sharing.book.resolve(command.share, now);
    if (!share) return emit(RequestFailed{id, share.error()});
    (void)sharing.book.revoke(*share);
    for (const TransferId transfer : sharing.servingOf(*share)) (void)transfers.cancel(transfer, swarm.streams(), now);
    confirm({.request = id, .ended = *share});
}

void Node::Parts::carryOut(RequestId id, GetShare command, Now now) {
    const auto ticket = share::parseTicket(command.ticket);
    if (!ticket) return emit(RequestFailed{id, ticket.error()});
    if (ticket->peer == self)
        return emit(RequestFailed{id, makeError(Errc::InvalidArgument, "this is a ticket of this device itself")});
    dialer.learn(ticket->peer, ticket->addresses);
    const share::FetchRequestId request{id.value};
    sharing.getting[request] = {id, std::move(command.policy)};
    sharing.fetches.start(request, *ticket, command.wait, swarm.peer(ticket->peer).has_value(), now);
}

// --- the fetcher --------------------------------------------------------------------------------------------------

void Node::Parts::on(const share::FetchGranted& event, Now now) {
    sharing.fetches.on(event, now);
}

void Node::Parts::on(const share::FetchFailed& event, Now now) {
    sharing.fetches.on(event, now);
}

void Node::Parts::on(const share::FetchPeerWanted& action, Now now) {
    reach(action.peer, now);
}

void Node::Parts::on(const share::FetchOfferExpected& action, Now) {
    const auto found = sharing.getting.find(action.request);
    if (found != sharing.getting.end()) transfers.expect(action.token, action.peer, found->second.policy);
}

/// Whoever has asked for it leaves while it is paused: it goes on when it is resumed.
bool Node::Parts::staysPaused(TransferId transfer, const Error& error) const {
    return error.code == Errc::Cancelled && ledger.isPausedHere(transfer);
}

void Node::Parts::on(const share::FetchEnded& action, Now now) {
    transfers.forgetExpected(action.token);
    const auto ended = sharing.getting.extract(action.request);
    if (!ended) return;
    for (const auto& [transfer, token] : std::exchange(sharing.receiving, {}))
        if (token != action.token)
            sharing.receiving.emplace(transfer, token);
        else if (action.error && !staysPaused(transfer, *action.error))
            (void)transfers.cancel(transfer, swarm.streams(), now);
    if (action.error)
        emit(RequestFailed{ended.mapped().request, *action.error});
    else
        emit(RequestDone{ended.mapped().request});
}

// --- the sharer ---------------------------------------------------------------------------------------------------

void Node::Parts::on(const share::FetchAsked& event, Now now) {
    const share::Share* share = sharing.book.find(event.share, now);
    if (!share) return sharing.protocol.answer(event.ask, makeError(Errc::NotFound), swarm.streams());
    if (Sharing::Serving* served = sharing.servedAt(event.peer, event.token)) {
        // It offers again by itself when the fetcher is back.
        if (served->offered) return sharing.protocol.answer(event.ask, {}, swarm.streams());
        served->asks.push_back(event.ask);
        return;
    }
    if (!sharing.mayServe(event.peer, *share))
        return sharing.protocol.answer(event.ask, makeError(Errc::Busy), swarm.streams());
    for (const TransferId old : sharing.abandonedBy(event.peer, event.share))
        (void)transfers.cancel(old, swarm.streams(), now);
    const TransferId transfer = transfers.send(event.peer, {share->paths, kServedFetchWait, event.token}, now);
    ledger.onStarted(transfer, event.peer);
    history.onStarted(transfer, event.peer, share->label, {}, now); // who wants it again asks again
    sharing.serving[transfer] = {event.peer, event.share, event.token, {event.ask}, false, false};
}

/// What the two sides have to know of the transfers that belong to a ticket.
void Node::Parts::tellSharing(const transfer::TransferEvent& event, Now now) {
    std::visit(
        [&](const auto& what) {
            if (const auto served = sharing.serving.find(what.transfer); served != sharing.serving.end())
                onServed(served, what, now);
            else
                onFetched(what, now);
        },
        event);
    unsettled = true;
}

template <typename What>
void Node::Parts::onServed(std::map<TransferId, Sharing::Serving>::iterator at, const What& event, Now now) {
    Sharing::Serving& served = at->second;
    const auto answerAll = [&](const Result<void>& granted) {
        for (const share::AskId ask : std::exchange(served.asks, {}))
            sharing.protocol.answer(ask, granted, swarm.streams());
    };
    if constexpr (std::is_same_v<What, transfer::OfferMade>) {
        served.offered = true;
        answerAll({});
    } else if constexpr (std::is_same_v<What, transfer::TransferInterrupted>) {
        served.interrupted = true;
    } else if constexpr (std::is_same_v<What, transfer::OfferAccepted> ||
                         std::is_same_v<What, transfer::TransferResumed>) {
        served.interrupted = false;
    } else if constexpr (std::is_same_v<What, transfer::TransferDelivered>) {
        answerAll({});
        const ShareId share = served.share;
        sharing.serving.erase(at);
        if (!sharing.book.onFetched(share)) return;
        confirm({.ended = share,
                 .unasked = "share " + share::shareIdText(share) +
                            " was for one and has ended, but that could not be stored: its ticket is good again "
                            "when the program starts anew, unless it is revoked"});
        for (const TransferId other : sharing.servingOf(share)) (void)transfers.cancel(other, swarm.streams(), now);
    } else if constexpr (std::is_same_v<What, transfer::TransferFailed>) {
        answerAll(event.error);
        sharing.serving.erase(at);
    } else if constexpr (std::is_same_v<What, transfer::OfferDeclined>) {
        answerAll({});
        sharing.serving.erase(at);
    }
}

template <typename What> void Node::Parts::onFetched(const What& event, Now now) {
    if constexpr (std::is_same_v<What, transfer::OfferMade>) {
        const auto token = transfers.expectedBy(event.transfer);
        if (!token) return;
        sharing.receiving[event.transfer] = *token;
        sharing.fetches.onOffered(*token);
        if (const auto request = sharing.fetches.requestOf(*token))
            emit(TransferStarted{sharing.getting.at(*request).request, event.transfer});
        return;
    }
    const auto found = sharing.receiving.find(event.transfer);
    if (found == sharing.receiving.end()) return;
    const share::FetchToken token = found->second;
    if constexpr (std::is_same_v<What, transfer::TransferDelivered>) {
        sharing.receiving.erase(found);
        sharing.fetches.onDelivered(token);
    } else if constexpr (std::is_same_v<What, transfer::TransferFailed> ||
                         std::is_same_v<What, transfer::TransferInterrupted>) {
        sharing.receiving.erase(found);
        sharing.fetches.onTransferFailed(token, event.error, now);
    } else if constexpr (std::is_same_v<What, transfer::OfferDeclined>) {
        sharing.receiving.erase(found);
        sharing.fetches.onTransferFailed(token, makeError(Errc::Declined, event.reason), now);
    }
}

} // namespace wherry::node
