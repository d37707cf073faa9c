#pragma once

#include "base/assert.h"
#include "base/bytes.h"

#include <memory>
#include <vector>

namespace wherry {

/// Payload of a full chunk.
inline constexpr size_t kChunkSize = 256 * 1024;
/// Room in a Block for the frame header and Merkle proof in front of a chunk.
inline constexpr size_t kBlockHeaderRoom = 4 * 1024;
/// Capacity of a pooled Block, in bytes.
inline constexpr size_t kBlockSize = kChunkSize + kBlockHeaderRoom;

/// A fixed piece of memory that bulk bytes live in from the socket to the disk and back. Shared, and immutable once
/// the bytes that a Slice covers have been written.
class Block {
  public:
    explicit Block(size_t capacity) : m_memory(new uint8_t[capacity]), m_capacity(capacity) {}
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    uint8_t* data() { return m_memory.get(); }
    const uint8_t* data() const { return m_memory.get(); }
    size_t capacity() const { return m_capacity; }

  private:
    std::unique_ptr<uint8_t[]> m_memory;
    size_t m_capacity;
};

using BlockPtr = std::shared_ptr<Block>;

/// A view into a Block that keeps the Block alive.
struct Slice {
    std::shared_ptr<const Block> block;
    size_t offset = 0;
    size_t length = 0;

    ByteView view() const { return block ? ByteView(block->data() + offset, length) : ByteView(); }
    bool empty() const { return length == 0; }
    /// The first `count` bytes; count <= length.
    Slice first(size_t count) const {
        ASSERT(count <= length);
        return {block, offset, count};
    }
    /// All but the first `count` bytes; count <= length.
    Slice from(size_t count) const {
        ASSERT(count <= length);
        return {block, offset + count, length - count};
    }

    /// Copies `bytes` into a Block of just that size; for control messages, not for bulk.
    static Slice copyOf(ByteView bytes);
};

/// Bytes that need not lie in one Block, in order.
using Slices = std::vector<Slice>;
size_t totalLength(const Slices& slices);
/// Copies all bytes of `slices` to the front of `out`; out.size() >= totalLength(slices).
void copyTo(const Slices& slices, MutableBytes out);

/// Keeps returned Blocks of kBlockSize for reuse. Thread-safe: workers fill and drop Blocks. A Block goes back by
/// itself when its last Slice is gone, also when that is after the pool's own end.
class BlockPool {
  public:
    /// `retain`: at most so many free Blocks are kept for reuse (64 x 260 KiB = 16.6 MB).
    explicit BlockPool(size_t retain = 64);
    /// Never fails; a caller under back-pressure looks at `outstanding()` first.
    BlockPtr take();
    /// Blocks handed out and not yet returned.
    size_t outstanding() const;

  private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

} // namespace wherry
