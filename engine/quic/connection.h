#pragma once

#include "base/rate_limit.h"
#include "link/link.h"
#include "link/ready_streams.h"
#include "link/bandwidth_gate.h"
#include "quic/connection_services.h"
#include "quic/path_size.h"
#include "quic/sockaddr.h"
#include "quic/stream.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace wherry::quic {

/// One QUIC connection: ngtcp2's machine, its TLS session and the buffers of its streams.
///
/// States: handshaking -> open -> ended, or handshaking -> ended. ngtcp2's callbacks (connection_callbacks.cpp) only
/// change this object and queue events; failures they cause are dealt with after the ngtcp2 call has returned. Once
/// ended, ngtcp2 and TLS are gone, but received bytes stay readable until the owner has seen LinkClosed and destroys
/// the object.
class Connection {
  public:
    static Result<std::unique_ptr<Connection>> dial(ConnectionServices& services, link::LinkId id, const Path& path,
                                                    const crypto::PeerId& expected, size_t maxPayload, Now now);
    /// `originalId`: from the Retry token, when there was one.
    static Result<std::unique_ptr<Connection>> accept(ConnectionServices& services, link::LinkId id, const Path& path,
                                                      const ngtcp2_pkt_hd& initial, const ngtcp2_cid* originalId,
                                                      size_t maxPayload, Now now);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    link::LinkId id() const { return m_id; }
    link::Side side() const { return m_side; }
    bool opened() const { return m_opened; }
    bool ended() const { return m_ended; }
    /// The wish of ngtcp2 to see a Retry first; the connection has ended silently.
    bool wantsRetry() const { return m_wantsRetry; }
    /// LinkClosed has been queued (not for handshakes of others that failed).
    bool announcedEnd() const { return m_announcedEnd; }
    const Path& path() const { return m_path; }
    /// Where packets go now; path() follows once the peer has proved the new one.
    Path sendingPath() const;

    void onDatagram(const Path& path, uint8_t ecn, ByteView payload, Now now);
    void onDeadline(Now now);
    void onUnreachable(const Path& path);
    /// Nobody has answered what it has sent before; from where the system has sent that is not known.
    bool dialsInVain(Now now) const { return !m_localKnown && m_side == link::Side::Dialer && m_firstSent < now.mono; }
    /// Fills `buffer` with packets for one path. A packet that does not belong to the batch goes to `stash`, to be sent
    /// next.
    std::optional<SendBatch> writeBatch(MutableBytes buffer, std::optional<ReadyPacket>& stash, Now now);
    Instant deadline() const;
    void close(uint64_t code, std::string_view reason, Now now);
    /// The endpoint closes with a transport error code.
    void abandon(Error error, uint64_t transportError, Now now);
    /// Moves a dialled connection to another local address (RFC 9000 9.2).
    Result<void> migrate(const codec::SocketAddress& local, Now now);

    Farewell takeFarewell();

    // Streams; `stream` is the QUIC stream id. Unknown streams are harmless.
    Result<link::StreamKey> openStream();
    size_t available(uint64_t stream) const;
    ByteView front(uint64_t stream) const;
    void consume(uint64_t stream, size_t count);
    Slices take(uint64_t stream, size_t count);
    void credit(uint64_t stream, size_t count);
    bool atEnd(uint64_t stream) const;
    size_t writable(uint64_t stream);
    size_t unacknowledged(uint64_t stream) const;
    void write(uint64_t stream, Slice bytes, link::Fin fin);
    void reset(uint64_t stream, uint64_t code);
    void stop(uint64_t stream, uint64_t code);
    /// The owner has polled the event.
    void onReadablePolled(uint64_t stream);
    void onClosedPolled(uint64_t stream);
    bool hasStream(uint64_t stream) const { return find(stream) != nullptr; }

    bool sendDatagram(ByteView bytes);
    link::LinkStats stats() const;

    /// The endpoint's own.
    ConnectionMarks marks;

  private:
    friend struct ConnectionCallbacks;
    struct ConnDeleter {
        void operator()(ngtcp2_conn* conn) const { ngtcp2_conn_del(conn); }
    };
    struct OutgoingDatagram {
        Bytes bytes;
    };
    struct Packet {
        NativePath path;
        ngtcp2_pkt_info info{};
    };

    Connection(ConnectionServices& services, link::LinkId id, link::Side side, const Path& path, size_t maxPayload);
    void fillSettings(ngtcp2_settings& settings, Now now);
    void fillParameters(ngtcp2_transport_params& parameters) const;
    void planProbes(size_t maxPayload);
    ngtcp2_cid newId();

