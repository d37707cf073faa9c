#pragma once

#include "link/admission.h"
#include "link/bandwidth.h"
#include "quic/quic_limits.h"

namespace wherry::quic {

enum class CongestionControl : uint8_t { Bbr, Cubic };

/// What an Endpoint can be told at creation. The defaults are the product's.
struct EndpointConfig {
    /// Port of the UDP socket; the local port of dials until an address is known.
    uint16_t localPort = 0;
    /// Which families the socket can send.
    bool ipv4 = true;
    bool ipv6 = true;
    /// Whether handshakes of others are answered.
    bool listen = true;

    CongestionControl congestion = CongestionControl::Bbr;
    Duration idleTimeout = kDefaultIdleTimeout;
    Duration handshakeTimeout = kDefaultHandshakeTimeout;
    /// Zero: none. Else an upper bound; half of the smaller idle timeout is never exceeded.
    Duration keepAlive{};

    uint64_t initialConnectionWindow = kInitialConnectionWindow;
    uint64_t initialStreamWindow = kInitialStreamWindow;
    uint64_t maxConnectionWindow = kMaxConnectionWindow;
    uint64_t maxStreamWindow = kMaxStreamWindow;

    size_t maxConnections = kMaxConnections;
    size_t maxConnectionsPerPrefix = kMaxConnectionsPerPrefix;
    size_t maxHalfOpen = kMaxHalfOpen;
    size_t maxHalfOpenPerPrefix = kMaxHalfOpenPerPrefix;
    size_t retryThreshold = kRetryThreshold;
    size_t retryThresholdPerPrefix = kRetryThresholdPerPrefix;
    /// What those six come to.
    link::AdmissionLimits admission() const {
        return {maxConnections,       maxConnectionsPerPrefix, maxHalfOpen,
                maxHalfOpenPerPrefix, retryThreshold,          retryThresholdPerPrefix};
    }

    /// What limits the links of all carriers together; outlives the endpoint. nullptr: nothing.
    link::Bandwidth* bandwidth = nullptr;

    /// Bytes. MTU assumed for interfaces that setLocalAddresses() does not describe.
    size_t linkMtu = kDefaultLinkMtu;
    size_t loopbackMtu = kLoopbackMtu;
};

} // namespace wherry::quic
