#pragma once

#include "base/random.h"
#include "base/rate_limit.h"
#include "crypto/identity.h"
#include "quic/path.h"

#include <ngtcp2/ngtcp2.h>

#include <array>
#include <optional>

namespace wherry::quic {

/// The answers that need no connection: version negotiation, Retry, refusal and stateless reset (RFC 9000
/// 6, 8.1.2, 10.3). Each is rate limited and never longer than three times its trigger; a reset is shorter than its
/// trigger, so two nodes cannot keep each other busy. Keys come from the identity, so that a restarted node can still
/// reset old connections.
class StatelessReplies {
  public:
    StatelessReplies(const crypto::Identity& identity, Random& random);

    /// Writes the 16-byte reset token that belongs to a connection id of ours.
    void resetToken(const ngtcp2_cid& id, uint8_t* out) const;

    std::optional<Bytes> versionNegotiation(const ngtcp2_version_cid& trigger, Instant now);
    std::optional<Bytes> retry(const ngtcp2_pkt_hd& initial, const codec::SocketAddress& remote, Now now);
    std::optional<Bytes> refuse(const ngtcp2_pkt_hd& initial, uint64_t transportError, Instant now);
    std::optional<Bytes> reset(ByteView unknownId, size_t triggerLength, Instant now);

    enum class Token : uint8_t { Absent, Valid, Invalid };
    struct TokenCheck {
        Token verdict = Token::Absent;
        /// Of the Initial that the Retry answered; only with Valid.
        ngtcp2_cid originalId{};
    };
    /// Whether the Initial brings a Retry token of ours for its address. Tokens of other kinds count as absent.
    TokenCheck checkToken(const ngtcp2_pkt_hd& initial, const codec::SocketAddress& remote, Now now) const;

  private:
    Random* m_random;
    std::array<uint8_t, 32> m_retryKey;
    std::array<uint8_t, 32> m_resetKey;
    RateLimit m_retries;
    RateLimit m_resets;
    RateLimit m_negotiations;
    RateLimit m_refusals;
};

} // namespace wherry::quic
