#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "kad/kad_limits.h"

#include <optional>
#include <string>
#include <vector>

namespace wherry::kad {

/// Message.MessageType (libp2p/specs kad-dht, "RPC messages").
enum class MessageType : uint8_t {
    PutValue = 0,
    GetValue = 1,
    AddProvider = 2,
    GetProviders = 3,
    FindNode = 4,
    Ping = 5
};
/// Message.ConnectionType, as the sender of the message sees that peer.
enum class Connection : uint8_t { NotConnected = 0, Connected = 1, CanConnect = 2, CannotConnect = 3 };

/// Message.Peer: hearsay, unless it is about the sender itself.
struct PeerEntry {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses; ///< without the peer's own /p2p
    Connection connection = Connection::NotConnected;
    bool operator==(const PeerEntry&) const = default;
};
/// Record: on /ipfs/kad/1.0.0 what the key's namespace says, on /wherry/kad/1.0.0 a signed and worked record.
struct Record {
    Bytes key;
    Bytes value;
    std::string timeReceived; ///< RFC 3339; raw text of the peer
    bool operator==(const Record&) const = default;
};
struct Message {
    MessageType type = MessageType::Ping;
    Bytes key;
    std::optional<Record> record;
    std::vector<PeerEntry> closerPeers;
    std::vector<PeerEntry> providerPeers;
    std::optional<uint32_t> workBits; ///< /wherry/kad/1.0.0, in answers
    bool operator==(const Message&) const = default;
};

/// One Message, without its length (libp2p/specs kad-dht, "RPC messages"). At most kMaxSentBytes: addresses are left
/// out first, evenly, then peers from the end of the lists, whose best come first. Key and record are within their
/// bounds (a bug of the caller otherwise).
Bytes encodeMessage(const Message& message);

/// Malformed: no message, an unknown type, or a record about another key than the message. TooLarge: bytes, fields,
/// key or record. Peers and addresses that do not parse, that name another peer, or that are too many are dropped,
/// never the message.
Result<Message> decodeMessage(ByteView in);

/// The time of receipt as js and go write it: "2026-01-02T03:04:05.678000000Z" (RFC 3339). A time before 1970
/// becomes 1970.
std::string rfc3339(UnixTime time);
/// As above with up to nine digits of fraction, Z or an offset; moments that a UnixTime cannot hold become its last or
/// first. Malformed: anything else.
Result<UnixTime> parseRfc3339(std::string_view text);

} // namespace wherry::kad
