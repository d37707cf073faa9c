#include "node/node_limits.h"
#include "node/node_parts.h"
#include "node/path_kind.h"

#include <algorithm>

namespace wherry::node {

void Node::Parts::carryOut(RequestId id, CancelRequest command, Now now) {
    const auto isIt = [&](const auto& one) { return one.second.id == command.request; };
    const auto ping = std::ranges::find_if(pings, isIt);
    const auto measurement = std::ranges::find_if(measurements, isIt);
    if (ping != pings.end())
        pingProtocol.cancel(ping->first, swarm.streams(), now);
    else if (measurement != measurements.end())
        perfProtocol.cancel(measurement->first, swarm.streams(), now);
    else if (!waiting.cancel(command.request) && !cancelPeople(command.request) && !cancelSharing(command.request) &&
             !cancelDht(command.request, now) && !cancelPubsub(command.request, now) &&
             !history.cancel(command.request))
        return emit(RequestFailed{id, makeError(Errc::NotFound, "no such request is under way")});
    emit(RequestDone{id});
}

void Node::Parts::carryOut(RequestId id, GetStatus, Now now) {
    StatusReport report;
    report.request = id;
    report.self = self;
    report.listen = listen;
    report.uptime = now.mono - started;
    report.receive = receivePolicy;
    report.limits = limits;
    report.metered = metered == link::Metered::Yes;
    report.transfers = ledger.size();
    report.warnings = warnings;
    report.reachable = reachability.overall();
    report.outside = reachability.facts();
    report.network = networkFacts.facts(report.outside, now.mono);
    report.connectionsTotal = swarm.figures().links;
    report.connectionsMax = maxConnections;
    report.crowding = crowding;
    reportRelaying(report, now);
    report.crowding.perAddress = maxPerPrefix;
    for (const swarm::PeerInfo& peer : swarm.peers()) {
        if (report.connections.size() == kMaxListedConnections) break;
        report.connections.push_back(connectionTo(peer));
    }
    report.gossip = gossipFigures();
    report.dht = dhtFigures();
    report.quiet = quietMode;
    emit(std::move(report));
}

void Node::Parts::warn(Error error) {
    if (warnings.size() < kMaxWarnings) warnings.push_back(error.context);
    emit(Warning{std::move(error)});
}

void Node::Parts::confirm(Decision decision) {
    while (auto op = people.book.pollStore()) decisions.push_back(std::move(*op));
    while (auto op = sharing.book.pollStore()) decisions.push_back(std::move(*op));
    const StoreRequestId scan = storeRequest(StoreUser::Decisions, ++lastConfirmation);
    confirming[scan] = std::move(decision);
    // Whatever it finds: the answer comes when all that was said before is on the disk.
    decisions.push_back(StoreScan{scan, Space::Settings, toBytes(asBytes("confirm")), {}, 1});
}

void Node::Parts::onConfirmed(const StoreScanned& scanned, Now now) {
    const auto found = confirming.extract(scanned.id);
    if (!found) return;
    const Decision& decision = found.mapped();
    const bool good = scanned.rows.has_value();
    if (decision.ended) sharing.book.onErased(*decision.ended, good);
    if (decision.published) return onPublished(decision, scanned, now);
    if (!good && !decision.request) return warn(scanned.rows.error().within(decision.unasked));
    if (!decision.request) return;
    if (good) return emit(RequestDone{*decision.request});
    emit(RequestFailed{*decision.request,
                       scanned.rows.error().within("it holds until the program ends, but could not be stored")});
}

/// The store has lost what it held: what is known here goes there once more.
void Node::Parts::onStoreBegunAnew(const std::string& aside, Now now) {
    std::string what = "the database was damaged; it was set aside as '" + aside + "' and a new one begun. ";
    what +=
        people.book.isLoaded() && !people.book.isReadOnly()
            ? "Whom you have trusted, blocked or named, what you share and what you have paused is stored anew; "
              "interrupted transfers begin anew, and the history and the texts of before are in the old one"
            : "Whom you have trusted, blocked or named is not known any more: block again whom you want to keep out";
    warn(makeError(Errc::Io, std::move(what)));
    people.book.storeAgain(now);
    people.messages.forgetAll();
    pubsub.numbers.onStoreBegunAnew();
    sharing.book.storeAgain();
    transfers.onStoreBegunAnew(now);
    confirm({.unasked = "whom you have trusted or blocked, what you share and what you have paused holds until the "
                        "program ends, but could not be stored anew"});
}

void Node::Parts::carryOut(RequestId id, ListTransfers, Now) {
    TransfersListed listed{id, ledger.list()};
    for (TransferInfo& info : listed.transfers) {
        if (info.state == TransferState::Running || info.state == TransferState::Offered)
            info.silentSeconds = quiet.silentSeconds(info.peer);
        const auto priority = queue.priority(info.transfer);
        if (!priority) continue;
        info.priority = *priority;
        if (!queue.waits(info.transfer)) continue;
        info.state = TransferState::Queued;
        info.rate = 0;
        info.etaSeconds = 0;
    }
    emit(std::move(listed));
}

} // namespace wherry::node
