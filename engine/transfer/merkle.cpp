#include "transfer/merkle.h"

#include "base/assert.h"

#include <algorithm>
#include <array>
#include <bit>

namespace wherry::transfer {

using crypto::Digest;

namespace {

constexpr uint8_t kNodePrefix = 0x01;
constexpr uint8_t kFilePrefix = 0x02;

/// Largest power of two below `count`; count > 1.
size_t splitPoint(size_t count) {
    return std::bit_floor(count - 1);
}

/// Hashes up to kLeavesPerChunk leaves at once, each a contiguous view.
Digest rootOfLeaves(std::span<const ByteView> leaves) {
    std::array<Digest, kLeavesPerChunk> hashes;
    ASSERT(!leaves.empty() && leaves.size() <= hashes.size());
    const std::span<Digest> out = std::span(hashes).first(leaves.size());
    crypto::sha256Leaves(leaves, out);
    return treeRoot(out);
}

size_t leafCount(size_t bytes) {
    return (bytes + kLeafSize - 1) / kLeafSize;
}

/// Hashes all leaves together; roots[i] is of the next counts[i] of them.
void rootsOf(std::span<const ByteView> leaves, std::span<const size_t> counts, std::span<Digest> roots) {
    ASSERT(counts.size() == roots.size());
    std::vector<Digest> hashes(leaves.size());
    crypto::sha256Leaves(leaves, hashes);
    std::span<const Digest> left = hashes;
    for (size_t i = 0; i < counts.size(); ++i) {
        roots[i] = treeRoot(left.first(counts[i]));
        left = left.subspan(counts[i]);
    }
}

/// Walks scattered bytes leaf by leaf, copying only what straddles.
class LeafGatherer {
  public:
    explicit LeafGatherer(const Slices& pieces) : m_pieces(pieces) {}

    ByteView next(size_t length) {
        skipFinishedPieces();
        const ByteView here = m_pieces[m_piece].view().subspan(m_offset);
        if (here.size() >= length) {
            m_offset += length;
            return here.first(length);
        }
        return gather(length);
    }

  private:
    void skipFinishedPieces() {
        while (m_offset == m_pieces[m_piece].length) {
            ++m_piece;
            m_offset = 0;
        }
    }

    ByteView gather(size_t length) {
        // A leaf that straddles is rare (one per piece), so each gets memory of its own and the views of earlier ones
        // stay valid.
        Bytes& copy = m_copies.emplace_back();
        copy.reserve(length);
        while (copy.size() < length) {
            skipFinishedPieces();
            const ByteView here = m_pieces[m_piece].view().subspan(m_offset);
            const size_t take = std::min(here.size(), length - copy.size());
            append(copy, here.first(take));
            m_offset += take;
        }
        return copy;
    }

