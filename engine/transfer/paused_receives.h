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
};

/// Which incoming transfers are paused, by their record keys: in the store, so that the end of the program, of the
/// connection or of the sender resumes nothing. Remembers for a while too which of them were cancelled while their
/// sender was away, so that it hears of it when it comes back.
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
    void remove(const Bytes& key);
    /// Removes it, and remembers that its sender is to be told.
    void cancel(const Bytes& key, Now now);
    /// Whether this attempt is of what was cancelled while its sender was away; forgets it. `fetch`: the token that the
    /// attempt carries; a new one is a new wish.
    bool takeCancelled(const Bytes& key, const std::optional<FetchToken>& fetch, Now now);

    /// nullptr: not paused.
    const PausedReceive* find(const Bytes& key) const;
    bool contains(const Bytes& key) const { return m_paused.contains(key); }
    /// The record key of the paused transfer with this number.
    std::optional<Bytes> keyOf(TransferId transfer) const;

  private:
    struct Cancelled {
        Instant until{};
        std::optional<FetchToken> fetch;
    };

    MachineContext& m_context;
    bool m_loaded = true; ///< without load() there is nothing to wait for
    StoreRequestId m_scan;
    std::map<Bytes, PausedReceive> m_paused;
    std::map<Bytes, Cancelled> m_cancelled;
};

/// What a row of Space::Paused holds: everything but the number and the fetch.
Bytes encodePaused(const PausedReceive& paused);
/// Malformed: the store is damaged.
Result<PausedReceive> decodePaused(ByteView key, ByteView value);

} // namespace wherry::transfer
