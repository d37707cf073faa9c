#include "quic/stateless.h"

#include "quic/quic_limits.h"
#include "quic/sockaddr.h"

#include <ngtcp2/ngtcp2_crypto.h>

namespace wherry::quic {

namespace {

/// Bytes. Any shorter datagram cannot be a short-header packet of ours (RFC 9000 10.3: 5 + 16 at least).
constexpr size_t kMinReset = NGTCP2_MIN_STATELESS_RESET_RANDLEN + NGTCP2_STATELESS_RESET_TOKENLEN;
/// Bytes. Longer than any reset needs to be to look like a packet.
constexpr size_t kMaxReset = 43;

ngtcp2_cid randomId(Random& random) {
    ngtcp2_cid id{};
    id.datalen = kConnectionIdLength;
    random.fill({id.data, id.datalen});
    return id;
}

std::optional<Bytes> cut(Bytes buffer, ngtcp2_ssize length) {
    if (length <= 0) return std::nullopt;
    buffer.resize(static_cast<size_t>(length));
    return buffer;
}

} // namespace

StatelessReplies::StatelessReplies(const crypto::Identity& identity, Random& random)
    : m_random(&random),
      m_retryKey(identity.deriveKey("wherry quic retry")),
      m_resetKey(identity.deriveKey("wherry quic stateless reset")),
      m_retries(kRetriesPerSecond, kRetriesPerSecond),
      m_resets(kResetsPerSecond, kResetsPerSecond),
      m_negotiations(kVersionNegotiationsPerSecond, kVersionNegotiationsPerSecond),
      m_refusals(kRefusalsPerSecond, kRefusalsPerSecond) {}

void StatelessReplies::resetToken(const ngtcp2_cid& id, uint8_t* out) const {
    const int failed = ngtcp2_crypto_generate_stateless_reset_token(out, m_resetKey.data(), m_resetKey.size(), &id);
    ASSERT(failed == 0);
}

std::optional<Bytes> StatelessReplies::versionNegotiation(const ngtcp2_version_cid& trigger, Instant now) {
    if (trigger.version == 0 || !m_negotiations.allow(now)) return std::nullopt;
    const uint32_t versions[] = {NGTCP2_PROTO_VER_V1};
    Bytes packet(kMinInitialDatagram);
    const auto length =
        ngtcp2_pkt_write_version_negotiation(packet.data(), packet.size(), static_cast<uint8_t>(m_random->next64()),
                                             trigger.scid, trigger.scidlen, trigger.dcid, trigger.dcidlen, versions, 1);
    return cut(std::move(packet), length);
}

std::optional<Bytes> StatelessReplies::retry(const ngtcp2_pkt_hd& initial, const codec::SocketAddress& remote,
                                             Now now) {
    if (!m_retries.allow(now.mono)) return std::nullopt;
    ngtcp2_sockaddr_union address;
    const auto addressLength = toSockaddr(remote, address);
    const ngtcp2_cid id = randomId(*m_random);
    uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2];
    const auto tokenLength = ngtcp2_crypto_generate_retry_token2(
        token, m_retryKey.data(), m_retryKey.size(), initial.version, &address.sa, addressLength, &id, &initial.dcid,
        static_cast<ngtcp2_tstamp>(now.wall.nanoseconds));
    if (tokenLength < 0) return std::nullopt;
    Bytes packet(kMinInitialDatagram);
    const auto length = ngtcp2_crypto_write_retry(packet.data(), packet.size(), initial.version, &initial.scid, &id,
                                                  &initial.dcid, token, static_cast<size_t>(tokenLength));
    return cut(std::move(packet), length);
}

std::optional<Bytes> StatelessReplies::refuse(const ngtcp2_pkt_hd& initial, uint64_t transportError, Instant now) {
    if (!m_refusals.allow(now)) return std::nullopt;
    Bytes packet(kMinInitialDatagram);
    const auto length = ngtcp2_crypto_write_connection_close(packet.data(), packet.size(), initial.version,
                                                             &initial.scid, &initial.dcid, transportError, nullptr, 0);
    return cut(std::move(packet), length);
}

std::optional<Bytes> StatelessReplies::reset(ByteView unknownId, size_t triggerLength, Instant now) {
    if (unknownId.size() != kConnectionIdLength || triggerLength <= kMinReset || !m_resets.allow(now))
        return std::nullopt;
    ngtcp2_cid id{};
    ngtcp2_cid_init(&id, unknownId.data(), unknownId.size());
    uint8_t token[NGTCP2_STATELESS_RESET_TOKENLEN];
    resetToken(id, token);
    const size_t total = std::min(triggerLength - 1, kMaxReset);
    const Bytes noise = m_random->bytes(total - NGTCP2_STATELESS_RESET_TOKENLEN);
    Bytes packet(total);
    const auto length =
        ngtcp2_pkt_write_stateless_reset(packet.data(), packet.size(), token, noise.data(), noise.size());
    return cut(std::move(packet), length);
}

StatelessReplies::TokenCheck StatelessReplies::checkToken(const ngtcp2_pkt_hd& initial,
                                                          const codec::SocketAddress& remote, Now now) const {
    TokenCheck check;
    if (initial.tokenlen == 0 || initial.token[0] != NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2) return check;
    ngtcp2_sockaddr_union address;
    const auto addressLength = toSockaddr(remote, address);
    const int verdict = ngtcp2_crypto_verify_retry_token2(
        &check.originalId, initial.token, initial.tokenlen, m_retryKey.data(), m_retryKey.size(), initial.version,
        &address.sa, addressLength, &initial.dcid, static_cast<ngtcp2_duration>(kRetryTokenLifetime.count()),
        static_cast<ngtcp2_tstamp>(now.wall.nanoseconds));
    check.verdict = verdict == 0 ? Token::Valid : Token::Invalid;
    return check;
}

} // namespace wherry::quic
