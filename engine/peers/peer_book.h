#pragma once

#include "base/log.h"
#include "base/store.h"
#include "peers/known_peer.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wherry::peers {

/// By what a peer was found.
enum class FoundBy : uint8_t {
    Key,   ///< peer id, registry key or I6P id: the key itself
    Alias, ///< the person's own name for it
    Claim, ///< what it calls itself: good enough to knock, proof of nothing
};
struct Found {
    crypto::PeerId peer;
    FoundBy by = FoundBy::Key;
    bool operator==(const Found&) const = default;
};

/// Who we know: peers that have proved their key on a connection, and those that the person has named, trusted or
/// blocked.
///
/// States: until its rows are here (start() to onLoaded()) it only takes notes; decisions and look-ups wait outside.
/// When the rows cannot be read it stays readOnly(): notes are kept in memory, decisions are refused, so that nothing
/// stored is overwritten. Invariants: at most kMaxPeers, of them kMaxKeptPeers that the person decided about; those are
/// never forgotten by themselves. The person's names are distinct by nameKey(). Only decisions change trust and names:
/// claims never do. Non-goals: it does not connect, ask or refuse; the node does, by what it finds here.
class PeerBook {
  public:
    explicit PeerBook(const Log& log) : m_log(log) {}

    // --- store ---
    /// Asks for every row; the answer comes to onLoaded().
    void start(StoreRequestId id);
    void onLoaded(const Result<std::vector<std::pair<Bytes, Bytes>>>& rows, Now now);
    bool isLoaded() const { return m_state != State::Loading; }
    bool isReadOnly() const { return m_state == State::ReadOnly; }
    /// Rows that could not be read. Where the key is good the peer is blocked: the row may have said so.
    size_t damagedRows() const { return m_damagedRows; }
    std::optional<StoreOp> pollStore();

    // --- notes: what the network has shown ---
    /// The peer has proved its key.
    void onConnected(const crypto::PeerId& peer, Now now);
    /// The address was dialled and the peer proved its key there.
    void onDialled(const crypto::PeerId& peer, const codec::Multiaddr& address, Now now);
    void onGone(const crypto::PeerId& peer, Now now);
    /// Claims of a peer that is connected; of others they are dropped.
    void onClaims(const crypto::PeerId& peer, Claims claims, Now now);

    // --- decisions: the person's ---
    // Each is given to the store also when it changes nothing here: the one before may have failed there.
    /// LimitReached: kMaxKeptPeers. Io: the book could not be read. InvalidArgument: a name that cannot be one, trust
    /// of a peer that is blocked. Exists: the name is another peer's.
    Result<void> trust(const crypto::PeerId& peer, Now now);
    Result<void> untrust(const crypto::PeerId& peer, Now now);
    Result<void> block(const crypto::PeerId& peer, Now now);
    Result<void> unblock(const crypto::PeerId& peer, Now now);
    /// An empty name takes it away.
    Result<void> setAlias(const crypto::PeerId& peer, std::string alias, Now now);
    /// What the person has decided goes to the store once more: it has lost what it held.
    void storeAgain(Now now);

    // --- questions ---
    /// Nullptr when nothing is known.
    const KnownPeer* find(const crypto::PeerId& peer) const;
    Trust trustOf(const crypto::PeerId& peer) const;
    /// By peer id; the ones that the person decided about and all others.
    std::vector<const KnownPeer*> all() const;
    /// Whom a word means: a peer id, a registry key, an I6P id, the person's name, a claimed name (in this order;
    /// claims of trusted peers count before those of others, claims of blocked ones not at all). InvalidArgument: a bad
    /// key, or a claimed name of several peers, which are named. NotFound: nobody.
    Result<Found> resolve(std::string_view word) const;
    /// Whether the peer calls itself what the person calls another peer, or what a trusted other peer calls itself.
    bool claimsAnothersName(const crypto::PeerId& peer) const;
    /// Peers that look different in a list since they were polled last.
    std::optional<crypto::PeerId> pollChange();

  private:
    enum class State : uint8_t { Loading, Ready, ReadOnly };
    struct Entry {
        KnownPeer known;
        bool connected = false;
        std::string aliasKey;
        std::string claimKey;
    };
    using NameIndex = std::set<std::pair<std::string, crypto::PeerId>>;

    Entry& enter(const crypto::PeerId& peer);
    void addRow(ByteView key, ByteView value);
    void forgetOne();
    void save(const Entry& entry, Now now, Durable durable);
    void note(const Entry& entry, Now now);
    void index(Entry& entry);
    void unindex(const Entry& entry);
    void changeNamesakes(const Entry& entry);
    std::vector<crypto::PeerId> named(const NameIndex& names, const std::string& key) const;
    template <typename Decide> Result<void> decide(const crypto::PeerId& peer, Now now, Decide decide);
    Result<Found> resolveKey(std::string_view word) const;
    Result<Found> resolveClaim(std::string_view word) const;

    const Log& m_log;
    State m_state = State::Loading;
    std::map<crypto::PeerId, Entry> m_peers;
    NameIndex m_aliases;
    NameIndex m_claims;
    size_t m_kept = 0;
    size_t m_damagedRows = 0;
    std::deque<StoreOp> m_store;
    std::set<crypto::PeerId> m_changes;
};

} // namespace wherry::peers
