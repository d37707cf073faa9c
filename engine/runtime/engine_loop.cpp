#include "runtime/engine_loop.h"

#include "base/overloaded.h"
#include "runtime/clock.h"
#include "runtime/descriptor_limit.h"
#include "runtime/interfaces.h"
#include "runtime/runtime_limits.h"
#include "runtime/spill_file.h"
#include "runtime/web_certificates.h"

#include <algorithm>

namespace wherry::runtime {

using node::NodeAction;

static constexpr std::string_view kPortKey = "udp-port";

EngineLoop::EngineLoop(EngineLoopConfig config, const Log& log, OnEvent onEvent, std::function<void()> ended)
    : m_config(std::move(config)),
      m_log(log),
      m_onEvent(std::move(onEvent)),
      m_ended(std::move(ended)),
      m_blocks(std::make_shared<BlockPool>()),
      m_buffer(quic::kBatchBuffer) {
    m_timer.setParent(this); // moves to the network thread with the loop
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &EngineLoop::onTimer);
}

EngineLoop::~EngineLoop() {
    // Jobs use storage and blocks, their completions nothing; answers of the store and the resolver come here as
    // events.
    m_background.reset();
    m_storage.stopScans();
    m_workers.reset();
    m_resolver.reset();
    m_network.reset();
    m_multicast.reset();
    m_pipes.reset();
    m_node.reset();
    m_store.reset(); // writes out what the node has said last
}

std::string EngineLoop::home() const {
    return m_config.databasePath.substr(0, m_config.databasePath.rfind('/'));
}

// --- start --------------------------------------------------------------------------------------------------------

static node::RelayConfig relayConfig(const Settings& settings) {
    node::RelayConfig config;
    config.servers = settings.relays;
    config.discover = settings.relayDiscover;
    if (!settings.relayServe) return config;
    config.serve = {
        settings.relayAccess,      settings.relayReservations,      settings.relayReservationsPerAddress,
        settings.relayCircuits,    settings.relayCircuitsPerDevice, uint64_t{settings.relayCircuitMebibytes} << 20,
        settings.relayCircuitTime, settings.relayReservationTime};
    return config;
}

