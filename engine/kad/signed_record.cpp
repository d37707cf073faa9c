#include "kad/signed_record.h"

#include "crypto/envelope.h"
#include "crypto/sha256.h"
#include "wire/decode.h"
#include "wire/kad.pb.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace wherry::kad {

namespace {
constexpr std::string_view kDomain = "wherry-kad-record";
constexpr std::string_view kPayloadType = "/wherry/kad/record";
constexpr std::string_view kWorkLabel = "wherry-kad-work";
constexpr std::string_view kOwnLabel = "wherry-kad-own";
constexpr int64_t kMaxTtlSeconds = std::chrono::duration_cast<std::chrono::seconds>(kMaxTtl).count();
constexpr int64_t kSkewSeconds = std::chrono::duration_cast<std::chrono::seconds>(kMaxClockSkew).count();

crypto::EnvelopeKind kind() {
    return {kDomain, asBytes(kPayloadType)};
}

/// What is hashed with each nonce: its last eight bytes are the nonce.
Bytes workText(ByteView envelope) {
    Bytes text = toBytes(asBytes(kWorkLabel));
    append(text, crypto::sha256(envelope));
    text.resize(text.size() + 8);
    return text;
}

unsigned workOfText(Bytes& text, uint64_t nonce) {
    putBigEndian<uint64_t>(MutableBytes(text).last(8), nonce);
    return commonPrefix(Key::of(text), Key());
}

/// Every number is bounded before it is added to another (SECURITY D6).
Result<UnixTime> expiryOf(const wire::KadSignedRecord& record, Now now) {
    const auto nowSeconds = static_cast<uint64_t>(std::max<int64_t>(now.wall.seconds(), 0));
    if (record.version() > highestVersion(now)) return makeError(Errc::InvalidArgument, "kad record: version");
    if (record.ttl() == 0 || record.ttl() > static_cast<uint64_t>(kMaxTtlSeconds))
        return makeError(Errc::InvalidArgument, "kad record: ttl");
    if (record.issued() > nowSeconds + static_cast<uint64_t>(kSkewSeconds))
        return makeError(Errc::InvalidArgument, "kad record: from the future");
    if (record.issued() + record.ttl() <= nowSeconds) return makeError(Errc::InvalidArgument, "kad record: expired");
    return UnixTime::fromSeconds(static_cast<int64_t>(record.issued() + record.ttl()));
}

Result<std::optional<Key>> openKeyOf(const wire::KadSignedRecord& record, const Key& key,
                                     const crypto::PeerId& publisher) {
    std::optional<Key> open;
    if (!record.has_open_key()) return open;
    if (record.open_key().size() != open.emplace().bits.size())
        return makeError(Errc::Malformed, "kad record: a key that has not 32 bytes");
    std::ranges::copy(asBytes(record.open_key()), open->bits.begin());
    if (ownKey(publisher, *open) != key) return makeError(Errc::VerificationFailed, "kad record: somebody else's key");
    return open;
}
} // namespace

Key ownKey(const crypto::PeerId& publisher, const Key& openKey) {
    Bytes text = toBytes(asBytes(kOwnLabel));
    append(text, publisher.multihash());
    append(text, openKey.bits);
    return Key::of(text);
}

uint64_t highestVersion(Now now) {
    const int64_t millis = std::max<int64_t>(now.wall.nanoseconds, 0) / (1'000'000'000 / kVersionsPerSecond);
    return static_cast<uint64_t>(millis + kSkewSeconds * kVersionsPerSecond);
}

Bytes sealRecord(const crypto::Identity& publisher, const SignedRecord& record) {
    ASSERT(record.content.size() <= kMaxContentBytes);
    ASSERT(record.issued >= 0 && record.ttl > 0 && record.ttl <= kMaxTtlSeconds);
    wire::KadSignedRecord out;
    out.mutable_key()->assign(asText(record.key.bits));
    out.mutable_value()->assign(asText(record.content));
    out.set_version(record.version);
    out.set_issued(static_cast<uint64_t>(record.issued));
    out.set_ttl(static_cast<uint64_t>(record.ttl));
    if (record.openKey) out.mutable_open_key()->assign(asText(record.openKey->bits));
    return crypto::sealEnvelope(publisher, kind(), wire::encode(out));
}

unsigned workOf(ByteView envelope, uint64_t nonce) {
    Bytes text = workText(envelope);
    return workOfText(text, nonce);
}

std::optional<uint64_t> findWork(ByteView envelope, unsigned bits, uint64_t from, uint64_t tries) {
    Bytes text = workText(envelope);
    for (uint64_t i = 0; i < tries; ++i)
        if (workOfText(text, from + i) >= bits) return from + i;
    return std::nullopt;
}

Bytes withWork(ByteView envelope, uint64_t nonce) {
    wire::KadWorkedRecord out;
    out.mutable_envelope()->assign(asText(envelope));
    out.set_nonce(nonce);
    return wire::encode(out);
}

Result<OpenedRecord> openRecord(ByteView value, const Key& key, unsigned minBits, Now now) {
    TRY(const auto worked,
        wire::decode<wire::KadWorkedRecord>(value, {"worked kad record", kMaxValueBytes, kRecordFields}));
    const ByteView envelope = asBytes(worked.envelope());
    OpenedRecord out;
    out.workBits = workOf(envelope, worked.nonce());
    if (out.workBits < minBits)
        return makeError(Errc::PermissionDenied, "kad record: " + std::to_string(minBits) + " bits of work are due");
    const std::array kinds = {kind()};
    TRY(const auto opened, crypto::openEnvelope(envelope, kinds));
    TRY(const auto record,
        wire::decode<wire::KadSignedRecord>(opened.payload, {"kad record", kMaxValueBytes, kRecordFields}));
    if (!equal(asBytes(record.key()), key.bits)) return makeError(Errc::Malformed, "kad record: another key");
    if (record.value().size() > kMaxContentBytes) return makeError(Errc::TooLarge, "kad record: content");
    TRY(out.expires, expiryOf(record, now));
    out.publisher = opened.signer.peerId();
    TRY(const auto open, openKeyOf(record, key, out.publisher));
    out.record = {key,
                  toBytes(asBytes(record.value())),
                  record.version(),
                  static_cast<int64_t>(record.issued()),
                  static_cast<int64_t>(record.ttl()),
                  open};
    return out;
}

} // namespace wherry::kad
