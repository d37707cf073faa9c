#pragma once

#include "base/block.h"
#include "base/log.h"
#include "base/strong_id.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wherry::perf {

using PerfId = StrongId<struct PerfTag>;

struct PerfConfig {
    bool serve = false; ///< answer others; our own measurements work either way
};

/// What to measure: first all of the upload, then all of the download, spread evenly over `streams` (1 to kMaxStreams).
struct PerfRequest {
    crypto::PeerId peer; ///< must be connected
    uint64_t uploadBytes = 0;
    uint64_t downloadBytes = 0;
    uint32_t streams = 1;
};

/// Times run until the other end's answer is here: an upload ends when the peer has read it and begins to answer.
struct PerfDone {
    PerfId id;
    crypto::PeerId peer;
    uint64_t uploadBytes = 0;
    uint64_t downloadBytes = 0;
    Duration uploadTime{};
    Duration downloadTime{};
    bool operator==(const PerfDone&) const = default;
};
/// Unreachable, Unsupported (the peer does not serve it), Timeout (nothing moved for too long), ConnectionLost,
/// ProtocolViolation (the peer sent more or less than asked), LimitReached, InvalidArgument, Cancelled.
struct PerfFailed {
    PerfId id;
    crypto::PeerId peer;
    Error error;
    bool operator==(const PerfFailed&) const = default;
};
using PerfEvent = std::variant<PerfDone, PerfFailed>;

/// /perf/1.0.0 (libp2p/specs perf): a big-endian count of 8 bytes, the upload until FIN, then as many bytes back as the
/// count says, FIN. All bytes sent are Slices of one Block, written again and again; bytes received are dropped and
/// credited at once.
class PerfProtocol final : public swarm::Protocol {
  public:
    PerfProtocol(PerfConfig config, const Log& log);

    PerfId perf(const PerfRequest& request, Now now);
    void cancel(PerfId id, link::StreamIo& io, Now now);
    std::optional<PerfEvent> poll();

    std::span<const std::string> protocolIds() const override;
    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now) override;
    void onStreamFailed(swarm::RequestTag tag, const crypto::PeerId& peer, const Error& error, link::StreamIo& io,
                        Now now) override;
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onWritable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onReset(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onStopped(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onClosed(link::StreamKey key, link::StreamIo& io, Now now) override;
    Instant deadline() const override;
    void onDeadline(link::StreamIo& io, Now now) override;
    std::optional<swarm::SwarmRequest> pollRequest() override;

  private:
    /// One stream, either role. The client sends count and upload, then reads; the server reads, then sends.
    struct Stream {
        bool served = false;
        PerfId id;
        crypto::PeerId peer;
        uint64_t count = 0;   ///< of the download
        size_t countRead = 0; ///< server: bytes of the count that have come
        uint64_t toSend = 0;
        uint64_t toReceive = 0; ///< client: of the download
        bool sending = false;
        bool finSent = false;
        bool answered = false; ///< client: the answer has begun
    };
    struct Measurement {
        PerfRequest request;
        uint32_t opened = 0;
        uint32_t running = 0;
        Instant started{};
        Instant uploaded{};
        Instant firstAnswer = kNever;
        Instant lastMove{};
        size_t unacknowledged = 0; ///< at the last look
        std::vector<link::StreamKey> streams;
    };

    void startClient(Measurement& measurement, const swarm::NegotiatedStream& opened, link::StreamIo& io);
    void readAnswer(link::StreamKey key, Stream& stream, link::StreamIo& io, Now now);
    void finishStream(link::StreamKey key, Now now);
    void readUpload(link::StreamKey key, Stream& stream, link::StreamIo& io);
    void pump(link::StreamKey key, Stream& stream, link::StreamIo& io);
    void abandon(link::StreamKey key, link::StreamIo& io, uint64_t code);
    void fail(PerfId id, Error error, link::StreamIo& io);
    void failStream(link::StreamKey key, Error error, link::StreamIo& io);

    PerfConfig m_config;
    const Log& m_log;
    Slice m_pattern;
    IdSource<PerfId> m_ids;
    std::map<PerfId, Measurement> m_measurements;
    std::map<link::StreamKey, Stream> m_streams;
    std::deque<swarm::SwarmRequest> m_wants;
    std::deque<PerfEvent> m_events;
};

} // namespace wherry::perf
