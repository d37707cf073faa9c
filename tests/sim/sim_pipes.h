#pragma once

#include "bytepipe/pipe.h"
#include "sim/net/simulation.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace wherry::sim {

/// A process that has byte pipes: what it is told of them.
class PipeOwner {
  public:
    virtual ~PipeOwner() = default;
    /// Somebody connects. nullopt: refused.
    virtual std::optional<link::LinkId> pipeAccepted(const bytepipe::PipePath& path) = 0;
    virtual void pipeOpened(link::LinkId pipe, const codec::SocketAddress& local) = 0;
    virtual void pipeBytes(link::LinkId pipe, ByteView bytes) = 0;
    virtual void pipeEnded(link::LinkId pipe) = 0;
    virtual void pipeFailed(link::LinkId pipe, Error error) = 0;
    virtual void pipeWritable(link::LinkId pipe) = 0;
};

/// Virtual TCP between the processes of a simulation, beside its network of datagrams: in order, nothing lost, a delay
/// and a rate each way, and buffers that fill up.
class SimPipes {
  public:
    struct Config {
        Duration delay = std::chrono::milliseconds(15);
        uint64_t bytesPerSecond = 12'500'000;
        size_t buffer = 256 * 1024; ///< bytes under way, each way, when a pipe is full
    };
    SimPipes(Simulation& simulation, const Config& config) : m_simulation(simulation), m_config(config) {}

    void listen(const codec::SocketAddress& address, bytepipe::PipeKind kind, PipeOwner& owner);
    void open(PipeOwner& from, link::LinkId id, const codec::SocketAddress& local, const codec::SocketAddress& remote);
    /// Takes all. False: the pipe is full now; pipeWritable() comes.
    bool write(PipeOwner& owner, link::LinkId id, ByteView bytes);
    /// What was written goes out, then `farewell`, then the end. Nothing is heard of it any more.
    void close(PipeOwner& owner, link::LinkId id, Bytes farewell);
    /// The process is gone: so are its pipes, and the other ends find out.
    void kill(PipeOwner& owner);
    size_t pipes() const { return m_ends.size(); }

  private:
    struct End {
        PipeOwner* owner = nullptr; ///< null: gone
        link::LinkId id;
        Instant busyUntil{};
        size_t underWay = 0;
        bool blocked = false;
    };
    using Pipe = std::array<End, 2>;
    struct Place {
        std::shared_ptr<Pipe> pipe;
        size_t side = 0;
    };
    struct Listener {
        PipeOwner* owner;
        bytepipe::PipeKind kind;
    };
    void arrive(PipeOwner* from, link::LinkId id, const codec::SocketAddress& local,
                const codec::SocketAddress& remote);
    Instant schedule(End& from, size_t bytes);
    void transmit(const Place& from, Bytes bytes);

    Simulation& m_simulation;
    Config m_config;
    std::map<codec::SocketAddress, Listener> m_listeners;
    std::map<std::pair<PipeOwner*, link::LinkId>, Place> m_ends;
    std::set<std::pair<PipeOwner*, link::LinkId>> m_opening;
};

} // namespace wherry::sim
