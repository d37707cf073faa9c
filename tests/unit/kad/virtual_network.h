#pragma once

#include "codec/reach.h"
#include "kad/query.h"
#include "support/seeded_random.h"
#include "support/test_node.h"
#include "unit/kad/virtual_peers.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <queue>

namespace wherry::test {

/// Thousands of servers that answer FIND_NODE, without swarm or bytes: each knows up to k random others of every
/// bucket, as a table that has been refreshed does. Requests take time; the same seed gives the same run.
class VirtualNetwork {
  public:
    struct Outcome {
        std::vector<kad::Contact> closest;
        kad::QueryFigures figures;
        Duration took{};
        size_t mostAtOnce = 0;
        std::optional<Duration> named; ///< when an answer first named the peer that was looked for
    };
    /// How long a request takes, dial included.
    using Delay = std::function<Duration(Random&)>;
    /// Somebody with many identities: whom they answer with, and whether tables count prefixes against them.
    struct Attack {
        std::vector<kad::Contact> sybils;
        bool tablesHaveCaps = true;
    };
    /// What a server answers instead of the truth; nullopt: nothing at all.
    using Liar = std::function<std::optional<std::vector<kad::PeerEntry>>(const kad::Key& target)>;

    VirtualNetwork(size_t count, uint64_t seed, const std::optional<Attack>& attack = {}) : m_random(seed) {
        for (size_t i = 0; i < count; ++i) {
            const auto peer = virtualPeer(seed * 1'000'000 + i);
            m_nodes.push_back({{peer, kad::Key::ofPeer(peer), {farAddress(static_cast<uint32_t>(i))}}, {}, true});
        }
        if (attack)
            for (const kad::Contact& sybil : attack->sybils) m_nodes.push_back({sybil, {}, true});
        std::ranges::sort(m_nodes, {}, [](const Node& node) { return node.contact.key; });
        for (Node& node : m_nodes) attack ? fillUnderAttack(node, attack->tablesHaveCaps) : fill(node);
    }

    size_t size() const { return m_nodes.size(); }
    const kad::Contact& contact(size_t node) const { return m_nodes[node].contact; }
    void kill(size_t node) { m_nodes[node].alive = false; }
    void makeLiar(const crypto::PeerId& peer, Liar liar) { m_liars[peer] = std::move(liar); }
    Random& random() { return m_random; }
    void setDelay(Delay delay) { m_delay = std::move(delay); }

    /// The k closest of all, the dead left out.
    std::vector<kad::Contact> truth(const kad::Key& target, size_t count) const {
        std::vector<kad::Contact> all;
        for (const Node& node : m_nodes)
            if (node.alive) all.push_back(node.contact);
        const size_t kept = std::min(count, all.size());
        std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(kept), all.end(),
                          [&](const auto& a, const auto& b) { return kad::CloserTo{target}(a.key, b.key); });
        all.resize(kept);
        return all;
    }
    std::vector<kad::Contact> knownTo(size_t node, const kad::Key& target) const {
        std::vector<kad::Contact> out;
        for (const uint32_t each : m_nodes[node].table) out.push_back(m_nodes[each].contact);
        std::ranges::sort(out, [&](const auto& a, const auto& b) { return kad::CloserTo{target}(a.key, b.key); });
        if (out.size() > kad::kReplication) out.resize(kad::kReplication);
        return out;
    }

    /// Node `from` looks up `target`. A request takes 10 to 200 ms, dial included; a dead peer never answers.
    Outcome lookUp(size_t from, const kad::Key& target, kad::QueryConfig config = {}) {
        return run(contact(from).peer, target, knownTo(from, target), config);
    }
    /// The same for a peer, until an answer names it.
    Outcome findPeer(size_t from, const crypto::PeerId& wanted, kad::QueryConfig config = {}) {
        const kad::Key target = kad::Key::ofPeer(wanted);
        return run(contact(from).peer, target, knownTo(from, target), config, wanted);
    }
    Outcome run(const crypto::PeerId& self, const kad::Key& target, const std::vector<kad::Contact>& seeds,
                kad::QueryConfig config, const std::optional<crypto::PeerId>& wanted = {}) {
        using namespace std::chrono_literals;
        Now now = at(0s);
        kad::Query query(target, self, seeds, config, now);
        std::multimap<Instant, crypto::PeerId> answers;
        Outcome outcome;
        const auto named = [&](const auto& peers, auto member) {
            return wanted && std::ranges::count(peers, *wanted, member) > 0;
        };
        if (named(seeds, &kad::Contact::peer)) {
            outcome.named = Duration(0);
            query.stop();
        }
        while (!query.finished()) {
            while (const auto ask = query.poll(now)) {
                const Duration delay = m_delay(m_random);
                if (answersAtAll(ask->peer, target)) answers.emplace(now.mono + delay, ask->peer);
                outcome.mostAtOnce = std::max(outcome.mostAtOnce, query.outstanding().size());
            }
            if (query.finished()) break;
            if (!answers.empty() && answers.begin()->first <= query.deadline()) {
                now.mono = answers.begin()->first;
                const auto peer = answers.begin()->second;
                answers.erase(answers.begin());
                const auto answer = answerOf(peer, target);
                query.onReply(peer, answer, now);
                if (!named(answer, &kad::PeerEntry::peer)) continue;
                outcome.named = now.mono - at(0s).mono;
                query.stop();
            } else {
                now.mono = query.deadline();
                query.onDeadline(now);
            }
        }
        outcome.closest = query.closest();
        outcome.figures = query.figures();
        outcome.took = now.mono - at(0s).mono;
        return outcome;
    }

