#include "crypto/peer_id.h"

#include "codec/base58.h"
#include "codec/multihash.h"

#include <algorithm>

namespace wherry::crypto {

Result<PeerId> PeerId::fromMultihash(ByteView multihash) {
    if (!codec::isPeerMultihash(multihash)) return makeError(Errc::Malformed, "not a peer id");
    PeerId id;
    std::copy(multihash.begin(), multihash.end(), id.m_bytes.begin());
    id.m_length = static_cast<uint8_t>(multihash.size());
    return id;
}

Result<PeerId> PeerId::parse(std::string_view text) {
    TRY(const Bytes multihash, codec::parsePeerMultihash(text));
    return fromMultihash(multihash);
}

std::string PeerId::text() const {
    return codec::encodeBase58(multihash());
}

std::string PeerId::shortText() const {
    const std::string full = text();
    return full.size() > 6 ? full.substr(full.size() - 6) : full;
}

} // namespace wherry::crypto

size_t std::hash<wherry::crypto::PeerId>::operator()(const wherry::crypto::PeerId& id) const {
    return std::hash<std::string_view>()(wherry::asText(id.multihash()));
}
