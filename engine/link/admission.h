#pragma once

#include "base/time.h"
#include "codec/ip.h"
#include "link/link_limits.h"

#include <algorithm>
#include <map>

namespace wherry::link {

/// What Admission holds to.
struct AdmissionLimits {
    size_t maxConnections = kMaxLinks;
    size_t maxConnectionsPerPrefix = kMaxInboundLinksPerPrefix;
    size_t maxHalfOpen = kMaxHalfOpen;
    size_t maxHalfOpenPerPrefix = kMaxHalfOpenPerPrefix;
    /// Handshakes from addresses that nothing has proven yet; for carriers whose addresses always are, meaningless.
    size_t retryThreshold = kMaxHalfOpen;
    size_t retryThresholdPerPrefix = kMaxHalfOpenPerPrefix;
};

/// Counts connections and handshakes in progress, in all and per budget prefix, and decides about new ones.
/// Dialled connections count in all but not per prefix, and are never half open: we chose them.
class Admission {
  public:
    explicit Admission(const AdmissionLimits& limits) : m_limits(limits) {}

    enum class Verdict : uint8_t {
        Accept,
        Retry,
        Refuse,
        Crowded, ///< too many, in all or from there, of which some are handshakes: one of them gives way
    };
    /// What to do with the Initial of a stranger; `proven`: its address is not a forged one (it brought a Retry token,
    /// or has finished a TCP handshake).
    Verdict judge(const codec::IpAddress& remote, bool proven) const;
    bool mayDial() const { return m_connections < m_limits.maxConnections; }

    void addDialled() { ++m_connections, ++m_dialled; }
    void removeDialled() { --m_connections, --m_dialled; }
    void addAccepted(const codec::IpAddress& remote, bool proven);
    void handshakeDone(const codec::IpAddress& remote, bool proven);
    void removeAccepted(const codec::IpAddress& remote);

    size_t connections() const { return m_connections; }
    size_t halfOpen() const { return m_total.halfOpen(); }
    /// Of the address's prefix.
    size_t halfOpen(const codec::IpAddress& remote) const;
    /// Of the prefix that has most.
    size_t mostHalfOpen() const;

    /// Where it is crowded: the oldest handshake gives way to one from `newcomer`, of the same prefix where that has
    /// all that it may, else of those prefixes that have most; nullptr: there is none. So whoever says nothing keeps
    /// nobody out, and takes no more from others than its own share. `connections`: by LinkId, each with `marks`;
    /// `countedFrom(connection)`: the address that it was counted for.
    template <typename Connections, typename CountedFrom>
    auto givesWay(const Connections& connections, CountedFrom countedFrom, const codec::IpAddress& newcomer) const {
        const bool here = isFull(countsOf(newcomer));
        const size_t most = mostHalfOpen();
        // Link ids rise, so the first is the oldest.
        const auto oldest = std::ranges::find_if(connections, [&](const auto& entry) {
            if (!entry.second->marks.countedHalfOpen) return false;
            const codec::IpAddress& from = countedFrom(*entry.second);
            return here ? from.budgetPrefix() == newcomer.budgetPrefix() : halfOpen(from) == most;
        });
        return oldest == connections.end() ? decltype(oldest->second.get())() : oldest->second.get();
    }

  private:
    struct Counts {
        size_t connections = 0;
        size_t proven = 0;   // handshakes with a token
        size_t unproven = 0; // handshakes without
        size_t halfOpen() const { return proven + unproven; }
    };
    Counts countsOf(const codec::IpAddress& remote) const;
    bool isFull(const Counts& prefix) const;

    const AdmissionLimits m_limits;
    size_t m_connections = 0;
    size_t m_dialled = 0; // of them
    Counts m_total;
    std::map<codec::IpAddress, Counts> m_prefixes;
};

} // namespace wherry::link
