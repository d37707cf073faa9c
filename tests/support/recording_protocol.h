#pragma once

#include "base/take_front.h"
#include "swarm/protocol.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace wherry::test {

/// Writes down all that happens to it; reads everything at once unless `reading` is off.
class RecordingProtocol : public swarm::Protocol {
  public:
    explicit RecordingProtocol(std::vector<std::string> ids = {"/test/1"}) : m_ids(std::move(ids)) {}

    struct Stream {
        crypto::PeerId peer;
        std::string protocolId;
        bool outbound = false;
        swarm::RequestTag tag = 0;
        Bytes received;
        bool ended = false;
        bool closed = false;
        std::optional<uint64_t> reset;
        std::optional<uint64_t> stopped;
    };

    void open(const crypto::PeerId& peer, std::vector<std::string> ids, swarm::RequestTag tag) {
        requests.push_back(swarm::OpenStream{peer, std::move(ids), tag});
    }
    link::StreamKey keyOf(swarm::RequestTag tag) const {
        for (const auto& [key, stream] : streams)
            if (stream.outbound && stream.tag == tag) return key;
        return {};
    }
    std::vector<link::StreamKey> inbound() const {
        std::vector<link::StreamKey> keys;
        for (const auto& [key, stream] : streams)
            if (!stream.outbound) keys.push_back(key);
        return keys;
    }

    std::span<const std::string> protocolIds() const override { return m_ids; }
    bool runsOverRelay() const override { return relayed; }
    void onPeerConnected(const swarm::PeerInfo& info, link::StreamIo&, Now) override {
        connected.push_back(info);
        trace.push_back("connected");
    }
    void onPeerMoved(const swarm::PeerInfo& info, Now) override {
        moved.push_back(info);
        trace.push_back("moved");
    }
    void onPeerGone(const crypto::PeerId&, const Error& error, Now) override {
        gone.push_back(error);
        trace.push_back("gone");
    }
    void onStream(const swarm::NegotiatedStream& s, link::StreamIo& io, Now) override {
        streams[s.key] = {s.peer, std::string(s.protocolId), s.outbound, s.tag, {}, false, false, {}, {}};
        if (!s.outbound || greeting.empty()) return;
        io.write(s.key, Slice::copyOf(asBytes(greeting)), endAtOnce ? link::Fin::Yes : link::Fin::No);
    }
    void onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, link::StreamIo&,
                        Now) override {
        failed[tag] = error;
        trace.push_back("failed");
    }
    void onReadable(link::StreamKey key, link::StreamIo& io, Now) override {
        if (!reading) return;
        Stream& stream = streams.at(key);
        while (!io.front(key).empty()) {
            append(stream.received, io.front(key));
            io.consume(key, io.front(key).size());
        }
        if (!io.atEnd(key) || stream.ended) return;
        stream.ended = true;
        if (!stream.outbound && closeWithPeer) io.write(key, {}, link::Fin::Yes);
    }
    void onWritable(link::StreamKey, link::StreamIo&, Now) override { ++writable; }
    void onReset(link::StreamKey key, uint64_t code, link::StreamIo&, Now) override { streams.at(key).reset = code; }
    void onStopped(link::StreamKey key, uint64_t code, link::StreamIo&, Now) override {
        streams.at(key).stopped = code;
    }
    void onClosed(link::StreamKey key, link::StreamIo&, Now) override {
        streams.at(key).closed = true;
        trace.push_back("closed");
    }
    std::optional<swarm::SwarmRequest> pollRequest() override { return takeFront(requests); }

    std::string greeting;   ///< written on each stream that we open
    bool endAtOnce = false; ///< FIN with the greeting
    bool reading = true;
    bool relayed = false; ///< served over relayed links as well
    bool closeWithPeer = true; ///< FIN back on inbound streams at their end
    std::deque<swarm::SwarmRequest> requests;
    std::map<link::StreamKey, Stream> streams;
    std::map<swarm::RequestTag, Error> failed;
    std::vector<swarm::PeerInfo> connected;
    std::vector<swarm::PeerInfo> moved;
    std::vector<Error> gone;
    std::vector<std::string> trace;
    int writable = 0;

  private:
    std::vector<std::string> m_ids;
};

} // namespace wherry::test
