#include "quic/connection_callbacks.h"

#include "quic/connection.h"

#include <ngtcp2/ngtcp2_crypto.h>

#include <algorithm>

namespace wherry::quic {

/// ngtcp2 calls back in the middle of its own work: everything here only changes the Connection's fields and queues
/// events.
struct ConnectionCallbacks {
    static Connection& self(void* user) { return *static_cast<Connection*>(user); }

    static void random(uint8_t* out, size_t length, const ngtcp2_rand_ctx* context) {
        static_cast<Random*>(context->native_handle)->fill({out, length});
    }

    static int pathChallenge(ngtcp2_conn*, uint8_t* data, void* user) {
        self(user).m_services.random.fill({data, NGTCP2_PATH_CHALLENGE_DATALEN});
        return 0;
    }

    static int newConnectionId(ngtcp2_conn*, ngtcp2_cid* id, uint8_t* token, size_t length, void* user) {
        Connection& connection = self(user);
        if (!connection.m_newIds.allow(Instant(Duration(static_cast<int64_t>(connection.m_lastTick))))) {
            connection.m_flooded = true;
            return NGTCP2_ERR_CALLBACK_FAILURE;
        }
        id->datalen = length;
        connection.m_services.random.fill({id->data, length});
        if (!connection.m_ids.add(*id)) return NGTCP2_ERR_CALLBACK_FAILURE;
        connection.m_services.stateless.resetToken(*id, token);
        return 0;
    }

    static int removeConnectionId(ngtcp2_conn*, const ngtcp2_cid* id, void* user) {
        self(user).m_ids.remove(*id);
        return 0;
    }

    static int peerIdStatus(ngtcp2_conn*, ngtcp2_connection_id_status_type type, uint64_t, const ngtcp2_cid*,
                            const uint8_t* token, void* user) {
        if (!token) return 0;
        Connection& connection = self(user);
        const ByteView view(token, NGTCP2_STATELESS_RESET_TOKENLEN);
        if (type == NGTCP2_CONNECTION_ID_STATUS_TYPE_ACTIVATE)
            connection.m_ids.addResetToken(view);
        else
            connection.m_ids.removeResetToken(view);
        return 0;
    }

    static int handshakeCompleted(ngtcp2_conn*, void* user) {
        Connection& connection = self(user);
        if (connection.m_tls->peer().empty()) return NGTCP2_ERR_CALLBACK_FAILURE;
        connection.startKeepAlive();
        connection.tolerateRetiringIds();
        if (connection.m_side == link::Side::Listener) connection.announceOpen();
        return 0;
    }

    static int handshakeConfirmed(ngtcp2_conn*, void* user) {
        Connection& connection = self(user);
        if (connection.m_side == link::Side::Dialer && !connection.m_opened) connection.announceOpen();
        return 0;
    }

    static int streamOpened(ngtcp2_conn* conn, int64_t id, void* user) {
        Connection& connection = self(user);
        if (!ngtcp2_is_bidi_stream(id)) {
            connection.m_uniToStop.push_back(id);
            return 0;
        }
        Stream& stream = connection.addStream(id, true);
        ngtcp2_conn_set_stream_user_data(conn, id, &stream);
        connection.emit(link::StreamOpened{connection.key(stream)});
        return 0;
    }

    static int streamData(ngtcp2_conn* conn, uint32_t flags, int64_t id, uint64_t, const uint8_t* data, size_t length,
                          void* user, void* streamUser) {
        Connection& connection = self(user);
        auto* stream = static_cast<Stream*>(streamUser);
        if (!stream || stream->stopped) { // unidirectional, or given up: dropped, and the window restored
            ngtcp2_conn_extend_max_stream_offset(conn, id, length);
            ngtcp2_conn_extend_max_offset(conn, length);
            return 0;
        }
        stream->recv.append({data, length});
        if (flags & NGTCP2_STREAM_DATA_FLAG_FIN) stream->finReceived = true;
        connection.queueReadable(*stream);
        return 0;
    }

