#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/codec_limits.h"

#include <array>
#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace wherry::crypto {

/// libp2p peer id: the multihash of the serialised public key (libp2p/specs peer-ids). At most 44 bytes
/// (identity: two of header, a key of up to 42) or 34 (sha2-256).
class PeerId {
  public:
    PeerId() = default; ///< "nobody"; never appears on a connection

    static Result<PeerId> fromMultihash(ByteView multihash);
    /// Base58btc ("12D3Koo...", "Qm...", "16Uiu2...") or CIDv1 with codec 0x72 in multibase base32, base36 or base58btc.
    static Result<PeerId> parse(std::string_view text);

    ByteView multihash() const { return {m_bytes.data(), m_length}; }
    /// Base58btc.
    std::string text() const;
    /// The last 6 characters, for logs and lists.
    std::string shortText() const;
    bool empty() const { return m_length == 0; }

    auto operator<=>(const PeerId&) const = default;

  private:
    std::array<uint8_t, codec::kMaxPeerIdBytes> m_bytes{};
    uint8_t m_length = 0;
};

} // namespace wherry::crypto

template <> struct std::hash<wherry::crypto::PeerId> {
    size_t operator()(const wherry::crypto::PeerId& id) const;
};