  private:
    struct Node {
        kad::Contact contact;
        std::vector<uint32_t> table;
        bool alive = true;
    };

    /// Index of the first node whose key is not below `key`.
    size_t lowerBound(const kad::Key& key) const {
        return static_cast<size_t>(
            std::ranges::lower_bound(m_nodes, key, {}, [](const Node& node) { return node.contact.key; }) -
            m_nodes.begin());
    }
    void fill(Node& node) {
        for (unsigned prefix = 0; prefix < kad::kKeyBits; ++prefix) {
            // The bucket is one range of the sorted keys: our first bits, the next one flipped, then anything.
            kad::Key low = node.contact.key, high;
            low.bits[prefix / 8] ^= static_cast<uint8_t>(0x80 >> prefix % 8);
            for (unsigned bit = prefix + 1; bit < kad::kKeyBits; ++bit)
                low.bits[bit / 8] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
            high = low;
            for (unsigned bit = prefix + 1; bit < kad::kKeyBits; ++bit)
                high.bits[bit / 8] |= static_cast<uint8_t>(0x80 >> bit % 8);
            const size_t first = lowerBound(low), last = lowerBound(high), count = last - first;
            if (count <= kad::kReplication) {
                for (size_t i = first; i < last; ++i) node.table.push_back(static_cast<uint32_t>(i));
            } else {
                const size_t offset = m_random.below(count);
                for (size_t i = 0; i < kad::kReplication; ++i)
                    node.table.push_back(
                        static_cast<uint32_t>(first + (offset + i * count / kad::kReplication) % count));
            }
            if (count == 0 && prefix > 24) break;
        }
    }
    /// As above, but that places go to whoever comes first, in random order, as far as prefixes have room.
    void fillUnderAttack(Node& node, bool caps) {
        std::map<unsigned, std::vector<uint32_t>> buckets;
        for (uint32_t i = 0; i < m_nodes.size(); ++i)
            if (const unsigned prefix = kad::commonPrefix(node.contact.key, m_nodes[i].contact.key);
                prefix < kad::kKeyBits)
                buckets[prefix].push_back(i);
        kad::PrefixQuota all(kad::kTableCaps);
        for (auto& [prefix, bucket] : buckets) {
            kad::PrefixQuota own(kad::kBucketCaps);
            size_t taken = 0;
            for (size_t i = 0; i < bucket.size() && taken < kad::kReplication; ++i) {
                std::swap(bucket[i], bucket[i + m_random.below(bucket.size() - i)]);
                const auto ip = codec::ipOf(m_nodes[bucket[i]].contact.addresses.front());
                if (caps && !(all.admits(ip) && own.admits(ip))) continue;
                all.add(ip);
                own.add(ip);
                node.table.push_back(bucket[i]);
                ++taken;
            }
        }
    }
    const Node* find(const crypto::PeerId& peer) const {
        const kad::Key key = kad::Key::ofPeer(peer);
        const size_t index = lowerBound(key);
        return index < m_nodes.size() && m_nodes[index].contact.key == key ? &m_nodes[index] : nullptr;
    }
    bool answersAtAll(const crypto::PeerId& peer, const kad::Key& target) const {
        if (const auto liar = m_liars.find(peer); liar != m_liars.end()) return liar->second(target).has_value();
        const Node* node = find(peer);
        return node && node->alive;
    }
    std::vector<kad::PeerEntry> answerOf(const crypto::PeerId& peer, const kad::Key& target) const {
        if (const auto liar = m_liars.find(peer); liar != m_liars.end()) return *liar->second(target);
        std::vector<kad::PeerEntry> out;
        for (const auto& contact : knownTo(static_cast<size_t>(find(peer) - m_nodes.data()), target))
            out.push_back({contact.peer, contact.addresses, kad::Connection::CanConnect});
        return out;
    }

    SeededRandom m_random;
    Delay m_delay = [](Random& random) { return std::chrono::milliseconds(10 + random.below(191)); };
    std::vector<Node> m_nodes; ///< by key
    std::map<crypto::PeerId, Liar> m_liars;
};

} // namespace wherry::test
