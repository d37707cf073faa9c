#pragma once

#include "base/log.h"
#include "bytepipe/config.h"
#include "bytepipe/pipe.h"
#include "bytepipe/upgrade.h"
#include "bytepipe/websocket.h"
#include "bytepipe/wss_layer.h"
#include "bytepipe/yamux_session.h"

namespace wherry::bytepipe {

/// What a connection needs of its endpoint.
struct ConnectionServices {
    const EndpointConfig& config;
    const Credentials& credentials;
    std::deque<link::LinkEvent>& events;
    std::deque<PipeAction>& actions;
    BlockPool& pool;
    Random& random;
    link::Bandwidth& bandwidth;
    Bytes& scratch; ///< plain bytes on their way through a channel
    const Log& log;
};

/// What an endpoint notes about one of its connections.
struct ConnectionMarks {
    bool dirty = false;   ///< in the list of those that may have something to write
    bool blocked = false; ///< the pipe takes nothing now
    bool countedHalfOpen = false;
    bool buried = false; ///< its end has been dealt with
};

/// One pipe and what is made of it: WebSocket around it, if it is to be, and TLS around that; in there an Upgrade, then
/// a SecureChannel with a YamuxSession inside.
///
/// States: connecting (dialled only) -> upgrading -> open -> ended. Once ended, received bytes stay readable until the
/// owner has seen LinkClosed and destroys the object.
class Connection {
  public:
    /// `tls`: for a SecureWebSocket; null on one that is dialled: secure() is to follow.
    Connection(ConnectionServices& services, link::LinkId id, link::Side side, const PipePath& path,
               crypto::PeerId expected, std::unique_ptr<WssLayer> tls, Now now);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    link::LinkId id() const { return m_id; }
    link::Side side() const { return m_side; }
    const PipePath& path() const { return m_path; }
    bool opened() const { return m_opened; }
    bool ended() const { return m_ended; }
    /// LinkClosed has been queued (not for handshakes of others that failed).
    bool announcedEnd() const { return m_opened || m_side == link::Side::Dialer; }

    /// A pipe that we open although we are the link's listener.
    void awaitPipe() { m_connected = false; }
    bool awaitsPipe() const { return !m_connected && !m_ended; }
    /// Before the pipe is opened.
    void secure(std::unique_ptr<WssLayer> tls) { m_tls = std::move(tls); }
    void onPipeOpened(const codec::SocketAddress& local);
    void onBytes(ByteView in, Now now);
    void onPipeClosed(Error error, bool byPeer);
    void onDeadline(Now now);
    void onLimitsChanged();
    Instant deadline() const;
    bool hasOutput() const;
    /// Appends bytes for the pipe.
    void pull(Bytes& out, Now now);
    void close(uint64_t code);
    /// The endpoint gives up a handshake.
    void abandon(Error error) { end(std::move(error), false); }

    // Streams; null before the link is open.
    YamuxSession* session() { return m_session ? &*m_session : nullptr; }
    const YamuxSession* session() const { return m_session ? &*m_session : nullptr; }
    link::LinkStats stats() const;

    /// The endpoint's own.
    ConnectionMarks marks;
    /// Where the other end is, for messages.
    std::string where() const { return m_path.circuit.empty() ? m_path.remote.text() : m_path.circuit.text(); }

  private:
    void onFramed(ByteView in, Now now);
    void pullFramed(Bytes& out, Now now);
    bool hasFramedOutput() const;
    void onInner(ByteView in, Now now);
    void pullInner(Bytes& out, Now now);
    bool hasInnerOutput() const;
    codec::Multiaddr address(const codec::SocketAddress& of, std::string serverName) const;
    void onUpgraded(ByteView plain, Now now);
    void onPlain(ByteView plain, Now now);
    void end(Error error, bool byPeer, uint64_t code = link::kNoError);
    Bytes farewell(const Error& error);
    Bytes wrapLast(Bytes last);

    ConnectionServices& m_services;
    const link::LinkId m_id;
    const link::Side m_side;
    PipePath m_path;
    const Instant m_upgradeBy;
    std::unique_ptr<WssLayer> m_tls;
    std::optional<WebSocket> m_webSocket;
    std::optional<Upgrade> m_upgrade;
    Bytes m_lastHandshake; // goes out before the channel's own
    std::unique_ptr<SecureChannel> m_channel;
    std::optional<link::BandwidthGate> m_gate; // once the peer is known; outlives the session
    std::optional<YamuxSession> m_session;
    uint64_t m_bytesSent = 0;
    uint64_t m_bytesReceived = 0;
    bool m_connected;
    bool m_pipeGone = false;
    bool m_opened = false;
    bool m_ended = false;
};

} // namespace wherry::bytepipe
