#include "transfer/receive_streams.h"

#include "transfer/machine_limits.h"
#include "transfer/transfer_limits.h"

namespace wherry::transfer {

bool ReceiveStreams::add(link::StreamKey key, Origin origin, link::StreamIo& io) {
    if (m_streams.size() >= (origin.number == 0 ? kDataStreams : kMaxFormerStreams)) return false;
    Stream stream{FrameReader(key)};
    stream.number = origin.number;
    stream.relayed = origin.relayed;
    m_streams.emplace(key, std::move(stream));
    io.write(key, Slice{}, link::Fin::Yes); // the receiver has nothing to say there
    return true;
}

ReceiveStreams::Stream* ReceiveStreams::find(link::StreamKey key) {
    const auto found = m_streams.find(key);
    return found == m_streams.end() ? nullptr : &found->second;
}

void ReceiveStreams::remove(link::StreamKey key) {
    m_paused.erase(key);
    const auto stream = m_streams.extract(key);
    if (!stream || stream.mapped().number == 0) return;
    m_ended[stream.mapped().number] = stream.mapped().frames;
    if (m_ended.size() > 2 * kMaxFormerStreams) m_ended.erase(m_ended.begin());
}

std::optional<link::StreamKey> ReceiveStreams::keyOf(uint32_t number) const {
    for (const auto& [key, stream] : m_streams)
        if (stream.number == number) return key;
    return std::nullopt;
}

uint32_t ReceiveStreams::takeFrames(uint32_t number) {
    const auto ended = m_ended.extract(number);
    return ended ? ended.mapped() : 0;
}

void ReceiveStreams::stopAll(link::StreamIo& io) {
    for (auto& [key, stream] : m_streams) io.stop(key, link::kNoError);
    m_streams.clear();
    m_paused.clear();
}

} // namespace wherry::transfer
