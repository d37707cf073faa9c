#include "transfer/receive_streams.h"

#include "transfer/transfer_limits.h"

namespace wherry::transfer {

bool ReceiveStreams::add(link::StreamKey key, link::StreamIo& io) {
    if (m_streams.size() >= kDataStreams) return false;
    m_streams.emplace(key, Stream{FrameReader(key), false, false});
    io.write(key, Slice{}, link::Fin::Yes); // the receiver has nothing to say there
    return true;
}

ReceiveStreams::Stream* ReceiveStreams::find(link::StreamKey key) {
    const auto found = m_streams.find(key);
    return found == m_streams.end() ? nullptr : &found->second;
}

void ReceiveStreams::remove(link::StreamKey key) {
    m_streams.erase(key);
    m_paused.erase(key);
}

void ReceiveStreams::stopAll(link::StreamIo& io) {
    for (auto& [key, stream] : m_streams) io.stop(key, link::kNoError);
    m_streams.clear();
    m_paused.clear();
}

} // namespace wherry::transfer
