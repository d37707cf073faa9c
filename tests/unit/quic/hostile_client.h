#pragma once

#include "quic/sockaddr.h"
#include "quic/tls_session.h"
#include "unit/quic/wire.h"

#include <ngtcp2/ngtcp2_crypto.h>

namespace wherry::quic::test {

/// A client with a proper handshake that then sends whatever frames it is told: its own machine writes ordinary
/// packets, and their plaintext is replaced before it is encrypted.
class HostileClient {
  public:
    HostileClient(Wire& wire, Node& server, codec::SocketAddress address)
        : m_wire(wire),
          m_server(server),
          m_address(address),
          m_random(address.ip.octets[3]),
          m_identity(crypto::Identity::generate(m_random)) {
        m_tls = std::move(*crypto::TlsContext::create(*crypto::makeTlsCertificate(m_identity)));
        m_session = std::move(*TlsSession::create(*m_tls, link::Side::Dialer, {}));
        m_session->setWallTime(wire.now.wall);
        start();
        m_wire.listeners[address] = [this](const Flight& flight) { receive(flight); };
    }
    ~HostileClient() {
        m_wire.listeners.erase(m_address);
        ngtcp2_conn_del(m_conn);
    }
    HostileClient(const HostileClient&) = delete;
    HostileClient& operator=(const HostileClient&) = delete;

    bool connect() {
        pump();
        return m_wire.run(5s, [this] { return m_confirmed; });
    }
    /// One packet with these frames (at most 1000 bytes), and no others.
    void send(ByteView frames) {
        if (m_stream < 0) ngtcp2_conn_open_bidi_stream(m_conn, &m_stream, nullptr);
        s_frames = toBytes(frames);
        uint8_t filler[1000] = {};
        const ngtcp2_vec vector{filler, sizeof(filler)};
        write(m_stream, &vector);
        s_frames.clear();
    }
    void pump() {
        while (write(-1, nullptr)) {
        }
    }

  private:
    /// The encrypt callback has no user data; tests are single-threaded.
    static inline thread_local Bytes s_frames;

    static int encrypt(uint8_t* dest, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* context,
                       const uint8_t* plain, size_t length, const uint8_t* nonce, size_t nonceLength,
                       const uint8_t* aad, size_t aadLength) {
        Bytes text(plain, plain + length);
        const bool shortHeader = (aad[0] & 0x80) == 0;
        if (shortHeader && !s_frames.empty() && s_frames.size() <= length) {
            std::fill(text.begin(), text.end(), uint8_t(0)); // PADDING
            std::copy(s_frames.begin(), s_frames.end(), text.begin());
        }
        return ngtcp2_crypto_encrypt_cb(dest, aead, context, text.data(), length, nonce, nonceLength, aad, aadLength);
    }
    static ngtcp2_callbacks callbacks() {
        ngtcp2_callbacks table{};
        table.client_initial = ngtcp2_crypto_client_initial_cb;
        table.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
        table.encrypt = encrypt;
        table.decrypt = ngtcp2_crypto_decrypt_cb;
        table.hp_mask = ngtcp2_crypto_hp_mask_cb;
        table.recv_retry = ngtcp2_crypto_recv_retry_cb;
        table.update_key = ngtcp2_crypto_update_key_cb;
        table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
        table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
        table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
        table.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
        table.rand = [](uint8_t* out, size_t length, const ngtcp2_rand_ctx* context) {
            static_cast<Random*>(context->native_handle)->fill({out, length});
        };
        table.get_new_connection_id = [](ngtcp2_conn*, ngtcp2_cid* id, uint8_t* token, size_t length, void* user) {
            auto& random = static_cast<HostileClient*>(user)->m_random;
            id->datalen = length;
            random.fill({id->data, length});
            random.fill({token, NGTCP2_STATELESS_RESET_TOKENLEN});
            return 0;
        };
        table.handshake_confirmed = [](ngtcp2_conn*, void* user) {
            static_cast<HostileClient*>(user)->m_confirmed = true;
            return 0;
        };
        return table;
    }
    void start() {
        ngtcp2_settings settings;
        ngtcp2_settings_default(&settings);
        settings.initial_ts = at();
        settings.rand_ctx.native_handle = &m_random;
        settings.no_pmtud = 1;
        ngtcp2_transport_params parameters;
        ngtcp2_transport_params_default(&parameters);
        parameters.initial_max_streams_bidi = 100;
        parameters.initial_max_data = 1 << 20;
        parameters.active_connection_id_limit = 8;
        ngtcp2_cid destination{};
        ngtcp2_cid source{};
        for (ngtcp2_cid* id : {&destination, &source}) {
            id->datalen = 16;
            m_random.fill({id->data, 16});
        }
        const NativePath path(Path{m_address, m_server.address});
        const ngtcp2_callbacks table = callbacks();
        const int failed = ngtcp2_conn_client_new(&m_conn, &destination, &source, path.get(), NGTCP2_PROTO_VER_V1,
                                                  &table, &settings, &parameters, nullptr, this);
        ASSERT(failed == 0);
        m_session->attach(m_conn);
        ngtcp2_conn_set_tls_native_handle(m_conn, m_session->handle());
    }
    ngtcp2_tstamp at() const { return static_cast<ngtcp2_tstamp>(m_wire.now.mono.time_since_epoch().count()); }
    void receive(const Flight& flight) {
        const NativePath path(Path{m_address, flight.from});
        const ngtcp2_pkt_info info{};
        if (ngtcp2_conn_read_pkt(m_conn, path.get(), &info, flight.bytes.data(), flight.bytes.size(), at()) == 0)
            pump();
    }
    bool write(int64_t stream, const ngtcp2_vec* vector) {
        NativePath path;
        ngtcp2_pkt_info info{};
        Bytes packet(1452);
        ngtcp2_ssize taken = 0;
        const auto length = ngtcp2_conn_writev_stream(m_conn, path.get(), &info, packet.data(), packet.size(), &taken,
                                                      0, stream, vector, vector ? 1 : 0, at());
        if (length <= 0) return false;
        packet.resize(static_cast<size_t>(length));
        m_wire.inject(m_address, m_server.address, packet);
        return true;
    }

    Wire& m_wire;
    Node& m_server;
    codec::SocketAddress m_address;
    SeededRandom m_random;
    crypto::Identity m_identity;
    std::unique_ptr<crypto::TlsContext> m_tls;
    std::unique_ptr<TlsSession> m_session;
    ngtcp2_conn* m_conn = nullptr;
    int64_t m_stream = -1;
    bool m_confirmed = false;
};

/// A QUIC variable-length integer (RFC 9000 16).
inline void putVarint(Bytes& out, uint64_t value) {
    const int size = value < 64 ? 0 : value < 16384 ? 1 : value < 1073741824 ? 2 : 3;
    const size_t length = size_t(1) << size;
    for (size_t i = length; i-- > 0;) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
    out[out.size() - length] = static_cast<uint8_t>(out[out.size() - length] | (size << 6));
}

inline Bytes frame(std::initializer_list<uint64_t> varints, ByteView rest = {}) {
    Bytes bytes;
    for (const uint64_t value : varints) putVarint(bytes, value);
    append(bytes, rest);
    return bytes;
}

} // namespace wherry::quic::test
