#pragma once

#include "base/random.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "kad/kad_limits.h"
#include "kad/key.h"
#include "kad/prefix_quota.h"

#include <map>
#include <optional>
#include <vector>

namespace wherry::kad {

/// A server that can be asked.
struct Contact {
    crypto::PeerId peer;
    Key key;
    std::vector<codec::Multiaddr> addresses;
    bool operator==(const Contact&) const = default;
};

/// What became of a server that wants into the table.
enum class Admission : uint8_t {
    Added,
    Known,   ///< it was there; its addresses are the new ones
    Waiting, ///< its bucket is full; it comes in when one of those has died
    Refused, ///< ourselves, or its prefix has its share
};

struct TableConfig {
    size_t bucketSize = kReplication;
    PrefixCaps bucketCaps = kBucketCaps;
    PrefixCaps tableCaps = kTableCaps;
};

/// The servers that we know, in buckets by the bits they share with us (Kademlia section 2.2; libp2p/specs kad-dht,
/// "Routing table").
///
/// Only servers with which a connection stands or has stood come in: `remote` is the address that the handshake has
/// proved, and prefixes are counted by it, never by what peers tell (SECURITY D11). A full bucket keeps those it has;
/// the least recently seen is pinged for the newcomer, who gets its place only when it does not answer.
///
/// Not here: opening connections, and whether a peer is a server; the owner tells.
class RoutingTable {
  public:
    explicit RoutingTable(const crypto::PeerId& self, TableConfig config = {});

    /// A server has answered us, or said in identify that it is one. At most kMaxAddresses addresses are kept.
    Admission onServer(const crypto::PeerId& peer, std::vector<codec::Multiaddr> addresses,
                       const codec::Multiaddr& remote, Now now);
    /// It has answered a request or a ping.
    void onAlive(const crypto::PeerId& peer, Now now);
    /// It has not: it goes at once when somebody waits for its place, otherwise after kMaxFailures in a row.
    void onDead(const crypto::PeerId& peer, Now now);
    /// It is no server any more.
    void remove(const crypto::PeerId& peer, Now now);
    /// Nothing has come of the ping, which says nothing about it; its bucket is tried again after kPingAfter. Harmless
    /// when onDead has told already.
    void onNotPinged(const crypto::PeerId& peer, Now now);
    /// Whom to ping, whose outcome is wanted as onAlive, onDead or onNotPinged: one a bucket at a time.
    std::optional<Contact> pollPing(Now now);

    /// The closest `count` contacts, the closest first.
    std::vector<Contact> closest(const Key& target, size_t count) const;
    /// Whom others are told of: the same without those who have not answered when they were asked last.
    std::vector<Contact> closestAnswering(const Key& target, size_t count) const;
    /// Whether it is one of the `count` closest to us and has not been seen for kPingAfter.
    bool isQuietNeighbour(const crypto::PeerId& peer, size_t count, Now now) const;
    std::optional<Contact> find(const crypto::PeerId& peer) const;
    size_t size() const { return m_size; }
    const Key& self() const { return m_self; }

    /// What to look up now to keep the table full: first ourselves, then a random peer id in each bucket, each every
    /// kRefreshInterval (libp2p/specs kad-dht, "Bootstrap process"). nullopt: nothing is due, or there is nobody to
    /// ask. The answer is the key of a FIND_NODE.
    std::optional<Bytes> pollRefresh(Random& random, Now now);
    /// When something is to be refreshed; kNever while the table is empty.
    Instant refreshDeadline() const;

  private:
    struct Entry {
        Contact contact;
        std::optional<codec::IpAddress> ip;
        Instant seenAt;
        unsigned failures = 0;
    };
    struct Bucket {
        explicit Bucket(PrefixCaps caps) : quota(caps) {}
        std::vector<Entry> entries; ///< the least recently seen first
        std::vector<Entry> waiting; ///< the last to come last
        std::optional<crypto::PeerId> pinged;
        Instant pingAgain = Instant::min();
        PrefixQuota quota;
    };

    std::vector<Contact> closest(const Key& target, size_t count, unsigned mostFailures) const;
    const Entry* entryOf(const crypto::PeerId& peer) const;
    Bucket& bucketOf(const Key& key);
    Bucket* existing(const Key& key);
    bool admits(const Bucket& bucket, const std::optional<codec::IpAddress>& ip) const;
    void insert(Bucket& bucket, Entry entry);
    Entry take(Bucket& bucket, size_t index);
    void promote(Bucket& bucket);
    Bytes randomPeerIn(unsigned prefix, Random& random) const;
    unsigned deepest() const;

    Bytes m_selfId;
    Key m_self;
    TableConfig m_config;
    PrefixQuota m_quota;
    std::map<unsigned, Bucket> m_buckets; ///< by commonPrefix; none is empty
    size_t m_size = 0;
    Instant m_selfRefreshed = Instant::min();
    std::map<unsigned, Instant> m_refreshed; ///< by bucket
};

} // namespace wherry::kad
