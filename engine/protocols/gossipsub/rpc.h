#pragma once

#include "protocols/gossipsub/message.h"

#include <optional>
#include <string>
#include <vector>

namespace wherry::gossipsub {

struct Subscription {
    std::string topic;
    bool subscribe = true;
    bool operator==(const Subscription&) const = default;
};
struct IHave {
    std::string topic;
    std::vector<MessageId> ids;
    bool operator==(const IHave&) const = default;
};
/// A peer that a PRUNE names, with its signed record as it came.
struct ExchangedPeer {
    crypto::PeerId peer;
    Bytes record;
    bool operator==(const ExchangedPeer&) const = default;
};
struct Prune {
    std::string topic;
    std::vector<ExchangedPeer> peers;
    std::optional<uint64_t> backoffSeconds;
    bool operator==(const Prune&) const = default;
};

/// All that one RPC says (libp2p/specs gossipsub v1.2, "Protobuf").
struct Rpc {
    std::vector<Subscription> subscriptions;
    std::vector<Message> messages;
    std::vector<IHave> ihave;
    std::vector<MessageId> iwant;
    std::vector<std::string> graft;
    std::vector<Prune> prune;
    std::vector<MessageId> dontWant;
    bool operator==(const Rpc&) const = default;

    bool empty() const { return *this == Rpc(); }
};

/// Errors: Malformed; TooLarge above a bound of gossipsub_limits.h. Topics and ids that are empty or too long, peers
/// that are none and records that are too long are left out; a message that is malformed fails the whole.
Result<Rpc> decodeRpc(ByteView in);
Bytes encodeRpc(const Rpc& rpc);
/// What reading an RPC of so many bytes costs, in items (kItemTime), signatures apart: one at least, for it may be
/// empty.
size_t itemsOf(const Rpc& rpc, size_t bytes);

/// The frame of an RPC that holds only this message, which is not copied: length, header, message.
Slices messageFrame(const Slice& encodedMessage);
/// The frame of any other.
Slices rpcFrame(const Rpc& rpc);

} // namespace wherry::gossipsub
