#pragma once

#include "base/block.h"
#include "base/bytes.h"
#include "crypto/sha256.h"
#include "transfer/transfer_limits.h"

#include <cstdint>
#include <span>
#include <vector>

/// The hash tree of a file, in the shape of RFC 9162 2.1: leaf SHA-256(0x00 || data) over kLeafSize bytes, node
/// SHA-256(0x01 || left || right), split at the largest power of two below the number of leaves; the root of no leaves
/// is SHA-256(""). Because chunks (8 leaves) and groups (128 chunks) are aligned powers of two, their roots are inner
/// nodes of that tree, and the tree over the roots of all chunks (or groups) of a file is the tree over its leaves.
namespace wherry::transfer {

// --- geometry; `size` is the file's, at most kMaxFileSize ---

/// 0 for an empty file.
uint32_t chunkCount(uint64_t size);
uint32_t groupCount(uint64_t size);
/// Bytes of one chunk: kChunkSize but for the last; chunk < chunkCount(size).
uint32_t chunkLength(uint64_t size, uint32_t chunk);
/// Chunks of one group: kChunksPerGroup but for the last; group < groupCount(size).
uint32_t chunksInGroup(uint64_t size, uint32_t group);
inline uint32_t groupOfChunk(uint32_t chunk) {
    return chunk / kChunksPerGroup;
}
inline uint32_t indexInGroup(uint32_t chunk) {
    return chunk % kChunksPerGroup;
}

// --- hashes ---

crypto::Digest nodeHash(const crypto::Digest& left, const crypto::Digest& right);
/// RFC 9162 tree over roots of aligned subtrees of equal height (the last may be partial); SHA-256("") for none.
crypto::Digest treeRoot(std::span<const crypto::Digest> roots);
/// Root of one chunk, 1..kChunkSize bytes.
crypto::Digest chunkRoot(ByteView data);
/// The same for bytes in several pieces: only leaves that straddle two pieces are copied.
crypto::Digest chunkRoot(const Slices& data);
/// Of several chunks at once, 0..kChunkSize bytes each: leaves of all of them share the lanes. As many roots as chunks.
void chunkRoots(std::span<const Slices> chunks, std::span<crypto::Digest> roots);
/// What identifies the content of a file: SHA-256(0x02 || size u64 BE || root).
crypto::Digest fileDigest(uint64_t size, const crypto::Digest& root);

/// Roots of several files at once, each in memory: leaves of all of them share the lanes. roots.size() == files.size().
void fileRoots(std::span<const ByteView> files, std::span<crypto::Digest> roots);

// --- proofs of a chunk within its group ---

/// All nodes above the chunks of a group, so that a proof costs no hashing. Looks like the container of its chunk
/// roots. 8 KiB.
class GroupTree {
  public:
    GroupTree() : GroupTree(std::vector<crypto::Digest>()) {}
    /// At most kChunksPerGroup chunk roots.
    explicit GroupTree(std::vector<crypto::Digest> chunkRoots);

    size_t size() const { return m_count; }
    const crypto::Digest* data() const { return m_nodes.data(); }
    const crypto::Digest* begin() const { return data(); }
    const crypto::Digest* end() const { return data() + m_count; }
    const crypto::Digest& operator[](size_t index) const { return m_nodes[index]; }

    crypto::Digest root() const;
    /// Siblings from a chunk up to the root, lowest first (RFC 9162 2.1.3.1). index < size().
    std::vector<crypto::Digest> proof(uint32_t index) const;

  private:
    std::vector<crypto::Digest> m_nodes; ///< level by level, the chunks first; an odd last node rises as it is
    size_t m_count;
};

/// Siblings from root `index` of `count` up to the tree's root; 0 for a single one. index < count.
size_t proofLength(uint32_t index, uint32_t count);
/// Whether `root` is number `index` of `count` below `groupRoot` (RFC 9162 2.1.3.2). Any index, count and proof may
/// come from a peer.
bool verifyProof(const crypto::Digest& root, uint32_t index, uint32_t count, std::span<const crypto::Digest> proof,
                 const crypto::Digest& groupRoot);

/// The root of a file from its group roots, added in order; keeps one digest per level (at most 32).
class RootAccumulator {
  public:
    void add(const crypto::Digest& root);
    uint32_t count() const { return m_count; }
    /// The tree over all roots added so far.
    crypto::Digest root() const;

  private:
    std::vector<crypto::Digest> m_peaks; ///< roots of perfect subtrees, largest first: one per set bit of m_count
    uint32_t m_count = 0;
};

} // namespace wherry::transfer
