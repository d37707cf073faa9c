#pragma once

#include "quic/endpoint.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Endpoints connected by an in-memory network in virtual time, for the tests of engine/quic. Everything is seeded: the
/// same seed loses the same datagrams.
namespace wherry::quic::test {

using namespace std::chrono_literals;

/// A small seeded generator (splitmix64).
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(uint64_t seed) : m_state(seed) {}
    void fill(MutableBytes out) override {
        for (uint8_t& byte : out) byte = static_cast<uint8_t>(step() >> 56);
    }
    uint64_t step() {
        uint64_t z = (m_state += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    double unit() { return static_cast<double>(step() >> 11) / 9007199254740992.0; }

  private:
    uint64_t m_state;
};

struct Conditions {
    Duration delay = 10ms; ///< one way
    double loss = 0;
    uint64_t bytesPerSecond = 0; ///< 0: unlimited
    size_t queueBytes = 1 << 20; ///< of the bottleneck; more is dropped
    size_t maxPayload = 65535;   ///< longer datagrams are lost
};

struct Flight {
    codec::SocketAddress from;
    codec::SocketAddress to;
    uint8_t ecn = 0;
    Bytes bytes;
};

struct Node {
    Node(uint64_t seed, codec::SocketAddress at)
        : address(at),
          random(seed),
          identity(crypto::Identity::generate(random)) {}

    codec::SocketAddress address;
    SeededRandom random;
    crypto::Identity identity;
    std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>();
    Log log;
    std::unique_ptr<Endpoint> endpoint;
    /// Every event in order, after `handler` has seen it.
    std::vector<link::LinkEvent> events;
    std::function<void(const link::LinkEvent&)> handler;
    size_t datagramsSent = 0;
    size_t bytesSent = 0;
    size_t datagramsReceived = 0;
    size_t bytesReceived = 0;
    size_t largestSent = 0;
    CanSend canSend; ///< which of its sockets are not full
    bool connected = true; ///< false: neither sends nor receives

    template <typename Event> std::vector<Event> all() const {
        std::vector<Event> found;
        for (const auto& event : events)
            if (const auto* match = std::get_if<Event>(&event)) found.push_back(*match);
        return found;
    }
    template <typename Event> bool has() const { return !all<Event>().empty(); }
    link::LinkId lastLink() const {
        const auto opened = all<link::LinkOpened>();
        return opened.empty() ? link::LinkId{} : opened.back().link;
    }
    codec::Multiaddr dialAddress() const { return codec::Multiaddr::quic(address); }
};

inline codec::SocketAddress v4(uint8_t last, uint16_t port = 4001) {
    return {codec::IpAddress::v4({10, 0, 0, last}), port, 0};
}

inline std::string patternText(uint64_t seed, size_t length) {
    SeededRandom random(seed);
    std::string text(length, '\0');
    for (size_t i = 0; i < length; i += 8) {
        const uint64_t word = random.step();
        std::memcpy(text.data() + i, &word, std::min<size_t>(8, length - i));
    }
    return text;
}

class Wire {
  public:
    explicit Wire(uint64_t seed = 1) : m_random(seed) {}

    Conditions conditions;
    Now now{Instant(1s), UnixTime::fromSeconds(1'800'000'000)};
    /// Sees every datagram at sending; false drops it. May change it.
    std::function<bool(Flight&)> filter;
    /// Those who are no Node but receive datagrams.
    std::map<codec::SocketAddress, std::function<void(const Flight&)>> listeners;
    /// A node's address -> what the others see (a NAT).
    std::map<codec::SocketAddress, codec::SocketAddress> nat;

    Node& add(const EndpointConfig& config = {}, codec::SocketAddress at = {}) {
        if (at.port == 0) at = v4(static_cast<uint8_t>(m_nodes.size() + 1));
        m_nodes.push_back(std::make_unique<Node>(m_random.step(), at));
        start(*m_nodes.back(), config);
        return *m_nodes.back();
    }
    /// (Re)creates the node's endpoint with the same identity, as after a restart.
    void start(Node& node, EndpointConfig config) {
        config.localPort = node.address.port;
        node.endpoint.reset();
        auto made = Endpoint::create(config, node.identity, node.random, node.pool, node.log);
        ASSERT(made.has_value());
        node.endpoint = std::move(*made);
    }

    void inject(const codec::SocketAddress& from, const codec::SocketAddress& to, ByteView bytes) {
        m_flights.emplace(now.mono + conditions.delay, Flight{from, to, 0, toBytes(bytes)});
    }

    /// Runs until `done` or until `limit` of virtual time has passed; whether `done` holds.
    bool run(
        Duration limit, const std::function<bool()>& done = [] { return false; }) {
        const Instant end = now.mono + limit;
        for (;;) {
            settle();
            if (done()) return true;
            Instant next = end;
            if (!m_flights.empty()) next = std::min(next, m_flights.begin()->first);
            for (const auto& node : m_nodes)
                if (node->endpoint && node->connected) next = std::min(next, node->endpoint->deadline());
            if (next >= end) {
                advance(end);
                return done();
            }
            advance(std::max(next, now.mono));
            deliverDue();
            for (const auto& node : m_nodes)
                if (node->endpoint && node->connected && node->endpoint->deadline() <= now.mono)
                    node->endpoint->onDeadline(now);
        }
    }

    /// Events to handlers, batches to the network, until nothing moves.
    void settle() {
        for (bool moved = true; moved;) {
            moved = false;
            for (const auto& node : m_nodes) {
                if (!node->endpoint) continue;
                moved = drain(*node) || moved;
                moved = flush(*node) || moved;
            }
        }
    }

    std::vector<std::unique_ptr<Node>>& nodes() { return m_nodes; }
    SeededRandom& random() { return m_random; }

  private:
    void advance(Instant to) {
        now.wall.nanoseconds += (to - now.mono).count();
        now.mono = to;
    }
    bool drain(Node& node) {
        bool any = false;
        while (auto event = node.endpoint->poll()) {
            any = true;
            if (node.handler) node.handler(*event);
            node.events.push_back(std::move(*event));
            if (!node.endpoint) break;
        }
        return any;
    }
    bool flush(Node& node) {
        bool any = false;
        while (auto batch = node.endpoint->nextBatch(m_buffer, now, node.canSend)) {
            any = true;
            for (size_t at = 0; at < batch->length; at += batch->segmentSize)
                send(node, *batch, {m_buffer.data() + at, std::min(batch->segmentSize, batch->length - at)});
        }
        return any;
    }
    void send(Node& node, const SendBatch& batch, ByteView bytes) {
        if (!node.connected) return;
        ++node.datagramsSent;
        node.bytesSent += bytes.size();
        node.largestSent = std::max(node.largestSent, bytes.size());
        codec::SocketAddress from = node.address;
        if (!batch.path.local.ip.isUnspecified()) from.ip = batch.path.local.ip;
        if (const auto seen = nat.find(from); seen != nat.end()) from = seen->second;
        Flight flight{from, batch.path.remote, batch.ecn, toBytes(bytes)};
        if (filter && !filter(flight)) return;
        if (flight.bytes.size() > conditions.maxPayload || m_random.unit() < conditions.loss) return;
        const auto queued = queueing(node, flight.bytes.size());
        if (queued) m_flights.emplace(now.mono + *queued + conditions.delay, std::move(flight));
    }
    /// How long the datagram waits for and takes at the bottleneck; nothing when the queue is full.
    std::optional<Duration> queueing(const Node& node, size_t bytes) {
        if (conditions.bytesPerSecond == 0) return Duration{};
        const auto takes = [this](size_t count) {
            return Duration(static_cast<int64_t>(count * 1'000'000'000 / conditions.bytesPerSecond));
        };
        Instant& busy = m_busy[&node];
        const Instant start = std::max(busy, now.mono);
        if (start - now.mono > takes(conditions.queueBytes)) return std::nullopt;
        busy = start + takes(bytes);
        return busy - now.mono;
    }
    void deliverDue() {
        while (!m_flights.empty() && m_flights.begin()->first <= now.mono) {
            Flight flight = std::move(m_flights.begin()->second);
            m_flights.erase(m_flights.begin());
            for (const auto& [inside, outside] : nat)
                if (outside == flight.to) flight.to = inside;
            if (const auto listener = listeners.find(flight.to); listener != listeners.end()) listener->second(flight);
            for (const auto& node : m_nodes) {
                if (!node->endpoint || !node->connected || node->address != flight.to) continue;
                ++node->datagramsReceived;
                node->bytesReceived += flight.bytes.size();
                node->endpoint->onDatagram({flight.to, flight.from}, flight.ecn, flight.bytes, now);
            }
        }
    }

    SeededRandom m_random;
    std::vector<std::unique_ptr<Node>> m_nodes;
    std::multimap<Instant, Flight> m_flights;
    std::map<const Node*, Instant> m_busy;
    Bytes m_buffer = Bytes(kBatchBuffer);
};

/// Writes a text on a stream as room allows, then FIN; reads whatever comes back.
struct Sender {
    link::StreamKey key{};
    std::string text{};
    size_t written = 0;
    bool finished = false;
    std::string received{};
    bool ended = false;

    void write(Endpoint& endpoint) {
        while (!finished) {
            const size_t count = std::min(endpoint.writable(key), text.size() - written);
            const bool last = written + count == text.size();
            if (count == 0 && !last) return;
            endpoint.write(key, Slice::copyOf(asBytes(std::string_view(text).substr(written, count))),
                           last ? link::Fin::Yes : link::Fin::No);
            written += count;
            finished = last;
        }
    }
    void read(Endpoint& endpoint) {
        while (endpoint.available(key) > 0) {
            const ByteView view = endpoint.front(key);
            received.append(asText(view));
            endpoint.consume(key, view.size());
        }
        ended = ended || endpoint.atEnd(key);
    }
};

/// Echoes every stream that the peer opens, within the room there is; counts what it has seen.
struct Echo {
    Node& node;
    std::map<link::StreamKey, bool> open; // -> FIN sent
    size_t bytes = 0;

    explicit Echo(Node& owner) : node(owner) {
        node.handler = [this](const link::LinkEvent& event) { on(event); };
    }
    void on(const link::LinkEvent& event) {
        if (const auto* opened = std::get_if<link::StreamOpened>(&event)) open[opened->key] = false;
        if (const auto* readable = std::get_if<link::StreamReadable>(&event)) pump(readable->key);
        if (const auto* writable = std::get_if<link::StreamWritable>(&event)) pump(writable->key);
        if (const auto* closed = std::get_if<link::StreamClosed>(&event)) open.erase(closed->key);
    }
    void pump(link::StreamKey key) {
        Endpoint& endpoint = *node.endpoint;
        const auto found = open.find(key);
        if (found == open.end() || found->second) return;
        for (;;) {
            const size_t count = std::min(endpoint.available(key), endpoint.writable(key));
            if (count == 0) break;
            bytes += count;
            for (Slice& slice : endpoint.take(key, count)) endpoint.write(key, std::move(slice), link::Fin::No);
            endpoint.credit(key, count);
        }
        if (!endpoint.atEnd(key)) return;
        endpoint.write(key, {}, link::Fin::Yes);
        found->second = true;
    }
};

/// Two nodes, connected: `client` has dialled `server`.
struct Pair {
    explicit Pair(uint64_t seed = 1, EndpointConfig clientConfig = {}, EndpointConfig serverConfig = {})
        : wire(seed),
          client(wire.add(clientConfig)),
          server(wire.add(serverConfig)) {}

    bool connect(Duration limit = 10s) {
        auto dialled = client.endpoint->dial(server.dialAddress(), server.identity.peerId(), wire.now);
        if (!dialled) return false;
        link = *dialled;
        return wire.run(limit, [&] { return client.has<link::LinkOpened>() && server.has<link::LinkOpened>(); });
    }

    Wire wire;
    Node& client;
    Node& server;
    link::LinkId link;
};

} // namespace wherry::quic::test
