#pragma once

#include "bytepipe/yamux_frame.h"
#include "bytepipe/yamux_stream.h"
#include "link/bandwidth_gate.h"
#include "link/link.h"
#include "link/ready_streams.h"

#include <deque>
#include <map>
#include <vector>

namespace wherry::bytepipe {

/// Yamux (/yamux/1.0.0, libp2p/specs yamux): many streams in one reliable pipe, each with windows of its own. A
/// sans-I/O machine between a SecureChannel and the owner of a link; it tells what happens to streams as link events.
///
/// States: open -> ended; once the peer has said go-away, no stream can be opened any more. receive() takes what the
/// pipe brings, pull() gives what the pipe can take: there is no queue of frames, so what waits is bounded by the
/// streams' buffers.
/// Under a bandwidth limit data wait for their turn, and so does the credit for what has come; control frames and small
/// messages do not.
///
/// Differences to QUIC that follow from the protocol: there is no STOP_SENDING, so bytes of a stopped half are dropped
/// as they come; a reset ends both halves; a stream counts as sent once the pipe has its bytes.
///
/// Bounds: windows (kYamuxMaxWindow, kYamuxMaxGrowth), unread bytes (kYamuxMaxUncredited), bytes to be sent, streams,
/// answers and refusals that wait.
class YamuxSession {
  public:
    YamuxSession(link::LinkId id, link::Side side, BlockPool& pool, std::deque<link::LinkEvent>& events,
                 link::BandwidthGate& gate, Now now);

    /// Takes all of `in`. ProtocolViolation: the session is broken; end() is to follow.
    Result<void> receive(ByteView in, Now now);
    bool hasOutput() const;
    /// Appends whole frames to `out` until it has about `wanted` more bytes (at most one frame above) or none is left.
    void pull(Bytes& out, size_t wanted, Now now);
    Instant deadline() const;
    /// Timeout: nothing has been heard for too long.
    Result<void> onDeadline(Now now);

    /// What the gate lets through may be more now.
    void onLimitsChanged();

    /// What the peer has said, if anything.
    std::optional<uint32_t> peerGoAway() const { return m_peerGoAway; }
    /// Every stream is over; bytes that have come stay readable until the owner drops the session. pull() gives the
    /// farewell and nothing else.
    void end(YamuxGoAway reason);

    // Streams, as link::StreamIo has them; unknown streams are harmless.
    Result<link::StreamKey> openStream();
    size_t available(uint64_t stream) const;
    ByteView front(uint64_t stream) const;
    void consume(uint64_t stream, size_t count);
    Slices take(uint64_t stream, size_t count);
    void credit(uint64_t stream, size_t count);
    bool atEnd(uint64_t stream) const;
    size_t writable(uint64_t stream);
    size_t unacknowledged(uint64_t stream) const;
    void write(uint64_t stream, Slice bytes, link::Fin fin);
    void reset(uint64_t stream);
    void stop(uint64_t stream);
    /// The owner has polled the event.
    void onReadablePolled(uint64_t stream);
    void onClosedPolled(uint64_t stream);

    /// Zero: not measured yet.
    Duration smoothedRtt() const { return m_smoothedRtt; }
    Duration minimumRtt() const { return m_minimumRtt; }
    size_t streams() const { return m_streams.size(); }
    /// Bytes that have come and for which nobody has given credit.
    size_t uncredited() const { return m_uncredited; }

  private:
    // Receiving (yamux_receive.cpp).
    Result<void> onHeader(const YamuxHeader& header, Now now);
    Result<void> onSyn(const YamuxHeader& header);
    Result<void> onData(const YamuxHeader& header);
    Result<void> onWindowUpdate(const YamuxHeader& header);
    Result<void> onPing(const YamuxHeader& header, Now now);
    void onPayload(ByteView bytes);
    void onEndFlags(YamuxStream& stream, uint16_t flags);
    void onPeerReset(YamuxStream& stream);

    // Sending (yamux_send.cpp).
    void pullControl(Bytes& out);
    void pullUpdates(Bytes& out, size_t end, Now now);
    void pullData(Bytes& out, size_t end, Now now);
    void pullStream(YamuxStream& stream, Bytes& out, Now now);
    bool hasUpdates() const;
    bool hasData() const;
    YamuxStream* firstSmall() const;
    void appendUpdate(YamuxStream& stream, uint16_t flags, uint32_t delta, Bytes& out);
    void appendData(YamuxStream& stream, Bytes& out);
    uint32_t growWindow(YamuxStream& stream, Now now);
    void markReady(YamuxStream& stream);
    void announceRoom();
    size_t room(const YamuxStream& stream) const;

    YamuxStream* find(uint64_t key) const;
    YamuxStream* findId(uint32_t id) const;
    YamuxStream& addStream(uint32_t id, bool remote);
    link::StreamKey key(const YamuxStream& stream) const { return {m_id, stream.key}; }
    uint32_t wantedUpdate(const YamuxStream& stream) const;
    void queueUpdate(YamuxStream& stream);
    void queueReadable(YamuxStream& stream);
    void endOnWire(YamuxStream& stream);
    void dropUnread(YamuxStream& stream);
    void dropUnsent(YamuxStream& stream);
    void breakStream(YamuxStream& stream);
    void closeIfDone(YamuxStream& stream);

    const link::LinkId m_id;
    const link::Side m_side;
    BlockPool& m_pool;
    std::deque<link::LinkEvent>& m_events;
    link::BandwidthGate& m_gate;
    std::map<uint32_t, YamuxStream> m_streams; // by number on the wire
    size_t m_remoteStreams = 0;
    uint32_t m_nextId;
    uint32_t m_serial = 0;

    // The frame that is being read.
    Bytes m_header;
    YamuxHeader m_frame;
    size_t m_payloadLeft = 0;
    uint64_t m_payloadStream = 0; // key; zero: dropped

    // What waits to go out.
    link::ReadyStreams<YamuxStream> m_ready;
    std::deque<uint64_t> m_updates;
    std::deque<uint32_t> m_pongs;
    std::deque<uint32_t> m_refusals;
    std::optional<YamuxGoAway> m_goAway;
    bool m_ended = false;
    std::optional<uint32_t> m_peerGoAway;
    std::vector<YamuxStream*> m_waiting;
    std::deque<std::pair<Instant, uint64_t>> m_lingering;

    // When the bandwidth limit lets more through of what it holds back; kNever: it holds nothing back.
    Instant m_sendOpens = kNever;
    Instant m_creditOpens = kNever;

    size_t m_buffered = 0;   // unsent bytes of all streams
    size_t m_uncredited = 0; // unread and taken bytes of all streams
    size_t m_orphaned = 0;   // of them taken from streams that are gone
    size_t m_growth = 0;

    Instant m_lastHeard;
    uint32_t m_pingValue = 0;
    bool m_pingPending = true; // the first one measures the round trip
    std::optional<Instant> m_pingSent;
    Duration m_smoothedRtt{};
    Duration m_minimumRtt{};
};

} // namespace wherry::bytepipe
