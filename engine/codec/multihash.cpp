#include "codec/multihash.h"

#include "codec/base58.h"
#include "codec/cid.h"
#include "codec/codec_limits.h"
#include "codec/varint.h"

namespace wherry::codec {

Result<Multihash> decodeMultihash(ByteView in) {
    TRY(const Varint code, requireVarint(in));
    in = in.subspan(code.length);
    TRY(const Varint length, requireVarint(in));
    in = in.subspan(length.length);
    if (length.value > kMaxDigestBytes) return makeError(Errc::TooLarge, "multihash digest of more than 64 bytes");
    if (in.size() != length.value) return makeError(Errc::Malformed, "multihash length does not match its digest");
    return Multihash{code.value, toBytes(in)};
}

Bytes encodeMultihash(uint64_t code, ByteView digest) {
    ASSERT(digest.size() <= kMaxDigestBytes);
    Bytes out;
    appendVarint(out, code);
    appendVarint(out, digest.size());
    append(out, digest);
    return out;
}

bool isPeerMultihash(ByteView in) {
    if (in.size() < 2 || in[1] != in.size() - 2) return false;
    const ByteView digest = in.subspan(2);
    if (in[0] == kHashSha256) return digest.size() == 32;
    // PublicKey{type, data} in its one encoding: without this check many a cut peer id would pass for another.
    return in[0] == kHashIdentity && digest.size() > 4 && digest.size() <= kMaxInlineKeyBytes && digest[0] == 0x08 &&
           digest[1] < 0x80 && digest[2] == 0x12 && digest[3] == digest.size() - 4;
}

Result<Bytes> parsePeerMultihash(std::string_view text) {
    const bool isBase58 = text.starts_with('1') || text.starts_with("Qm");
    Bytes multihash;
    if (isBase58) {
        TRY(multihash, decodeBase58(text));
    } else {
        TRY(Cid cid, parseCid(text));
        if (cid.codec != kCodecLibp2pKey) return makeError(Errc::InvalidArgument, "CID is not that of a libp2p key");
        multihash = std::move(cid.multihash);
    }
    if (!isPeerMultihash(multihash)) return makeError(Errc::InvalidArgument, "not a peer id");
    return multihash;
}

} // namespace wherry::codec
