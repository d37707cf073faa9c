#pragma once

#include "bytepipe/endpoint.h"
#include "support/seeded_random.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <vector>

/// Endpoints of one process and the pipes between them, as the system would carry them: in order, in pieces, with room
/// for so many bytes.
namespace wherry::bytepipe::test {

inline codec::SocketAddress addressOf(uint8_t last, uint16_t port = 4001) {
    return {codec::IpAddress::v4({10, 0, 0, last}), port, 0};
}

struct PipeNode {
    PipeNode(uint8_t number, const EndpointConfig& config)
        : random(number),
          identity(crypto::Identity::generate(random)),
          address(addressOf(number)),
          owned(std::move(*Endpoint::create(config, identity, random, std::make_shared<BlockPool>(), log))),
          endpoint(*owned) {}

    template <typename Event> std::vector<Event> all() const {
        std::vector<Event> out;
        for (const link::LinkEvent& event : events)
            if (const auto* one = std::get_if<Event>(&event)) out.push_back(*one);
        return out;
    }
    const crypto::PeerId& self() const { return identity.peerId(); }
    codec::Multiaddr listens() const {
        if (kind == PipeKind::SecureWebSocket) return codec::Multiaddr::wss({address, serverName});
        return kind == PipeKind::WebSocket ? codec::Multiaddr::ws(address) : codec::Multiaddr::tcp(address);
    }

