#include "codec/reach.h"
#include "kad/dht.h"

#include <algorithm>

/// Look-ups: from the wish to its outcome, and those of our own upkeep.
namespace wherry::kad {

using crypto::PeerId;
using Phase = Lookup::Phase;

LookupId Dht::start(Wish wish, Duration wait, Now now) {
    return begin(std::move(wish), false, wait, now);
}

LookupId Dht::begin(Wish wish, bool quiet, Duration wait, Now now) {
    const LookupId id = m_ids.take();
    const auto good = check(wish, now);
    const bool full = m_lookups.size() >= kMaxLookups;
    Lookup& lookup =
        m_lookups.try_emplace(id, id, std::move(wish), m_identity.peerId(), quiet, now.mono + wait, now).first->second;
    if (!good) {
        end(lookup, good.error(), now);
    } else if (full) {
        end(lookup, makeError(Errc::LimitReached, "kad: too many look-ups at once"), now);
    } else if (const auto* wanted = lookup.as<FindPeer>(); wanted && m_peers.contains(wanted->peer)) {
        lookup.outcome.proved = true;
        lookup.outcome.found = addressesOf(wanted->peer);
        end(lookup, std::nullopt, now);
    }
    // A value of ours takes the version after those that are there.
    if (lookup.as<PutValue>() && m_config.isOurs()) lookup.type = MessageType::GetValue;
    return id;
}

Result<void> Dht::check(const Wish& wish, Now now) const {
    const auto wrong = [](std::string what) { return makeError(Errc::InvalidArgument, "kad: " + std::move(what)); };
    if (const auto* find = std::get_if<FindPeer>(&wish)) {
        if (find->peer == m_identity.peerId()) return wrong("this is the key of this device");
        if (find->peer.empty()) return wrong("no peer is named");
        return {};
    }
    const Bytes key = keyOf(wish, m_identity.peerId());
    if (key.empty() || key.size() > kMaxKeyBytes)
        return wrong("a key has 1 to " + std::to_string(kMaxKeyBytes) + " bytes");
    const auto* put = std::get_if<PutValue>(&wish);
    const auto* get = std::get_if<GetValue>(&wish);
    if (!put && !get) return {};
    if (!m_config.isOurs() && (get ? !get->by.empty() : put->own))
        return wrong("values of this network are not kept by publisher");
    if (m_config.isOurs() && key.size() != Key().bits.size()) return wrong("a key of a value has 32 bytes here");
    if (!put) return {};
    if (!m_config.isOurs()) {
        if (put->value.size() > kMaxValueBytes) return makeError(Errc::TooLarge, "kad: a value has at most 10 KiB");
        TRY_OK(m_ipfsValidator.validate({put->key, put->value, {}}, 0, now));
        return {};
    }
    if (put->value.size() > kMaxContentBytes)
        return makeError(Errc::TooLarge, "kad: a value has at most " + std::to_string(kMaxContentBytes) + " bytes");
    if (put->ttl < std::chrono::seconds(1) || put->ttl > kMaxTtl) return wrong("a record lives one second to 48 hours");
    return {};
}

bool Dht::cancel(LookupId id, Now now) {
    Lookup* lookup = find(id);
    if (!lookup || lookup->phase == Phase::Ended) return false;
    end(*lookup, makeError(Errc::Cancelled, "no longer wanted"), now);
    return true;
}

// --- one look-up --------------------------------------------------------------------------------------------------

/// Whether it has moved.
bool Dht::advance(Lookup& lookup, Now now) {
    const Phase before = lookup.phase;
    switch (lookup.phase) {
    case Phase::Waiting:
        if (lookup.outcome.proved)
            end(lookup, std::nullopt, now);
        else if (m_table.size() > 0)
            beginQuery(lookup, now);
        else if (now.mono >= lookup.giveUp)
            end(lookup, makeError(Errc::Unreachable, nobodyToAsk()), now);
        break;
    case Phase::Asking:
        if (lookup.outcome.proved || lookup.hasEnough()) lookup.query->stop();
        lookup.query->setLeastStall(lookup.leastStall());
        while (const auto contact = lookup.query->poll(now))
            ask({Purpose::Query, lookup.id, contact->peer, lookup.question()}, contact->addresses, now);
        if (lookup.query->finished()) afterQuery(lookup, now);
        break;
    case Phase::Proving:
        if (lookup.outcome.proved || now.mono >= lookup.proveUntil) end(lookup, std::nullopt, now);
        break;
    case Phase::Storing:
        if (lookup.storing.empty()) afterStoring(lookup, now);
        break;
    case Phase::Working:
    case Phase::Ended:
        break;
    }
    return lookup.phase != before || !m_failed.empty();
}

std::string Dht::nobodyToAsk() const {
    if (m_config.mode == Mode::Server)
        return "this server is alone: it knows no other server of " + m_config.protocolId + " that can be reached";
    return "no server of " + m_config.protocolId + " is known or reachable";
}

void Dht::beginQuery(Lookup& lookup, Now now) {
    QueryConfig config;
    config.paths = m_config.paths;
    config.caps = m_config.pathCaps;
    config.silent = silent(now);
    lookup.phase = Phase::Asking;
    lookup.query.emplace(lookup.target, m_identity.peerId(), m_table.closest(lookup.target, kReplication),
                         std::move(config), now);
    const auto* wanted = lookup.as<FindPeer>();
    const auto known = wanted ? m_table.find(wanted->peer) : std::nullopt;
    if (known) prove(lookup, known->addresses, now);
}

void Dht::onQueryAnswer(Lookup& lookup, const PeerId& from, const Message& answer, Now now) {
    const auto teller = ipOfPeer(from);
    const auto heard = [&](std::vector<PeerEntry> peers) {
        for (PeerEntry& peer : peers) peer.addresses = mayPass(teller, peer.addresses);
        return peers;
    };
    auto closer = heard(answer.closerPeers);
    std::vector<codec::Multiaddr> fresh;
    if (const auto* wanted = lookup.as<FindPeer>()) {
        const auto named = std::ranges::find(closer, wanted->peer, &PeerEntry::peer);
        if (named != closer.end()) fresh = named->addresses;
        // It is dialled for its proof, not for its answer: it may be a client.
        std::erase_if(closer, [&](const PeerEntry& one) { return one.peer == wanted->peer; });
    }
    const auto known = lookup.outcome.found;
    lookup.onAnswer(from, answer, fresh, heard(answer.providerPeers), validator(), now);
    std::erase_if(fresh, [&](const auto& one) { return std::ranges::find(known, one) != known.end(); });
    prove(lookup, fresh, now);
    lookup.query->onReply(from, closer, now);
}

/// Tries whether the peer that is looked for is there. Each address is tried once, and kMaxAddresses of them in all.
void Dht::prove(Lookup& lookup, const std::vector<codec::Multiaddr>& addresses, Now now) {
    const auto* wanted = lookup.as<FindPeer>();
    if (!wanted || addresses.empty() || m_peers.contains(wanted->peer)) return;
    if (!m_links.want(wanted->peer, addresses, now)) return;
    lookup.proveUntil = now.mono + kDialTimeout;
}

void Dht::afterQuery(Lookup& lookup, Now now) {
    lookup.outcome.closest = lookup.query->closest();
    lookup.outcome.figures = lookup.query->figures();
    if (lookup.outcome.closest.empty() && !lookup.outcome.proved)
        return end(lookup, makeError(Errc::Unreachable, "no server of " + m_config.protocolId + " has answered"), now);
    if (lookup.stores()) return beginStoring(lookup, now);
    if (lookup.as<GetValue>()) return finishGet(lookup, now);
    if (lookup.as<FindPeer>() && !lookup.outcome.proved && lookup.proveUntil != kNever) {
        lookup.phase = Phase::Proving;
        lookup.proveUntil = std::min(lookup.proveUntil, now.mono + kProveGrace);
        return;
    }
    end(lookup, std::nullopt, now);
}

/// The best goes back to those closest who have none or a worse one (libp2p/specs kad-dht, "Entry correction").
void Dht::finishGet(Lookup& lookup, Now now) {
    Outcome& outcome = lookup.outcome;
    if (!outcome.record && lookup.outOfTime)
        return end(lookup,
                   makeError(Errc::NotFound,
                             "by the clock of this device the value of this key has expired or comes from "
                             "the future; is that clock right?"),
                   now);
    if (!outcome.record) return end(lookup, makeError(Errc::NotFound, "nobody keeps a value of this key"), now);
    if (outcome.record->expires <= now.wall) // since it was answered
        return end(lookup, makeError(Errc::NotFound, "the value of this key has expired"), now);
    outcome.content = m_config.isOurs() ? outcome.record->content : outcome.record->record.value;
    outcome.version = outcome.record->version;
    Message put;
    put.type = MessageType::PutValue;
    put.key = lookup.key;
    put.record = outcome.record->record;
    put.record->timeReceived.clear();
    for (const Contact& contact : lookup.lacking()) ask({Purpose::WriteBack, {}, contact.peer, put}, {}, now);
    end(lookup, std::nullopt, now);
}

void Dht::end(Lookup& lookup, std::optional<Error> error, Now now) {
    Outcome& outcome = lookup.outcome;
    if (!error && lookup.as<FindPeer>() && outcome.found.empty() && !outcome.proved)
        error = makeError(Errc::NotFound, "nobody knows where it is");
    outcome.error = std::move(error);
    outcome.took = now.mono - lookup.begun;
    if (lookup.query) outcome.figures = lookup.query->figures();
    lookup.phase = Phase::Ended;
    std::erase_if(m_waiting, [&](const auto& one) { return one.second.lookup == lookup.id; });
    if (m_refreshing == lookup.id) {
        m_refreshing.reset();
        if (!outcome.error && lookup.target == m_table.self()) {
            std::vector<PeerId> next;
            for (const Contact& contact : outcome.closest)
                if (next.size() < kNeighbours) next.push_back(contact.peer);
            m_links.keep(m_config.protocolId, next);
        }
    }
    if (!lookup.quiet) m_outcomes.push_back(std::move(outcome));
}

// --- upkeep -------------------------------------------------------------------------------------------------------

/// One refresh at a time; pings for those who wait for a place; what is ours once more.
void Dht::upkeep(Now now) {
    if (m_sweepAt == kNever && m_responder.records().size() + m_responder.providers().size() > 0)
        m_sweepAt = now.mono + kSweepInterval;
    if (m_quiet) return;
    if (!m_refreshing && now.mono >= m_table.refreshDeadline())
        if (const auto key = m_table.pollRefresh(m_random, now)) {
            m_refreshing = m_ids.take();
            Lookup& lookup = m_lookups
                                 .try_emplace(*m_refreshing, *m_refreshing, FindClosest{*key}, m_identity.peerId(),
                                              true, now.mono, now)
                                 .first->second;
            beginQuery(lookup, now);
        }
    while (const auto contact = m_table.pollPing(now)) ping(*contact, now);
    republish(now);
}

} // namespace wherry::kad
