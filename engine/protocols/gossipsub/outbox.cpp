#include "protocols/gossipsub/outbox.h"

#include "protocols/gossipsub/gossipsub_limits.h"

#include <algorithm>
#include <iterator>

namespace wherry::gossipsub {

namespace {
/// Bytes that tags and lengths of an entry take, and then some.
constexpr size_t kEntryOverhead = 16;

/// Room in a control RPC.
class Budget {
  public:
    bool take(size_t bytes) {
        const size_t cost = bytes + kEntryOverhead;
        if (m_used > 0 && m_used + cost > kMaxControlBytes) return false;
        m_used += cost;
        return true;
    }

  private:
    size_t m_used = 0;
};

/// A message takes of both bounds, of number and of bytes.
size_t weightOf(const Slice& encoded) {
    return encoded.length + kMaxQueuedBytes / kMaxQueuedMessages;
}

size_t sizeOf(const Prune& prune) {
    size_t bytes = prune.topic.size();
    for (const ExchangedPeer& peer : prune.peers)
        bytes += peer.record.size() + peer.peer.multihash().size() + kEntryOverhead;
    return bytes;
}

void moveIds(std::deque<MessageId>& from, std::vector<MessageId>& to, Budget& budget) {
    while (!from.empty() && to.size() < kMaxIdsPerItem && budget.take(from.front().size())) {
        to.push_back(std::move(from.front()));
        from.pop_front();
    }
}
} // namespace

void Outbox::prune(Prune prune) {
    std::string topic = prune.topic;
    m_mesh.insert_or_assign(std::move(topic), std::move(prune));
}

void Outbox::ihave(const std::string& topic, std::vector<MessageId> ids) {
    size_t others = 0;
    for (const auto& [name, told] : m_ihave)
        if (name != topic) others += told.size();
    ids.resize(std::min(ids.size(), kMaxIdsPerItem - std::min(others, kMaxIdsPerItem)));
    m_ihave.insert_or_assign(topic, std::move(ids));
}

size_t Outbox::iwant(std::vector<MessageId> ids) {
    size_t taken = 0;
    for (; taken < ids.size() && m_iwantBytes + ids[taken].size() <= kMaxQueuedWantBytes; ++taken) {
        m_iwantBytes += ids[taken].size();
        m_iwant.push_back(std::move(ids[taken]));
    }
    return taken;
}

void Outbox::dontWant(const MessageId& id) {
    if (m_dontWant.size() < kMaxDontWant) m_dontWant.push_back(id);
}

Outbox::Messages::iterator Outbox::drop(Messages::iterator at) {
    m_bytes -= at->encoded.length;
    if (at->whose == Ownership::Others) {
        const auto weight = m_weights.find(at->via);
        if ((weight->second -= weightOf(at->encoded)) == 0) m_weights.erase(weight);
    }
    return m_messages.erase(at);
}

/// For one of ours the oldest of others. For one of others the newest of whoever has most waiting, as long as that is
/// still the most afterwards.
Outbox::Messages::iterator Outbox::whatGivesWay(const Slice& encoded, Ownership whose, const crypto::PeerId& via) {
    if (whose == Ownership::Ours) return std::ranges::find(m_messages, Ownership::Others, &Waiting::whose);
    const auto most = std::ranges::max_element(m_weights, {}, [](const auto& one) { return one.second; });
    if (most == m_weights.end() || most->first == via) return m_messages.end();
    const auto newest = std::find_if(m_messages.rbegin(), m_messages.rend(), [&](const Waiting& each) {
        return each.whose == Ownership::Others && each.via == most->first;
    });
    const auto mine = m_weights.find(via);
    const size_t after = (mine == m_weights.end() ? 0 : mine->second) + weightOf(encoded);
    if (most->second - weightOf(newest->encoded) < after) return m_messages.end();
    return std::prev(newest.base());
}

bool Outbox::message(const MessageId& id, const Slice& encoded, Ownership whose, Instant now,
                     const crypto::PeerId& via) {
    while (m_messages.size() >= kMaxQueuedMessages || m_bytes + encoded.length > kMaxQueuedBytes) {
        const auto other = whatGivesWay(encoded, whose, via);
        if (other == m_messages.end()) return false;
        drop(other);
        ++m_dropped;
    }
    m_messages.push_back({id, encoded, whose, now, via});
    m_bytes += encoded.length;
    if (whose == Ownership::Others) m_weights[via] += weightOf(encoded);
    return true;
}

void Outbox::cancel(const MessageId& id) {
    for (auto each = m_messages.begin(); each != m_messages.end();)
        each = each->id == id && each->whose == Ownership::Others ? drop(each) : each + 1;
}

void Outbox::expire(Instant now) {
    while (!m_messages.empty() && now - m_messages.front().since >= kMaxQueueAge) {
        drop(m_messages.begin());
        ++m_dropped;
    }
}

bool Outbox::empty() const {
    return m_subscriptions.empty() && m_mesh.empty() && m_ihave.empty() && m_iwant.empty() && m_dontWant.empty() &&
           m_messages.empty();
}

void Outbox::addOurs(std::set<MessageId>& to) const {
    for (const Waiting& each : m_messages)
        if (each.whose == Ownership::Ours) to.insert(each.id);
}

/// As much as fits one RPC; topics before what is said about them, and what is urgent before what can wait.
Rpc Outbox::takeControl() {
    Rpc out;
    Budget budget;
    while (!m_subscriptions.empty() && budget.take(m_subscriptions.begin()->first.size())) {
        out.subscriptions.push_back({m_subscriptions.begin()->first, m_subscriptions.begin()->second});
        m_subscriptions.erase(m_subscriptions.begin());
    }
    if (!m_subscriptions.empty()) return out;
    moveIds(m_dontWant, out.dontWant, budget);
    while (!m_mesh.empty()) {
        auto& [topic, what] = *m_mesh.begin();
        auto* prune = std::get_if<Prune>(&what);
        if (!budget.take(prune ? sizeOf(*prune) : topic.size())) return out;
        if (prune)
            out.prune.push_back(std::move(*prune));
        else
            out.graft.push_back(topic);
        m_mesh.erase(m_mesh.begin());
    }
    moveIds(m_iwant, out.iwant, budget);
    for (const MessageId& id : out.iwant) m_iwantBytes -= id.size();
    while (!m_ihave.empty()) {
        auto& [topic, ids] = *m_ihave.begin();
        if (!budget.take(topic.size())) return out;
        IHave one{topic, {}};
        while (!ids.empty() && budget.take(ids.back().size())) {
            one.ids.push_back(std::move(ids.back()));
            ids.pop_back();
        }
        if (!one.ids.empty()) out.ihave.push_back(std::move(one));
        if (!ids.empty()) return out;
        m_ihave.erase(m_ihave.begin());
    }
    return out;
}

std::optional<OutFrame> Outbox::take(Instant now) {
    expire(now);
    if (Rpc control = takeControl(); !control.empty()) {
        Slices bytes = rpcFrame(control);
        return OutFrame{std::move(bytes), std::nullopt, std::move(control.iwant)};
    }
    if (m_messages.empty()) return std::nullopt;
    const Waiting first = m_messages.front();
    drop(m_messages.begin());
    return OutFrame{
        messageFrame(first.encoded), first.whose == Ownership::Ours ? std::optional(first.id) : std::nullopt, {}};
}

} // namespace wherry::gossipsub
