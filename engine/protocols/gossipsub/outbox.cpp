#include "protocols/gossipsub/outbox.h"

#include "protocols/gossipsub/gossipsub_limits.h"

#include <algorithm>

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

template <typename At> At Outbox::drop(At at) {
    m_bytes -= at->encoded.length;
    return m_messages.erase(at);
}

bool Outbox::message(const MessageId& id, const Slice& encoded, Ownership whose, Instant now) {
    const auto fits = [&] {
        return m_messages.size() < kMaxQueuedMessages && m_bytes + encoded.length <= kMaxQueuedBytes;
    };
    while (!fits() && whose == Ownership::Ours) {
        const auto oldest = std::ranges::find(m_messages, Ownership::Others, &Waiting::whose);
        if (oldest == m_messages.end()) break;
        drop(oldest);
        ++m_dropped;
    }
    if (!fits()) return false;
    m_messages.push_back({id, encoded, whose, now});
    m_bytes += encoded.length;
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
    const Waiting first = std::move(m_messages.front());
    m_messages.pop_front();
    m_bytes -= first.encoded.length;
    return OutFrame{
        messageFrame(first.encoded), first.whose == Ownership::Ours ? std::optional(first.id) : std::nullopt, {}};
}

} // namespace wherry::gossipsub
