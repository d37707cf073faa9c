#pragma once

#include "base/random.h"
#include "base/store.h"
#include "protocols/share/ticket.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wherry::share {

/// Something that whoever holds the ticket may fetch.
struct Share {
    ShareId id{};
    ShareSecret secret{};
    std::vector<std::string> paths; ///< absolute; local, never told to anybody
    std::string label;
    UnixTime created{};
    UnixTime expires{};   ///< zero: never
    bool once = false;    ///< ends with the first complete delivery
    uint32_t fetched = 0; ///< complete deliveries
    bool operator==(const Share&) const = default;
};

/// A share that is no more, and why.
enum class ShareEnd : uint8_t { Revoked, Expired, Fetched };
struct EndedShare {
    ShareId id{};
    ShareEnd why = ShareEnd::Revoked;
    bool operator==(const EndedShare&) const = default;
};

/// What the person wants to share.
struct ShareOrder {
    std::vector<std::string> paths; ///< absolute
    std::string label;
    Duration lifetime{}; ///< zero: until it is revoked
    bool once = false;
};

/// The shares of this node, kept in Space::Shares from start to start. The owner hands the rows of scan() back through
/// load() before anything else, and carries out what pollStore() says.
///
/// A share is published when the store has it (onStored), and gone when the store has let it go (onErased); both are
/// asked of the owner, who knows when the store has said so.
///
///   Unstored -> Stored -> Ended -> gone      Unstored -> gone: it could not be stored
///
/// Invariants: an expired share is never found, also before sweep() has erased it; one that has ended is never found
/// again, and is remembered until its row is gone, so that the erase can be said again.
class ShareBook {
  public:
    explicit ShareBook(Random& random) : m_random(random) {}

    /// Rows that do not decode are dropped: a damaged row costs a share, nothing more.
    void load(const std::vector<std::pair<Bytes, Bytes>>& rows, Now now);
    /// Before it nobody can say which shares there are.
    bool loaded() const { return m_loaded; }
    /// A new share, or the one that there is for the same paths and the same order (whose lifetime then begins anew),
    /// so that a ticket handed out earlier stays good. InvalidArgument: no path; TooLarge: too many or too long;
    /// LimitReached.
    Result<Share> add(const ShareOrder& order, Now now);
    /// What became of the put of the last add(). A new share that could not be stored is none.
    void onStored(const ShareId& id, bool good);
    /// Again while nobody has said onErased(good): the row may still be there. NotFound. Who is fetching it at the
    /// moment is the owner's business.
    Result<void> revoke(const ShareId& id);
    /// What became of the erase of a share that has ended.
    void onErased(const ShareId& id, bool good);
    const Share* find(const ShareId& id, Now now) const;
    /// The share that one of the texts of CLI and app means: the whole id in hexadecimal or a beginning that only one
    /// has; also of one that has ended and whose row may still be there. NotFound; InvalidArgument: several begin so.
    Result<ShareId> resolve(std::string_view text, Now now) const;
    std::vector<Share> list(Now now) const;
    /// All of them go to the store once more: it has lost what it held.
    void storeAgain();
    /// Somebody has all of it. True: the share has ended with it, and onErased() is due.
    bool onFetched(const ShareId& id);

    Instant deadline() const { return m_nextExpiry; }
    void sweep(Now now);
    std::optional<StoreOp> pollStore();
    std::optional<EndedShare> pollEnded();

  private:
    enum class State : uint8_t { Unstored, Stored, Ended };
    struct Kept {
        Share share;
        State state = State::Unstored;
    };

    Result<void> end(const ShareId& id, ShareEnd why);
    void put(const Share& share, Durable durable);
    void planExpiry(Now now);

    Random& m_random;
    std::map<ShareId, Kept> m_shares; ///< at most kMaxShares, with those that have ended
    std::deque<StoreOp> m_store;
    std::deque<EndedShare> m_ended;
    Instant m_nextExpiry = kNever;
    bool m_loaded = false;
};

/// First characters of the id, as lists show it and revoke takes it.
std::string shareIdText(const ShareId& id);

} // namespace wherry::share
