#include "kad/dht.h"
#include "kad/signed_record.h"

#include <algorithm>

/// What this node leaves with others: values, with signature and work on our own network, and provider records.
namespace wherry::kad {

using crypto::PeerId;
using Phase = Lookup::Phase;

void Dht::beginStoring(Lookup& lookup, Now now) {
    lookup.store.key = lookup.key;
    if (lookup.as<Provide>()) {
        lookup.store.type = MessageType::AddProvider;
        lookup.store.providerPeers = {{m_identity.peerId(), m_ownAddresses, Connection::Connected}};
        return storeAt(lookup, lookup.outcome.closest, now);
    }
    lookup.store.type = MessageType::PutValue;
    if (m_config.isOurs()) return seal(lookup, now);
    lookup.store.record = Record{lookup.key, lookup.as<PutValue>()->value, {}};
    storeAt(lookup, lookup.outcome.closest, now);
}

/// The version after the highest seen, so that all who look choose it; where somebody has just taken the highest that
/// there can be, that one too.
void Dht::seal(Lookup& lookup, Now now) {
    const auto& put = *lookup.as<PutValue>();
    if (lookup.quiet && lookup.outcome.record && lookup.outcome.record->publisher != m_identity.peerId()) {
        m_published.erase(lookup.key); // what is put anew is not new: somebody has had the last word since
        return end(lookup, makeError(Errc::Exists, "kad: somebody else has put a newer value"), now);
    }
    const uint64_t seen = lookup.outcome.record ? lookup.outcome.record->version : 0;
    SignedRecord record;
    std::ranges::copy(lookup.key, record.key.bits.begin());
    record.content = put.value;
    record.version = std::min(seen + 1, highestVersion(now));
    record.issued = std::max<int64_t>(now.wall.seconds(), 0);
    record.ttl = std::chrono::duration_cast<std::chrono::seconds>(put.ttl).count();
    if (put.own) std::ranges::copy(put.key, record.openKey.emplace().bits.begin());
    lookup.outcome.version = record.version;
    lookup.outcome.record.reset();
    lookup.envelope = sealRecord(m_identity, record);
    lookup.phase = Phase::Working;
}

std::optional<WorkJob> Dht::pollWork() {
    if (m_hashing) return std::nullopt;
    for (const auto& [id, lookup] : m_lookups) {
        if (lookup.phase != Phase::Working) continue;
        m_hashing = true;
        return WorkJob{id, lookup.envelope, lookup.workBits, lookup.nonce, kWorkSlice};
    }
    return std::nullopt;
}

void Dht::onWorked(const WorkDone& done, Now now) {
    m_hashing = false;
    Lookup* lookup = find(done.lookup);
    if (!lookup || lookup->phase != Phase::Working) return; // cancelled meanwhile
    lookup->nonce += kWorkSlice;
    if (!done.nonce) return;
    lookup->store.record = Record{lookup->key, withWork(lookup->envelope, *done.nonce), {}};
    const bool again = !lookup->unsatisfied.empty();
    storeAt(*lookup, again ? std::exchange(lookup->unsatisfied, {}) : lookup->outcome.closest, now);
}

void Dht::storeAt(Lookup& lookup, std::vector<Contact> contacts, Now now) {
    lookup.phase = Phase::Storing;
    if (m_config.mode == Mode::Server && lookup.outcome.stored == 0) storeHere(lookup, now);
    for (const Contact& contact : contacts) lookup.storing.insert(contact.peer);
    for (const Contact& contact : contacts)
        ask({Purpose::Store, lookup.id, contact.peer, lookup.store}, contact.addresses, now);
}

/// A server keeps what it publishes too, when it is one of those closest or these are few.
void Dht::storeHere(Lookup& lookup, Now now) {
    const auto& closest = lookup.outcome.closest;
    const bool isOne = closest.size() < kReplication || CloserTo{lookup.target}(m_table.self(), closest.back().key);
    if (!isOne) return;
    if (const auto kept = m_responder.answer(m_identity.peerId(), lookup.store, now);
        kept && (!*kept || (*kept)->record))
        ++lookup.outcome.stored;
}

void Dht::onStored(Lookup& lookup, const PeerId& peer, const std::optional<Message>& answer) {
    if (lookup.storing.erase(peer) == 0) return;
    const bool refused = lookup.store.type == MessageType::PutValue && m_config.isOurs() && answer && !answer->record;
    if (!refused) {
        ++lookup.outcome.stored;
        return;
    }
    const unsigned wanted = answer->workBits.value_or(0);
    const bool outdone = wanted <= lookup.workBits;
    lookup.refusal = makeError(Errc::PermissionDenied, outdone ? "kad: others have just put newer values under this key"
                                                               : "kad: a server asks for more work");
    if (outdone || wanted > kMaxWorkBits) return;
    const auto contact = std::ranges::find(lookup.outcome.closest, peer, &Contact::peer);
    if (contact == lookup.outcome.closest.end()) return;
    lookup.unsatisfied.push_back(*contact);
    lookup.moreBits = lookup.moreBits == 0 ? wanted : std::min(lookup.moreBits, wanted);
}

/// Who asks for a lot gets it only while nobody keeps the record and somebody waits for that; so servers next to a key
/// cannot keep this device hashing.
bool Dht::worksMore(const Lookup& lookup) const {
    if (lookup.unsatisfied.empty() || lookup.outcome.stored >= kReplication / 2) return false;
    return lookup.moreBits <= kMaxExtraWorkBits || (lookup.outcome.stored == 0 && !lookup.quiet);
}

/// Those that wanted more work get it, the most modest first; each round asks for more than the one before, so that
/// there are at most kMaxWorkBits - kMinWorkBits of them.
void Dht::afterStoring(Lookup& lookup, Now now) {
    if (worksMore(lookup)) {
        lookup.workBits = std::exchange(lookup.moreBits, 0);
        lookup.phase = Phase::Working;
        return;
    }
    if (lookup.outcome.stored == 0)
        return end(lookup, lookup.refusal.value_or(makeError(Errc::PermissionDenied, "kad: nobody took it")), now);
    if (const auto* put = lookup.as<PutValue>(); put && !lookup.quiet) {
        const Duration interval = m_config.isOurs() ? put->ttl / kRepublishShare : kIpfsValueRepublish;
        if (m_published.contains(lookup.key) || m_published.size() < kMaxPublished)
            m_published.insert_or_assign(lookup.key, Published{*put, now.mono + interval});
    }
    if (lookup.as<Provide>() && !lookup.quiet)
        static_cast<void>(m_providing.add(lookup.key, now)); // its bound is a server's
    end(lookup, std::nullopt, now);
}

void Dht::forget(const Bytes& key) {
    m_published.erase(key);
    m_providing.remove(key);
}

/// One at a time and quietly: what cannot be left with anybody now is tried again when it is due the next time.
void Dht::republish(Now now) {
    if (!mayRepublish()) return;
    for (auto& [key, published] : m_published) {
        if (now.mono < published.due) continue;
        published.due = now.mono + (m_config.isOurs() ? published.put.ttl / kRepublishShare : kIpfsValueRepublish);
        begin(published.put, true, Duration(0), now);
        return;
    }
    if (const auto key = m_providing.poll(now)) begin(Provide{*key}, true, Duration(0), now);
}

} // namespace wherry::kad
