#pragma once

#include "base/bytes.h"
#include "crypto/sha256.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace wherry::crypto {

/// SHA-256 of several messages at once on libipsec-mb. One object per thread. Which kinds of lanes there are depends on
/// the CPU; each kind must reproduce GnuTLS's digests before it is used. Without libipsec-mb, or on another CPU, there
/// are none.
///
/// Measured on a Xeon with SHA-NI and AVX-512 (leaves of 32 KiB, one thread, GB/s): GnuTLS 1.43; SHA-NI in pairs 1.73;
/// AVX-512 with 16 lanes 2.94 when full, but 1.57 with 8 messages and 0.8 with 4. Hence the least numbers below.
class HashLanes {
  public:
    HashLanes();
    ~HashLanes();
    HashLanes(const HashLanes&) = delete;
    HashLanes& operator=(const HashLanes&) = delete;

    bool any() const { return !m_kinds.empty(); }
    /// Hashes `0x00 || message` for some of the first messages and says for how many. 0: not worth it for so few, or
    /// the first one is longer than kMaxLaneMessageBytes.
    size_t hashSome(std::span<const ByteView> messages, std::span<Digest> out);

  private:
    struct Kind;
    bool reproducesGnutls(const Kind& kind);
    bool run(const Kind& kind, std::span<const ByteView> messages, std::span<Digest> out);

    std::vector<Kind> m_kinds; ///< widest first
    Bytes m_scratch;           ///< prefix and message, one after another
};

} // namespace wherry::crypto
