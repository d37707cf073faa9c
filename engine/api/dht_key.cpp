#include "api/dht_key.h"

#include "api/target.h"
#include "codec/cid.h"
#include "codec/multihash.h"
#include "crypto/sha256.h"

#include <algorithm>

namespace wherry::api {

namespace {

constexpr size_t kKeyDigits = 64;
constexpr size_t kMaxProtocolName = 64;

Result<Bytes> peerKey(std::string_view text) {
    TRY(const Target target, parseTarget(text));
    if (target.peer.empty()) return makeError(Errc::InvalidArgument, "not a peer id or registry key");
    return toBytes(target.peer.multihash());
}

Bytes hashed(std::string_view text) {
    const auto digest = crypto::sha256(asBytes(text));
    return {digest.begin(), digest.end()};
}

Bytes ownValueKey(std::string_view text) {
    if (text.size() == kKeyDigits)
        if (Bytes key = fromHex(text); !key.empty()) return key;
    return hashed(text);
}

Result<Bytes> namespacedKey(std::string_view text) {
    const size_t slash = text.starts_with('/') ? text.find('/', 1) : text.npos;
    if (slash == text.npos || slash + 1 == text.size())
        return makeError(Errc::InvalidArgument, "a key of this network begins with its namespace, as in /pk/ID");
    const std::string_view space = text.substr(0, slash + 1);
    Bytes key = toBytes(asBytes(text));
    if (space != "/pk/" && space != "/ipns/") return key;
    TRY(const Bytes id, peerKey(text.substr(slash + 1)));
    key.assign(space.begin(), space.end());
    append(key, id);
    return key;
}

Bytes contentKey(std::string_view text) {
    if (auto cid = codec::parseCid(text)) return std::move(cid->multihash);
    return codec::encodeMultihash(codec::kHashSha256, hashed(text));
}

Bytes placeKey(std::string_view text) {
    if (const auto peer = PeerId::parse(text)) return toBytes(peer->multihash());
    if (auto cid = codec::parseCid(text)) return std::move(cid->multihash);
    return toBytes(asBytes(text));
}

} // namespace

Result<std::vector<uint8_t>> dhtKey(DhtAction action, std::string_view protocol, std::string_view text) {
    if (text.empty()) return makeError(Errc::InvalidArgument, "it is empty");
    switch (action) {
    case DhtAction::Peer:
        return peerKey(text);
    case DhtAction::Get:
    case DhtAction::Put:
        return protocol == kad::kOwnProtocolId ? Result<Bytes>(ownValueKey(text)) : namespacedKey(text);
    case DhtAction::Provide:
    case DhtAction::Providers:
        return contentKey(text);
    case DhtAction::Closest:
        break;
    }
    return placeKey(text);
}

bool isProtocolName(std::string_view text) {
    return text.size() >= 2 && text.size() <= kMaxProtocolName && text.front() == '/' &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

} // namespace wherry::api
