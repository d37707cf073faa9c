#pragma once

#include "base/log.h"
#include "codec/multiaddr.h"
#include "link/bandwidth.h"
#include "node/node_limits.h"
#include "peers/known_peer.h"
#include "protocols/relay/relay_server_config.h"
#include "quic/config.h"
#include "transfer/transfer_types.h"

#include <cstdint>
#include <string>
#include <vector>

namespace wherry::runtime {

/// Colours of the window; Black is the dark one on a black ground.
enum class Theme : uint8_t { System, Light, Dark, Black };

/// Everything that a person can set and that lasts, with the product's defaults. settings_table.h has a row for each
/// member: its key in the file, its range, what it does and whether it applies at once.
struct Settings {
    std::vector<codec::Multiaddr>
        listen{};     ///< /ip4|ip6/.../udp/PORT/quic-v1; empty: every address, the port of last time
    /// PEM files for secure WebSockets, absolute: what listeners show and its key, and whom diallers believe; empty: what
    /// web_certificates.h says.
    std::string webCertificate{};
    std::string webCertificateKey{};
    std::string webTrusted{};
    bool mdns = true; ///< tell this network's devices of this one and listen for theirs
    std::vector<codec::Multiaddr> bootstrap{}; ///< servers of the hash table to meet first, each with /p2p/ID
    bool dhtServer = false;                    ///< serve the hash table for others
    bool dhtPersist = true;                    ///< and keep on the disk what they leave here
    std::vector<codec::Multiaddr> relays{};    ///< to be reached through always, each with /p2p/ID
    bool relayDiscover = true;                 ///< while it is not known to be reachable: through those that it meets
    bool relayServe = false;                   ///< be a relay for others
    relay::Access relayAccess = relay::Access::Everybody;
    uint32_t relayReservations = relay::kReservations;
    uint32_t relayReservationsPerAddress = relay::kReservationsPerPrefix;
    Duration relayReservationTime = relay::kReservationTtl;
    uint32_t relayCircuits = relay::kCircuits;
    uint32_t relayCircuitsPerDevice = relay::kCircuitsPerPeer;
    uint32_t relayCircuitMebibytes = static_cast<uint32_t>(relay::kCircuitBytes >> 20); ///< in each direction
    Duration relayCircuitTime = relay::kCircuitDuration;
    bool quiet = false; ///< nothing in the background that nobody here has asked for
    quic::CongestionControl congestion = quic::CongestionControl::Bbr;

    uint32_t parallelSends = node::kParallelSends; ///< transfers that are sent at once; the others wait for their turn
    uint32_t parallelReceives = transfer::kReceivesAtOnce; ///< incoming ones whose content comes at once
    uint32_t maxConnections = 1000;
    Duration connectionTimeout = std::chrono::seconds(30); ///< of an attempt to reach a peer
    link::BitRate uploadLimit{};
    link::BitRate downloadLimit{};
    link::BitRate uploadLimitPerPeer{};
    link::BitRate downloadLimitPerPeer{};
    link::BitRate meteredLimit{};
    bool limitLan = false;

    std::string alias{};                                   ///< what other people see; empty: the name of this device
    peers::DeviceKind device = peers::DeviceKind::Unknown; ///< what other people see; Unknown: what the system tells
    std::string policy{};                                  ///< the operator's words about who may use what
    bool presence = false; ///< tell all who listen that this device is here, and hear who tells
    std::string out{}; ///< absolute folder for received files; empty: where the program was started
    transfer::Accept accept = transfer::Accept::Ask;
    transfer::Conflict conflict = transfer::Conflict::Rename;

    Theme theme = Theme::System;
    bool startHidden = false; ///< the window waits in the tray until it is called

    LogLevel logLevel = LogLevel::Warning;
    Duration historyKeep = std::chrono::hours(90 * 24); ///< finished transfers stay in the history for so long

    bool operator==(const Settings&) const = default;
};

inline link::BandwidthLimits bandwidthLimits(const Settings& settings) {
    return {settings.uploadLimit,          settings.downloadLimit, settings.uploadLimitPerPeer,
            settings.downloadLimitPerPeer, settings.meteredLimit,  settings.limitLan};
}

} // namespace wherry::runtime
