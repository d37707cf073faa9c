#include "transfer/frame_reader.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// Of the payload that the frame itself brings.
size_t payloadOf(const FrameHeader& header) {
    const auto* chunk = std::get_if<ChunkHeader>(&header);
    return chunk ? chunk->wireLength - chunk->from : std::get<BatchHeader>(header).wireLength;
}

/// Pieces that follow each other in one Block become one.
void appendSlices(Slices& to, Slices more) {
    for (Slice& slice : more) {
        if (!to.empty() && to.back().block == slice.block && to.back().offset + to.back().length == slice.offset)
            to.back().length += slice.length;
        else
            to.push_back(std::move(slice));
    }
}

} // namespace

bool FrameReader::fill(link::StreamIo& io, size_t size) {
    while (m_bytes.size() < size) {
        const ByteView bytes = io.front(m_key);
        if (bytes.empty()) return false;
        const size_t part = std::min(bytes.size(), size - m_bytes.size());
        append(m_bytes, bytes.first(part));
        io.consume(m_key, part);
    }
    return true;
}

bool FrameReader::takePayload(link::StreamIo& io) {
    const size_t part = std::min(io.available(m_key), m_payloadLeft);
    if (part > 0) {
        appendSlices(m_payload, io.take(m_key, part));
        m_payloadLeft -= part;
        m_uncredited += part;
    }
    if (m_payloadLeft == 0) return true;
    io.credit(m_key, m_uncredited);
    m_uncredited = 0;
    return false;
}

Result<FrameReader::Step> FrameReader::read(link::StreamIo& io) {
    if (m_state == State::Prefix) {
        if (!fill(io, kFramePrefixSize)) return Step::NeedBytes;
        TRY(m_headerSize, frameHeaderSize(m_bytes));
        m_state = State::Header;
    }
    if (m_state == State::Header) {
        if (!fill(io, m_headerSize)) return Step::NeedBytes;
        TRY(m_header, decodeFrameHeader(m_bytes));
        m_bytes.clear();
        m_payloadLeft = payloadOf(m_header);
        m_state = State::Payload;
        return Step::HeaderRead;
    }
    if (m_state == State::Payload && takePayload(io)) m_state = State::Whole;
    return m_state == State::Whole ? Step::FrameRead : Step::NeedBytes;
}

ArrivedFrame FrameReader::takeFrame() {
    ASSERT(m_state == State::Whole);
    m_state = State::Prefix;
    ArrivedFrame frame{std::move(m_header), std::move(m_payload), m_key, m_uncredited};
    m_header = {};
    m_payload = {};
    m_uncredited = 0;
    return frame;
}

} // namespace wherry::transfer
