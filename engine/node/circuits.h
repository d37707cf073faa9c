#pragma once

#include "bytepipe/endpoint.h"
#include "node/node_limits.h"
#include "protocols/relay/relay_client.h"

#include <algorithm>
#include <functional>
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
    /// Whether the last circuit to this peer has ended because all that the relay lets through had gone through; told
    /// once.
    bool wasSpent(const crypto::PeerId& peer) { return m_spent.erase(peer) > 0; }
    /// The next wasCut() is true: the relay is of no use for this peer, however it ended.
    void blame(const crypto::PeerId& peer) { note(m_cut, peer); }
    /// What a person calls a relay; else it is its short id.
    using NameOf = std::function<std::string(const crypto::PeerId&)>;
    void setNames(NameOf nameOf) { m_nameOf = std::move(nameOf); }
    /// Whether what has been said last is still on its way into a circuit.
    bool holdsBack() const { return m_endpoint->holdsBack(); }
    void shutdown(Now now) { m_endpoint->shutdown(now); }

  private:
    struct Pipe {
        link::StreamKey key;
        crypto::PeerId relay;
        crypto::PeerId peer;
        relay::Limit limit{}; ///< as the relay says
        Instant since{};
        bool dialled = false; ///< by us
        bool open = false;    ///< the stream may be written to
        Bytes unsent{};       ///< one piece of the endpoint's at most
        uint64_t received = 0;
        uint64_t sent = 0;
        bool saidAll = false; ///< our half is at its end

        /// Of both directions, for there are relays that count them together (js-libp2p).
        uint64_t moved() const { return sent + received; }
        /// What the other may have on its way, bytes.
        uint64_t margin() const { return std::min(limit.bytes / 16, kCircuitMargin); }
        /// What may still be sent.
        uint64_t room() const {
            if (limit.bytes == 0) return UINT64_MAX;
            const uint64_t gone = moved() + margin();
            return gone < limit.bytes ? limit.bytes - gone : 0;
        }
        /// As much as the relay lets through has gone, as far as this end can tell.
        bool full() const { return room() <= margin(); }
    };
    enum class Why : uint8_t { Unknown, Bytes, Time };
    /// A circuit that is being made.
    struct Dialled {
        crypto::PeerId relay;
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
    Pipe& add(link::LinkId id, Pipe pipe);
    static Why whyEnded(const Pipe& pipe, Now now);
    Error noteEnd(const Pipe& pipe, Now now);
    static void note(std::set<crypto::PeerId>& peers, const crypto::PeerId& peer);
    void drop(link::LinkId pipe);
    std::optional<link::LinkId> pipeOf(link::StreamKey key) const;
    static void send(Pipe& pipe, link::StreamIo& io);

    std::unique_ptr<bytepipe::Endpoint> m_endpoint;
    relay::RelayClient m_client;
    Pipes m_pipes;
    std::map<link::StreamKey, link::LinkId> m_byStream;
    std::map<link::LinkId, Dialled> m_dialled;
    std::set<crypto::PeerId> m_cut;
    std::set<crypto::PeerId> m_spent;
    NameOf m_nameOf;
    std::deque<relay::ClientEvent> m_events;
};

} // namespace wherry::node