    ngtcp2_tstamp tick(Now now);
    void emit(link::LinkEvent event);
    void announceOpen();
    void startKeepAlive();
    void tolerateRetiringIds();
    void afterRead();
    void checkPath();
    Instant lastInstant() const { return Instant(Duration(static_cast<int64_t>(m_lastTick))); }

    // Ends (connection_end.cpp).
    void fail(int code, Now now);
    void closeWith(const ngtcp2_ccerr& reason, Now now);
    Error describeFailure(int code) const;
    Error describePeerClose(uint64_t& applicationCode) const;
    void end(Error error, bool byPeer, uint64_t applicationCode);

    // Packets (connection_write.cpp).
    size_t writeChecked(MutableBytes out, Packet& packet, ngtcp2_tstamp at, Now now);
    ngtcp2_ssize writePacket(MutableBytes out, Packet& packet, ngtcp2_tstamp at);
    ngtcp2_ssize writeStreamData(Stream& stream, MutableBytes out, Packet& packet, ngtcp2_tstamp at);
    ngtcp2_ssize writeDatagram(MutableBytes out, Packet& packet, ngtcp2_tstamp at);
    ngtcp2_ssize finishPacket(MutableBytes out, Packet& packet, ngtcp2_tstamp at);
    Stream* nextReady();
    Stream* nextSmall();
    Stream* nextProbe();
    void noteSent(Stream& stream, size_t count, bool fin);
    void updateSendLimits();

    // Streams (connection_streams.cpp).
    Stream* find(uint64_t stream) const;
    Stream& addStream(int64_t id, bool remote);
    void giveConnectionCredit(size_t count);
    void giveStreamCredit(Stream& stream, size_t count);
    void extendStream(Stream& stream, size_t count);
    void releaseCredit(Now now);
    void queueReadable(Stream& stream);
    void closeIfDone(Stream& stream);
    size_t room(const Stream& stream) const;
    void announceRoom();
    void onStopped(Stream& stream);
    link::StreamKey key(const Stream& stream) const { return {m_id, static_cast<uint64_t>(stream.id)}; }

    ConnectionServices& m_services;
    const link::LinkId m_id;
    const link::Side m_side;
    Path m_path;
    std::vector<uint16_t> m_probes;
    size_t m_maxPayload;
    HeldIds m_ids;

    // Order matters: ngtcp2's machine goes before the TLS session that its keys belong to.
    std::unique_ptr<TlsSession> m_tls;
    std::unique_ptr<ngtcp2_conn, ConnDeleter> m_conn;
    ngtcp2_tstamp m_lastTick = 0;

    std::map<int64_t, Stream> m_streams;
    link::ReadyStreams<Stream> m_ready;
    std::vector<Stream*> m_waiting;
    std::vector<int64_t> m_uniToStop;
    int64_t m_probeCursor = -1;
    DatagramQueue<OutgoingDatagram> m_datagrams;
    std::vector<link::LinkEvent> m_held; // before LinkOpened
    size_t m_heldStreamCredit = 0;       // streams of the peer that were over before LinkOpened

    std::optional<link::BandwidthGate> m_gate; // once the peer is known
    uint64_t m_sendLeft = 0;             // of the limits' allowance, during one batch
    std::deque<int64_t> m_creditHeld;    // streams whose credit waits
    size_t m_creditTurnLeft = 0;         // of the first one's turn
    Instant m_gateOpens = kNever;        // when a limit lets go what it holds back
    uint64_t m_windowLeft = 0;           // connection-level window of the peer, during one batch
    size_t m_buffered = 0;               // unacknowledged bytes of all streams
    size_t m_acknowledged = 0;           // bytes of streams, by the datagram that is being read
    PathSize m_pathSize;
    size_t m_taken = 0; // bytes taken and not yet credited
    size_t m_connectionLimit = kMinConnectionSendBuffer;
    size_t m_streamLimit = kMinStreamSendBuffer;
    uint64_t m_bytesSent = 0;
    uint64_t m_bytesReceived = 0;

    RateLimit m_newIds{kConnectionIdsPerSecond, kConnectionIdBurst};
    Farewell m_farewell;
    bool m_localKnown = false;
    Instant m_firstSent = kNever;
    bool m_opened = false;
    bool m_ended = false;
    bool m_announcedEnd = false;
    bool m_wantsRetry = false;
    bool m_heardPeer = false;
    bool m_resetByPeer = false;
    bool m_flooded = false;
    bool m_pathValidated = false;
    bool m_roomMayHaveGrown = false;
    bool m_probeStreams = false;
};

} // namespace wherry::quic
