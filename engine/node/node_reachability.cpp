#include "node/node_parts.h"
#include "protocols/autonat/dial_policy.h"

#include <algorithm>
#include <utility>

namespace wherry::node {

/// Whether this node can be reached from the internet: peers that dial for others are asked about its addresses
/// (protocols/autonat), and it dials for others where it is told to.

static constexpr std::string_view kAutonat1 = "/libp2p/autonat/1.0.0";
static constexpr std::string_view kAutonat2 = "/libp2p/autonat/2/dial-request";

/// A server may dial back with its own key: that connection is none that has come in the place of the present one.
static constexpr Duration kDialBackSpan = autonat::kRequestTimeout + autonat::kNonceGrace;

static bool serves(const identify::Identified& said, std::string_view id) {
    return std::ranges::find(said.protocols, id) != said.protocols.end();
}

void Node::Parts::on(const identify::Identified& said, Now now) {
    tellDht(said, now);
    tellPunching(said, now);
    learnCircuits(said);
    tellPubsub(said, now);
    tellReachability(said, now);
    const auto info = swarm.peer(said.peer);
    if (info && !info->relayed()) {
        relaying.keeper.onServes(said.peer, serves(said, relay::kHopId), now);
        if (info->side == link::Side::Dialer && relaying.keeper.isKnown(said.peer)) // where to meet it again
            dialer.learn(said.peer, {info->remote});
    }
    if (!info || said.observed.empty()) return;
    if (const auto from = autonat::socketAddressOf(info->remote))
        reachability.onObserved(said.peer, from->ip, said.observed, now);
    networkFacts.onObserved(said.peer, info->local, info->remote, said.observed);
}

void Node::Parts::on(const identify::IdentifyFailed&, Now) {}

/// Who is reached through a relay is not asked: what comes of it directly is there to stay, and no dial back.
void Node::Parts::tellReachability(const identify::Identified& said, Now now) {
    const auto info = swarm.peer(said.peer);
    const bool direct = info && !info->relayed();
    if (direct && serves(said, kAutonat2))
        reachability.onServer(said.peer, autonat::Version::V2, now);
    else if (direct && serves(said, kAutonat1))
        reachability.onServer(said.peer, autonat::Version::V1, now);
    else
        reachability.onServerGone(said.peer);
}

/// Each has a socket of its own.
quic::Endpoint& Node::Parts::endpointOf(const quic::Path& path) {
    return dialBack && path.local.port == dialBack->port() ? dialBack->endpoint() : *endpoint;
}

bytepipe::Endpoint& Node::Parts::pipesOf(link::LinkId pipe) {
    return dialBack && pipe > DialBackSide::kLinksBehind ? dialBack->pipes() : *pipes;
}

std::optional<bytepipe::PipeAction> Node::Parts::pollPipes() {
    auto action = pipes->pollAction();
    return action || !dialBack ? action : dialBack->pipes().pollAction();
}

bool Node::Parts::settleReachability(Now now) {
    bool more = dialBack && dialBack->settle(swarm.streams(), now);
    while (const auto done = autonatClient.poll()) {
        reachability.onDone(*done, now);
        more = true;
    }
    if (life != Life::Running) return more;
    while (const auto question = quietMode ? std::nullopt : reachability.poll(now)) {
        swarm.allowSecondLink(question->peer, now.mono + kDialBackSpan);
        autonatClient.ask(question->peer, question->address, question->version);
        more = true;
    }
    if (std::exchange(toldReachability, reachability.version()) != reachability.version()) {
        tellDhtOwnAddresses();
        tellRelayed();
    }
    const autonat::Verdict verdict = reachability.overall();
    if (verdict != toldVerdict) emit(ReachabilityChanged{verdict});
    toldVerdict = verdict;
    return more;
}

} // namespace wherry::node
