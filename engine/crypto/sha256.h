#pragma once

#include "base/bytes.h"

#include <array>
#include <span>

namespace wherry::crypto {

using Digest = std::array<uint8_t, 32>;

Digest sha256(ByteView data);

/// SHA-256 over several pieces. Thread-compatible; any number of instances.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    Sha256& update(ByteView data);
    /// The digest of all updates so far; the object starts anew.
    Digest finish();

  private:
    void* m_handle; // gnutls_hash_hd_t
};

/// Hashes many messages, each `0x00 || messages[i]` (a Merkle leaf, RFC 9162 2.1.1), into out[i]. Messages of up to 32 KiB
/// run on several lanes at once where the CPU and libipsec-mb allow it (self-tested at first use), else one after another.
/// Thread-safe: every calling thread has a state of its own (with libipsec-mb about 1 MB).
/// Sixteen messages (two chunks) a call are best: with AVX-512 2.9 GB/s against 1.7 for eight (Xeon with SHA-NI, one thread).
void sha256Leaves(std::span<const ByteView> messages, std::span<Digest> out);
/// "gnutls" or "ipsec-mb": what sha256Leaves runs on, for the diagnostics.
const char* sha256LeavesBackend();

} // namespace wherry::crypto
