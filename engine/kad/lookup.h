#pragma once

#include "kad/wish.h"

#include <set>

namespace wherry::kad {

/// The key of its messages; `self` wishes it.
Bytes keyOf(const Wish& wish, const crypto::PeerId& self);

/// One wish under way: what is asked of whom, and what the answers have said. The driver (dht.h) sends and receives.
struct Lookup {
    enum class Phase : uint8_t {
        Waiting, ///< for somebody to ask
        Asking,  ///< the query runs
        Proving, ///< FindPeer: it has ended, a dial has not
        Working, ///< PutValue on ours: looks for a nonce
        Storing, ///< PutValue, Provide: those closest are told
        Ended,
    };

    Lookup(LookupId id, Wish wish, const crypto::PeerId& self, bool quiet, Instant giveUp, Now now);

    /// What each peer on the way is asked.
    Message question() const;
    /// What an answer says beside its closer peers. `addresses`: of the peer that is looked for, if it was named.
    void onAnswer(const crypto::PeerId& from, const Message& answer, const std::vector<codec::Multiaddr>& addresses,
                  const std::vector<PeerEntry>& providers, const Validator& validator, Now now);
    /// Enough has been found; the query need not go on.
    bool hasEnough() const;
    /// How long somebody who is slow is waited for at least, with what is known already.
    Duration leastStall() const;
    /// Of those closest, who has answered without the best record: the spec has it written back to them.
    std::vector<Contact> lacking() const;

    template <typename What> const What* as() const { return std::get_if<What>(&wish); }
    bool stores() const { return as<PutValue>() || as<Provide>(); }

    LookupId id;
    Wish wish;
    bool quiet; ///< our own upkeep: nobody waits for the outcome
    Bytes key;  ///< as messages carry it
    Key target;
    MessageType type = MessageType::FindNode;
    Phase phase = Phase::Waiting;
    Instant begun;
    Instant giveUp; ///< of Waiting
    std::optional<Query> query;
    Outcome outcome;
    Instant proveUntil = kNever;
    bool outOfTime = false; ///< there were records that have expired or come from the future, as our clock goes

    // storing
    Message store;
    Bytes envelope;
    unsigned workBits = kMinWorkBits;
    uint64_t nonce = 0;
    std::set<crypto::PeerId> storing;
    std::vector<Contact> unsatisfied; ///< they ask for more work than the record has
    unsigned moreBits = 0;
    std::optional<Error> refusal; ///< the last

  private:
    bool wantsOwn() const;
    void onRecord(const crypto::PeerId& from, const Message& answer, const Validator& validator, Now now);

    std::set<crypto::PeerId> m_holders; ///< of the best record
    std::set<crypto::PeerId> m_lacking;
    size_t m_records = 0; ///< answers with a good one
};

} // namespace wherry::kad
