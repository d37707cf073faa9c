#include "kad/responder.h"

#include "base/assert.h"
#include "base/take_front.h"
#include "codec/reach.h"
#include "kad/stored_row.h"

#include <algorithm>

namespace wherry::kad {

Responder::Responder(NetworkRules rules, const RoutingTable& table, Peers peers)
    : m_rules(rules),
      m_table(table),
      m_peers(std::move(peers)),
      m_providers(rules.providerTtl) {
    ASSERT(m_rules.validator);
}

Result<std::optional<Message>> Responder::answer(const crypto::PeerId& from, const Message& request, Now now) {
    if (!m_requests.allow(from, now.mono)) return makeError(Errc::LimitReached, "kad: too many requests");
    const bool writes = request.type == MessageType::PutValue || request.type == MessageType::AddProvider;
    if (writes && !m_writes.allow(from, now.mono)) return makeError(Errc::LimitReached, "kad: too many writes");
    if (request.key.empty() && request.type != MessageType::Ping) return makeError(Errc::Malformed, "kad: no key");
    switch (request.type) {
    case MessageType::PutValue:
        return putValue(from, request, now);
    case MessageType::GetValue:
        return std::optional(getValue(from, request, now));
    case MessageType::AddProvider:
        TRY_OK(addProvider(from, request, now));
        return std::optional<Message>();
    case MessageType::GetProviders:
        return std::optional(getProviders(from, request, now));
    case MessageType::FindNode:
        return std::optional(findNode(from, request));
    case MessageType::Ping:
        return std::optional(replyTo(request));
    }
    return makeError(Errc::Malformed, "kad: unknown type");
}

unsigned Responder::workDue() const {
    return std::max(m_rules.leastWorkBits, m_records.requiredWork());
}

Message Responder::replyTo(const Message& request) const {
    Message reply;
    reply.type = request.type;
    reply.key = request.key;
    if (m_rules.asksForWork) reply.workBits = workDue();
    return reply;
}

std::vector<codec::Multiaddr> Responder::tellable(const crypto::PeerId& to,
                                                  const std::vector<codec::Multiaddr>& all) const {
    return mayPass(m_peers.ipOf(to), all);
}

/// The k closest but the asker, who knows itself, after those already there. As many again may be of our own network
/// only.
void Responder::addCloser(Message& reply, const crypto::PeerId& from) const {
    for (const Contact& contact : m_table.closestAnswering(Key::of(reply.key), 2 * kReplication + 2)) {
        if (reply.closerPeers.size() == kReplication) return;
        if (contact.peer == from || std::ranges::count(reply.closerPeers, contact.peer, &PeerEntry::peer)) continue;
        auto addresses = tellable(from, contact.addresses);
        if (!addresses.empty())
            reply.closerPeers.push_back({contact.peer, std::move(addresses), Connection::CanConnect});
    }
}

/// Echoes the request when the record has been kept, or is here already.
Result<std::optional<Message>> Responder::putValue(const crypto::PeerId& from, const Message& request, Now now) {
    if (!request.record) return makeError(Errc::Malformed, "kad: a put without record");
    Message reply = replyTo(request);
    auto valid = m_rules.validator->validate(*request.record, workDue(), now);
    if (!valid && valid.error().code == Errc::PermissionDenied) return std::optional(std::move(reply));
    if (!valid) return valid.error();
    valid->record.timeReceived = rfc3339(now.wall);
    const std::optional<StorePut> row =
        m_rules.rows.empty() ? std::nullopt : std::optional(recordRow(m_rules.rows, *valid, from));
    const auto kept = m_records.put(from, std::move(*valid), now);
    eraseGone(); // first: the one that is put may be of a key and publisher whose last has expired
    if (kept && row && m_stored.allow(now.mono)) m_storeOps.push_back(*row);
    if (!kept && kept.error().code == Errc::Busy) return std::optional(std::move(reply));
    if (!kept && kept.error().code != Errc::Exists) return kept.error();
    reply.record = request.record;
    return std::optional(std::move(reply));
}

/// Only who speaks for itself counts; a list without the sender in it is nothing (LIBP2P.md 3.11). A sender that does
/// not know where it can be reached, as behind a NAT, is where we see it.
Result<void> Responder::addProvider(const crypto::PeerId& from, const Message& request, Now now) {
    const auto own = std::ranges::find(request.providerPeers, from, &PeerEntry::peer);
    if (own == request.providerPeers.end()) return makeError(Errc::Malformed, "kad: a provider that is not the sender");
    auto addresses = tellable(from, own->addresses);
    if (addresses.empty()) addresses = tellable(from, m_peers.addressesOf(from));
    if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
    TRY_OK(m_providers.add(request.key, from, addresses, now));
    if (!m_rules.rows.empty() && m_stored.allow(now.mono))
        m_storeOps.push_back(providerRow(m_rules.rows, request.key, {from, std::move(addresses)},
                                         {now.wall.nanoseconds + m_rules.providerTtl.count()}, now));
    return {};
}

Message Responder::getValue(const crypto::PeerId& from, const Message& request, Now now) const {
    Message reply = replyTo(request);
    if (const auto kept = m_records.get(request.key, now)) reply.record = kept->record;
    addCloser(reply, from);
    return reply;
}

/// A provider whose old address is not told on may be connected just now.
Message Responder::getProviders(const crypto::PeerId& from, const Message& request, Now now) const {
    Message reply = replyTo(request);
    reply.providerPeers = m_providers.get(request.key, kReplication, now);
    for (PeerEntry& provider : reply.providerPeers) {
        if (provider.addresses.empty()) provider.addresses = m_peers.addressesOf(provider.peer);
        provider.addresses = tellable(from, provider.addresses);
    }
    addCloser(reply, from);
    return reply;
}

/// The peer that is looked for comes first, be it server or client, when we know where it is (go-libp2p-kad-dht).
Message Responder::findNode(const crypto::PeerId& from, const Message& request) const {
    Message reply = replyTo(request);
    if (const auto wanted = crypto::PeerId::fromMultihash(request.key); wanted && *wanted != from) {
        auto addresses = tellable(from, m_peers.addressesOf(*wanted));
        if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
        if (!addresses.empty()) reply.closerPeers.push_back({*wanted, std::move(addresses), Connection::Connected});
    }
    addCloser(reply, from);
    return reply;
}

std::optional<StoreOp> Responder::pollStore() {
    return takeFront(m_storeOps);
}

/// The store has no more than is kept: records that live a second would fill the disk before it looks for them.
void Responder::eraseGone() {
    for (const auto& [key, publisher] : m_records.takeGone())
        if (!m_rules.rows.empty()) m_storeOps.push_back(recordErased(m_rules.rows, key, publisher));
}

/// Exists: it was put in this run, before its row was read, which is that of the newer one.
void Responder::restore(const Bytes& rowKey, const Bytes& row, Now now) {
    const auto message = decodeMessage(row);
    const auto kept = message ? restoreRow(*message, now) : Result<void>(message.error());
    eraseGone();
    if (!kept && kept.error().code != Errc::Exists) m_storeOps.push_back(StoreErase{Space::Dht, rowKey});
}

/// The clock may have been set back since: nothing lives longer than from now on.
Result<void> Responder::restoreRow(const Message& row, Now now) {
    if (!row.record || row.providerPeers.size() != 1) return makeError(Errc::Malformed, "kad: no stored row");
    const PeerEntry& who = row.providerPeers.front();
    TRY(const UnixTime received, parseRfc3339(row.record->timeReceived));
    const int64_t age = std::max<int64_t>(now.wall.nanoseconds - std::max<int64_t>(received.nanoseconds, 0), 0);
    if (row.type == MessageType::PutValue) {
        TRY(auto valid, m_rules.validator->validate(*row.record, 0, now));
        valid.expires = std::min(valid.expires, UnixTime{now.wall.nanoseconds - age + kMaxTtl.count()});
        return m_records.put(who.peer, std::move(valid), now);
    }
    if (row.type != MessageType::AddProvider) return makeError(Errc::Malformed, "kad: no stored row");
    if (age >= m_rules.providerTtl.count()) return makeError(Errc::InvalidArgument, "kad: a provider of long ago");
    return m_providers.add(row.key, who.peer, who.addresses, {now.mono - Duration(age), now.wall});
}

void Responder::expire(Now now) {
    m_records.expire(now);
    eraseGone();
    m_providers.expire(now);
}

} // namespace wherry::kad