Result<void> EngineLoop::start() {
    TRY(m_store, Store::open(m_config.databasePath, m_log, [this] {
            QMetaObject::invokeMethod(this, &EngineLoop::onScanned, Qt::QueuedConnection);
        }));
    TRY(uint16_t port, m_config.listen.empty() ? lastPort() : Result<uint16_t>(0));
    TRY(m_sockets, bindSockets(m_config.listen, port, m_log));
    if (m_sockets.port() != port) storePort(m_sockets.port());

    node::NodeConfig config;
    config.quic.localPort = m_sockets.port();
    config.quic.ipv4 = m_sockets.ipv4;
    config.quic.ipv6 = m_sockets.ipv6;
    config.servePerf = m_config.servePerf;
    if (m_config.dialBack) {
        TRY(m_sockets.dialBack, bindDialBackSocket(m_sockets));
        config.dialBackPort = m_sockets.dialBack->localAddress().port;
    }
    const size_t connections = m_config.settings.maxConnections;
    config.pipes.maxConnections = connectionBudget(connections, raiseDescriptorLimit(connections + kDescriptorReserve));
    if (config.pipes.maxConnections < connections)
        LOG(m_log, Warning, "runtime",
            "this system lets the process have so few descriptors that "
                << config.pipes.maxConnections << " of " << connections << " connections can be TCP or WebSocket ones");
    // Between two of ours TLS is 2.8 times as fast (AES against ChaCha20); who knows Noise alone costs a round trip.
    config.pipes.securities = {std::string(bytepipe::kTlsId), std::string(bytepipe::kNoiseId)};
    TRY(config.pipes.webCertificate,
        webCertificate(m_config.settings, m_config.listen, home(), m_random, readClocks().wall));
    if (config.pipes.webCertificate) m_webName = nameIn(*config.pipes.webCertificate);
    config.pipes.loadsWebTrust = true;
    config.quic.congestion = m_config.settings.congestion;
    config.quic.maxConnections = m_config.settings.maxConnections;
    config.connectTimeout = m_config.settings.connectionTimeout;
    config.limits = bandwidthLimits(m_config.settings);
    config.parallelSends = m_config.settings.parallelSends;
    config.parallelReceives = m_config.settings.parallelReceives;
    config.workers = workerCount();
    config.historyKeep = m_config.settings.historyKeep;
    config.discovery = m_config.discovery;
    config.dht = m_config.dht;
    config.profile = m_config.profile;
    config.quiet = m_config.settings.quiet;
    config.presence = m_config.settings.presence;
    config.relay = relayConfig(m_config.settings);
    config.spills = [where = home()] { return makeSpillFile(where); };
    TRY(m_node, node::Node::create(config, m_config.identity.clone(), m_random, m_blocks, m_log, readClocks()));

    if (!m_store->aside().empty())
        m_node->warn(
            makeError(Errc::Io, "the database was damaged; it was set aside as '" + m_store->aside() +
                                    "' and a new one begun. Whom you have trusted, blocked or named is not known any "
                                    "more: block again whom you want to keep out"));
    m_pipes = std::make_unique<TcpPipes>(*m_node, m_sockets.listeners, m_log, [this] { settle(); });
    m_background = std::make_unique<Background>();
    m_storage.guard(home());
    m_workers = std::make_unique<WorkerPool>(
        config.workers, [this](const node::Job& job) { return node::runJob(job, m_storage, *m_blocks); },
        [this] { QMetaObject::invokeMethod(this, &EngineLoop::onJobsDone, Qt::QueuedConnection); });
    m_resolver =
        std::make_unique<NameResolver>([this](node::ResolveId id, Result<std::vector<codec::Multiaddr>> addresses) {
            m_node->onNamesResolved(id, std::move(addresses), readClocks());
            settle();
        });
    m_network = std::make_unique<NetworkWatch>([this] {
        announceAddresses(readClocks());
        settle();
    });
    if (m_config.discovery.mdns)
        m_multicast = std::make_unique<Multicast>(
            m_log, [this](const discovery::Heard& heard) { m_node->onMulticast(heard, readClocks()); },
            [this] { settle(); });
    watchSockets();
    announceAddresses(readClocks());
    settle();
    return {};
}

Result<uint16_t> EngineLoop::lastPort() {
    // Before the node exists: the answer is fetched here and not by onScanned().
    m_store->submit(StoreScan{StoreRequestId{1}, Space::Settings, toBytes(asBytes(kPortKey))});
    m_store->flush();
    uint16_t port = 0;
    for (const StoreScanned& answer : m_store->takeScanned())
        if (answer.rows && answer.rows->size() == 1 && answer.rows->front().second.size() == 2)
            port = getBigEndian<uint16_t>(answer.rows->front().second);
    return port;
}

void EngineLoop::storePort(uint16_t port) {
    if (!m_config.listen.empty()) return; // the person has said which
    Bytes value(2);
    putBigEndian<uint16_t>(value, port);
    m_store->submit(StorePut{Space::Settings, toBytes(asBytes(kPortKey)), std::move(value), {}});
}

void EngineLoop::watch(UdpSocket& socket) {
    Watched watched;
    auto handle = static_cast<qintptr>(socket.native());
    watched.readable = std::make_unique<QSocketNotifier>(handle, QSocketNotifier::Read);
    watched.writable = std::make_unique<QSocketNotifier>(handle, QSocketNotifier::Write);
    watched.writable->setEnabled(false);
    connect(watched.readable.get(), &QSocketNotifier::activated, this, [this, &socket] { onReadable(socket); });
    watched.socket = &socket;
    m_watched.push_back(std::move(watched));
}

void EngineLoop::watchSockets() {
    for (const auto& socket : m_sockets.sockets) watch(*socket);
    if (m_sockets.dialBack) watch(*m_sockets.dialBack);
    for (const Watched& watched : m_watched)
        connect(watched.writable.get(), &QSocketNotifier::activated, this, [this, &watched] { onWritable(watched); });
}