    const Slices& m_pieces;
    size_t m_piece = 0;
    size_t m_offset = 0;
    std::vector<Bytes> m_copies;
};

} // namespace

uint32_t chunkCount(uint64_t size) {
    ASSERT(size <= kMaxFileSize);
    return uint32_t((size + kChunkSize - 1) / kChunkSize);
}

uint32_t groupCount(uint64_t size) {
    return uint32_t((uint64_t(chunkCount(size)) + kChunksPerGroup - 1) / kChunksPerGroup);
}

uint32_t chunkLength(uint64_t size, uint32_t chunk) {
    ASSERT(chunk < chunkCount(size));
    return uint32_t(std::min<uint64_t>(kChunkSize, size - uint64_t(chunk) * kChunkSize));
}

uint32_t chunksInGroup(uint64_t size, uint32_t group) {
    ASSERT(group < groupCount(size));
    return std::min(kChunksPerGroup, chunkCount(size) - group * kChunksPerGroup);
}

Digest nodeHash(const Digest& left, const Digest& right) {
    std::array<uint8_t, 65> input;
    input[0] = kNodePrefix;
    std::copy(left.begin(), left.end(), input.begin() + 1);
    std::copy(right.begin(), right.end(), input.begin() + 33);
    return crypto::sha256(input);
}

Digest treeRoot(std::span<const Digest> roots) {
    if (roots.empty()) return crypto::sha256({});
    if (roots.size() == 1) return roots[0];
    const size_t split = splitPoint(roots.size());
    return nodeHash(treeRoot(roots.first(split)), treeRoot(roots.subspan(split)));
}

Digest chunkRoot(ByteView data) {
    ASSERT(!data.empty() && data.size() <= kChunkSize);
    std::array<ByteView, kLeavesPerChunk> leaves;
    size_t count = 0;
    for (; !data.empty(); ++count) {
        leaves[count] = data.first(std::min(kLeafSize, data.size()));
        data = data.subspan(leaves[count].size());
    }
    return rootOfLeaves(std::span(leaves).first(count));
}

Digest chunkRoot(const Slices& data) {
    ASSERT(totalLength(data) > 0);
    Digest root;
    chunkRoots({&data, 1}, {&root, 1});
    return root;
}

void chunkRoots(std::span<const Slices> chunks, std::span<Digest> roots) {
    std::vector<LeafGatherer> gatherers; // they keep the copies
    gatherers.reserve(chunks.size());
    std::vector<ByteView> leaves;
    leaves.reserve(chunks.size() * kLeavesPerChunk);
    std::vector<size_t> counts;
    for (const Slices& chunk : chunks) {
        size_t left = totalLength(chunk);
        ASSERT(left <= kChunkSize);
        counts.push_back(leafCount(left));
        for (LeafGatherer& gatherer = gatherers.emplace_back(chunk); left > 0; left -= leaves.back().size())
            leaves.push_back(gatherer.next(std::min(kLeafSize, left)));
    }
    rootsOf(leaves, counts, roots);
}

void fileRoots(std::span<const ByteView> files, std::span<Digest> roots) {
    std::vector<ByteView> leaves;
    std::vector<size_t> counts;
    for (ByteView rest : files) {
        counts.push_back(leafCount(rest.size()));
        for (; !rest.empty(); rest = rest.subspan(leaves.back().size()))
            leaves.push_back(rest.first(std::min(kLeafSize, rest.size())));
    }
    rootsOf(leaves, counts, roots);
}

Digest fileDigest(uint64_t size, const Digest& root) {
    std::array<uint8_t, 41> input;
    input[0] = kFilePrefix;
    putBigEndian(MutableBytes(input).subspan(1), size);
    std::copy(root.begin(), root.end(), input.begin() + 9);
    return crypto::sha256(input);
}

size_t proofLength(uint32_t index, uint32_t count) {
    ASSERT(index < count);
    size_t length = 0;
    for (uint32_t last = count - 1; last > 0; index >>= 1, last >>= 1)
        if ((index & 1) || index != last)
            ++length; // otherwise the node has no sibling on this level and rises as it is
    return length;
}

GroupTree::GroupTree(std::vector<Digest> chunkRoots) : m_nodes(std::move(chunkRoots)), m_count(m_nodes.size()) {
    ASSERT(m_count <= kChunksPerGroup);
    m_nodes.reserve(2 * m_count + kMaxProofLength);
    size_t level = 0;
    for (size_t count = m_count; count > 1; count = (count + 1) / 2) {
        for (size_t i = 0; i + 1 < count; i += 2)
            m_nodes.push_back(nodeHash(m_nodes[level + i], m_nodes[level + i + 1]));
        if (count % 2) m_nodes.push_back(Digest(m_nodes[level + count - 1]));
        level += count;
    }
}

Digest GroupTree::root() const {
    return m_nodes.empty() ? crypto::sha256({}) : m_nodes.back();
}

std::vector<Digest> GroupTree::proof(uint32_t index) const {
    ASSERT(index < m_count);
    std::vector<Digest> proof;
    size_t level = 0;
    for (size_t count = m_count; count > 1; count = (count + 1) / 2, index /= 2) {
        const size_t sibling = index ^ 1u;
        if (sibling < count) proof.push_back(m_nodes[level + sibling]);
        level += count;
    }
    return proof;
}

bool verifyProof(const Digest& root, uint32_t index, uint32_t count, std::span<const Digest> proof,
                 const Digest& groupRoot) {
    if (index >= count || proof.size() != proofLength(index, count)) return false;
    Digest node = root;
    size_t used = 0;
    for (uint32_t last = count - 1; last > 0; index >>= 1, last >>= 1) {
        if (index & 1)
            node = nodeHash(proof[used++], node);
        else if (index != last)
            node = nodeHash(node, proof[used++]);
    }
    return node == groupRoot;
}

void RootAccumulator::add(const Digest& root) {
    ASSERT(m_count < UINT32_MAX);
    Digest node = root;
    // As in binary addition: each trailing one of the count is a perfect subtree of equal size that the new one
    // completes.
    for (uint32_t carry = m_count; carry & 1; carry >>= 1) {
        node = nodeHash(m_peaks.back(), node);
        m_peaks.pop_back();
    }
    m_peaks.push_back(node);
    ++m_count;
}

Digest RootAccumulator::root() const {
    if (m_peaks.empty()) return crypto::sha256({});
    Digest node = m_peaks.back();
    for (size_t i = m_peaks.size() - 1; i-- > 0;) node = nodeHash(m_peaks[i], node);
    return node;
}

} // namespace wherry::transfer
