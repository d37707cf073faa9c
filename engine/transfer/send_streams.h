#pragma once

#include "link/link.h"
#include "transfer/job.h"
#include "transfer/outbox.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace wherry::transfer {

/// A frame on its way out.
struct OutFrame {
    Slices slices;
    uint32_t payloadOnWire = 0;
    uint32_t entry = 0; ///< of a chunk frame
    bool isChunk = false;
    bool lastNeeded = false; ///< a chunk sent for the first time: the file's end waits for it
    uint32_t chunk = 0;      ///< of a chunk frame
    std::vector<uint32_t> entries{}; ///< of a batch frame
};

/// The data streams of one attempt, opened by us: whole frames, each on whichever stream has room, the streams taking
/// turns, so that no loss on one of them holds up the others. A frame that does not fit at once is finished as its
/// stream takes more.
///
/// When the transfer goes over to another connection, the streams become former ones: each ends with the frame that it
/// has begun, and what became of its frames is settled with the receiver, which alone knows how many have come.
class SendStreams {
  public:
    SendStreams(MachineContext& context, TransferId transfer, const crypto::PeerId& peer, ByteView attempt);

    /// The open ones become former ones, and `count` new ones are asked for.
    void leave(size_t count);
    /// The receiver has come over, too: former streams that are through with their frame end.
    void finishFormer(link::StreamIo& io);
    bool isFormer(link::StreamKey key) const;
    /// A former stream that has ended. What it had begun to send counts as sent until settle().
    struct FormerEnd {
        uint32_t number = 0;
        uint32_t frames = 0; ///< that it carries up to its end in good order; 0: it was lost
        std::optional<OutFrame> begun{};
    };
    std::optional<FormerEnd> endFormer(link::StreamKey key);
    /// The receiver has so many frames of that stream; the others. Errors: ProtocolViolation.
    Result<std::vector<OutFrame>> settle(uint32_t number, uint32_t frames);

    /// Asks for streams until `count` are open or asked for; at most kDataStreams.
    void request(size_t count);
    /// Whether the tag is of a request of ours; forgets it.
    bool takeRequest(swarm::RequestTag tag);
    void onOpened(link::StreamKey key);
    bool owns(link::StreamKey key) const;
    /// The stream has ended, whoever did it.
    void remove(link::StreamKey key);
    size_t open() const { return current(); }
    size_t used() const { return m_used; }

    /// Moves frames from `ready` to the streams. Returns those whose last byte has been handed over.
    std::vector<OutFrame> write(std::deque<OutFrame>& ready, link::StreamIo& io);
    /// Bytes of all streams that the peer has not acknowledged.
    uint64_t unacknowledged(const link::StreamIo& io) const;
    /// No stream holds a part of a frame, and of each former one it is known what has come.
    bool idle() const;
    void finishAll(link::StreamIo& io);
    void resetAll(link::StreamIo& io, uint64_t code);

  private:
    /// What was sent on a stream and may not have come: entry, chunk or entries, and length of each frame.
    struct Sent {
        std::deque<OutFrame> frames;
        uint32_t before = 0; ///< frames that are not remembered any more
        uint64_t bytes = 0;
    };
    struct Stream {
        link::StreamKey key;
        uint32_t number = 0;
        bool former = false;
        bool finished = false;
        Sent sent{};
        Bytes hello; ///< still to be written
        OutFrame frame;
        size_t nextSlice = 0; ///< of frame.slices
        bool busy = false;
        bool used = false;
    };
    void writeHello(Stream& stream, link::StreamIo& io);
    bool writeFrame(Stream& stream, link::StreamIo& io);
    static void remember(Sent& sent, const OutFrame& frame);
    size_t current() const;

    MachineContext& m_context;
    TransferId m_transfer;
    crypto::PeerId m_peer;
    Bytes m_attempt;
    std::set<swarm::RequestTag> m_requests;
    std::vector<Stream> m_streams;
    std::map<uint32_t, Sent> m_unsettled; ///< of former streams that have ended
    uint32_t m_lastNumber = 0;
    bool m_mayFinish = false; ///< former ones
    size_t m_turn = 0;
    size_t m_used = 0;
};

} // namespace wherry::transfer
