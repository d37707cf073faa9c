#include "codec/cid.h"

#include "codec/base58.h"
#include "codec/multibase.h"
#include "codec/multihash.h"
#include "codec/varint.h"

namespace wherry::codec {

Result<Cid> decodeCid(ByteView in) {
    TRY(const Varint version, requireVarint(in));
    if (version.value != 1) return makeError(Errc::Malformed, "CID is not of version 1");
    in = in.subspan(version.length);
    TRY(const Varint codec, requireVarint(in));
    in = in.subspan(codec.length);
    TRY(const Multihash checked, decodeMultihash(in));
    return Cid{codec.value, encodeMultihash(checked.code, checked.digest)};
}

Bytes encodeCid(const Cid& cid) {
    Bytes out;
    appendVarint(out, 1);
    appendVarint(out, cid.codec);
    append(out, cid.multihash);
    return out;
}

Result<Cid> parseCid(std::string_view text) {
    if (text.starts_with("Qm")) {
        TRY(Bytes multihash, decodeBase58(text));
        TRY(const Multihash checked, decodeMultihash(multihash));
        if (checked.code != kHashSha256 || checked.digest.size() != 32)
            return makeError(Errc::InvalidArgument, "CIDv0 is not a SHA-256 multihash");
        return Cid{kCodecDagPb, std::move(multihash)};
    }
    TRY(const Bytes binary, decodeMultibase(text));
    return decodeCid(binary);
}

std::string cidText(const Cid& cid) {
    return encodeMultibase(Multibase::Base32, encodeCid(cid));
}

} // namespace wherry::codec
