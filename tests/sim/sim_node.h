#pragma once

#include "node/node.h"
#include "sim/sim_pipes.h"
#include "sim/sim_store.h"
#include "sim/sim_workers.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace wherry::sim {

struct SimNodeConfig {
    node::NodeConfig node;
    uint16_t port = 4001;
    WorkerSpeed speed;
    Duration storeLatency = std::chrono::milliseconds(1);
    SimPipes* pipes = nullptr; ///< the node is reached and reaches others through these alone, not by QUIC
    bool quicToo = false;      ///< by QUIC as well
    bytepipe::PipeKind pipeKind = bytepipe::PipeKind::Tcp;
    std::string serverName;                           ///< of secure WebSockets
    std::shared_ptr<const crypto::WebTrust> webTrust; ///< whom it believes who show a certificate
};

/// Stands in for runtime: drives a real node::Node on a virtual host, with workers, a database and a disk that outlive
/// the process. The timer is rounded up to 1 ms, as runtime's is.
class SimNode final : private PipeOwner {
  public:
    SimNode(Simulation& simulation, Host& host, std::string name, transfer::Storage& storage,
            SimNodeConfig config = {});
    ~SimNode() override;
    SimNode(const SimNode&) = delete;
    SimNode& operator=(const SimNode&) = delete;

    /// Starts the process; the identity is the same every time.
    void start();
    /// SIGKILL: the process is gone between two instructions, disk and database stay. Harmless when it does not run.
    void kill();
    /// Asks the node to stop; it is gone once it says Stopped.
    void shutdown();
    bool running() const { return m_process != nullptr; }
    /// The computer sleeps (or the process is stopped) for so long: time passes, nothing is done, what comes from the
    /// network is kept as far as a socket's buffer holds it.
    void suspend(Duration sleep);

    node::RequestId submit(node::Command command);
    /// What its clock of the day shows more than that of the others, from now on.
    void setClockAhead(Duration ahead) { m_clockAhead = ahead; }
    /// What it says of itself, within 1 ms.
    node::StatusReport status();
    /// Where others reach it through its relays.
    std::vector<codec::Multiaddr> circuits();
    /// The host's addresses have changed.
    void addressesChanged();
    /// What name look-ups answer from now on, by the text of the address without /p2p.
    void setNames(std::map<std::string, std::vector<codec::Multiaddr>> names) { m_names = std::move(names); }

    const std::string& name() const { return m_name; }
    const crypto::PeerId& peerId() const { return m_identity.peerId(); }
    Host& host() { return m_host; }
    uint16_t port() const { return m_config.port; }
    /// The node's key and its host's addresses.
    node::Target target() const;
    SimStore& store() { return m_store; }
    node::Node& node();
    /// Blocks of the pool in use: what bounds memory of the bulk path.
    size_t blocksInUse() const;
    size_t peakBlocks() const { return m_peakBlocks; }

    /// Every event of every process that this node has been, in order.
    const std::vector<node::Event>& events() const { return m_events; }
    void forgetEvents() { m_events.clear(); }
    /// What is read of this part of the database comes so much later than everything else.
    void delayScans(Space space, Duration later) {
        m_slowSpace = space;
        m_slowScan = later;
    }
    /// Called for each event after the input that caused it; may give commands or kill the node.
    std::function<void(const node::Event&)> onEvent;

    /// The last event of a kind; nullptr when there was none.
    template <typename T> const T* last() const {
        for (auto event = m_events.rbegin(); event != m_events.rend(); ++event)
            if (const T* match = as<T>(*event)) return match;
        return nullptr;
    }
    template <typename T> size_t count() const {
        size_t found = 0;
        for (const auto& event : m_events) found += as<T>(event) != nullptr;
        return found;
    }

    /// An event as T, also when T is one of the transfer events.
    template <typename T> static const T* as(const node::Event& event) {
        if constexpr (std::is_constructible_v<transfer::TransferEvent, T>) {
            const auto* update = std::get_if<node::TransferUpdate>(&event);
            return update ? std::get_if<T>(&update->event) : nullptr;
        } else {
            return std::get_if<T>(&event);
        }
    }

  private:
    /// What dies with the process.
    struct Process;

    std::optional<link::LinkId> pipeAccepted(const bytepipe::PipePath& path) override;
    void pipeOpened(link::LinkId pipe, const codec::SocketAddress& local) override;
    void pipeBytes(link::LinkId pipe, ByteView bytes) override;
    void pipeEnded(link::LinkId pipe) override;
    void pipeFailed(link::LinkId pipe, Error error) override;
    void pipeWritable(link::LinkId pipe) override;
    Now now() const;
    void announceAddresses();
    std::vector<codec::Multiaddr> pipeAddresses() const;
    bool speaksQuic() const { return !m_config.pipes || m_config.quicToo; }
    bool writePipes();
    std::vector<quic::LocalAddress> listenAddresses() const;
    std::vector<discovery::LocalLink> links() const;
    void joinGroups();
    void leaveGroups();
    void perform(const discovery::SendMulticast& out);
    void onDatagram(const Datagram& datagram);
    void whenAwake(std::function<void()> input);
    void turn();
    bool act();
    void perform(node::NodeAction action);
    void perform(const bytepipe::OpenPipe& open);
    void perform(const StoreOp& op);
    void perform(const node::ResolveNames& resolve);
    void perform(node::Event event);
    void afterTurn(std::function<void()> input, Duration delay);

    Simulation& m_simulation;
    Host& m_host;
    std::string m_name;
    transfer::Storage& m_storage;
    SimNodeConfig m_config;
    SeededRandom m_random;
    crypto::Identity m_identity;
    Log m_log;
    SimStore m_store;
    Space m_slowSpace{};
    Duration m_slowScan{};
    Duration m_clockAhead{};
    std::map<std::string, std::vector<codec::Multiaddr>> m_names;
    std::vector<node::Event> m_events;
    IdSource<node::RequestId> m_requests;
    std::unique_ptr<Process> m_process;
    uint64_t m_generation = 0; ///< of the process: what an earlier one has started does not reach a later one
    size_t m_peakBlocks = 0;
    uint16_t m_dialled = 0; ///< ports of the pipes that it has opened
    Bytes m_out;
    bool m_asleep = false;
    size_t m_buffered = 0;                       ///< datagrams that wait for the process to wake
    std::vector<std::function<void()>> m_missed; ///< what came while it slept, in order
};

/// One line about an event, for the trace.
std::string describe(const node::Event& event);

} // namespace wherry::sim
