#pragma once

#include "transfer/outbox.h"
#include "transfer/transfer_types.h"

#include <map>
#include <optional>

namespace wherry::transfer {

/// An incoming transfer that the person has paused.
struct PausedReceive {
    TransferId transfer; ///< of every attempt of it, and while there is none
    crypto::PeerId peer;
    std::string label;
    TransferFigures figures;
    std::optional<FetchToken> fetch{}; ///< of the fetch that it was paused in
    std::string folder{};              ///< where it lands, whatever the download folder is when its sender comes back
    bool folderIsHome = false;         ///< see ReceivePolicy
};

/// The person has cancelled an incoming transfer: a yes of before does not count any more.
struct Withdrawal {
    /// Wall time. Its sender was away and is told when it comes back before this; 0: it knows.
    int64_t turnAwayUntilSeconds = 0;
    std::optional<FetchToken> fetch{}; ///< of the fetch that was cancelled; another one is a new wish

    bool turnsAway(const std::optional<FetchToken>& attempt, UnixTime now) const {
        return now.seconds() < turnAwayUntilSeconds && (!attempt || attempt == fetch);
    }
    bool operator==(const Withdrawal&) const = default;
};

/// What the person has said about incoming transfers, by their record keys: which are paused and which were cancelled.
/// In the store before it is answered, so that the end of the program, of the connection or of the sender resumes
/// nothing. What is cancelled is only in the store, where its next attempt looks for it.
class PausedReceives {
  public:
    /// Owner of its scan; no transfer ever has it.
    static constexpr TransferId kOwner{~uint64_t(1)};

    explicit PausedReceives(MachineContext& context) : m_context(context) {}

    /// Asks the store for those of earlier runs. Until they are here nobody knows what is paused.
    void load();
    bool loaded() const { return m_loaded; }
    /// Tells of each that was found, with numbers from `ids`.
    void onStoreScanned(const StoreScanned& scanned, IdSource<TransferId>& ids);

    /// LimitReached: kMaxPausedReceives are paused already.
    Result<void> add(const Bytes& key, PausedReceive paused, Now now);
    /// Both with Durable::Yes when the person has said so and somebody is answered.
    void remove(const Bytes& key, Durable durable);
    void withdraw(const Bytes& key, const Withdrawal& withdrawal, Now now, Durable durable);
    /// Somebody has said yes again.
    void forgetWithdrawal(const Bytes& key);
    /// The store has lost what it held.
    void storeAgain(Now now);

    /// nullptr: not paused.
    const PausedReceive* find(const Bytes& key) const;
    bool contains(const Bytes& key) const { return m_paused.contains(key); }
    /// Some offer of the same sender and key is paused, whatever folder it has been sent to: its record is in use.
    bool holds(const Bytes& recordKey) const;
    /// The record key of the paused transfer with this number.
    std::optional<Bytes> keyOf(TransferId transfer) const;
    /// The record key under which an offer is paused that nobody here has asked for, in whatever folder; nullptr: none.
    /// `offer`: see offerOf().
    const Bytes* keyOfOffer(ByteView offer) const;

  private:
    void put(const Bytes& key, const PausedReceive& paused, Now now);

    MachineContext& m_context;
    bool m_loaded = true; ///< without load() there is nothing to wait for
    StoreRequestId m_scan;
    std::map<Bytes, PausedReceive> m_paused;
};

/// What a row of Space::Paused holds: everything but the number and the fetch.
Bytes encodePaused(const PausedReceive& paused);
/// Malformed: the store is damaged.
Result<PausedReceive> decodePaused(ByteView key, ByteView value);

/// Where Space::Paused holds the withdrawal of a record key; no row of a paused transfer begins so.
Bytes withdrawalKey(const Bytes& recordKey);
Bytes encodeWithdrawal(const Withdrawal& withdrawal);
Result<Withdrawal> decodeWithdrawal(ByteView value);

} // namespace wherry::transfer
