#pragma once

#include "codec/ip.h"
#include "quic/config.h"

#include <map>

namespace wherry::quic {

/// Counts connections and handshakes in progress, in all and per budget prefix, and decides about new ones.
/// Dialled connections count in all but not per prefix, and are never half open: we chose them.
class Admission {
  public:
    explicit Admission(const EndpointConfig& config) : m_config(config) {}

    enum class Verdict : uint8_t {
        Accept,
        Retry,
        Refuse,
        Crowded, ///< too many handshakes in all, but not from there: another one may give way
    };
    /// What to do with the Initial of a stranger; `proven`: it brought a Retry token.
    Verdict judge(const codec::IpAddress& remote, bool proven) const;
    bool mayDial() const { return m_connections < m_config.maxConnections; }

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

  private:
    struct Counts {
        size_t connections = 0;
        size_t proven = 0;   // handshakes with a token
        size_t unproven = 0; // handshakes without
        size_t halfOpen() const { return proven + unproven; }
    };
    const EndpointConfig& m_config;
    size_t m_connections = 0;
    size_t m_dialled = 0; // of them
    Counts m_total;
    std::map<codec::IpAddress, Counts> m_prefixes;
};

} // namespace wherry::quic
