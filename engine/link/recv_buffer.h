#pragma once

#include "base/block.h"

#include <deque>

namespace wherry::link {

/// Received bytes of one stream, in order. Bytes are copied once, into Blocks that grow with the stream (2 KiB, 32 KiB,
/// then pooled ones), and leave as Slices of those Blocks without another copy.
///
/// Invariant: `available()` is the sum of all pieces; only the last piece's Block is still written to, behind the bytes
/// that any Slice covers.
class RecvBuffer {
  public:
    explicit RecvBuffer(BlockPool& pool) : m_pool(&pool) {}

    void append(ByteView bytes);

    size_t available() const { return m_available; }
    /// The first contiguous bytes; empty when there are none.
    ByteView front() const;
    /// count <= available().
    void drop(size_t count);
    /// count <= available().
    Slices take(size_t count);
    void clear();

  private:
    struct Piece {
        BlockPtr block;
        size_t begin = 0;
        size_t end = 0;
    };

    void addBlock();
    /// Forgets Blocks without unread bytes; a big one goes back to the pool unless Slices have it and it has room left,
    /// a small one is written anew when no Slice has it.
    void retire();

    BlockPool* m_pool;
    std::deque<Piece> m_pieces;
    size_t m_available = 0;
    uint64_t m_received = 0;
};

} // namespace wherry::link