void EngineLoop::announceAddresses(Now now) {
    const auto& interfaces = m_network->interfaces();
    const std::vector<BoundAt> datagrams = boundOf(m_sockets.sockets);
    m_node->onListening(listeningAddresses(interfaces, datagrams),
                        pipeAddresses(interfaces, m_sockets.listeners, m_webName), now);
    std::vector<discovery::LocalLink> links = multicastLinks(datagrams, m_sockets.listeners);
    if (m_multicast) m_multicast->setLinks(links);
    m_node->onLinks(std::move(links), now);
}

// --- inputs -------------------------------------------------------------------------------------------------------

void EngineLoop::post(node::RequestId id, node::Command command) {
    QMetaObject::invokeMethod(
        this,
        [this, id, what = std::move(command)]() mutable {
            m_node->onCommand(id, std::move(what), readClocks());
            settle();
        },
        Qt::QueuedConnection);
}

void EngineLoop::postMetered(link::Metered metered) {
    QMetaObject::invokeMethod(
        this,
        [this, metered] {
            m_node->onMetered(metered);
            settle();
        },
        Qt::QueuedConnection);
}

void EngineLoop::postWebFiles(const Settings& settings) {
    QMetaObject::invokeMethod(
        this,
        [this, settings] {
            m_config.settings.webTrusted = settings.webTrusted;
            m_background->run(
                [settings, listen = m_config.listen, where = home()] {
                    SystemRandom random;
                    return webCertificate(settings, listen, where, random, readClocks().wall);
                },
                [this](auto certificate) { onWebCertificate(std::move(certificate)); });
        },
        Qt::QueuedConnection);
}

void EngineLoop::onWebCertificate(Result<std::shared_ptr<const crypto::WebCertificate>> certificate) {
    m_node->forgetWebTrust();
    if (certificate) {
        m_webName = *certificate ? nameIn(**certificate) : std::string();
        m_node->setWebCertificate(std::move(*certificate));
        announceAddresses(readClocks());
    } else {
        m_node->warn(certificate.error().within("the certificate of before stays"));
    }
    settle();
}

void EngineLoop::loadWebTrust() {
    m_background->run([file = m_config.settings.webTrusted] { return webTrust(file); },
                      [this](auto trust) {
                          m_node->onWebTrust(std::move(trust));
                          settle();
                      });
}

void EngineLoop::shutdown() {
    m_node->shutdown(readClocks());
    QTimer::singleShot(std::chrono::duration_cast<std::chrono::milliseconds>(kShutdownGrace), this, [this] {
        LOG(m_log, Warning, "runtime",
            "stopping took too long: not every peer has been told, or files have not got their names yet");
        end();
    });
    settle();
}

void EngineLoop::onReadable(UdpSocket& socket) {
    for (int count = 0; count < kReceivesPerWake; ++count) {
        auto batch = socket.receive();
        if (!batch) break;
        Now now = readClocks();
        for (size_t at = 0; at < batch->bytes.size(); at += batch->segmentSize) {
            size_t length = std::min(batch->segmentSize, batch->bytes.size() - at);
            m_node->onDatagram(batch->path, batch->ecn, batch->bytes.subspan(at, length), now);
        }
    }
    settle();
}

void EngineLoop::onWritable(const Watched& watched) {
    watched.writable->setEnabled(false);
    if (auto failed = m_sender.onWritable(*watched.socket))
        m_node->onSendFailed(failed->path, failed->reason, readClocks());
    if (!m_sender.isFull(*watched.socket)) m_node->onSocketWritable();
    settle(); // watches it again when it is still full
}

void EngineLoop::onTimer() {
    m_armed = kNever;
    turn();
}

void EngineLoop::turn() {
    m_turnPosted = false;
    Now now = readClocks();
    if (now.mono >= m_node->deadline()) m_node->onDeadline(now);
    settle();
}

void EngineLoop::onJobsDone() {
    Now now = readClocks();
    for (node::JobDone& done : m_workers->takeDone()) m_node->onJobDone(std::move(done), now);
    settle();
}

