#include "node/node.h"

#include "base/take_front.h"
#include "node/node_limits.h"
#include "node/node_parts.h"

namespace wherry::node {

using codec::Multiaddr;

Result<std::unique_ptr<Node>> Node::create(NodeConfig config, crypto::Identity identity, Random& random,
                                           std::shared_ptr<BlockPool> pool, const Log& log, Now now) {
    TRY(auto endpoint, quic::Endpoint::create(config.quic, identity, random, pool, log));
    TRY(auto discovery, makeDiscovery(config.discovery, identity.peerId(), random, log));
    auto parts = std::make_unique<Parts>(config, std::move(identity), random, std::move(pool), log, std::move(endpoint), now);
    parts->discovery = std::move(discovery);
    return std::unique_ptr<Node>(new Node(std::move(parts)));
}

Node::Node(std::unique_ptr<Parts> parts) : m(std::move(parts)) {}
Node::~Node() = default;

const crypto::PeerId& Node::self() const {
    return m->self;
}

std::optional<swarm::PeerInfo> Node::peer(const crypto::PeerId& id) const {
    return m->swarm.peer(id);
}

// --- inputs ---

void Node::onListening(std::vector<quic::LocalAddress> addresses, Now now) {
    std::vector<Multiaddr> listen;
    for (const quic::LocalAddress& local : addresses) listen.push_back(Multiaddr::quic(local.address));
    m->onListening(addresses, now);
    m->endpoint->setLocalAddresses(std::move(addresses), now);
    m->identifyProtocol.setListenAddresses(listen, now);
    for (Multiaddr& address : listen) address = address.withPeer(m->self.multihash());
    m->listen = listen;
    if (!m->announced) {
        m->emit(Ready{m->self, std::move(listen)});
        m->announced = true;
    }
    m->unsettled = true;
}

void Node::onDatagram(const quic::Path& path, uint8_t ecn, ByteView payload, Now now) {
    m->endpoint->onDatagram(path, ecn, payload, now);
    m->unsettled = true;
}

void Node::onSendFailed(const quic::Path& path, quic::SendFailure failure, Now now) {
    m->endpoint->onSendFailed(path, failure, now);
    m->unsettled = true;
}

void Node::onSocketWritable() {
    m->endpoint->resume();
}

void Node::onCommand(RequestId id, Command command, Now now) {
    m->unsettled = true;
    if (m->life != Life::Running) {
        m->emit(RequestFailed{id, makeError(Errc::Cancelled, "the node is shutting down")});
        return;
    }
    std::visit(
        [](auto& what) {
            if constexpr (requires { what.wait; })
                if (what.wait <= Duration::zero()) what.wait = kShortestWait;
        },
        command);
    m->take(id, std::move(command), now);
}

void Node::onJobDone(transfer::JobDone done, Now now) {
    m->diskJobs.erase(done.id);
    m->transfers.onJobDone(std::move(done), m->swarm.streams(), now);
    m->unsettled = true;
}

void Node::warn(Error error) {
    m->warn(std::move(error));
    m->unsettled = true;
}

void Node::onStoreBegunAnew(const std::string& aside, Now now) {
    m->onStoreBegunAnew(aside, now);
    m->unsettled = true;
}

void Node::onStoreScanned(StoreScanned scanned, Now now) {
    const StoreUser user = storeUserOf(scanned.id);
    if (user == StoreUser::Decisions)
        m->onConfirmed(scanned, now);
    else if (user == StoreUser::Peers || user == StoreUser::Texts)
        m->onPeopleScanned(scanned, now);
    else if (user == StoreUser::Shares)
        m->onSharesScanned(scanned, now);
    else if (user == StoreUser::History)
        m->history.onStoreScanned(scanned, now);
    else
        m->transfers.onStoreScanned(std::move(scanned), m->swarm.streams(), now);
    m->unsettled = true;
}

void Node::onNamesResolved(ResolveId id, Result<std::vector<Multiaddr>> addresses, Now) {
    m->dialer.onNamesResolved(id, addresses);
    m->unsettled = true;
}

void Node::onMetered(link::Metered metered) {
    m->metered = metered;
    m->endpoint->setMetered(metered);
}

void Node::onLinks(std::vector<discovery::LocalLink> links, Now now) {
    m->onLinks(links, now);
    if (!m->discovery || m->life != Life::Running) return;
    m->discovery->setLinks(std::move(links), now);
    m->unsettled = true;
}

void Node::onMulticast(const discovery::Heard& heard, Now now) {
    if (!m->discovery || m->life != Life::Running) return;
    m->discovery->onDatagram(heard, now);
    m->unsettled = true;
}

void Node::onDeadline(Now now) {
    if (now.mono >= m->endpoint->deadline()) m->endpoint->onDeadline(now);
    if (now.mono >= m->swarm.deadline()) m->swarm.onDeadline(now);
    if (now.mono >= m->waiting.deadline()) m->waiting.onDeadline(now);
    if (now.mono >= m->peopleDeadline()) m->retryDeferred(now);
    if (now.mono >= m->sharing.fetches.deadline()) m->sharing.fetches.onDeadline(m->swarm.streams(), now);
    if (now.mono >= m->sharing.book.deadline()) m->sharing.book.sweep(now);
    if (now.mono >= m->queue.deadline()) m->queue.onDeadline(now);
    if (m->discovery && now.mono >= m->discovery->deadline()) m->discovery->onDeadline(now);
    if (now.mono >= m->stranded.judgeAt) m->judgeStranded(now);
    m->unsettled = true;
}

void Node::shutdown(Now now) {
    if (m->life != Life::Running) return;
    m->life = Life::Draining;
    m->dropAllUnsent(now);
    m->transfers.shutdown(m->swarm.streams(), now);
    m->sharing.fetches.cancelAll(m->swarm.streams());
    m->waiting.cancelAll();
    m->shutdownPeople();
    m->cancelMeasurements(now);
    if (m->discovery) m->discovery->shutdown(now);
    m->unsettled = true;
}

// --- outputs ---

std::optional<NodeAction> Node::poll(Now now) {
    if (m->unsettled) m->settle(now);
    if (auto action = m->takeAction()) return action;
    if (auto job = m->transfers.pollJob()) {
        if (job->lane == transfer::JobLane::Disk) m->diskJobs.insert(job->id);
        return SubmitJob{std::move(*job)};
    }
    if (auto op = m->transfers.pollStore()) return StoreWork{std::move(*op)};
    if (auto op = takeFront(m->decisions)) return StoreWork{std::move(*op)}; // before what the books say later
    if (auto op = m->pollPeopleStore()) return StoreWork{std::move(*op)};
    if (auto op = m->sharing.book.pollStore()) return StoreWork{std::move(*op)};
    if (auto op = m->history.pollStore()) return StoreWork{std::move(*op)};
    if (auto event = m->transfers.pollEvent()) {
        m->tell(std::move(*event), now);
        return m->takeAction();
    }
    // What has been received as a whole gets its name first; peers know already.
    if (m->life != Life::Closed || !m->diskJobs.empty()) return std::nullopt;
    m->life = Life::Stopped;
    return Stopped{};
}

/// While shutting down, what the protocols have said last goes out first, then the closing packets.
std::optional<quic::SendBatch> Node::nextBatch(MutableBytes buffer, Now now, const quic::CanSend& canSend) {
    if (auto batch = m->endpoint->nextBatch(buffer, now, canSend)) {
        m->unsettled = true; // writing may have ended connections
        return batch;
    }
    if (m->life != Life::Draining || m->endpoint->holdsBack()) return std::nullopt;
    m->endpoint->shutdown(now);
    m->life = Life::Closed;
    m->unsettled = true;
    return m->endpoint->nextBatch(buffer, now, canSend);
}

Instant Node::deadline() const {
    if (m->unsettled || (m->life == Life::Closed && m->diskJobs.empty())) return Instant::min();
    const Instant discovery = m->discovery ? m->discovery->deadline() : kNever;
    return std::min({m->endpoint->deadline(), m->swarm.deadline(), m->waiting.deadline(), m->peopleDeadline(), discovery,
                     m->sharing.fetches.deadline(), m->sharing.book.deadline(), m->stranded.judgeAt, m->queue.deadline()});
}

} // namespace wherry::node