    static int streamAcked(ngtcp2_conn*, int64_t, uint64_t offset, uint64_t length, void* user, void* streamUser) {
        Connection& connection = self(user);
        if (auto* stream = static_cast<Stream*>(streamUser)) {
            const size_t freed = stream->send.acknowledge(offset + length);
            connection.m_buffered -= freed;
            connection.m_acknowledged += freed;
            connection.m_roomMayHaveGrown = true;
        }
        return 0;
    }

    static int streamReset(ngtcp2_conn*, int64_t, uint64_t, uint64_t code, void* user, void* streamUser) {
        Connection& connection = self(user);
        auto* stream = static_cast<Stream*>(streamUser);
        if (!stream || stream->stopped || stream->resetByPeer) return 0;
        connection.giveConnectionCredit(stream->recv.available());
        stream->recv.clear();
        stream->resetByPeer = true;
        connection.emit(link::StreamReset{connection.key(*stream), code});
        return 0;
    }

    static int streamClosed(ngtcp2_conn* conn, uint32_t, int64_t id, uint64_t, void* user, void* streamUser) {
        Connection& connection = self(user);
        auto* stream = static_cast<Stream*>(streamUser);
        if (!stream) {
            if (!ngtcp2_is_bidi_stream(id) && !ngtcp2_conn_is_local_stream(conn, id))
                ngtcp2_conn_extend_max_streams_uni(conn, 1);
            return 0;
        }
        stream->transportClosed = true;
        connection.m_ready.remove(*stream);
        connection.m_buffered -= stream->send.unacknowledged();
        connection.m_roomMayHaveGrown = true;
        stream->send.clear();
        connection.closeIfDone(*stream);
        return 0;
    }

    static int windowGrown(ngtcp2_conn*, int64_t, uint64_t, void* user, void* streamUser) {
        auto* stream = static_cast<Stream*>(streamUser);
        if (!stream || !stream->windowBlocked) return 0;
        stream->windowBlocked = false;
        if (stream->send.pending()) self(user).m_ready.add(*stream);
        return 0;
    }

    static int pathValidated(ngtcp2_conn*, uint32_t, const ngtcp2_path*, const ngtcp2_path*,
                             ngtcp2_path_validation_result result, void* user) {
        if (result == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS) self(user).m_pathValidated = true;
        return 0;
    }

    static int datagram(ngtcp2_conn*, uint32_t, const uint8_t* data, size_t length, void* user) {
        Connection& connection = self(user);
        if (connection.m_opened) connection.m_services.datagrams.push({connection.m_id, toBytes({data, length})});
        return 0;
    }

    static int resetByPeer(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*, void* user) {
        self(user).m_resetByPeer = true;
        return 0;
    }
};

ngtcp2_callbacks makeCallbacks() {
    using Our = ConnectionCallbacks;
    ngtcp2_callbacks callbacks{};
    callbacks.client_initial = ngtcp2_crypto_client_initial_cb;
    callbacks.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
    callbacks.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
    callbacks.encrypt = ngtcp2_crypto_encrypt_cb;
    callbacks.decrypt = ngtcp2_crypto_decrypt_cb;
    callbacks.hp_mask = ngtcp2_crypto_hp_mask_cb;
    callbacks.recv_retry = ngtcp2_crypto_recv_retry_cb;
    callbacks.update_key = ngtcp2_crypto_update_key_cb;
    callbacks.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
    callbacks.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
    callbacks.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
    callbacks.rand = Our::random;
    callbacks.get_path_challenge_data = Our::pathChallenge;
    callbacks.get_new_connection_id = Our::newConnectionId;
    callbacks.remove_connection_id = Our::removeConnectionId;
    callbacks.dcid_status = Our::peerIdStatus;
    callbacks.handshake_completed = Our::handshakeCompleted;
    callbacks.handshake_confirmed = Our::handshakeConfirmed;
    callbacks.stream_open = Our::streamOpened;
    callbacks.recv_stream_data = Our::streamData;
    callbacks.acked_stream_data_offset = Our::streamAcked;
    callbacks.stream_reset = Our::streamReset;
    callbacks.stream_close = Our::streamClosed;
    callbacks.extend_max_stream_data = Our::windowGrown;
    callbacks.path_validation = Our::pathValidated;
    callbacks.recv_datagram = Our::datagram;
    callbacks.recv_stateless_reset = Our::resetByPeer;
    return callbacks;
}

} // namespace wherry::quic
