#pragma once

#include "bytepipe/endpoint.h"
#include "protocols/relay/relay_client.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace wherry::node {

/// The links through relays: an endpoint whose pipes are the circuits that a RelayClient makes and accepts. Carries the
/// bytes between the two: what a circuit's stream does not take stays with the endpoint, but for one piece of it.
class Circuits {
  public:
    /// `base`: of the node's own pipes; what is not about sockets is taken from it.
    static Result<std::unique_ptr<Circuits>> create(const bytepipe::EndpointConfig& base,
                                                    const crypto::Identity& identity, Random& random,
                                                    std::shared_ptr<BlockPool> pool, const Log& log);

    /// To be added to the swarm.
    bytepipe::Endpoint& endpoint() { return *m_endpoint; }
    relay::RelayClient& client() { return m_client; }

    /// Carries bytes and settles what is about circuits; whether anything has moved. Behind the swarm's own settle().
    bool settle(link::StreamIo& io, Now now);
    /// What is about relays: Reserved, ReserveFailed, RelayWanted, and nothing else.
    std::optional<relay::ClientEvent> poll();

    Instant deadline() const { return m_endpoint->deadline(); }
    void onDeadline(Now now) { m_endpoint->onDeadline(now); }
    /// Whether a relay has ended a circuit to this peer by itself, before what it allows was used up; told once.
    bool wasCut(const crypto::PeerId& peer) { return m_cut.erase(peer) > 0; }
    /// Whether what has been said last is still on its way into a circuit.
    bool holdsBack() const { return m_endpoint->holdsBack(); }
    void shutdown(Now now) { m_endpoint->shutdown(now); }

  private:
    struct Pipe {
        link::StreamKey key;
        std::string through; ///< "relay ID", and its limit
        Bytes unsent;        ///< one piece of the endpoint's at most
        bool open = false;   ///< the stream may be written to
        crypto::PeerId peer{};
        relay::Limit limit{}; ///< as the relay says; without figures for one that others have opened
        Instant since{};
        uint64_t received = 0;
        uint64_t sent = 0;
    };
    /// A circuit that is being made.
    struct Dialled {
        std::string relay;
        crypto::PeerId peer;
    };
    using Pipes = std::map<link::LinkId, Pipe>;

    Circuits(std::unique_ptr<bytepipe::Endpoint> endpoint, const crypto::PeerId& self, const Log& log)
        : m_endpoint(std::move(endpoint)),
          m_client(self, log) {}

    void on(const relay::CircuitOpened& event, link::StreamIo& io, Now now);
    void on(const relay::CircuitFailed& event, link::StreamIo& io, Now now);
    void on(const relay::CircuitOffered& event, link::StreamIo& io, Now now);
    void on(const relay::CircuitReadable& event, link::StreamIo& io, Now now);
    void on(const relay::CircuitWritable& event, link::StreamIo& io, Now now);
    void on(const relay::CircuitEnded& event, link::StreamIo& io, Now now);
    void on(const bytepipe::OpenPipe& action, link::StreamIo& io, Now now);
    void on(const bytepipe::ClosePipe& action, link::StreamIo& io, Now now);
    void on(const bytepipe::LoadWebTrust&, link::StreamIo&, Now) {}
    void read(link::LinkId pipe, Now now, link::StreamIo& io);
    Pipe& add(link::LinkId pipe, link::StreamKey key, std::string through);
    void noteEnd(const Pipe& pipe, Now now);
    void drop(link::LinkId pipe);
    std::optional<link::LinkId> pipeOf(link::StreamKey key) const;
    static void send(Pipe& pipe, link::StreamIo& io);

    std::unique_ptr<bytepipe::Endpoint> m_endpoint;
    relay::RelayClient m_client;
    Pipes m_pipes;
    std::map<link::StreamKey, link::LinkId> m_byStream;
    std::map<link::LinkId, Dialled> m_dialled;
    std::set<crypto::PeerId> m_cut;
    std::deque<relay::ClientEvent> m_events;
};

} // namespace wherry::node
