#pragma once

#include "codec/frame.h"
#include "crypto/sha256.h"
#include "protocols/gossipsub/gossipsub_limits.h"
#include "protocols/gossipsub/router.h"
#include "support/seeded_random.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

/// Routers without connections: a light link carries their RPCs in order, with a delay, and loses what is under way
/// when it breaks. Virtual time; the same seed gives the same run.
namespace wherry::gossipsub::test {

inline crypto::Identity identityOf(uint32_t number) {
    std::array<uint8_t, 32> seed{};
    putBigEndian<uint32_t>(seed, number);
    return crypto::Identity::fromSeed(seed);
}
inline Now at(Duration sinceStart) {
    return {Instant(std::chrono::hours(1)) + sinceStart,
            UnixTime{UnixTime::fromSeconds(1'800'000'000).nanoseconds + sinceStart.count()}};
}

/// Each signature is checked once, however many routers ask.
class Checked {
  public:
    bool operator()(const crypto::PublicKey& key, ByteView text, ByteView signature) {
        Bytes all = key.encode();
        append(all, signature);
        append(all, text);
        const auto digest = crypto::sha256(all);
        const auto found = m_known.find(digest);
        if (found != m_known.end()) return found->second;
        return m_known[digest] = key.verify(text, signature);
    }

  private:
    std::map<crypto::Digest, bool> m_known;
};

class World {
  public:
    explicit World(uint64_t seed = 1, Duration delay = std::chrono::milliseconds(20)) : random(seed), m_delay(delay) {}

    struct Node {
        crypto::PeerId id;
        std::unique_ptr<Router> router;
        std::vector<Received> received;
        std::vector<ConnectWanted> wanted;
        std::vector<std::string> peersWanted;
    };

    /// `number` names its key.
    size_t add(uint32_t number, GossipsubConfig config = {}) {
        config.verify = [this](const auto& key, ByteView text, ByteView signature) {
            return m_checked(key, text, signature);
        };
        auto identity = identityOf(number);
        Node node{identity.peerId(), nullptr, {}, {}, {}};
        node.router = std::make_unique<Router>(std::move(config), std::move(identity), random, m_log, now());
        m_numbers[node.id] = m_nodes.size();
        m_nodes.push_back(std::move(node));
        return m_nodes.size() - 1;
    }
    Node& operator[](size_t index) { return m_nodes.at(index); }
    size_t size() const { return m_nodes.size(); }
    Now now() const { return at(m_time); }

    void connect(size_t from, size_t to, Version version = Version::V12) {
        if (m_links.contains({from, to})) return;
        const uint64_t epoch = ++m_epochs;
        m_links[{from, to}] = m_links[{to, from}] = epoch;
        if (!m_nodes[from].router || !m_nodes[to].router) return;
        m_nodes[from].router->onPeer({m_nodes[to].id, version, true, std::nullopt}, now());
        m_nodes[to].router->onPeer({m_nodes[from].id, version, false, std::nullopt}, now());
        settle(from);
        settle(to);
    }
    void disconnect(size_t a, size_t b) {
        if (m_links.erase({a, b}) + m_links.erase({b, a}) == 0) return;
        for (const auto& [one, other] : {std::pair(a, b), std::pair(b, a)})
            if (m_nodes[one].router) m_nodes[one].router->onPeerGone(m_nodes[other].id, now());
    }
    std::vector<size_t> linksOf(size_t node) const {
        std::vector<size_t> out;
        for (auto each = m_links.lower_bound({node, 0}); each != m_links.end() && each->first.first == node; ++each)
            out.push_back(each->first.second);
        return out;
    }
    /// It vanishes; add() makes another one.
    void remove(size_t node) {
        for (const size_t other : linksOf(node)) disconnect(node, other);
        m_nodes[node].router.reset();
    }

    /// Writes what the routers have to say on the links, and takes their events.
    void settle(size_t index) {
        Node& node = m_nodes[index];
        if (!node.router) return;
        while (const auto peer = node.router->pollReady()) {
            const size_t to = m_numbers.at(*peer);
            while (const auto frame = node.router->takeFrame(*peer, now())) {
                const auto link = m_links.find({index, to});
                if (link == m_links.end()) continue;
                Bytes bytes(totalLength(frame->bytes));
                copyTo(frame->bytes, bytes);
                m_sent += bytes.size();
                Duration& last = m_last[{index, to}];
                last = std::max(last, m_time + delayOf(index, to) + kPerByte * static_cast<int64_t>(bytes.size()));
                m_heap.emplace(std::pair(last, ++m_order), Flight{index, to, link->second, std::move(bytes)});
            }
        }
        while (auto event = node.router->poll()) {
            if (auto* received = std::get_if<Received>(&*event)) node.received.push_back(std::move(*received));
            if (auto* wanted = std::get_if<ConnectWanted>(&*event)) node.wanted.push_back(std::move(*wanted));
            if (auto* wanted = std::get_if<PeersWanted>(&*event)) node.peersWanted.push_back(std::move(wanted->topic));
        }
    }
    void run(Duration span) {
        const Duration end = m_time + span;
        for (size_t i = 0; i < m_nodes.size(); ++i) settle(i);
        for (;;) {
            Duration next = end + Duration(1);
            if (!m_heap.empty()) next = std::min(next, m_heap.begin()->first.first);
            for (const Node& node : m_nodes)
                if (node.router && node.router->deadline() != kNever)
                    next = std::min<Duration>(next, node.router->deadline() - at(Duration(0)).mono);
            if (next > end) break;
            m_time = std::max(m_time, next);
            step();
        }
        m_time = end;
    }
    size_t deliveredTo(size_t node, const std::string& text) {
        size_t count = 0;
        for (const Received& each : m_nodes[node].received)
            if (asText(each.message.content()) == text) ++count;
        return count;
    }
    uint64_t bytesSent() const { return m_sent; }

    wherry::test::SeededRandom random;

  private:
    static constexpr Duration kPerByte = std::chrono::microseconds(1);
    /// Some ways are longer than others.
    Duration delayOf(size_t from, size_t to) const {
        return m_delay / 4 * static_cast<int64_t>(4 + (from * 31 + to * 17) % 5);
    }
    struct Flight {
        size_t from, to;
        uint64_t link;
        Bytes bytes;
    };
    void step() {
        while (!m_heap.empty() && m_heap.begin()->first.first <= m_time) {
            const Flight flight = std::move(m_heap.begin()->second);
            m_heap.erase(m_heap.begin());
            const auto link = m_links.find({flight.from, flight.to});
            if (link == m_links.end() || link->second != flight.link || !m_nodes[flight.to].router) continue;
            const auto length = codec::requireVarint(flight.bytes);
            auto rpc = decodeRpc(ByteView(flight.bytes).subspan(length->length));
            ASSERT(rpc);
            m_nodes[flight.to].router->onRpc(m_nodes[flight.from].id, std::move(*rpc), now());
            settle(flight.to);
        }
        for (size_t i = 0; i < m_nodes.size(); ++i) {
            if (!m_nodes[i].router || m_nodes[i].router->deadline() > now().mono) continue;
            m_nodes[i].router->onDeadline(now());
            settle(i);
        }
    }

    Duration m_delay;
    Duration m_time{};
    Log m_log;
    Checked m_checked;
    std::vector<Node> m_nodes;
    std::map<crypto::PeerId, size_t> m_numbers;
    std::map<std::pair<size_t, size_t>, uint64_t> m_links;
    std::map<std::pair<Duration, uint64_t>, Flight> m_heap;
    std::map<std::pair<size_t, size_t>, Duration> m_last; ///< arrival on each link
    uint64_t m_epochs = 0;
    uint64_t m_order = 0;
    uint64_t m_sent = 0;
};

} // namespace wherry::gossipsub::test
