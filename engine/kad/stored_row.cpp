#include "kad/stored_row.h"

namespace wherry::kad {

namespace {
/// The second byte of a key behind its network.
enum class Kind : uint8_t { Record = 1, Provider = 2 };

/// No key is the beginning of another: lengths come first, and a multihash has its own.
Bytes rowKey(const Bytes& prefix, Kind kind, const Bytes& key, const crypto::PeerId& peer) {
    Bytes out = prefix;
    out.push_back(static_cast<uint8_t>(kind));
    out.push_back(static_cast<uint8_t>(key.size()));
    append(out, key);
    append(out, peer.multihash());
    return out;
}
} // namespace

Bytes rowPrefix(std::string_view protocolId) {
    Bytes prefix = toBytes(asBytes(protocolId));
    prefix.push_back(0);
    return prefix;
}

StorePut recordRow(const Bytes& prefix, const ValidRecord& valid, const crypto::PeerId& from) {
    Message row;
    row.type = MessageType::PutValue;
    row.key = valid.record.key;
    row.record = valid.record;
    row.providerPeers = {{from, {}, Connection::NotConnected}};
    return {Space::Dht, rowKey(prefix, Kind::Record, row.key, valid.publisher), encodeMessage(row), valid.expires};
}

StoreErase recordErased(const Bytes& prefix, const Bytes& key, const crypto::PeerId& publisher) {
    return {Space::Dht, rowKey(prefix, Kind::Record, key, publisher)};
}

StorePut providerRow(const Bytes& prefix, const Bytes& key, const PeerEntry& provider, UnixTime expires, Now now) {
    Message row;
    row.type = MessageType::AddProvider;
    row.key = key;
    row.record = Record{key, {}, rfc3339(now.wall)};
    row.providerPeers = {provider};
    return {Space::Dht, rowKey(prefix, Kind::Provider, key, provider.peer), encodeMessage(row), expires};
}

} // namespace wherry::kad