    wherry::test::SeededRandom random;
    Log log;
    crypto::Identity identity;
    codec::SocketAddress address;
    PipeKind kind = PipeKind::Tcp;
    std::string serverName; ///< of a secure WebSocket
    std::unique_ptr<Endpoint> owned;
    Endpoint& endpoint;
    std::vector<link::LinkEvent> events;
    std::function<void(const link::LinkEvent&)> onEvent;
    std::vector<link::LinkId> closedPipes;
    int trustAsked = 0; ///< how often LoadWebTrust came; the test answers
};

class PipeWire {
  public:
    size_t piece = 1 << 20;    ///< bytes of one delivery
    size_t capacity = 1 << 20; ///< bytes that a pipe takes at once
    bool filtered = false;     ///< nobody is let in but whom one connects to oneself, from where one listens
    Now now{{}, UnixTime::fromSeconds(1'790'000'000)};

    PipeNode& add(const EndpointConfig& config = {}) {
        m_nodes.push_back(std::make_unique<PipeNode>(static_cast<uint8_t>(m_nodes.size() + 1), config));
        return *m_nodes.back();
    }

    /// A pipe to `to` whose other end the test holds; what arrives there is in received().
    std::optional<link::LinkId> connectByHand(PipeNode& to, const codec::SocketAddress& from) {
        const auto pipe = to.endpoint.onPipeAccepted({to.address, from, to.kind}, now);
        if (!pipe) return std::nullopt;
        m_ends[{&to, *pipe}] = {};
        return *pipe;
    }
    const Bytes& received(PipeNode& from, link::LinkId pipe) { return m_ends[{&from, pipe}].received; }

    /// Dials, and lets everything come to rest.
    link::LinkId dial(PipeNode& from, PipeNode& to, const crypto::PeerId& expected) {
        const auto link = from.endpoint.dial(to.listens(), expected, now);
        run();
        return link ? *link : link::LinkId{};
    }

    /// Until nothing moves any more.
    void run() {
        while (step()) {
        }
    }
    void advance(Duration by) {
        now.mono += by;
        for (auto& node : m_nodes)
            if (node->endpoint.deadline() <= now.mono) node->endpoint.onDeadline(now);
        run();
    }
    /// One end's pipe fails as a reset connection does.
    void cut(PipeNode& at, link::LinkId pipe) {
        const End end = m_ends.at({&at, pipe});
        at.endpoint.onPipeFailed(pipe, makeError(Errc::ConnectionLost, "reset"));
        m_ends.erase({&at, pipe});
        if (end.peer) {
            end.peer->endpoint.onPipeFailed(end.peerPipe, makeError(Errc::ConnectionLost, "reset"));
            m_ends.erase({end.peer, end.peerPipe});
        }
        run();
    }

  private:
    struct End {
        PipeNode* peer = nullptr; ///< null: held by the test
        link::LinkId peerPipe;
        Bytes waiting;  ///< written and not taken by the pipe
        Bytes received; ///< what reached the test's end
    };
    using Key = std::pair<PipeNode*, link::LinkId>;

    bool step() {
        bool moved = false;
        for (auto& owned : m_nodes) {
            PipeNode& node = *owned;
            moved = pollEvents(node) || moved;
            moved = flush(node) || moved;
            Bytes out;
            while (const auto pipe = node.endpoint.nextWrite(out, now)) {
                moved = true;
                const auto end = m_ends.find({&node, *pipe});
                if (end == m_ends.end()) continue;
                append(end->second.waiting, out);
                deliver(node, *pipe);
            }
            moved = pollEvents(node) || moved;
            while (const auto action = node.endpoint.pollAction()) {
                moved = true;
                if (const auto* open = std::get_if<OpenPipe>(&*action))
                    connect(node, *open);
                else if (const auto* close = std::get_if<ClosePipe>(&*action))
                    closePipe(node, *close);
                else
                    ++node.trustAsked;
            }
        }
        return moved;
    }

    static bool pollEvents(PipeNode& node) {
        bool any = false;
        while (const auto event = node.endpoint.poll()) {
            any = true;
            node.events.push_back(*event);
            if (node.onEvent) node.onEvent(*event);
        }
        return any;
    }

    /// What pipes did not take before, as much as they take now.
    bool flush(PipeNode& node) {
        bool moved = false;
        std::vector<link::LinkId> full;
        for (const auto& [key, end] : m_ends)
            if (key.first == &node && !end.waiting.empty()) full.push_back(key.second);
        for (const link::LinkId pipe : full) {
            deliver(node, pipe);
            moved = true;
        }
        return moved;
    }

    void deliver(PipeNode& node, link::LinkId pipe) {
        const auto found = m_ends.find({&node, pipe});
        Bytes& waiting = found->second.waiting;
        const size_t count = std::min(waiting.size(), capacity);
        const Bytes part(waiting.begin(), waiting.begin() + static_cast<ptrdiff_t>(count));
        waiting.erase(waiting.begin(), waiting.begin() + static_cast<ptrdiff_t>(count));
        if (waiting.empty())
            node.endpoint.onWritable(pipe);
        else
            node.endpoint.onBlocked(pipe);
        carry(found->second, part);
    }

    void carry(End& end, ByteView bytes) {
        if (!end.peer) return append(end.received, bytes);
        PipeNode& peer = *end.peer;
        const link::LinkId pipe = end.peerPipe;
        for (size_t at = 0; at < bytes.size() && m_ends.count({&peer, pipe}) > 0; at += piece)
            peer.endpoint.onBytes(pipe, bytes.subspan(at, std::min(piece, bytes.size() - at)), now);
    }

    /// Both have connected to each other.
    bool meet(PipeNode& node, const OpenPipe& open) {
        const auto other = std::find_if(m_parked.begin(), m_parked.end(), [&](const auto& parked) {
            return open.fromListener && parked.second.fromListener && parked.first->address == open.remote &&
                   parked.second.remote == node.address;
        });
        if (other == m_parked.end()) return false;
        const auto [peer, theirs] = *other;
        m_parked.erase(other);
        m_ends[{&node, open.pipe}] = {peer, theirs.pipe, {}, {}};
        m_ends[{peer, theirs.pipe}] = {&node, open.pipe, {}, {}};
        node.endpoint.onPipeOpened(open.pipe, node.address);
        peer->endpoint.onPipeOpened(theirs.pipe, peer->address);
        return true;
    }

    void connect(PipeNode& node, const OpenPipe& open) {
        if (filtered) {
            if (!meet(node, open)) m_parked.push_back({&node, open});
            return;
        }
        for (auto& other : m_nodes) {
            if (other->address != open.remote) continue;
            const auto local = codec::SocketAddress{node.address.ip, ++m_lastPort, 0};
            const auto accepted = other->endpoint.onPipeAccepted({other->address, local, other->kind}, now);
            if (!accepted) break;
            m_ends[{&node, open.pipe}] = {other.get(), *accepted, {}, {}};
            m_ends[{other.get(), *accepted}] = {&node, open.pipe, {}, {}};
            return node.endpoint.onPipeOpened(open.pipe, local);
        }
        node.endpoint.onPipeFailed(open.pipe, makeError(Errc::Unreachable, "refused"));
    }

    void closePipe(PipeNode& node, const ClosePipe& close) {
        node.closedPipes.push_back(close.pipe);
        const auto found = m_ends.find({&node, close.pipe});
        if (found == m_ends.end()) return;
        Bytes last = std::move(found->second.waiting);
        append(last, close.farewell);
        carry(found->second, last);
        const End end = found->second;
        m_ends.erase({&node, close.pipe});
        if (!end.peer) return;
        m_ends.erase({end.peer, end.peerPipe});
        end.peer->endpoint.onPipeEnded(end.peerPipe);
    }

    std::vector<std::unique_ptr<PipeNode>> m_nodes;
    std::map<Key, End> m_ends;
    std::vector<std::pair<PipeNode*, OpenPipe>> m_parked;
    uint16_t m_lastPort = 40000;
};

} // namespace wherry::bytepipe::test
