#include "link/link_limits.h"
#include "node/node_limits.h"
#include "node/node_parts.h"

/// What becomes of connections when strangers have opened about as many as there may be: who has been here longest
/// without business gives way, so that people of the peer book still get in.
namespace wherry::node {

/// With whom something goes on that this side wants: a transfer, and not a mere offer of theirs; relays of ours, and
/// those who are reached through this one.
std::set<crypto::PeerId> Node::Parts::busyPeers() const {
    std::set<crypto::PeerId> busy;
    for (const TransferInfo& transfer : ledger.list())
        if (!transfer.incoming || transfer.state != TransferState::Offered) busy.insert(transfer.peer);
    for (const auto& [relay, reservation] : relaying.reservations) busy.insert(relay);
    if (relaying.server) relaying.server->addReservedTo(busy);
    return busy;
}

/// Links that others have opened to us, and who may be asked to leave: nobody whom the person has named or trusts,
/// nobody with a transfer that runs.
void Node::Parts::makeRoom(const swarm::PeerInfo& newcomer, Now now) {
    if (newcomer.side == link::Side::Listener && !makeRoomInAll(newcomer, now)) makeRoomFrom(newcomer, now);
}

void Node::Parts::letGo(const crypto::PeerId& peer, const std::string& prefix, Now now) {
    ++crowding.gaveWay;
    crowding.address = prefix;
    swarm.disconnect(peer, link::kNoError, "making room for others", now);
}

static std::optional<codec::IpAddress> prefixOf(const swarm::PeerInfo& peer) {
    const auto from = peer.remote.transportAddress();
    return from ? std::optional(from->socket.ip.budgetPrefix()) : std::nullopt;
}

/// The same for those of the newcomer's address, of whom only so many get in. Whoever has a stream open stays: others
/// from there may be other people.
void Node::Parts::makeRoomFrom(const swarm::PeerInfo& newcomer, Now now) {
    const auto prefix = prefixOf(newcomer);
    const size_t room = std::max<size_t>(maxPerPrefix / kCrowdRoomShare, 1);
    if (!prefix || maxPerPrefix <= room || swarm.figures().links + room <= maxPerPrefix) return;
    const std::set<crypto::PeerId> busy = busyPeers();
    size_t inbound = 0;
    std::optional<swarm::PeerInfo> oldest;
    for (const swarm::PeerInfo& info : swarm.peers()) {
        if (info.side != link::Side::Listener || prefixOf(info) != prefix) continue;
        ++inbound;
        const auto* known = people.book.find(info.peer);
        if (info.peer == newcomer.peer || (known && known->isKept()) || busy.contains(info.peer)) continue;
        if (!swarm.hasStreams(info.peer) && (!oldest || info.link < oldest->link)) oldest = info;
    }
    if (inbound + room <= maxPerPrefix) return;
    if (oldest) return letGo(oldest->peer, prefix->text(), now);
    crowding.address = prefix->text();
}

bool Node::Parts::makeRoomInAll(const swarm::PeerInfo& newcomer, Now now) {
    const size_t full = link::inboundShare(maxConnections);
    const size_t room = std::max<size_t>(full / kCrowdRoomShare, 1);
    if (full <= room || swarm.figures().links + room <= full) return false;
    const std::set<crypto::PeerId> busy = busyPeers();
    size_t inbound = 0;
    std::optional<swarm::PeerInfo> oldest;
    for (const swarm::PeerInfo& info : swarm.peers()) {
        if (info.side != link::Side::Listener) continue;
        ++inbound;
        const auto* known = people.book.find(info.peer);
        if (info.peer == newcomer.peer || (known && known->isKept()) || busy.contains(info.peer)) continue;
        if (!oldest || info.link < oldest->link) oldest = info;
    }
    if (inbound + room <= full || !oldest) return false;
    letGo(oldest->peer, {}, now);
    return true;
}

} // namespace wherry::node
