#pragma once

#include "codec/frame.h"
#include "link/link.h"
#include "transfer/control_message.h"
#include "transfer/transfer_limits.h"

#include <deque>

namespace wherry::transfer {

/// The control stream of one transfer, either end: messages behind a varint length, read one by one (one message in
/// many reads, many in one: F9) and written as the stream has room. A message is never larger than kMaxControlMessage;
/// what waits to be written is counted, and its owner makes no more above kControlQueueRefill.
class ControlChannel {
  public:
    void attach(link::StreamKey key);
    /// Forgets the stream and everything queued.
    void detach();
    bool attached() const { return m_attached; }
    link::StreamKey key() const { return m_key; }
    bool is(link::StreamKey key) const { return m_attached && m_key == key; }

    void send(const ControlMessage& message) { sendRaw(encodeControl(message)); }
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

  private:
    link::StreamKey m_key;
    bool m_attached = false;
    bool m_finishing = false;
    bool m_finSent = false;
    std::deque<Slice> m_queue;
    size_t m_queuedBytes = 0;
    codec::FrameReader m_reader{kMaxControlMessage};
};

} // namespace wherry::transfer
