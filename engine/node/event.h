#pragma once

#include "base/result.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "node/command.h"
#include "transfer/transfer_types.h"

#include <string>
#include <variant>
#include <vector>

/// What happened once: low-rate, never dropped. Answers carry the RequestId of their command.
namespace wherry::node {

/// The node listens; addresses carry the real ports and /p2p/ID.
struct Ready {
    crypto::PeerId self;
    std::vector<codec::Multiaddr> listen;
};
/// The transfer that a SendFiles command has started.
struct TransferStarted {
    RequestId request;
    TransferId transfer;
};
struct TransferUpdate {
    transfer::TransferEvent event;
};
enum class PathKind : uint8_t { Lan, Direct6, Direct4, Punched, Relayed, Routed };
/// The path to a peer that a request uses, at first and whenever it changes.
struct PathChanged {
    crypto::PeerId peer;
    PathKind kind = PathKind::Lan;
    codec::Multiaddr address;
};
struct PingReply {
    RequestId request;
    uint32_t index = 0; ///< from 0
    Duration roundTrip{};
    bool last = false;
};
struct PerfDone {
    RequestId request;
    uint64_t uploadBytes = 0;
    uint64_t downloadBytes = 0;
    Duration uploadTime{};
    Duration downloadTime{};
};
/// A request has ended without success (transfers report through TransferFailed instead).
struct RequestFailed {
    RequestId request;
    Error error;
};

using Event = std::variant<Ready, TransferStarted, TransferUpdate, PathChanged, PingReply, PerfDone, RequestFailed>;

} // namespace wherry::node
