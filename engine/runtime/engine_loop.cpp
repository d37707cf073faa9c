#include "runtime/engine_loop.h"

#include "base/overloaded.h"
#include "runtime/clock.h"
#include "runtime/interfaces.h"
#include "runtime/runtime_limits.h"
#include "runtime/spill_file.h"

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
    m_storage.stopScans();
    m_workers.reset();
    m_resolver.reset();
    m_network.reset();
    m_multicast.reset();
    m_node.reset();
    m_store.reset(); // writes out what the node has said last
}

// --- start --------------------------------------------------------------------------------------------------------

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
    config.quic.congestion = m_config.settings.congestion;
    config.quic.maxConnections = m_config.settings.maxConnections;
    config.connectTimeout = m_config.settings.connectionTimeout;
    config.limits = bandwidthLimits(m_config.settings);
    config.parallelSends = m_config.settings.parallelSends;
    config.parallelReceives = m_config.settings.parallelReceives;
    config.workers = workerCount();
    config.historyKeep = m_config.settings.historyKeep;
    config.discovery = m_config.discovery;
    config.profile = m_config.profile;
    const std::string home = m_config.databasePath.substr(0, m_config.databasePath.rfind('/'));
    config.spills = [home] { return makeSpillFile(home); };
    TRY(m_node, node::Node::create(config, m_config.identity.clone(), m_random, m_blocks, m_log, readClocks()));

    if (!m_store->aside().empty())
        m_node->warn(
            makeError(Errc::Io, "the database was damaged; it was set aside as '" + m_store->aside() +
                                    "' and a new one begun. Whom you have trusted, blocked or named is not known any "
                                    "more: block again whom you want to keep out"));
    m_storage.guard(home);
    m_workers = std::make_unique<WorkerPool>(
        config.workers, [this](const transfer::Job& job) { return transfer::runJob(job, m_storage, *m_blocks); },
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

void EngineLoop::watchSockets() {
    for (const auto& socket : m_sockets.sockets) {
        Watched watched;
        auto handle = static_cast<qintptr>(socket->native());
        watched.readable = std::make_unique<QSocketNotifier>(handle, QSocketNotifier::Read);
        watched.writable = std::make_unique<QSocketNotifier>(handle, QSocketNotifier::Write);
        watched.writable->setEnabled(false);
        connect(watched.readable.get(), &QSocketNotifier::activated, this,
                [this, one = socket.get()] { onReadable(*one); });
        watched.socket = socket.get();
        m_watched.push_back(std::move(watched));
    }
    for (const Watched& watched : m_watched)
        connect(watched.writable.get(), &QSocketNotifier::activated, this, [this, &watched] { onWritable(watched); });
}

void EngineLoop::announceAddresses(Now now) {
    m_node->onListening(listeningAddresses(m_network->interfaces(), m_sockets.sockets), now);
    std::vector<discovery::LocalLink> links = multicastLinks(m_sockets.sockets);
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
    for (transfer::JobDone& done : m_workers->takeDone()) m_node->onJobDone(std::move(done), now);
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
    bool more = sendBatches(now);
    carryOutActions(now); // writing may have ended connections
    if (more)
        postTurn();
    else if (m_stopped && !m_sender.anyFull())
        end(); // the last datagrams are out
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
    std::exchange(m_ended, nullptr)();
}

} // namespace wherry::runtime
