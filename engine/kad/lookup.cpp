#include "kad/lookup.h"

#include "base/overloaded.h"
#include "kad/signed_record.h"

#include <algorithm>

namespace wherry::kad {

namespace {
MessageType typeOf(const Wish& wish) {
    if (std::holds_alternative<GetValue>(wish)) return MessageType::GetValue;
    if (std::holds_alternative<FindProviders>(wish)) return MessageType::GetProviders;
    return MessageType::FindNode;
}

/// A key of another length is refused as what it is.
Bytes ownKeyOf(const crypto::PeerId& publisher, const Bytes& openKey) {
    Key open;
    if (publisher.empty() || openKey.size() != open.bits.size()) return openKey;
    std::ranges::copy(openKey, open.bits.begin());
    return toBytes(ownKey(publisher, open).bits);
}
} // namespace

Bytes keyOf(const Wish& wish, const crypto::PeerId& self) {
    return std::visit(Overloaded{[](const FindPeer& what) { return toBytes(what.peer.multihash()); },
                                 [](const GetValue& what) { return ownKeyOf(what.by, what.key); },
                                 [&](const PutValue& what) { return what.own ? ownKeyOf(self, what.key) : what.key; },
                                 [](const auto& what) { return what.key; }},
                      wish);
}

Lookup::Lookup(LookupId lookupId, Wish what, const crypto::PeerId& self, bool isQuiet, Instant patience, Now now)
    : id(lookupId),
      wish(std::move(what)),
      quiet(isQuiet),
      key(keyOf(wish, self)),
      target(Key::of(key)),
      type(typeOf(wish)),
      begun(now.mono),
      giveUp(patience) {
    outcome.id = id;
}

Message Lookup::question() const {
    Message message;
    message.type = type;
    message.key = key;
    return message;
}

void Lookup::onAnswer(const crypto::PeerId& from, const Message& answer, const std::vector<codec::Multiaddr>& addresses,
                      const std::vector<PeerEntry>& providers, const Validator& validator, Now now) {
    if (type == MessageType::GetValue) onRecord(from, answer, validator, now);
    for (const codec::Multiaddr& address : addresses) {
        if (outcome.found.empty()) outcome.firstWord = now.mono - begun;
        if (outcome.found.size() == kMaxAddresses) break;
        if (std::ranges::find(outcome.found, address) == outcome.found.end()) outcome.found.push_back(address);
    }
    const auto* wanted = as<FindProviders>();
    if (!wanted) return;
    for (const PeerEntry& provider : providers) {
        const auto known = std::ranges::find(outcome.providers, provider.peer, &PeerEntry::peer);
        if (known == outcome.providers.end()) {
            if (outcome.providers.size() < wanted->count) outcome.providers.push_back(provider);
        } else if (known->addresses.empty()) {
            known->addresses = provider.addresses;
        }
    }
}

/// Nobody but its owner has a say under an own key.
bool Lookup::wantsOwn() const {
    const auto* get = as<GetValue>();
    const auto* put = as<PutValue>();
    return (get && !get->by.empty()) || (put && put->own);
}

void Lookup::onRecord(const crypto::PeerId& from, const Message& answer, const Validator& validator, Now now) {
    const auto valid = answer.record ? validator.validate(*answer.record, 0, now) : Result<ValidRecord>(Error{});
    if (!valid || (wantsOwn() && !valid->own)) {
        m_lacking.insert(from); // a forged, expired or foreign one is as good as none
        outOfTime = outOfTime || (answer.record && !valid && valid.error().code == Errc::InvalidArgument);
        return;
    }
    ++m_records;
    auto& best = outcome.record;
    if (!best || isBetter(*valid, *best)) {
        best = *valid;
        m_lacking.merge(m_holders);
        m_holders = {from};
    } else if (isBetter(*best, *valid)) {
        m_lacking.insert(from);
    } else {
        m_holders.insert(from);
    }
}

bool Lookup::hasEnough() const {
    if (const auto* get = as<GetValue>()) return m_records >= get->quorum;
    if (const auto* find = as<FindProviders>()) return outcome.providers.size() >= find->count;
    return false;
}

Duration Lookup::leastStall() const {
    if (as<GetValue>()) return outcome.record ? kFoundStalls : kStallAfter;
    if (as<FindProviders>()) return outcome.providers.empty() ? kStallAfter : kFoundStalls;
    return as<FindPeer>() ? kStallAfter : kLeftStalls;
}

std::vector<Contact> Lookup::lacking() const {
    std::vector<Contact> out;
    if (!outcome.record) return out;
    for (const Contact& contact : outcome.closest)
        if (m_lacking.contains(contact.peer)) out.push_back(contact);
    return out;
}

} // namespace wherry::kad