void EngineLoop::onScanned() {
    if (!m_node) return;
    Now now = readClocks();
    if (const auto aside = m_store->takeSetAside()) {
        storePort(m_sockets.port());
        m_node->onStoreBegunAnew(*aside, now);
    }
    for (StoreScanned& scanned : m_store->takeScanned()) m_node->onStoreScanned(std::move(scanned), now);
    settle();
}

// --- outputs ------------------------------------------------------------------------------------------------------

void EngineLoop::settle() {
    if (!m_ended) return;
    Now now = readClocks();
    carryOutActions(now);
    bool more = m_pipes->write(now);
    more = sendBatches(now) || more;
    carryOutActions(now); // writing may have ended connections
    if (more)
        postTurn();
    else if (m_stopped && !m_sender.anyFull() && m_pipes->idle())
        end(); // the last words are out
    else
        armTimer(now);
}

void EngineLoop::carryOutActions(Now now) {
    while (auto action = m_node->poll(now)) carryOut(std::move(*action));
}

void EngineLoop::carryOut(NodeAction action) {
    std::visit(Overloaded{[&](node::SubmitJob& submit) { m_workers->submit(std::move(submit.job)); },
                          [&](node::StoreWork& work) { m_store->submit(std::move(work.op)); },
                          [&](node::ResolveNames& names) { m_resolver->resolve(names); },
                          [&](node::Emit& happened) { m_onEvent(std::move(happened.event)); },
                          [&](node::Stopped&) { m_stopped = true; },
                          [&](bytepipe::OpenPipe& open) { m_pipes->perform(open); },
                          [&](bytepipe::ClosePipe& close) { m_pipes->perform(std::move(close)); },
                          [&](bytepipe::LoadWebTrust&) { loadWebTrust(); },
                          [&](discovery::SendMulticast& out) {
                              if (m_multicast) m_multicast->send(out);
                          }},
               action);
}

bool EngineLoop::sendBatches(Now now) {
    const quic::CanSend canSend =
        m_sender.anyFull() ? [this](const quic::Path& path) { return m_sender.canSend(path); } : quic::CanSend();
    bool more = true;
    for (int count = 0; count < kBatchesPerTurn && more; ++count) {
        auto batch = m_node->nextBatch(m_buffer, now, canSend);
        more = batch.has_value();
        if (!batch) break;
        if (auto failed = m_sender.send(*batch, ByteView(m_buffer).first(batch->length)))
            m_node->onSendFailed(failed->path, failed->reason, now);
        if (!canSend && m_sender.anyFull()) break; // the next round asks the sender
    }
    watchFull();
    return more;
}

void EngineLoop::watchFull() {
    for (const Watched& watched : m_watched)
        if (m_sender.isFull(*watched.socket)) watched.writable->setEnabled(true);
}

void EngineLoop::armTimer(Now now) {
    Instant deadline = m_node->deadline();
    if (deadline == kNever) return; // a timer that runs still costs one idle wake
    if (deadline <= now.mono) {
        postTurn();
        return;
    }
    if (deadline >= m_armed) return; // it fires earlier, and then looks again
    using std::chrono::milliseconds;
    auto wait = std::max(std::chrono::ceil<milliseconds>(deadline - now.mono), milliseconds(1));
    wait = std::min(wait, std::chrono::duration_cast<milliseconds>(kLongestSleep));
    m_armed = now.mono + wait;
    m_timer.start(wait);
}

void EngineLoop::postTurn() {
    if (m_turnPosted) return;
    m_turnPosted = true;
    QMetaObject::invokeMethod(this, &EngineLoop::turn, Qt::QueuedConnection);
}

void EngineLoop::end() {
    if (!m_ended) return;
    m_timer.stop();
    for (Watched& watched : m_watched) { // not destroyed: this may be the call of one of them
        watched.readable->setEnabled(false);
        watched.writable->setEnabled(false);
    }
    m_pipes->stop();
    std::exchange(m_ended, nullptr)();
}

} // namespace wherry::runtime
