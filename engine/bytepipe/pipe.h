#pragma once

#include "base/bytes.h"
#include "codec/ip.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "link/link.h"

#include <string>
#include <variant>

namespace wherry::bytepipe {

/// What speaks on a pipe: the handshake at once, or WebSocket around it, or that within the TLS of the web. Whoever
/// listens chooses one per address. A circuit is a stream through a relay, on which the handshake speaks at once.
enum class PipeKind : uint8_t { Tcp, WebSocket, SecureWebSocket, Circuit };

/// The two ends of a pipe as this node sees them.
struct PipePath {
    codec::SocketAddress local;
    codec::SocketAddress remote;
    PipeKind kind = PipeKind::Tcp;
    /// Of a secure WebSocket that is dialled: the name in the server's certificate; empty: its address.
    std::string serverName{};
    /// Of a circuit: the address through its relay, which is the remote and the local one of the link; `remote` is the
    /// relay's own, as far as it is known, and what budgets count.
    codec::Multiaddr circuit{};

    auto operator<=>(const PipePath&) const = default;
};

// What an Endpoint asks of the owner of the pipes. A pipe has the number of its link.

/// Connect to `remote`; onPipeOpened() or onPipeClosed() is to follow.
struct OpenPipe {
    link::LinkId pipe;
    codec::SocketAddress remote;
    /// From the port where others connect to this node, if that can be had: so that the other side sees an address that
    /// it can connect to, and so that two who connect to each other at the same time meet (RFC 9293 section 3.5).
    bool fromListener = false;
    codec::Multiaddr circuit{}; ///< not empty: open one through its relay, to `peer`
    crypto::PeerId peer{};
    bool operator==(const OpenPipe&) const = default;
};
/// Write `farewell` behind what was written before, as far as the pipe takes it, and close; also a pipe that is still
/// being opened. The number is not used again.
struct ClosePipe {
    link::LinkId pipe;
    Bytes farewell;
    bool operator==(const ClosePipe&) const = default;
};
/// Say whom to believe who listen for secure WebSockets: onWebTrust() is to follow. Reading what the system trusts
/// takes a while; what is dialled meanwhile waits.
struct LoadWebTrust {
    bool operator==(const LoadWebTrust&) const = default;
};
using PipeAction = std::variant<OpenPipe, ClosePipe, LoadWebTrust>;

} // namespace wherry::bytepipe
