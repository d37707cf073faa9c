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
    else if (!waiting.cancel(command.request) && !cancelPeople(command.request) && !cancelSharing(command.request) && !history.cancel(command.request))
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
    report.metered = metered == link::Metered::Yes;
    report.transfers = ledger.size();
    report.warnings = warnings;
    report.connectionsTotal = swarm.figures().links;
    report.connectionsMax = maxConnections;
    for (const swarm::PeerInfo& peer : swarm.peers()) {
        if (report.connections.size() == kMaxListedConnections) break;
        const auto stats = swarm.stats(peer.peer).value_or(link::LinkStats{});
        report.connections.push_back({peer.peer, pathKind(peer.remote), peer.remote, stats.smoothedRtt,
                                      stats.bytesSent, stats.bytesReceived});
    }
    emit(std::move(report));
}

void Node::Parts::warn(Error error) {
    if (warnings.size() < kMaxWarnings) warnings.push_back(error.context);
    emit(Warning{std::move(error)});
}

void Node::Parts::confirm(RequestId id) {
    const StoreRequestId scan = storeRequest(StoreUser::Decisions, ++lastConfirmation);
    confirming[scan] = id;
    // Whatever it finds: the answer comes when all that was said before is on the disk.
    confirmations.push_back(StoreScan{scan, Space::Settings, toBytes(asBytes("confirm")), {}, 1});
}

void Node::Parts::onConfirmed(const StoreScanned& scanned) {
    const auto decision = confirming.extract(scanned.id);
    if (!decision) return;
    if (scanned.rows) return emit(RequestDone{decision.mapped()});
    emit(RequestFailed{decision.mapped(), scanned.rows.error().within("it holds until the program ends, but could not be stored")});
}

void Node::Parts::carryOut(RequestId id, ListTransfers, Now) {
    TransfersListed listed{id, ledger.list()};
    for (TransferInfo& info : listed.transfers) {
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
