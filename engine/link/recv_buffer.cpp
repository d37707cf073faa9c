#include "link/recv_buffer.h"

#include "link/link_limits.h"

#include <algorithm>
#include <atomic>

namespace wherry::link {

void RecvBuffer::addBlock() {
    BlockPtr block;
    if (m_received < kFirstReceiveBlock)
        block = std::make_shared<Block>(kFirstReceiveBlock);
    else if (m_received < kFirstReceiveBlock + kSecondReceiveBlock)
        block = std::make_shared<Block>(kSecondReceiveBlock);
    else
        block = m_pool->take();
    m_pieces.push_back({std::move(block), 0, 0});
}

void RecvBuffer::append(ByteView bytes) {
    while (!bytes.empty()) {
        if (m_pieces.empty() || m_pieces.back().end == m_pieces.back().block->capacity()) addBlock();
        Piece& piece = m_pieces.back();
        const size_t count = std::min(bytes.size(), piece.block->capacity() - piece.end);
        std::memcpy(piece.block->data() + piece.end, bytes.data(), count);
        piece.end += count;
        m_available += count;
        m_received += count;
        bytes = bytes.subspan(count);
    }
}

ByteView RecvBuffer::front() const {
    for (const Piece& piece : m_pieces)
        if (piece.begin < piece.end) return {piece.block->data() + piece.begin, piece.end - piece.begin};
    return {};
}

void RecvBuffer::retire() {
    while (!m_pieces.empty() && m_pieces.front().begin == m_pieces.front().end) {
        Piece& piece = m_pieces.front();
        const bool pooled = piece.block->capacity() >= kBlockSize;
        const bool taken = piece.block.use_count() > 1;
        // Whoever held it may have read it in another thread until a moment ago; the count alone orders nothing.
        if (!taken) std::atomic_thread_fence(std::memory_order_acquire);
        const bool room = piece.end < piece.block->capacity();
        // A Block that Slices keep alive anyway takes the next bytes too: else a Block would go with every datagram.
        if (m_pieces.size() == 1 && (pooled ? taken && room : true)) {
            if (!taken) piece.begin = piece.end = 0;
            return;
        }
        m_pieces.pop_front();
    }
}

void RecvBuffer::drop(size_t count) {
    ASSERT(count <= m_available);
    m_available -= count;
    for (Piece& piece : m_pieces) {
        const size_t step = std::min(count, piece.end - piece.begin);
        piece.begin += step;
        count -= step;
        if (count == 0) break;
    }
    retire();
}

Slices RecvBuffer::take(size_t count) {
    ASSERT(count <= m_available);
    m_available -= count;
    Slices slices;
    for (Piece& piece : m_pieces) {
        if (count == 0) break;
        const size_t step = std::min(count, piece.end - piece.begin);
        if (step == 0) continue;
        slices.push_back({piece.block, piece.begin, step});
        piece.begin += step;
        count -= step;
    }
    retire();
    return slices;
}

void RecvBuffer::clear() {
    m_pieces.clear();
    m_available = 0;
}

} // namespace wherry::link
