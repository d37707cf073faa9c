#include "kad/ipns_record.h"

#include "codec/cbor_map.h"
#include "crypto/public_key.h"
#include "kad/kad_limits.h"
#include "kad/message.h"
#include "wire/decode.h"
#include "wire/ipns.pb.h"

namespace wherry::kad {

namespace {
constexpr std::string_view kDomain = "ipns-signature:";
constexpr uint8_t kIdentityHash = 0x00;

Error wrong(Errc code, const char* what) {
    return makeError(code, std::string("IPNS record: ") + what);
}

/// Of the record, or, where a name is its key and not only the hash of it, of the name.
Result<crypto::PublicKey> keyOf(const wire::IpnsEntry& entry, const crypto::PeerId& name) {
    const ByteView multihash = name.multihash();
    const bool inlined = multihash.size() > 2 && multihash[0] == kIdentityHash;
    if (!entry.has_pub_key() && !inlined) return wrong(Errc::Malformed, "no key");
    TRY(auto key, crypto::PublicKey::decode(entry.has_pub_key() ? asBytes(entry.pub_key()) : multihash.subspan(2)));
    if (key.peerId() != name) return wrong(Errc::VerificationFailed, "the key of another name");
    return key;
}

struct Signed {
    Bytes value, validity;
    uint64_t validityType = 0, sequence = 0, ttl = 0;
};
Result<Signed> signedIn(ByteView data) {
    TRY(auto map, codec::decodeCborMap(data));
    Signed out;
    const auto bytes = [&](std::string_view name, Bytes& to) {
        const auto found = map.bytes.find(name);
        if (found == map.bytes.end()) return false;
        to = std::move(found->second);
        return true;
    };
    const auto number = [&](std::string_view name, uint64_t& to) {
        const auto found = map.numbers.find(name);
        if (found == map.numbers.end()) return false;
        to = found->second;
        return true;
    };
    if (!bytes("Value", out.value) || !bytes("Validity", out.validity) || !number("ValidityType", out.validityType) ||
        !number("Sequence", out.sequence) || !number("TTL", out.ttl))
        return wrong(Errc::Malformed, "a field is missing");
    return out;
}

/// Old readers look at these, so that they must not see anything else.
bool copiesAgree(const wire::IpnsEntry& entry, const Signed& real) {
    if (!entry.has_signature_v1() && !entry.has_value()) return true;
    return equal(asBytes(entry.value()), real.value) && equal(asBytes(entry.validity()), real.validity) &&
           entry.validity_type() == real.validityType && entry.sequence() == real.sequence && entry.ttl() == real.ttl;
}
} // namespace

Result<IpnsRecord> openIpnsRecord(ByteView value, const crypto::PeerId& name, Now now) {
    TRY(const auto entry, wire::decode<wire::IpnsEntry>(value, {"IPNS record", kMaxValueBytes, kRecordFields}));
    if (entry.signature_v2().empty() || entry.data().empty()) return wrong(Errc::Malformed, "not of version 2");
    TRY(const auto key, keyOf(entry, name));
    TRY(auto real, signedIn(asBytes(entry.data())));
    Bytes text = toBytes(asBytes(kDomain));
    append(text, asBytes(entry.data()));
    if (!key.verify(text, asBytes(entry.signature_v2()))) return wrong(Errc::VerificationFailed, "its signature");
    if (!copiesAgree(entry, real)) return wrong(Errc::VerificationFailed, "what old readers see is not what is signed");
    if (real.validityType != 0) return wrong(Errc::Unsupported, "its kind of validity");
    TRY(const UnixTime validity, parseRfc3339(asText(real.validity)));
    if (validity <= now.wall) return wrong(Errc::InvalidArgument, "expired");
    return IpnsRecord{std::move(real.value), real.sequence, validity};
}

} // namespace wherry::kad
