#pragma once

#include "protocols/identify/identify.h"
#include "protocols/relay/relay_server.h"
#include "quic/endpoint.h"
#include "sim/net/simulation.h"
#include "sim/net/timer.h"
#include "swarm/swarm.h"

#include <functional>
#include <map>
#include <memory>
#include <set>

namespace wherry::sim {

/// What a relay does to those who use it (SECURITY D12). None: it is an honest one.
enum class Wrong : uint8_t {
    None,
    Corrupts,       ///< one bit of what it carries
    Drops,          ///< whatever it carries
    Skips,          ///< one piece of what it carries
    Reorders,       ///< one piece comes after the next one
    Repeats,        ///< one piece comes twice
    SwapsTarget,    ///< connects the caller to the accomplice
    SwapsCaller,    ///< says that the accomplice calls
    LiesAboutLimit, ///< grants without limit, and ends the circuit all the same
    ForeignVoucher, ///< for the accomplice
    ForeignSigner,  ///< signed with another key than its own
    VictimAddresses ///< of its own addresses it says that they are the victims'
};

/// A relay's protocol, as relay::RelayServer has it, with a hand between it and its streams.
class RogueHop final : public swarm::Protocol {
  public:
    RogueHop(const crypto::Identity& identity, const Log& log);

    Wrong wrong = Wrong::None;
    uint64_t after = 0;        ///< bytes of a circuit's direction that pass unharmed
    crypto::PeerId accomplice; ///< connected to it
    std::vector<codec::Multiaddr> victims;
    uint64_t wronged = 0; ///< how often it has done it

    relay::RelayServer& server() { return m_server; }

    std::span<const std::string> protocolIds() const override { return m_server.protocolIds(); }
    void onPeerMoved(const swarm::PeerInfo& info, Now now) override { m_server.onPeerMoved(info, now); }
    void onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) override;
    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now) override;
    void onStreamFailed(swarm::RequestTag tag, const crypto::PeerId& peer, const Error& error, link::StreamIo& io,
                        Now now) override;
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onWritable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onReset(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onStopped(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onClosed(link::StreamKey key, link::StreamIo& io, Now now) override;
    Instant deadline() const override { return m_server.deadline(); }
    void onDeadline(link::StreamIo& io, Now now) override;
    std::optional<swarm::SwarmRequest> pollRequest() override;

  private:
    class Hand;
    /// What it has written to a stream.
    struct Written {
        bool message = false; ///< its own first word
        uint64_t bytes = 0;   ///< of the circuit
        bool wronged = false;
        Slice held;
    };
    void write(link::StreamKey key, Slice bytes, link::Fin fin, link::StreamIo& io);
    void carry(link::StreamKey key, Written& written, Slice bytes, link::Fin fin, link::StreamIo& io);
    Slice message(link::StreamKey key, const Slice& bytes);
    bool twist(relay::HopStatus& answer) const;

    const crypto::Identity& m_identity;
    relay::RelayServer m_server;
    std::map<link::StreamKey, Written> m_written;
    std::set<link::StreamKey> m_stops;
};

/// A peer on a virtual host that is a relay and nothing else.
class RogueRelay {
  public:
    RogueRelay(Simulation& simulation, Host& host, const std::string& name);
    ~RogueRelay();

    RogueHop& hop() { return m_hop; }
    const crypto::PeerId& peerId() const { return m_identity.peerId(); }
    /// With /p2p of it.
    codec::Multiaddr address() const;
    /// Where it brings callers to whoever has a reservation.
    codec::Multiaddr circuit() const { return address().withCircuit(); }

  private:
    void turn();

    Simulation& m_simulation;
    Host& m_host;
    SeededRandom m_random;
    crypto::Identity m_identity;
    Log m_log;
    link::Bandwidth m_bandwidth;
    std::unique_ptr<quic::Endpoint> m_endpoint;
    RogueHop m_hop;
    identify::IdentifyProtocol m_identify;
    swarm::Swarm m_swarm;
    Timer m_timer;
};

} // namespace wherry::sim
