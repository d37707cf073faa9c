#include "node/node.h"

#include "base/take_front.h"
#include "node/node_limits.h"
#include "node/node_parts.h"

namespace wherry::node {

using codec::Multiaddr;

Result<std::unique_ptr<Node>> Node::create(NodeConfig config, crypto::Identity identity, Random& random,
                                           std::shared_ptr<BlockPool> pool, const Log& log, Now now) {
    TRY(auto carriers, makeCarriers(config, identity, random, pool, log));
    TRY(auto discovery, makeDiscovery(config.discovery, identity.peerId(), random, log));
    auto parts =
        std::make_unique<Parts>(config, std::move(identity), random, std::move(pool), log, std::move(carriers), now);
    parts->discovery = std::move(discovery);
    parts->noteServices(config);
    parts->setQuiet(config.quiet, now);
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

void Node::onListening(std::vector<quic::LocalAddress> datagrams, const std::vector<Multiaddr>& pipes, Now now) {
    std::vector<Multiaddr> listen;
    std::vector<codec::SocketAddress> ends;
    for (const quic::LocalAddress& local : datagrams) ends.push_back(local.address);
    for (const codec::SocketAddress& end : ends) listen.push_back(Multiaddr::quic(end));
    listen.insert(listen.end(), pipes.begin(), pipes.end());
    m->onListening(listen, now);
    m->endpoint->setLocalAddresses(std::move(datagrams), now);
    m->reachability.setListening(listen, now);
    m->networkFacts.setListening(std::move(ends));
    m->punching.seen.setListening(listen);
    m->listeningAt = std::move(listen);
    m->tellAddresses(now);
    if (!m->announced) {
        m->emit(Ready{m->self, m->listen});
        m->announced = true;
    }
    m->unsettled = true;
}

void Node::onDatagram(const quic::Path& path, uint8_t ecn, ByteView payload, Now now) {
    m->endpointOf(path).onDatagram(path, ecn, payload, now);
    m->unsettled = true;
}

void Node::onSendFailed(const quic::Path& path, quic::SendFailure failure, Now now) {
    m->endpointOf(path).onSendFailed(path, failure, now);
    m->unsettled = true;
}

void Node::onSocketWritable() {
    m->endpoint->resume();
    if (m->dialBack) m->dialBack->endpoint().resume();
}

// A refusal leaves nothing to settle.
Result<link::LinkId> Node::onPipeAccepted(const bytepipe::PipePath& path, Now now) {
    auto accepted = m->pipes->onPipeAccepted(path, now);
    m->unsettled = m->unsettled || accepted;
    return accepted;
}

void Node::onPipeOpened(link::LinkId pipe, const codec::SocketAddress& local) {
    m->pipesOf(pipe).onPipeOpened(pipe, local);
    m->unsettled = true;
}

void Node::onPipeBytes(link::LinkId pipe, ByteView bytes, Now now) {
    m->pipesOf(pipe).onBytes(pipe, bytes, now);
    m->unsettled = true;
}

void Node::onPipeEnded(link::LinkId pipe) {
    m->pipesOf(pipe).onPipeEnded(pipe);
    m->unsettled = true;
}

void Node::onPipeFailed(link::LinkId pipe, Error error) {
    m->pipesOf(pipe).onPipeFailed(pipe, std::move(error));
    m->unsettled = true;
}

void Node::onPipeBlocked(link::LinkId pipe) {
    m->pipesOf(pipe).onBlocked(pipe);
}

void Node::onPipeWritable(link::LinkId pipe) {
    m->pipesOf(pipe).onWritable(pipe);
}

void Node::setWebCertificate(std::shared_ptr<const crypto::WebCertificate> certificate) {
    m->pipes->setWebCertificate(std::move(certificate));
}

void Node::onWebTrust(Result<std::shared_ptr<const crypto::WebTrust>> trust) {
    if (m->dialBack) m->dialBack->pipes().onWebTrust(trust);
    m->pipes->onWebTrust(std::move(trust));
    m->unsettled = true;
}

void Node::forgetWebTrust() {
    if (m->dialBack) m->dialBack->pipes().forgetWebTrust();
    m->pipes->forgetWebTrust();
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

void Node::onJobDone(JobDone done, Now now) {
    if (const auto* worked = std::get_if<DhtJobDone>(&done)) {
        m->dht.onWorked(*worked, now);
    } else {
        auto& transferred = std::get<transfer::JobDone>(done);
        m->diskJobs.erase(transferred.id);
        m->transfers.onJobDone(std::move(transferred), m->swarm.streams(), now);
    }
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
    if (scanned.id == DhtPart::kServersScan)
        m->onServersScanned(scanned, now);
    else if (user == StoreUser::Dht)
        m->onKeptScanned(scanned, now);
    else if (user == StoreUser::Decisions)
        m->onConfirmed(scanned, now);
    else if (user == StoreUser::Peers || user == StoreUser::Texts || user == StoreUser::Messages)
        m->onPeopleScanned(scanned, now);
    else if (user == StoreUser::Shares)
        m->onSharesScanned(scanned, now);
    else if (user == StoreUser::Pubsub)
        m->onNumbersScanned(scanned);
    else if (user == StoreUser::History)
        m->history.onStoreScanned(scanned, now);
    else
        m->transfers.onStoreScanned(std::move(scanned), m->swarm.streams(), now);
    m->unsettled = true;
}

void Node::onNamesResolved(ResolveId id, Result<std::vector<Multiaddr>> addresses, Now now) {
    m->onNamesResolved(id, addresses, now);
    m->unsettled = true;
}

void Node::onMetered(link::Metered metered) {
    m->metered = metered;
    m->bandwidth->setMetered(metered);
    m->onLimitsChanged();
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
    if (now.mono >= m->pipes->deadline()) m->pipes->onDeadline(now);
    if (now.mono >= m->relaying.circuits->deadline()) m->relaying.circuits->onDeadline(now);
    if (now.mono >= m->swarm.deadline()) m->swarm.onDeadline(now);
    if (m->dialBack && now.mono >= m->dialBack->deadline()) m->dialBack->onDeadline(now);
    if (now.mono >= m->waiting.deadline()) m->waiting.onDeadline(now);
    if (now.mono >= m->peopleDeadline()) m->retryDeferred(now);
    if (now.mono >= m->sharing.fetches.deadline()) m->sharing.fetches.onDeadline(m->swarm.streams(), now);
    if (now.mono >= m->sharing.book.deadline()) m->sharing.book.sweep(now);
    if (now.mono >= m->queue.deadline()) m->queue.onDeadline(now);
    if (m->discovery && now.mono >= m->discovery->deadline()) m->discovery->onDeadline(now);
    if (now.mono >= m->presence.deadline()) m->presence.onDeadline(now);
    if (now.mono >= m->dht.deadline()) m->onDhtDeadline(now);
    if (now.mono >= m->stranded.judgeAt) m->judgeStranded(now);
    if (now.mono >= m->quiet.deadline()) m->lookAtQuiet(now);
    if (now.mono >= m->leaveAt) m->leaveServers(now);
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
    m->shutdownDht(now);
    m->applyPresence(now);
    m->shutdownPubsub();
    m->cancelMeasurements(now);
    if (m->discovery) m->discovery->shutdown(now);
    m->unsettled = true;
}

// --- outputs ---

std::optional<NodeAction> Node::poll(Now now) {
    if (m->unsettled) m->settle(now);
    if (auto action = m->takeAction()) return action;
    if (auto action = m->pollPipes())
        return std::visit([](auto& what) -> NodeAction { return std::move(what); }, *action);
    if (auto job = m->transfers.pollJob()) {
        if (job->lane == transfer::JobLane::Disk) m->diskJobs.insert(job->id);
        return SubmitJob{std::move(*job)};
    }
    if (auto job = m->dht.pollWork()) return SubmitJob{std::move(*job)};
    if (auto op = m->transfers.pollStore()) return StoreWork{std::move(*op)};
    if (auto op = takeFront(m->decisions)) return StoreWork{std::move(*op)}; // before what the books say later
    if (auto op = m->pollPeopleStore()) return StoreWork{std::move(*op)};
    if (auto op = takeFront(m->dht.storeOps)) return StoreWork{std::move(*op)};
    if (auto op = m->sharing.book.pollStore()) return StoreWork{std::move(*op)};
    if (auto op = m->history.pollStore()) return StoreWork{std::move(*op)};
    if (auto placed = m->transfers.pollPlaced()) {
        m->on(std::move(*placed));
        return m->takeAction();
    }
    if (auto event = m->transfers.pollEvent()) {
        m->tell(std::move(*event), now);
        return m->takeAction();
    }
    // What has been received as a whole gets its name first; peers know already.
    if (m->life != Life::Closed || !m->diskJobs.empty()) return std::nullopt;
    m->life = Life::Stopped;
    return Stopped{};
}

std::optional<link::LinkId> Node::nextPipeWrite(Bytes& out, Now now) {
    auto pipe = m->pipes->nextWrite(out, now);
    if (!pipe && m->dialBack) pipe = m->dialBack->pipes().nextWrite(out, now);
    if (pipe) m->unsettled = true; // writing may have ended streams
    return pipe;
}

/// While shutting down, what the protocols have said last goes out first, then the closing packets and go-aways.
std::optional<quic::SendBatch> Node::nextBatch(MutableBytes buffer, Now now, const quic::CanSend& canSend) {
    if (auto batch = m->endpoint->nextBatch(buffer, now, canSend)) {
        m->unsettled = true; // writing may have ended connections
        return batch;
    }
    if (m->dialBack) {
        if (auto batch = m->dialBack->endpoint().nextBatch(buffer, now, canSend)) {
            m->unsettled = true;
            return batch;
        }
    }
    if (m->life != Life::Draining || m->relaying.circuits->holdsBack()) return std::nullopt;
    if (!std::exchange(m->relaying.down, true)) { // what it says goes out over the others
        m->relaying.circuits->shutdown(now);
        m->unsettled = true;
        return std::nullopt;
    }
    if (m->endpoint->holdsBack() || m->pipes->holdsBack()) return std::nullopt;
    m->endpoint->shutdown(now);
    m->pipes->shutdown(now);
    m->life = Life::Closed;
    m->unsettled = true;
    return m->endpoint->nextBatch(buffer, now, canSend);
}

Instant Node::deadline() const {
    if (m->unsettled || (m->life == Life::Closed && m->diskJobs.empty())) return Instant::min();
    const Instant discovery = m->discovery ? m->discovery->deadline() : kNever;
    const Instant dialBack = m->dialBack ? m->dialBack->deadline() : kNever;
    const bool runs = m->life == Life::Running;
    const Instant reach = m->quietMode ? kNever : m->reachability.deadline();
    const Instant ask = runs ? std::min(reach, m->relaying.keeper.deadline()) : kNever;
    return std::min({dialBack, ask, m->endpoint->deadline(), m->pipes->deadline(), m->swarm.deadline(),
                     m->relaying.circuits->deadline(), m->waiting.deadline(), m->peopleDeadline(), discovery,
                     m->sharing.fetches.deadline(), m->sharing.book.deadline(), m->stranded.judgeAt, m->leaveAt,
                     m->queue.deadline(), m->quiet.deadline(),
                     runs ? std::min({m->dht.deadline(), m->pubsub.deadline(), m->presence.deadline()}) : kNever,
                     runs ? m->punching.tryOthersAt : kNever});
}

} // namespace wherry::node
