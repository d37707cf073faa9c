#include "sim/sim_node.h"

#include "base/overloaded.h"
#include "protocols/mdns/mdns.h"
#include "sim/net/timer.h"
#include "sim/send_batches.h"

namespace wherry::sim {

using namespace std::chrono_literals;

struct SimNode::Process {
    std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>();
    std::unique_ptr<SimWorkers> workers;
    std::unique_ptr<node::Node> node;
    std::unique_ptr<Timer> timer;
    bool stopped = false;
};

SimNode::SimNode(Simulation& simulation, Host& host, std::string name, transfer::Storage& storage, SimNodeConfig config)
    : m_simulation(simulation),
      m_host(host),
      m_name(std::move(name)),
      m_storage(storage),
      m_config(config),
      m_random(simulation.random("node " + m_name)),
      m_identity(crypto::Identity::generate(m_random)),
      m_log(simulation.log(m_name)) {}

SimNode::~SimNode() {
    kill();
}

void SimNode::start() {
    ASSERT(!m_process);
    ++m_generation;
    m_simulation.note(m_name + " starts");
    m_process = std::make_unique<Process>();
    m_process->workers =
        std::make_unique<SimWorkers>(m_simulation, m_name + std::to_string(m_generation), m_storage, m_process->pool,
                                     m_config.speed, [this](node::JobDone done) {
                                         auto kept = std::make_shared<node::JobDone>(std::move(done));
                                         whenAwake([this, kept] {
                                             m_process->node->onJobDone(std::move(*kept), now());
                                             turn();
                                         });
                                     });
    node::NodeConfig config = m_config.node;
    config.quic.localPort = m_config.port;
    config.quic.ipv4 = config.quic.ipv6 = speaksQuic();
    config.workers = m_config.speed.workers;
    auto created = node::Node::create(config, m_identity.clone(), m_random, m_process->pool, m_log, now());
    m_simulation.require(created.has_value(), m_name + " cannot start: " + (created ? "" : created.error().text()));
    m_process->node = std::move(*created);
    m_process->timer = std::make_unique<Timer>(m_simulation, [this] {
        whenAwake([this] {
            m_process->node->onDeadline(now());
            turn();
        });
    });
    m_host.bind(m_config.port, [this](const Datagram& datagram) { onDatagram(datagram); });
    if (const uint16_t second = config.dialBackPort)
        m_host.bind(second, [this](const Datagram& datagram) { onDatagram(datagram); });
    announceAddresses();
    if (config.discovery.mdns) joinGroups();
    m_process->node->onLinks(links(), now());
    turn();
}

void SimNode::kill() {
    if (!m_process) return;
    m_simulation.note(m_name + " is gone");
    m_host.unbind(m_config.port);
    if (m_config.node.dialBackPort != 0) m_host.unbind(m_config.node.dialBackPort);
    if (m_config.pipes) m_config.pipes->kill(*this);
    leaveGroups();
    m_process->workers.reset();
    m_process.reset();
    m_missed.clear();
    m_asleep = false;
    ++m_generation;
}

void SimNode::suspend(Duration sleep) {
    if (!m_process || m_asleep) return;
    m_simulation.note(m_name + " falls asleep");
    m_asleep = true;
    m_buffered = 0;
    m_simulation.after(sleep, [this, generation = m_generation] {
        if (generation != m_generation) return;
        m_simulation.note(m_name + " wakes");
        m_asleep = false;
        for (auto& input : std::exchange(m_missed, {}))
            if (generation == m_generation) input();
    });
}

/// Runs it now, or as soon as the process is awake again.
void SimNode::whenAwake(std::function<void()> input) {
    if (m_asleep)
        m_missed.push_back(std::move(input));
    else
        input();
}

Now SimNode::now() const {
    Now now = m_simulation.now();
    now.wall.nanoseconds += m_clockAhead.count();
    return now;
}

void SimNode::shutdown() {
    if (!m_process) return;
    m_process->node->shutdown(now());
    turn();
}

node::RequestId SimNode::submit(node::Command command) {
    ASSERT(m_process);
    const node::RequestId id = m_requests.take();
    auto kept = std::make_shared<node::Command>(std::move(command));
    whenAwake([this, id, kept] {
        m_process->node->onCommand(id, std::move(*kept), now());
        turn();
    });
    return id;
}

node::StatusReport SimNode::status() {
    submit(node::GetStatus{});
    m_simulation.runFor(std::chrono::milliseconds(1));
    return *last<node::StatusReport>();
}

std::vector<codec::Multiaddr> SimNode::circuits() {
    std::vector<codec::Multiaddr> all;
    for (const auto& held : status().relays) all.insert(all.end(), held.addresses.begin(), held.addresses.end());
    return all;
}

void SimNode::addressesChanged() {
    if (!m_process) return;
    whenAwake([this] {
        announceAddresses();
        m_process->node->onLinks(links(), now());
        turn();
    });
}

std::vector<quic::LocalAddress> SimNode::listenAddresses() const {
    std::vector<quic::LocalAddress> out;
    for (const auto& address : m_host.addresses()) out.push_back({{address, m_config.port}, m_host.mtuFrom(address)});
    return out;
}

std::vector<discovery::LocalLink> SimNode::links() const {
    std::vector<discovery::LocalLink> out;
    for (size_t link = 0; link < m_host.links(); ++link) {
        discovery::LocalLink one{static_cast<uint32_t>(link + 1), {}, {}};
        for (const auto& address : m_host.addressesBehind(link)) {
            one.addresses.push_back({address, static_cast<uint8_t>(address.isV4() ? 24 : 64)});
            one.reach.push_back({codec::Transport::Quic, {address, m_config.port, 0}});
        }
        if (!one.addresses.empty()) out.push_back(std::move(one));
    }
    return out;
}

/// Datagrams that a socket holds for a process that does not read: 212 992 bytes, each counted with what the kernel
/// keeps about it.
static constexpr size_t kSocketBuffer = 90;
static constexpr codec::IpAddress::Family kFamilies[] = {codec::IpAddress::Family::V4, codec::IpAddress::Family::V6};

void SimNode::joinGroups() {
    for (const auto family : kFamilies)
        m_host.join({mdns::group(family), mdns::kPort, 0}, [this](const Datagram& datagram, size_t link) {
            const auto interface = static_cast<uint32_t>(link + 1);
            m_process->node->onMulticast({interface, datagram.source, true, datagram.payload}, now());
            turn();
        });
}

void SimNode::leaveGroups() {
    for (const auto family : kFamilies) m_host.leave({mdns::group(family), mdns::kPort, 0});
}

void SimNode::perform(const discovery::SendMulticast& out) {
    m_host.multicast(out.interface - 1, {mdns::group(out.family), mdns::kPort, 0}, out.bytes);
}

node::Target SimNode::target() const {
    node::Target target{peerId(), {}};
    for (const auto& address : pipeAddresses()) target.addresses.push_back(address.withPeer(peerId().multihash()));
    if (!speaksQuic()) return target;
    for (const auto& address : listenAddresses())
        target.addresses.push_back(codec::Multiaddr::quic(address.address).withPeer(peerId().multihash()));
    return target;
}

node::Node& SimNode::node() {
    ASSERT(m_process);
    return *m_process->node;
}

size_t SimNode::blocksInUse() const {
    return m_process ? m_process->pool->outstanding() : 0;
}

void SimNode::onDatagram(const Datagram& datagram) {
    if (m_asleep && ++m_buffered > kSocketBuffer) return;
    whenAwake([this, datagram] {
        m_process->node->onDatagram({datagram.destination, datagram.source}, datagram.ecn, datagram.payload, now());
        turn();
    });
}

/// Everything that follows from an input, until the node has nothing more to say at this instant.
void SimNode::turn() {
    bool more = true;
    for (int rounds = 0; more; ++rounds) {
        m_simulation.require(rounds < 10'000, m_name + " never runs out of actions");
        more = act();
        more |= writePipes();
        more |= sendBatches(*m_process->node, m_host, m_config.port, now(), m_config.node.dialBackPort);
    }
    m_peakBlocks = std::max(m_peakBlocks, m_process->pool->outstanding());
    if (m_process->stopped) return afterTurn([this] { kill(); }, 0ms);
    m_process->timer->arm(m_process->node->deadline());
}

bool SimNode::act() {
    bool any = false;
    while (auto action = m_process->node->poll(now())) {
        any = true;
        perform(std::move(*action));
    }
    return any;
}

void SimNode::perform(node::NodeAction action) {
    std::visit(Overloaded{
                   [&](node::SubmitJob& submit) { m_process->workers->submit(std::move(submit.job)); },
                   [&](node::StoreWork& work) { perform(work.op); },
                   [&](node::ResolveNames& resolve) { perform(resolve); },
                   [&](node::Emit& emit) { perform(std::move(emit.event)); },
                   [&](node::Stopped&) { m_process->stopped = true; },
                   [&](discovery::SendMulticast& out) { perform(out); },
                   [&](bytepipe::OpenPipe& open) { perform(open); },
                   [&](bytepipe::ClosePipe& close) {
                       if (m_config.pipes) m_config.pipes->close(*this, close.pipe, std::move(close.farewell));
                   },
                   [&](bytepipe::LoadWebTrust&) { // only asked for where NodeConfig says that somebody answers
                       afterTurn(
                           [this] {
                               m_process->node->onWebTrust(m_config.webTrust);
                               turn();
                           },
                           0ms);
                   },
               },
               action);
}

void SimNode::perform(const bytepipe::OpenPipe& open) {
    if (!m_config.pipes)
        return m_process->node->onPipeFailed(open.pipe, makeError(Errc::Unreachable, open.remote.text() + " refused"));
    const codec::SocketAddress local{m_host.addressOf(open.remote.ip.family),
                                     static_cast<uint16_t>(50'000 + m_dialled++ % 10'000), 0};
    m_config.pipes->open(*this, open.pipe, local, open.remote);
}

// --- pipes --------------------------------------------------------------------------------------------------------

void SimNode::announceAddresses() {
    const std::vector<codec::Multiaddr> pipes = pipeAddresses();
    for (const auto& address : pipes)
        m_config.pipes->listen(address.transportAddress()->socket, m_config.pipeKind, *this);
    m_process->node->onListening(speaksQuic() ? listenAddresses() : std::vector<quic::LocalAddress>(), pipes, now());
}

std::vector<codec::Multiaddr> SimNode::pipeAddresses() const {
    std::vector<codec::Multiaddr> out;
    if (!m_config.pipes) return out;
    for (const auto& address : m_host.addresses()) {
        const codec::SocketAddress at{address, m_config.port, 0};
        if (m_config.pipeKind == bytepipe::PipeKind::SecureWebSocket)
            out.push_back(codec::Multiaddr::wss({at, m_config.serverName}));
        else
            out.push_back(m_config.pipeKind == bytepipe::PipeKind::WebSocket ? codec::Multiaddr::ws(at)
                                                                             : codec::Multiaddr::tcp(at));
    }
    return out;
}

bool SimNode::writePipes() {
    bool any = false;
    while (const auto pipe = m_process->node->nextPipeWrite(m_out, now())) {
        any = true;
        // What a full pipe does not take would be the owner's to keep; here it goes in as a whole, and then it is full.
        if (!m_config.pipes->write(*this, *pipe, m_out)) m_process->node->onPipeBlocked(*pipe);
    }
    return any;
}

std::optional<link::LinkId> SimNode::pipeAccepted(const bytepipe::PipePath& path) {
    const auto accepted = m_process->node->onPipeAccepted(path, now());
    afterTurn([this] { turn(); }, 0ms); // the pipe is about to be there
    return accepted ? std::optional(*accepted) : std::nullopt;
}

void SimNode::pipeOpened(link::LinkId pipe, const codec::SocketAddress& local) {
    whenAwake([this, pipe, local] {
        m_process->node->onPipeOpened(pipe, local);
        turn();
    });
}

void SimNode::pipeBytes(link::LinkId pipe, ByteView bytes) {
    whenAwake([this, pipe, kept = toBytes(bytes)] {
        m_process->node->onPipeBytes(pipe, kept, now());
        turn();
    });
}

void SimNode::pipeEnded(link::LinkId pipe) {
    whenAwake([this, pipe] {
        m_process->node->onPipeEnded(pipe);
        turn();
    });
}

void SimNode::pipeFailed(link::LinkId pipe, Error error) {
    whenAwake([this, pipe, error = std::move(error)] {
        m_process->node->onPipeFailed(pipe, error);
        turn();
    });
}

void SimNode::pipeWritable(link::LinkId pipe) {
    whenAwake([this, pipe] {
        m_process->node->onPipeWritable(pipe);
        turn();
    });
}

void SimNode::perform(const StoreOp& op) {
    std::visit(Overloaded{
                   [&](const StorePut& put) { m_store.put(put); },
                   [&](const StoreErase& erase) { m_store.erase(erase); },
                   [&](const StoreScan& scan) {
                       auto answer = std::make_shared<StoreScanned>(m_store.scan(scan));
                       afterTurn(
                           [this, answer] {
                               m_process->node->onStoreScanned(std::move(*answer), now());
                               turn();
                           },
                           m_config.storeLatency + (scan.space == m_slowSpace ? m_slowScan : Duration(0)));
                   },
               },
               op);
}

void SimNode::perform(const node::ResolveNames& resolve) {
    std::vector<codec::Multiaddr> found;
    for (const auto& name : resolve.names) {
        const auto known = m_names.find(name.withoutPeer().text());
        if (known != m_names.end()) found.insert(found.end(), known->second.begin(), known->second.end());
    }
    afterTurn(
        [this, id = resolve.id, found] {
            Result<std::vector<codec::Multiaddr>> outcome = found;
            if (found.empty()) outcome = makeError(Errc::NotFound, "no such name");
            m_process->node->onNamesResolved(id, std::move(outcome), now());
            turn();
        },
        5ms);
}

void SimNode::perform(node::Event event) {
    if (!as<transfer::TransferProgress>(event)) m_simulation.note(m_name + ": " + describe(event));
    m_events.push_back(event);
    if (onEvent) afterTurn([this, event = std::move(event)] { onEvent(event); }, 0ms);
}

/// Runs `input` unless the process has ended by then.
void SimNode::afterTurn(std::function<void()> input, Duration delay) {
    m_simulation.after(delay, [this, generation = m_generation, input = std::move(input)] {
        if (generation == m_generation && m_process) whenAwake(input);
    });
}

std::string describe(const node::Event& event) {
    using namespace transfer;
    const auto figures = [](const TransferFigures& f) {
        return " verified " + std::to_string(f.bytesVerified) + "/" + std::to_string(f.bytesTotal) + " sent " +
               std::to_string(f.bytesSent) + " files " + std::to_string(f.filesDone) + "/" +
               std::to_string(f.filesTotal);
    };
    const auto onTransfer = Overloaded{
        [](const OfferMade& e) { return "offer " + e.label; },
        [](const OfferAccepted&) { return std::string("accepted"); },
        [](const OfferDeclined& e) { return "declined " + e.reason; },
        [](const TransferResumed& e) { return "resumed with " + std::to_string(e.bytesAlready); },
        [&](const TransferProgress& e) { return "progress" + figures(e.figures); },
        [&](const TransferDelivered& e) { return "delivered" + figures(e.figures); },
        [&](const TransferFailed& e) { return "failed " + e.error.text() + " file " + e.file + figures(e.figures); },
        [](const TransferInterrupted& e) { return "interrupted " + e.error.text(); },
        [](const TransferHeld& e) {
            return "held " + std::to_string(int(e.here)) + " " + std::to_string(int(e.there));
        }};
    return std::visit(
        Overloaded{
            [](const node::Ready& e) { return "ready, " + std::to_string(e.listen.size()) + " addresses"; },
            [](const node::TransferStarted& e) { return "transfer " + std::to_string(e.transfer.value) + " started"; },
            [&](const node::TransferUpdate& e) { return std::visit(onTransfer, e.event); },
            [](const node::PathChanged& e) { return "path " + e.address.text(); },
            [](const node::PingReply& e) { return "ping " + std::to_string(e.roundTrip.count()) + " ns"; },
            [](const node::PerfDone& e) { return "perf " + std::to_string(e.uploadBytes) + " up"; },
            [](const node::TargetFound& e) { return "target " + e.peer.text(); },
            [](const node::PeersListed& e) { return std::to_string(e.peers.size()) + " peers"; },
            [](const node::PeerChanged& e) {
                return "peer " + e.peer.known.peer.shortText() + " " + e.peer.known.claims.alias;
            },
            [](const node::TextSent& e) { return "text " + toHex(e.message) + " sent"; },
            [](const node::TextReceived& e) { return "text " + toHex(e.text.message) + " received"; },
            [](const node::RequestFailed& e) { return "request failed: " + e.error.text(); },
            [](const node::PeerDiscovered& e) { return "discovered " + e.peer.shortText(); },
            [](const node::PeerLost& e) { return "lost " + e.peer.shortText(); },
            [](const auto&) { return std::string("answer"); }},
        event);
}

} // namespace wherry::sim
