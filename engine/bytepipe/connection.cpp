#include "bytepipe/connection.h"

#include "bytepipe/bytepipe_limits.h"

#include <algorithm>
#include <utility>

namespace wherry::bytepipe {

using link::Side;

namespace {

/// Whom a dialler asks for in the opening of a WebSocket.
std::string hostOf(const PipePath& path) {
    return path.serverName.empty() ? path.remote.text() : path.serverName + ":" + std::to_string(path.remote.port);
}

/// Who dials may have to wait for more than the handshake: a relay dials, too.
Duration upgradeTime(Side side, const EndpointConfig& config) {
    return side == Side::Listener ? std::min(config.upgradeTimeout, kUpgradeTimeout) : config.upgradeTimeout;
}

} // namespace

Connection::Connection(ConnectionServices& services, link::LinkId id, Side side, const PipePath& path,
                       crypto::PeerId expected, std::unique_ptr<WssLayer> tls, Now now)
    : m_services(services),
      m_id(id),
      m_side(side),
      m_path(path),
      m_upgradeBy(now.mono + upgradeTime(side, services.config)),
      m_tls(std::move(tls)),
      m_connected(side == Side::Listener) {
    const bool inWebSocket = path.kind == PipeKind::WebSocket || path.kind == PipeKind::SecureWebSocket;
    if (inWebSocket) m_webSocket.emplace(side, hostOf(path), services.random);
    m_upgrade.emplace(side, services.credentials, services.config.securities, std::move(expected), services.random);
}

// --- the pipe -----------------------------------------------------------------------------------------------------

void Connection::onPipeOpened(const codec::SocketAddress& local) {
    if (m_ended) return;
    m_path.local = local;
    m_connected = true;
}

void Connection::onBytes(ByteView in, Now now) {
    if (m_ended) return;
    m_bytesReceived += in.size();
    if (!m_tls) return onFramed(in, now);
    Bytes framed;
    const auto received = m_tls->receive(in, framed, now);
    if (!framed.empty()) onFramed(framed, now);
    if (!received)
        end(received.error().within("the TLS with " + where()), received.error().code == Errc::ConnectionLost);
}

void Connection::onFramed(ByteView in, Now now) {
    if (!m_webSocket) return onInner(in, now);
    Bytes inner;
    const auto received = m_webSocket->receive(in, inner);
    if (!inner.empty()) onInner(inner, now);
    if (!received)
        end(received.error().within("the link with " + where()), received.error().code == Errc::ConnectionLost);
}

void Connection::onInner(ByteView in, Now now) {
    Bytes plain;
    if (!m_upgrade) {
        const auto received = m_channel->receive(in, plain, now);
        // What came before the damage is good, but the link is over anyway: QUIC would not show it either.
        if (!received) return end(received.error().within("the link with " + where()), false);
        return onPlain(plain, now);
    }
    const auto received = m_upgrade->receive(in, plain, now);
    if (!received) return end(received.error().within("the handshake with " + where()), false);
    if (m_upgrade->done()) onUpgraded(plain, now);
}

void Connection::onUpgraded(ByteView plain, Now now) {
    const crypto::PeerId peer = m_upgrade->peer()->peerId;
    m_opened = true;
    m_services.events.push_back(
        link::LinkOpened{m_id, peer, m_side, address(m_path.local, {}), address(m_path.remote, m_path.serverName)});
    LOG(m_services.log, Debug, "bytepipe",
        "link " << m_id.value << " with " << peer.shortText() << " at " << where() << " is open");
    m_gate.emplace(m_services.bandwidth, peer);
    m_gate->setRemote(m_path.remote.ip);
    m_session.emplace(m_id, m_side, m_services.pool, m_services.events, *m_gate, now);
    m_lastHandshake = m_upgrade->takeOutput();
    m_channel = m_upgrade->takeChannel();
    m_upgrade.reset();
    onPlain(plain, now);
}

void Connection::onPlain(ByteView plain, Now now) {
    const auto received = m_session->receive(plain, now);
    if (!received) return end(received.error().within("the link with " + where()), false);
    const auto goAway = m_session->peerGoAway();
    if (!goAway) return;
    if (*goAway != static_cast<uint32_t>(YamuxGoAway::Normal))
        return end(makeError(Errc::ProtocolViolation, where() + " went away with code " + std::to_string(*goAway)),
                   true);
    if (m_session->streams() == 0) end(makeError(Errc::ConnectionLost, where() + " closed the connection"), true);
}

void Connection::onPipeClosed(Error error, bool byPeer) {
    m_pipeGone = true;
    end(std::move(error), byPeer);
}

codec::Multiaddr Connection::address(const codec::SocketAddress& of, std::string serverName) const {
    switch (m_path.kind) {
    case PipeKind::Tcp:
        break;
    case PipeKind::WebSocket:
        return codec::Multiaddr::ws(of);
    case PipeKind::SecureWebSocket:
        return codec::Multiaddr::wss({of, std::move(serverName)});
    case PipeKind::Circuit:
        return m_path.circuit;
    }
    return codec::Multiaddr::tcp(of);
}

bool Connection::hasOutput() const {
    if (m_ended || !m_connected) return false;
    if (!m_tls) return hasFramedOutput();
    return m_tls->hasOutput() || (m_tls->open() && hasFramedOutput());
}

bool Connection::hasFramedOutput() const {
    if (!m_webSocket) return hasInnerOutput();
    return m_webSocket->hasOutput() || (m_webSocket->open() && hasInnerOutput());
}

bool Connection::hasInnerOutput() const {
    if (m_upgrade) return m_upgrade->hasOutput();
    return !m_lastHandshake.empty() || m_session->hasOutput();
}

void Connection::pull(Bytes& out, Now now) {
    if (m_ended || !m_connected) return;
    const size_t before = out.size();
    if (!m_tls) {
        pullFramed(out, now);
    } else {
        append(out, m_tls->takeOutput());
        Bytes framed;
        if (m_tls->open()) pullFramed(framed, now);
        if (!framed.empty()) m_tls->seal(framed, out);
    }
    m_bytesSent += out.size() - before;
}

void Connection::pullFramed(Bytes& out, Now now) {
    if (!m_webSocket) return pullInner(out, now);
    append(out, m_webSocket->takeOutput());
    Bytes inner;
    if (m_webSocket->open()) pullInner(inner, now);
    if (!inner.empty()) m_webSocket->wrap(inner, out);
}

void Connection::pullInner(Bytes& out, Now now) {
    if (m_upgrade) append(out, m_upgrade->takeOutput());
    if (m_session) {
        append(out, std::exchange(m_lastHandshake, {}));
        append(out, m_channel->takeOutput());
        m_services.scratch.clear();
        m_session->pull(m_services.scratch, kPullBytes, now);
        const size_t most = m_path.kind == PipeKind::Circuit ? kCircuitMessageBytes : m_services.scratch.size();
        for (ByteView left(m_services.scratch); !left.empty(); left = left.subspan(std::min(most, left.size())))
            m_channel->seal(left.first(std::min(most, left.size())), out);
    }
}

// --- time and ends ------------------------------------------------------------------------------------------------

Instant Connection::deadline() const {
    if (m_ended) return kNever;
    return m_session ? m_session->deadline() : m_upgradeBy;
}

void Connection::onDeadline(Now now) {
    if (m_ended) return;
    if (m_session) {
        const auto alive = m_session->onDeadline(now);
        if (!alive) end(alive.error().within("the link with " + where()), false);
    } else if (now.mono >= m_upgradeBy) {
        const std::string what =
            m_bytesReceived > 0 ? "the handshake with " + where() + " did not finish" : "no answer from " + where();
        end(makeError(Errc::Timeout, what), false);
    }
}

void Connection::onLimitsChanged() {
    if (m_session) m_session->onLimitsChanged();
}

void Connection::close(uint64_t code) {
    end(makeError(Errc::Cancelled, "closed by us"), false, code);
}

/// What is still to be said on the pipe: an alert, or a go-away.
Bytes Connection::farewell(const Error& error) {
    Bytes out = m_upgrade ? m_upgrade->takeOutput() : std::exchange(m_lastHandshake, {});
    if (!m_session) return out;
    append(out, m_channel->takeOutput());
    const bool ours =
        error.code == Errc::Cancelled || error.code == Errc::ConnectionLost || error.code == Errc::Timeout;
    m_session->end(ours ? YamuxGoAway::Normal : YamuxGoAway::ProtocolError);
    Bytes plain;
    m_session->pull(plain, kPullBytes, {});
    m_channel->seal(plain, out);
    return out;
}

/// The layers around what is said last, each ended in good order.
Bytes Connection::wrapLast(Bytes last) {
    if (m_webSocket) {
        Bytes framed = m_webSocket->takeOutput();
        if (m_webSocket->open()) m_webSocket->wrap(last, framed);
        if (!m_webSocket->closing()) m_webSocket->close(framed);
        last = std::move(framed);
    }
    if (m_tls) {
        Bytes sealed = m_tls->takeOutput();
        if (m_tls->open()) {
            m_tls->seal(last, sealed);
            m_tls->close(sealed);
        }
        last = std::move(sealed);
    }
    return last;
}

void Connection::end(Error error, bool byPeer, uint64_t code) {
    if (m_ended) return;
    m_ended = true;
    LOG(m_services.log, Debug, "bytepipe", "link " << m_id.value << " ended: " << error.text());
    Bytes last = wrapLast(farewell(error));
    if (!m_connected) last.clear();
    if (!m_pipeGone) m_services.actions.push_back(ClosePipe{m_id, std::move(last)});
    if (announcedEnd()) m_services.events.push_back(link::LinkClosed{m_id, std::move(error), byPeer, code});
    m_upgrade.reset();
    m_channel.reset();
}

link::LinkStats Connection::stats() const {
    link::LinkStats stats;
    if (m_session) {
        stats.smoothedRtt = m_session->smoothedRtt();
        stats.minimumRtt = m_session->minimumRtt();
    }
    stats.bytesSent = m_bytesSent;
    stats.bytesReceived = m_bytesReceived;
    return stats;
}

} // namespace wherry::bytepipe
