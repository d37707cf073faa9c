#include "base/assert.h"
#include "bytepipe/yamux_session.h"

#include <algorithm>

namespace wherry::bytepipe {

using link::Side;

Result<void> YamuxSession::receive(ByteView in, Now now) {
    if (m_ended) return {};
    m_lastHeard = now.mono;
    m_gate.onReceived(in.size(), m_smoothedRtt, now.mono);
    while (!in.empty()) {
        if (m_payloadLeft > 0) {
            const ByteView part = in.first(std::min(m_payloadLeft, in.size()));
            in = in.subspan(part.size());
            m_payloadLeft -= part.size();
            onPayload(part);
            continue;
        }
        const size_t part = std::min(kYamuxHeaderBytes - m_header.size(), in.size());
        append(m_header, in.first(part));
        in = in.subspan(part);
        if (m_header.size() < kYamuxHeaderBytes) break;
        TRY(m_frame, readYamuxHeader(m_header));
        m_header.clear();
        TRY_OK(onHeader(m_frame, now));
    }
    announceRoom(); // a stream that the peer has reset may have had all of it
    return {};
}

Result<void> YamuxSession::onHeader(const YamuxHeader& header, Now now) {
    switch (header.type) {
    case YamuxType::Data:
        if (header.has(yamux_flag::kSyn)) TRY_OK(onSyn(header));
        return onData(header);
    case YamuxType::WindowUpdate:
        if (header.has(yamux_flag::kSyn)) TRY_OK(onSyn(header));
        return onWindowUpdate(header);
    case YamuxType::Ping:
        return onPing(header, now);
    case YamuxType::GoAway:
        m_peerGoAway = header.length;
        return {};
    }
    return {};
}

Result<void> YamuxSession::onSyn(const YamuxHeader& header) {
    const bool odd = header.stream % 2 == 1;
    if (odd != (m_side == Side::Listener))
        return makeError(Errc::ProtocolViolation, "a Yamux stream with a number of ours");
    if (findId(header.stream)) return makeError(Errc::ProtocolViolation, "a Yamux stream that is opened twice");
    if (m_remoteStreams < kYamuxMaxStreams) {
        YamuxStream& stream = addStream(header.stream, true);
        stream.ackPending = true;
        queueUpdate(stream);
        m_events.push_back(link::StreamOpened{key(stream)});
        return {};
    }
    if (m_refusals.size() >= kYamuxMaxRefusals)
        return makeError(Errc::ProtocolViolation, "Yamux streams are opened without end");
    m_refusals.push_back(header.stream);
    return {};
}

Result<void> YamuxSession::onData(const YamuxHeader& header) {
    m_payloadLeft = header.length;
    m_payloadStream = 0;
    YamuxStream* stream = findId(header.stream);
    if (!stream || stream->deaf()) {
        if (header.length > kYamuxMaxStrayFrame)
            return makeError(Errc::ProtocolViolation,
                             "a Yamux frame of " + std::to_string(header.length) + " bytes for a stream that is over");
        if (stream && header.length == 0) onEndFlags(*stream, header.flags);
        if (stream) m_payloadStream = stream->key;
        return {};
    }
    if (header.length > stream->granted) return makeError(Errc::ProtocolViolation, "Yamux data above the window");
    stream->granted -= header.length;
    m_payloadStream = stream->key;
    if (header.length == 0) {
        onEndFlags(*stream, header.flags);
    } else if (stream->finReceived) {
        breakStream(*stream);
    } else if (!stream->stopped && m_uncredited + header.length > kYamuxMaxUncredited) {
        breakStream(*stream);
    }
    return {};
}

void YamuxSession::onPayload(ByteView bytes) {
    YamuxStream* stream = find(m_payloadStream);
    if (!stream) return;
    if (!stream->deaf()) {
        if (stream->stopped) {
            queueUpdate(*stream);
        } else {
            stream->recv.append(bytes);
            m_uncredited += bytes.size();
            queueReadable(*stream);
        }
    }
    if (m_payloadLeft == 0) onEndFlags(*stream, m_frame.flags);
}

void YamuxSession::onEndFlags(YamuxStream& stream, uint16_t flags) {
    if ((flags & yamux_flag::kRst) != 0) return onPeerReset(stream);
    if ((flags & yamux_flag::kFin) == 0 || stream.finReceived || stream.deaf()) return;
    stream.finReceived = true;
    if (!stream.stopped) queueReadable(stream);
    closeIfDone(stream);
}

void YamuxSession::onPeerReset(YamuxStream& stream) {
    if (stream.gone) return;
    const bool receiving = stream.receivingOpen();
    const bool sending = !stream.finSent && !stream.resetByUs;
    endOnWire(stream);
    if (receiving) m_events.push_back(link::StreamReset{key(stream), link::kNoError});
    if (sending) m_events.push_back(link::StreamStopped{key(stream), link::kNoError});
    closeIfDone(stream);
}

Result<void> YamuxSession::onWindowUpdate(const YamuxHeader& header) {
    YamuxStream* stream = findId(header.stream);
    if (!stream) return {};
    if (stream->sendWindow + header.length > kYamuxMaxSendWindow)
        return makeError(Errc::ProtocolViolation, "a Yamux window beyond all bounds");
    stream->sendWindow += header.length;
    markReady(*stream);
    onEndFlags(*stream, header.flags);
    return {};
}

Result<void> YamuxSession::onPing(const YamuxHeader& header, Now now) {
    if (header.has(yamux_flag::kSyn)) {
        if (m_pongs.size() >= kYamuxMaxPongs) return makeError(Errc::ProtocolViolation, "Yamux pings without end");
        m_pongs.push_back(header.length);
        return {};
    }
    if (!m_pingSent || header.length != m_pingValue) return {}; // an answer to nothing harms nobody
    const Duration sample = now.mono - *m_pingSent;
    m_pingSent.reset();
    m_minimumRtt = m_smoothedRtt == Duration{} ? sample : std::min(m_minimumRtt, sample);
    m_smoothedRtt = m_smoothedRtt == Duration{} ? sample : (7 * m_smoothedRtt + sample) / 8; // as RFC 9002 5.3
    return {};
}

} // namespace wherry::bytepipe
