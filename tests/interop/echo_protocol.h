#pragma once

#include "base/take_front.h"
#include "link/abandon.h"
#include "swarm/protocol.h"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace wherry::interop {

/// Streams as the js peer has them, from both sides: /echo/1.0.0 sends back what comes, /reset/1.0.0 reads a byte and
/// resets, /hold/1.0.0 waits for how the other side ends it.
class EchoProtocol final : public swarm::Protocol {
  public:
    enum class Kind : uint8_t { Echo, Reset, Hold };
    /// What became of a stream that we opened.
    struct Outcome {
        bool good = false;
        std::string why;
    };

    void open(const crypto::PeerId& peer, Kind kind, size_t bytes) {
        m_wanted.push_back({kind, bytes});
        m_requests.push_back(swarm::OpenStream{peer, {m_ids[static_cast<size_t>(kind)]}, m_wanted.size()});
    }
    /// Resets what we hold.
    void release(link::StreamIo& io) {
        for (const link::StreamKey key : std::exchange(m_held, {})) io.reset(key, 7);
    }
    std::optional<Outcome> poll() { return takeFront(m_outcomes); }

    std::span<const std::string> protocolIds() const override { return m_ids; }
    std::optional<swarm::SwarmRequest> pollRequest() override { return takeFront(m_requests); }

    void onStream(const swarm::NegotiatedStream& opened, link::StreamIo& io, Now now) override {
        Stream& stream = m_streams[opened.key];
        const auto id = std::ranges::find(m_ids, opened.protocolId);
        stream.kind = static_cast<Kind>(id - m_ids.begin());
        stream.ours = opened.outbound;
        if (!stream.ours) return onReadable(opened.key, io, now);
        stream.bytes = m_wanted[opened.tag - 1].second;
        onWritable(opened.key, io, now);
    }
    /// A reset may overtake the answer of the negotiation, which is then thrown away with what else was unread.
    void onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, link::StreamIo&,
                        Now) override {
        const bool wanted = m_wanted[tag - 1].first == Kind::Reset && error.code == Errc::ConnectionLost;
        m_outcomes.push_back({wanted, error.text()});
    }

    void onWritable(link::StreamKey key, link::StreamIo& io, Now now) override {
        const auto found = m_streams.find(key);
        if (found == m_streams.end()) return;
        Stream& stream = found->second;
        if (!stream.ours) return onReadable(key, io, now);
        while (stream.sent < stream.bytes) {
            const size_t count = std::min<size_t>({io.writable(key), stream.bytes - stream.sent, 64 * 1024});
            if (count == 0) return;
            Bytes piece(count);
            for (size_t i = 0; i < count; ++i) piece[i] = patternAt(stream.sent + i);
            stream.sent += count;
            io.write(key, Slice::copyOf(piece), link::Fin::No);
        }
        if (stream.ended) return;
        stream.ended = true;
        if (stream.kind == Kind::Echo) io.write(key, {}, link::Fin::Yes);
        if (stream.kind == Kind::Hold) {
            m_held.push_back(key);
            finish(key, {true, "held"});
        }
    }
    void onReadable(link::StreamKey key, link::StreamIo& io, Now) override {
        const auto found = m_streams.find(key);
        if (found == m_streams.end()) return;
        Stream& stream = found->second;
        while (const size_t there = io.available(key)) {
            const ByteView front = io.front(key);
            size_t count = std::min(there, front.size());
            if (!stream.ours && stream.kind == Kind::Reset) {
                link::abandon(io, key, 7);
                m_streams.erase(found);
                return;
            }
            if (!stream.ours && stream.kind == Kind::Echo) {
                count = std::min(count, io.writable(key));
                if (count == 0) return; // onWritable goes on
                io.write(key, Slice::copyOf(front.first(count)), link::Fin::No);
            }
            for (size_t i = 0; stream.ours && i < count; ++i)
                stream.wrong = stream.wrong || front[i] != patternAt(stream.received + i);
            stream.received += count;
            io.consume(key, count);
        }
        if (!io.atEnd(key)) return;
        if (!stream.ours) {
            io.write(key, {}, link::Fin::Yes);
            return void(m_streams.erase(found));
        }
        const bool good = !stream.wrong && stream.received == stream.bytes && stream.kind == Kind::Echo;
        finish(key, {good, std::to_string(stream.received) + " of " + std::to_string(stream.bytes) +
                               (stream.wrong ? " bytes, wrong ones" : " bytes")});
    }
    void onReset(link::StreamKey key, uint64_t, link::StreamIo& io, Now) override {
        const auto found = m_streams.find(key);
        if (found == m_streams.end()) return;
        const bool wanted = found->second.kind == Kind::Reset;
        link::abandon(io, key, 0);
        finish(key, {wanted, "reset by the peer"});
    }
    void onClosed(link::StreamKey key, link::StreamIo&, Now) override { finish(key, {false, "closed"}); }

  private:
    struct Stream {
        Kind kind = Kind::Echo;
        bool ours = false;
        size_t bytes = 0;
        size_t sent = 0;
        size_t received = 0;
        bool ended = false;
        bool wrong = false;
    };
    static uint8_t patternAt(size_t at) { return static_cast<uint8_t>(at * 31 + (at >> 12)); }
    void finish(link::StreamKey key, Outcome outcome) {
        const auto stream = m_streams.extract(key);
        if (stream && stream.mapped().ours) m_outcomes.push_back(std::move(outcome));
    }

    const std::vector<std::string> m_ids{"/echo/1.0.0", "/reset/1.0.0", "/hold/1.0.0"};
    std::deque<swarm::SwarmRequest> m_requests;
    std::vector<std::pair<Kind, size_t>> m_wanted;
    std::map<link::StreamKey, Stream> m_streams;
    std::vector<link::StreamKey> m_held;
    std::deque<Outcome> m_outcomes;
};

} // namespace wherry::interop
