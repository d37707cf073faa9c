#include "swarm/stream_table.h"

#include "base/assert.h"

namespace wherry::swarm {

using link::Fin;
using link::StreamKey;

const StreamRecord* StreamTable::find(StreamKey key) const {
    const auto found = m_streams.find(key);
    return found == m_streams.end() ? nullptr : &found->second;
}

StreamRecord* StreamTable::find(StreamKey key) {
    return const_cast<StreamRecord*>(std::as_const(*this).find(key));
}

StreamRecord& StreamTable::insert(StreamKey key, StreamRecord record) {
    const auto [at, isNew] = m_streams.emplace(key, std::move(record));
    ASSERT(isNew);
    return at->second;
}

/// A stream that a protocol may touch.
const StreamRecord* StreamTable::owned(StreamKey key) const {
    const StreamRecord* record = find(key);
    if (!record || (record->phase != StreamPhase::Owned && record->phase != StreamPhase::Lazy)) return nullptr;
    return record;
}

StreamRecord* StreamTable::owned(StreamKey key) {
    return const_cast<StreamRecord*>(std::as_const(*this).owned(key));
}

/// A stream whose bytes from the peer are the protocol's.
const StreamRecord* StreamTable::answered(StreamKey key) const {
    const StreamRecord* record = find(key);
    return record && record->phase == StreamPhase::Owned ? record : nullptr;
}

void StreamTable::releaseHeld(StreamRecord& record) {
    if (std::exchange(record.finHeld, false)) record.carrier->write(record.inner, {}, Fin::Yes);
    if (const auto code = std::exchange(record.stopHeld, std::nullopt)) record.carrier->stop(record.inner, *code);
}

size_t StreamTable::available(StreamKey key) const {
    const StreamRecord* record = answered(key);
    return record ? record->carrier->available(record->inner) : 0;
}

ByteView StreamTable::front(StreamKey key) const {
    const StreamRecord* record = answered(key);
    return record ? record->carrier->front(record->inner) : ByteView();
}

void StreamTable::consume(StreamKey key, size_t count) {
    if (const StreamRecord* record = answered(key)) record->carrier->consume(record->inner, count);
}

Slices StreamTable::take(StreamKey key, size_t count) {
    const StreamRecord* record = answered(key);
    return record ? record->carrier->take(record->inner, count) : Slices();
}

void StreamTable::credit(StreamKey key, size_t count) {
    const auto found = m_links.find(key.link);
    if (found != m_links.end()) found->second.first->credit({found->second.second, key.stream}, count);
}

bool StreamTable::atEnd(StreamKey key) const {
    const StreamRecord* record = answered(key);
    return record && record->carrier->atEnd(record->inner);
}

size_t StreamTable::writable(StreamKey key) const {
    const StreamRecord* record = owned(key);
    if (!record || !record->pending.empty() || record->finHeld) return 0;
    return record->carrier->writable(record->inner);
}

size_t StreamTable::unacknowledged(StreamKey key) const {
    const StreamRecord* record = owned(key);
    return record ? record->carrier->unacknowledged(record->inner) : 0;
}

void StreamTable::write(StreamKey key, Slice bytes, Fin fin) {
    StreamRecord* record = owned(key);
    if (!record || record->resetSent || record->sendDead) return;
    ASSERT(!record->finHeld);
    ASSERT(bytes.empty() || record->pending.empty());
    const bool hold = fin == Fin::Yes && (record->phase == StreamPhase::Lazy || !record->pending.empty());
    if (hold) record->finHeld = true;
    if (!bytes.empty() || !hold) record->carrier->write(record->inner, std::move(bytes), hold ? Fin::No : fin);
}

void StreamTable::reset(StreamKey key, uint64_t code) {
    StreamRecord* record = owned(key);
    if (!record) return;
    record->resetSent = true;
    record->finHeld = false;
    record->pending.clear();
    record->carrier->reset(record->inner, code);
    // With no half left that needs the answer, a stop need not wait for it.
    if (const auto held = std::exchange(record->stopHeld, std::nullopt)) record->carrier->stop(record->inner, *held);
}

void StreamTable::stop(StreamKey key, uint64_t code) {
    StreamRecord* record = owned(key);
    if (!record) return;
    if (record->phase == StreamPhase::Lazy && !record->resetSent)
        record->stopHeld = code;
    else
        record->carrier->stop(record->inner, code);
}

} // namespace wherry::swarm
