#include "node/dial_back_side.h"

#include <algorithm>

namespace wherry::node {

Result<std::unique_ptr<DialBackSide>> DialBackSide::create(const quic::EndpointConfig& base,
                                                           const bytepipe::EndpointConfig& basePipes, uint16_t port,
                                                           Random& random, std::shared_ptr<BlockPool> pool,
                                                           const Log& log) {
    const crypto::Identity identity = crypto::Identity::generate(random);
    quic::EndpointConfig config = base;
    config.localPort = port;
    config.listen = false;
    if (!base.ipv4 && !base.ipv6) config.ipv4 = basePipes.ipv4, config.ipv6 = basePipes.ipv6; // it has a port for this
    config.keepAlive = {};
    config.maxConnections = 2 * autonat::kMaxDialBacks; // those that are closing included
    config.handshakeTimeout = std::min(config.handshakeTimeout, autonat::kDialTimeout);
    TRY(auto endpoint, quic::Endpoint::create(config, identity, random, pool, log));
    bytepipe::EndpointConfig pipeConfig;
    pipeConfig.ipv4 = basePipes.ipv4;
    pipeConfig.ipv6 = basePipes.ipv6;
    pipeConfig.loadsWebTrust = basePipes.loadsWebTrust;
    pipeConfig.maxConnections = config.maxConnections;
    pipeConfig.upgradeTimeout = std::min(pipeConfig.upgradeTimeout, autonat::kDialTimeout);
    pipeConfig.linksBehind = kLinksBehind;
    TRY(auto pipes, bytepipe::Endpoint::create(pipeConfig, identity, random, std::move(pool), log));
    return std::unique_ptr<DialBackSide>(
        new DialBackSide(port, identity.peerId(), std::move(endpoint), std::move(pipes), random, log));
}

DialBackSide::DialBackSide(uint16_t port, const crypto::PeerId& self, std::unique_ptr<quic::Endpoint> endpoint,
                           std::unique_ptr<bytepipe::Endpoint> pipes, Random& random, const Log& log)
    : m_port(port),
      m_endpoint(std::move(endpoint)),
      m_pipes(std::move(pipes)),
      m_server(
          [this](const codec::Multiaddr& address) { return m_endpoint->canDial(address) || m_pipes->canDial(address); },
          random, log),
      m_host(self, {m_endpoint.get(), m_pipes.get()}, log) {}

bool DialBackSide::settle(link::StreamIo& io, Now now) {
    bool more = m_host.settle(now);
    while (m_endpoint->pollDatagram()) {
    }
    while (const auto wanted = m_server.poll()) {
        m_host.start(*wanted, now);
        more = true;
    }
    while (const auto done = m_host.poll()) {
        m_server.onDialBack(done->id, done->outcome, io, now);
        more = true;
    }
    return more;
}

Instant DialBackSide::deadline() const {
    return std::min({m_endpoint->deadline(), m_pipes->deadline(), m_host.deadline()});
}

void DialBackSide::onDeadline(Now now) {
    if (now.mono >= m_endpoint->deadline()) m_endpoint->onDeadline(now);
    if (now.mono >= m_pipes->deadline()) m_pipes->onDeadline(now);
    if (now.mono >= m_host.deadline()) m_host.onDeadline(now);
}

} // namespace wherry::node
