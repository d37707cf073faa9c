#include "kad/validator.h"

#include "crypto/public_key.h"
#include "kad/ipns_record.h"
#include "kad/signed_record.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace wherry::kad {

namespace {
constexpr std::string_view kPkPrefix = "/pk/";
constexpr std::string_view kIpnsPrefix = "/ipns/";

Result<ValidRecord> validateKey(const Record& record, const crypto::PeerId& named, UnixTime keptUntil) {
    TRY(const auto publicKey, crypto::PublicKey::decode(record.value));
    if (publicKey.peerId() != named) return makeError(Errc::VerificationFailed, "kad: the key of another peer");
    return ValidRecord{record, {}, 0, keptUntil};
}

Result<ValidRecord> validateName(const Record& record, const crypto::PeerId& named, UnixTime keptUntil, Now now) {
    TRY(const auto opened, openIpnsRecord(record.value, named, now));
    return ValidRecord{record, named, opened.sequence, std::min(opened.validity, keptUntil), opened.validity};
}
} // namespace

bool isBetter(const ValidRecord& a, const ValidRecord& b) {
    return std::tie(a.own, a.version, a.publisher, a.validity) > std::tie(b.own, b.version, b.publisher, b.validity);
}

Result<ValidRecord> IpfsValidator::validate(const Record& record, unsigned, Now now) const {
    const std::string_view key = asText(record.key);
    const bool isName = key.starts_with(kIpnsPrefix);
    if (!isName && !key.starts_with(kPkPrefix))
        return makeError(Errc::Unsupported, "kad: a namespace without validator");
    TRY(const auto named,
        crypto::PeerId::fromMultihash(asBytes(key.substr(isName ? kIpnsPrefix.size() : kPkPrefix.size()))));
    const UnixTime keptUntil{now.wall.nanoseconds + kIpfsValueTtl.count()};
    return isName ? validateName(record, named, keptUntil, now) : validateKey(record, named, keptUntil);
}

Result<ValidRecord> OwnValidator::validate(const Record& record, unsigned workBits, Now now) const {
    Key key;
    if (record.key.size() != key.bits.size()) return makeError(Errc::Malformed, "kad: a key that has not 32 bytes");
    std::ranges::copy(record.key, key.bits.begin());
    TRY(auto opened, openRecord(record.value, key, workBits, now));
    const bool own = opened.record.openKey.has_value();
    return ValidRecord{
        record, opened.publisher, opened.record.version, opened.expires, {}, std::move(opened.record.content), own};
}

} // namespace wherry::kad
