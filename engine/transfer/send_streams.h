#pragma once

#include "link/link.h"
#include "transfer/job.h"
#include "transfer/outbox.h"

#include <deque>
#include <set>
#include <vector>

namespace wherry::transfer {

/// A frame on its way out.
struct OutFrame {
    Slices slices;
    uint32_t payloadOnWire = 0;
    uint32_t entry = 0; ///< of a chunk frame
    bool isChunk = false;
    bool lastNeeded = false; ///< a chunk sent for the first time: the file's end waits for it
};

/// The data streams of one attempt, opened by us: whole frames, each on whichever stream has room, the streams taking
/// turns, so that no loss on one of them holds up the others. A frame that does not fit at once is finished as its
/// stream takes more.
class SendStreams {
  public:
    SendStreams(MachineContext& context, TransferId transfer, const crypto::PeerId& peer, ByteView attempt);

    /// Asks for streams until `count` are open or asked for; at most kDataStreams.
    void request(size_t count);
    /// Whether the tag is of a request of ours; forgets it.
    bool takeRequest(swarm::RequestTag tag);
    void onOpened(link::StreamKey key);
    bool owns(link::StreamKey key) const;
    /// The stream has ended, whoever did it.
    void remove(link::StreamKey key);
    size_t open() const { return m_streams.size(); }
    size_t used() const { return m_used; }

    /// Moves frames from `ready` to the streams. Returns those whose last byte has been handed over.
    std::vector<OutFrame> write(std::deque<OutFrame>& ready, link::StreamIo& io);
    /// Bytes of all streams that the peer has not acknowledged.
    uint64_t unacknowledged(const link::StreamIo& io) const;
    /// No stream holds a part of a frame.
    bool idle() const;
    void finishAll(link::StreamIo& io);
    void resetAll(link::StreamIo& io, uint64_t code);

  private:
    struct Stream {
        link::StreamKey key;
        Bytes hello; ///< still to be written
        OutFrame frame;
        size_t nextSlice = 0; ///< of frame.slices
        bool busy = false;
        bool used = false;
    };
    void writeHello(Stream& stream, link::StreamIo& io);
    bool writeFrame(Stream& stream, link::StreamIo& io);

    MachineContext& m_context;
    TransferId m_transfer;
    crypto::PeerId m_peer;
    Bytes m_attempt;
    std::set<swarm::RequestTag> m_requests;
    std::vector<Stream> m_streams;
    size_t m_turn = 0;
    size_t m_used = 0;
};

} // namespace wherry::transfer
