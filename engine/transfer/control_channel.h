#pragma once

#include "codec/frame.h"
#include "link/link.h"
#include "transfer/control_message.h"
#include "transfer/transfer_limits.h"

#include <deque>
#include <optional>

namespace wherry::transfer {

/// The control stream of one transfer, either end: messages behind a varint length, read one by one (one message in
/// many reads, many in one: F9) and written as the stream has room. A message is never larger than kMaxControlMessage;
/// what waits to be written is counted, and its owner makes no more above kControlQueueRefill.
///
/// It can go over to another stream: messages are counted on both sides (all but Progress and Moved), and the last
/// kMaxControlKept bytes of them are kept, so that those that the other side has not heard are sent once more.
class ControlChannel {
  public:
    void attach(link::StreamKey key);
    /// Forgets the stream and everything queued.
    void detach();
    bool attached() const { return m_attached; }
    link::StreamKey key() const { return m_key; }
    bool is(link::StreamKey key) const { return m_attached && !m_left && m_key == key; }

    void send(const ControlMessage& message);
    void sendRaw(Bytes bytes);
    /// No more will be sent: FIN follows the last queued message.
    void finish() { m_finishing = true; }
    /// Writes what the stream takes now.
    void flush(link::StreamIo& io);
    size_t queuedBytes() const { return m_queuedBytes; }
    /// Everything including the FIN has been handed to the stream.
    bool finished() const { return m_finSent; }

    /// The next whole message, if it is there. After an error the stream is of no use any more.
    Result<std::optional<ControlMessage>> receive(link::StreamIo& io);

    // --- another stream
    /// From now on messages are kept.
    void keep() { m_keeps = true; }
    /// The stream has gone; what is sent waits for another one.
    void leave() { m_left = true; }
    bool left() const { return m_left; }
    /// Goes over to another stream, on which `first` goes out; all else waits for goOn().
    void moveTo(link::StreamKey key, Bytes first);
    /// The other side has heard so many messages: the next one follows. ProtocolViolation: it is not kept.
    Result<void> goOn(uint64_t heard);
    /// So many need not be kept any more.
    void forgetHeard(uint64_t heard);
    /// Messages of the other side that receive() has given out.
    uint64_t heard() const { return m_heard; }

  private:
    enum class Kind : uint8_t { Raw, Plain, Counted };
    struct Queued {
        Slice bytes;
        Kind kind = Kind::Plain;
        size_t written = 0;
    };
    void enqueue(Bytes bytes, Kind kind);
    void onWritten(Queued message);
    void dropKept();

    link::StreamKey m_key;
    bool m_attached = false;
    bool m_left = false;
    bool m_waits = false; ///< for goOn()
    bool m_keeps = false;
    bool m_finishing = false;
    bool m_finSent = false;
    std::deque<Queued> m_queue;
    size_t m_queuedBytes = 0;
    std::deque<Slice> m_kept; ///< written, and perhaps not heard
    size_t m_keptBytes = 0;
    uint64_t m_before = 0; ///< counted messages before m_kept
    uint64_t m_heard = 0;
    codec::FrameReader m_reader{kMaxControlMessage};
};

} // namespace wherry::transfer
