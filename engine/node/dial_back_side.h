#pragma once

#include "bytepipe/endpoint.h"
#include "protocols/autonat/dial_back_host.h"
#include "quic/endpoint.h"

#include <memory>

namespace wherry::node {

/// The part of a node that dials for others (AutoNAT): a key made for this run, an endpoint of QUIC that listens to
/// nobody, at a port of its own, one of pipes, and what may be asked of them. Its owner gives it the datagrams of that
/// port and sends what it has to send from there, and has its pipes beside the node's own: their links are numbered
/// behind kLinksBehind. A node that listens to nobody by QUIC dials for others all the same.
class DialBackSide {
  public:
    /// `base`, `basePipes`: of the node's own endpoints; families and congestion control are taken from them.
    static Result<std::unique_ptr<DialBackSide>> create(const quic::EndpointConfig& base,
                                                        const bytepipe::EndpointConfig& basePipes, uint16_t port,
                                                        Random& random, std::shared_ptr<BlockPool> pool,
                                                        const Log& log);
    static constexpr link::LinkId kLinksBehind{uint64_t{1} << 62};

    uint16_t port() const { return m_port; }
    quic::Endpoint& endpoint() { return *m_endpoint; }
    bytepipe::Endpoint& pipes() { return *m_pipes; }
    /// To be added to the swarm that is asked.
    autonat::AutonatServer& server() { return m_server; }

    bool settle(link::StreamIo& io, Now now);
    Instant deadline() const;
    void onDeadline(Now now);

  private:
    DialBackSide(uint16_t port, const crypto::PeerId& self, std::unique_ptr<quic::Endpoint> endpoint,
                 std::unique_ptr<bytepipe::Endpoint> pipes, Random& random, const Log& log);

    uint16_t m_port;
    std::unique_ptr<quic::Endpoint> m_endpoint;
    std::unique_ptr<bytepipe::Endpoint> m_pipes;
    autonat::AutonatServer m_server;
    autonat::DialBackHost m_host;
};

} // namespace wherry::node
