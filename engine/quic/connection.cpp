#include "quic/connection.h"

#include "quic/connection_callbacks.h"

#include <algorithm>

namespace wherry::quic {

using link::Side;

namespace {

uint64_t nanoseconds(Duration duration) {
    return static_cast<uint64_t>(duration.count());
}

} // namespace

Connection::Connection(ConnectionServices& services, link::LinkId id, Side side, const Path& path, size_t maxPayload)
    : m_services(services),
      m_id(id),
      m_side(side),
      m_path(path),
      m_maxPayload(maxPayload),
      m_ids(services.ids, {id, this}),
      m_localKnown(!path.local.ip.isUnspecified()) {
    planProbes(maxPayload);
}

/// Small steps first: most paths end at an Ethernet's size, and each size that fails costs several PTOs.
void Connection::planProbes(size_t maxPayload) {
    constexpr size_t kSteps[] = {1350, 1452, 4000, 8952, 16384};
    constexpr size_t kWorthAProbe = 16; // bytes more than the step before
    for (const size_t step : kSteps)
        if (step <= maxPayload) m_probes.push_back(static_cast<uint16_t>(step));
    const size_t last = m_probes.empty() ? kMinInitialDatagram : m_probes.back();
    if (maxPayload >= last + kWorthAProbe) m_probes.push_back(static_cast<uint16_t>(maxPayload));
}

ngtcp2_cid Connection::newId() {
    ngtcp2_cid id{};
    id.datalen = kConnectionIdLength;
    m_services.random.fill({id.data, id.datalen});
    return id;
}

/// ngtcp2 asserts that its clock never runs backwards.
ngtcp2_tstamp Connection::tick(Now now) {
    const auto count = now.mono.time_since_epoch().count();
    m_lastTick = std::max(m_lastTick, static_cast<ngtcp2_tstamp>(std::max<int64_t>(count, 0)));
    if (m_tls) m_tls->setWallTime(now.wall);
    return m_lastTick;
}

void Connection::fillSettings(ngtcp2_settings& settings, Now now) {
    const EndpointConfig& config = m_services.config;
    ngtcp2_settings_default(&settings);
    settings.initial_ts = tick(now);
    settings.cc_algo = config.congestion == CongestionControl::Bbr ? NGTCP2_CC_ALGO_BBR : NGTCP2_CC_ALGO_CUBIC;
    settings.handshake_timeout = nanoseconds(config.handshakeTimeout);
    settings.max_window = config.maxConnectionWindow;
    settings.max_stream_window = config.maxStreamWindow;
    settings.max_tx_udp_payload_size = std::max(m_maxPayload, kMinInitialDatagram);
    settings.pmtud_probes = m_probes.data();
    settings.pmtud_probeslen = m_probes.size();
    settings.no_pmtud = m_probes.empty();
    settings.rand_ctx.native_handle = &m_services.random;
}

void Connection::fillParameters(ngtcp2_transport_params& parameters) const {
    const EndpointConfig& config = m_services.config;
    ngtcp2_transport_params_default(&parameters);
    parameters.initial_max_data = config.initialConnectionWindow;
    const uint64_t streamWindow =
        link::BandwidthGate::firstStreamWindow(m_services.bandwidth, m_path.remote.ip, config.initialStreamWindow);
    parameters.initial_max_stream_data_bidi_local = streamWindow;
    parameters.initial_max_stream_data_bidi_remote = streamWindow;
    parameters.initial_max_stream_data_uni = kUniStreamWindow;
    parameters.initial_max_streams_bidi = kMaxBidiStreams;
    parameters.initial_max_streams_uni = kMaxUniStreams;
    parameters.max_idle_timeout = nanoseconds(config.idleTimeout);
    parameters.active_connection_id_limit = kActiveConnectionIds;
    parameters.max_datagram_frame_size = kMaxDatagramFrame;
    parameters.grease_quic_bit = 1;
}

Result<std::unique_ptr<Connection>> Connection::dial(ConnectionServices& services, link::LinkId id, const Path& path,
                                                     const crypto::PeerId& expected, size_t maxPayload, Now now) {
    std::unique_ptr<Connection> self(new Connection(services, id, Side::Dialer, path, maxPayload));
    TRY(self->m_tls, TlsSession::create(services.tls, Side::Dialer, expected));
    ngtcp2_settings settings;
    self->fillSettings(settings, now);
    ngtcp2_transport_params parameters;
    self->fillParameters(parameters);
    const ngtcp2_cid destination = self->newId();
    const ngtcp2_cid source = self->newId();
    const NativePath native(path);
    const ngtcp2_callbacks callbacks = makeCallbacks();
    ngtcp2_conn* conn = nullptr;
    if (ngtcp2_conn_client_new(&conn, &destination, &source, native.get(), NGTCP2_PROTO_VER_V1, &callbacks, &settings,
                               &parameters, nullptr, self.get()) != 0)
        return makeError(Errc::Internal, "starting a QUIC connection to " + path.remote.text());
    self->m_conn.reset(conn);
    self->m_tls->attach(conn);
    ngtcp2_conn_set_tls_native_handle(conn, self->m_tls->handle());
    self->m_ids.add(source);
    return self;
}

Result<std::unique_ptr<Connection>> Connection::accept(ConnectionServices& services, link::LinkId id, const Path& path,
                                                       const ngtcp2_pkt_hd& initial, const ngtcp2_cid* originalId,
                                                       size_t maxPayload, Now now) {
    std::unique_ptr<Connection> self(new Connection(services, id, Side::Listener, path, maxPayload));
    TRY(self->m_tls, TlsSession::create(services.tls, Side::Listener, {}));
    ngtcp2_settings settings;
    self->fillSettings(settings, now);
    ngtcp2_transport_params parameters;
    self->fillParameters(parameters);
    parameters.original_dcid_present = 1;
    parameters.original_dcid = originalId ? *originalId : initial.dcid;
    if (originalId) {
        parameters.retry_scid_present = 1;
        parameters.retry_scid = initial.dcid;
        settings.token = initial.token;
        settings.tokenlen = initial.tokenlen;
        settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
    }
    const ngtcp2_cid source = self->newId();
    parameters.stateless_reset_token_present = 1;
    services.stateless.resetToken(source, parameters.stateless_reset_token);
    const NativePath native(path);
    const ngtcp2_callbacks callbacks = makeCallbacks();
    ngtcp2_conn* conn = nullptr;
    if (ngtcp2_conn_server_new(&conn, &initial.scid, &source, native.get(), initial.version, &callbacks, &settings,
                               &parameters, nullptr, self.get()) != 0)
        return makeError(Errc::Internal, "accepting a QUIC connection from " + path.remote.text());
    self->m_conn.reset(conn);
    self->m_tls->attach(conn);
    ngtcp2_conn_set_tls_native_handle(conn, self->m_tls->handle());
    self->m_ids.add(source);
    self->m_ids.add(initial.dcid);
    return self;
}

void Connection::emit(link::LinkEvent event) {
    if (m_opened)
        m_services.events.push_back(std::move(event));
    else
        m_held.push_back(std::move(event));
}

void Connection::announceOpen() {
    ASSERT(!m_tls->peer().empty());
    m_opened = true;
    m_path = fromNative(*ngtcp2_conn_get_path(m_conn.get()));
    m_gate.emplace(m_services.bandwidth, m_tls->peer());
    m_gate->setRemote(m_path.remote.ip);
    m_services.events.push_back(link::LinkOpened{m_id, m_tls->peer(), m_side, codec::Multiaddr::quic(m_path.local),
                                                 codec::Multiaddr::quic(m_path.remote)});
    for (link::LinkEvent& event : m_held) m_services.events.push_back(std::move(event));
    m_held = {};
    if (m_heldStreamCredit > 0) ngtcp2_conn_extend_max_streams_bidi(m_conn.get(), m_heldStreamCredit);
    m_heldStreamCredit = 0;
}

void Connection::startKeepAlive() {
    const EndpointConfig& config = m_services.config;
    if (config.keepAlive <= Duration::zero()) return;
    Duration idle = config.idleTimeout;
    const ngtcp2_transport_params* remote = ngtcp2_conn_get_remote_transport_params(m_conn.get());
    if (remote && remote->max_idle_timeout > 0)
        idle = std::min(idle, Duration(static_cast<int64_t>(
                                  std::min<uint64_t>(remote->max_idle_timeout, nanoseconds(config.idleTimeout)))));
    const Duration interval = std::max(std::min(config.keepAlive, idle / kKeepAlivePerIdle), Duration(kMinKeepAlive));
    ngtcp2_conn_set_keep_alive_timeout(m_conn.get(), nanoseconds(interval));
}

/// ngtcp2 (1.11 at least) counts the connection ids of the path that it would fall back to as the peer's even after it
/// has asked for their retirement, which it does when a second change of path begins during the first one's validation
/// (a NAT rebinding and then a move). The replacement that the peer rightly sends then exceeds the limit, and ngtcp2
/// closes with CONNECTION_ID_LIMIT_ERROR. What we have announced stays; only what we accept is a little more. ngtcp2
/// takes no larger limit than it announces, but keeps it in these parameters and reads them at each NEW_CONNECTION_ID;
/// ids beyond what it has room for it ignores.
void Connection::tolerateRetiringIds() {
    const ngtcp2_transport_params* own = ngtcp2_conn_get_local_transport_params(m_conn.get());
    const_cast<ngtcp2_transport_params*>(own)->active_connection_id_limit =
        kActiveConnectionIds + kRetiringConnectionIds;
}

void Connection::onDatagram(const Path& path, uint8_t ecn, ByteView payload, Now now) {
    if (m_ended || payload.empty()) return;
    const ngtcp2_tstamp at = tick(now);
    const NativePath native(path);
    if (!m_localKnown && m_side == Side::Dialer && path.remote == m_path.remote) {
        // Which address the system sends from shows in the first answer.
        ngtcp2_conn_set_local_addr(m_conn.get(), &native.get()->local);
        m_localKnown = true;
    }
    m_bytesReceived += payload.size();
    if (m_gate) m_gate->onReceived(payload.size(), stats().smoothedRtt, now.mono);
    m_probeStreams = true;
    const ngtcp2_pkt_info info{ecn};
    m_acknowledged = 0;
    const int result = ngtcp2_conn_read_pkt(m_conn.get(), native.get(), &info, payload.data(), payload.size(), at);
    if (result != 0) return fail(result, now);
    m_heardPeer = true;
    m_pathSize.onAcknowledged(m_acknowledged, lastInstant());
    afterRead();
}

void Connection::afterRead() {
    for (const int64_t stream : m_uniToStop) ngtcp2_conn_shutdown_stream_read(m_conn.get(), 0, stream, link::kNoError);
    m_uniToStop.clear();
    if (m_pathValidated) checkPath();
    if (m_roomMayHaveGrown) announceRoom();
}

void Connection::checkPath() {
    m_pathValidated = false;
    const Path current = fromNative(*ngtcp2_conn_get_path(m_conn.get()));
    if (current == m_path) return;
    if (m_gate) m_gate->setRemote(current.remote.ip);
    m_path = current;
    m_pathSize.onMoved();
    emit(link::LinkMoved{m_id, codec::Multiaddr::quic(m_path.local), codec::Multiaddr::quic(m_path.remote)});
}

void Connection::onDeadline(Now now) {
    if (m_ended) return;
    const int result = ngtcp2_conn_handle_expiry(m_conn.get(), tick(now));
    if (result != 0) return fail(result, now);
    m_pathSize.onDeadline(Duration(static_cast<int64_t>(ngtcp2_conn_get_pto(m_conn.get()))), lastInstant());
    afterRead();
}

Instant Connection::deadline() const {
    if (m_ended) return kNever;
    const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(m_conn.get());
    if (expiry > static_cast<ngtcp2_tstamp>(kNever.time_since_epoch().count())) return m_gateOpens;
    return std::min(m_gateOpens, Instant(Duration(static_cast<int64_t>(expiry))));
}

Result<void> Connection::migrate(const codec::SocketAddress& local, Now now) {
    if (m_ended || !m_opened || m_side != Side::Dialer)
        return makeError(Errc::InvalidArgument, "only an open connection that we dialled can move");
    const NativePath native(Path{local, m_path.remote});
    if (ngtcp2_conn_initiate_immediate_migration(m_conn.get(), native.get(), tick(now)) != 0)
        return makeError(Errc::Busy, "moving a connection to " + local.text());
    return {};
}

bool Connection::sendDatagram(ByteView bytes) {
    if (m_ended || !m_opened) return false;
    const ngtcp2_transport_params* remote = ngtcp2_conn_get_remote_transport_params(m_conn.get());
    if (!remote || remote->max_datagram_frame_size < bytes.size() + kDatagramOverhead) return false;
    const size_t found = ngtcp2_conn_get_path_max_tx_udp_payload_size(m_conn.get());
    if (bytes.size() + kDatagramOverhead > m_pathSize.limit(found, lastInstant())) return false;
    return m_datagrams.push({toBytes(bytes)});
}

link::LinkStats Connection::stats() const {
    link::LinkStats stats;
    stats.bytesSent = m_bytesSent;
    stats.bytesReceived = m_bytesReceived;
    if (m_ended) return stats;
    ngtcp2_conn_info info;
    ngtcp2_conn_get_conn_info(m_conn.get(), &info);
    stats.smoothedRtt = Duration(static_cast<int64_t>(info.smoothed_rtt));
    if (info.min_rtt != UINT64_MAX) stats.minimumRtt = Duration(static_cast<int64_t>(info.min_rtt));
    stats.congestionWindow = info.cwnd;
    stats.pathMtu = m_pathSize.limit(ngtcp2_conn_get_path_max_tx_udp_payload_size(m_conn.get()), lastInstant());
    return stats;
}

Path Connection::sendingPath() const {
    return m_ended ? m_path : fromNative(*ngtcp2_conn_get_path(m_conn.get()));
}

Farewell Connection::takeFarewell() {
    m_farewell.ids = m_ids.release();
    return std::move(m_farewell);
}

} // namespace wherry::quic
