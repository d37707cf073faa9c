#include "base/block.h"

#include <atomic>
#include <cstring>

namespace wherry {

Slice Slice::copyOf(ByteView bytes) {
    auto block = std::make_shared<Block>(bytes.size());
    if (!bytes.empty()) std::memcpy(block->data(), bytes.data(), bytes.size());
    return {std::move(block), 0, bytes.size()};
}

size_t totalLength(const Slices& slices) {
    size_t total = 0;
    for (const Slice& slice : slices) total += slice.length;
    return total;
}

void copyTo(const Slices& slices, MutableBytes out) {
    size_t at = 0;
    for (const Slice& slice : slices) {
        if (slice.empty()) continue;
        ASSERT(at + slice.length <= out.size());
        std::memcpy(out.data() + at, slice.view().data(), slice.length);
        at += slice.length;
    }
}

/// A tiny spin lock guards the free list: Blocks are returned from worker threads. It is held for a few instructions,
/// at most a few thousand times a second (once per 256 KiB).
struct BlockPool::Shared {
    std::atomic_flag lock;
    std::vector<std::unique_ptr<Block>> free;
    std::atomic<size_t> outstanding = 0;
    size_t retain;

    explicit Shared(size_t count) : retain(count) { free.reserve(count); }
    void acquire() {
        while (lock.test_and_set(std::memory_order_acquire)) {}
    }
    void release() { lock.clear(std::memory_order_release); }

    std::unique_ptr<Block> pop() {
        std::unique_ptr<Block> block;
        acquire();
        if (!free.empty()) {
            block = std::move(free.back());
            free.pop_back();
        }
        release();
        return block;
    }
    void push(std::unique_ptr<Block> block) {
        outstanding.fetch_sub(1, std::memory_order_relaxed);
        acquire();
        if (free.size() < retain) free.push_back(std::move(block));
        release();
    }
};

BlockPool::BlockPool(size_t retain) : m_shared(std::make_shared<Shared>(retain)) {}

BlockPtr BlockPool::take() {
    std::unique_ptr<Block> block = m_shared->pop();
    if (!block) block = std::make_unique<Block>(kBlockSize);
    m_shared->outstanding.fetch_add(1, std::memory_order_relaxed);
    return {block.release(), [shared = m_shared](Block* raw) { shared->push(std::unique_ptr<Block>(raw)); }};
}

size_t BlockPool::outstanding() const {
    return m_shared->outstanding.load(std::memory_order_relaxed);
}

} // namespace wherry
