#pragma once

#include "base/block.h"
#include "base/log.h"
#include "node/node.h"
#include "runtime/background.h"
#include "runtime/datagram_sender.h"
#include "runtime/disk_storage.h"
#include "runtime/multicast.h"
#include "runtime/name_resolver.h"
#include "runtime/network_watch.h"
#include "runtime/settings.h"
#include "runtime/socket_set.h"
#include "runtime/store.h"
#include "runtime/system_random.h"
#include "runtime/tcp_pipes.h"
#include "runtime/worker_pool.h"

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace wherry::runtime {

struct EngineLoopConfig {
    crypto::Identity identity;
    std::string databasePath;
    std::vector<codec::Multiaddr> listen;
    bool servePerf = false;
    bool dialBack = false; ///< for peers that ask whether they can be reached
    node::DiscoveryConfig discovery;
    node::DhtConfig dht;
    peers::Claims profile;
    Settings settings{}; ///< limits, connections, congestion control
};

/// Drives one Node in the network thread: what goes in (datagrams, commands, finished jobs, scanned rows, resolved
/// names, the clock) and what comes out of it. One wake does a bounded amount of work: at most kReceivesPerWake
/// receives of one socket, and kBatchesPerTurn sends, after which it posts itself another turn. When nothing is to do
/// it sleeps until Node::deadline(), rounded up to a millisecond (rounding down would spin). A socket that is full
/// holds up only the connections that use it, until the system says that it has room.
///
/// States: made -> start() -> running -> shutdown() -> ended (calls `ended` once) -> destroyed. All in the network
/// thread, but post() and the wakes of workers and store.
class EngineLoop final : public QObject {
    Q_OBJECT

  public:
    using OnEvent = std::function<void(node::Event)>;

    EngineLoop(EngineLoopConfig config, const Log& log, OnEvent onEvent, std::function<void()> ended);
    ~EngineLoop() override;

    Result<void> start();
    /// Any thread.
    void post(node::RequestId id, node::Command command);
    /// Any thread.
    void postMetered(link::Metered metered);
    /// Any thread. The files of secure WebSockets are read again, those that `settings` name: the certificate goes to
    /// those who connect from now on, and whom to believe is asked anew. A certificate that cannot be read leaves the
    /// one of before, and a warning.
    void postWebFiles(const Settings& settings);
    void shutdown();

  private:
    struct Watched {
        UdpSocket* socket = nullptr;
        std::unique_ptr<QSocketNotifier> readable;
        std::unique_ptr<QSocketNotifier> writable;
    };

    Result<uint16_t> lastPort();
    void storePort(uint16_t port);
    void watch(UdpSocket& socket);
    void watchSockets();
    void onReadable(UdpSocket& socket);
    void onWritable(const Watched& watched);
    void onTimer();
    void onJobsDone();
    void onScanned();
    void turn();
    /// Everything after an input: actions, pipes, datagrams, the timer.
    void settle();
    void carryOutActions(Now now);
    void carryOut(node::NodeAction action);
    /// Whether there may be more to send.
    bool sendBatches(Now now);
    /// A full socket is watched until it has room.
    void watchFull();
    void armTimer(Now now);
    void postTurn();
    void announceAddresses(Now now);
    void loadWebTrust();
    void onWebCertificate(Result<std::shared_ptr<const crypto::WebCertificate>> certificate);
    std::string home() const;
    void end();

    EngineLoopConfig m_config;
    Log m_log;
    OnEvent m_onEvent;
    std::function<void()> m_ended; ///< empty once it has been called

    SystemRandom m_random;
    std::shared_ptr<BlockPool> m_blocks;
    DiskStorage m_storage;
    std::unique_ptr<Store> m_store;
    BoundSockets m_sockets;
    DatagramSender m_sender{m_sockets};
    std::unique_ptr<node::Node> m_node;
    std::unique_ptr<TcpPipes> m_pipes;
    std::unique_ptr<WorkerPool> m_workers;
    std::unique_ptr<NameResolver> m_resolver;
    std::unique_ptr<NetworkWatch> m_network;
    std::unique_ptr<Multicast> m_multicast; ///< nullptr: discovery needs none
    std::unique_ptr<Background> m_background;
    std::string m_webName; ///< of this node, in its certificate; empty: secure WebSockets are reached by address

    std::vector<Watched> m_watched;
    QTimer m_timer;
    Instant m_armed = kNever; ///< when the running timer fires; kNever: it does not run
    bool m_turnPosted = false;
    bool m_stopped = false; ///< the node has said so; what it has to send may not be out yet
    Bytes m_buffer;
};

} // namespace wherry::runtime
