#include "crypto/envelope.h"

#include "codec/frame.h"
#include "crypto/crypto_limits.h"
#include "wire/decode.h"
#include "wire/envelope.pb.h"

#include <algorithm>

namespace wherry::crypto {

namespace {

/// Key, type, payload, signature, and some that later versions may add.
constexpr size_t kEnvelopeFields = 8;

Bytes signedEnvelopeText(const EnvelopeKind& kind, ByteView payload) {
    Bytes text;
    codec::appendFrame(text, asBytes(kind.domain));
    codec::appendFrame(text, kind.payloadType);
    codec::appendFrame(text, payload);
    return text;
}

void assign(std::string* field, ByteView bytes) {
    field->assign(asText(bytes));
}

} // namespace

Bytes sealEnvelope(const Identity& signer, const EnvelopeKind& kind, ByteView payload) {
    wire::Envelope message;
    assign(message.mutable_public_key(), PublicKey::ofEd25519(signer.publicKey()).encode());
    assign(message.mutable_payload_type(), kind.payloadType);
    assign(message.mutable_payload(), payload);
    assign(message.mutable_signature(), signer.sign(signedEnvelopeText(kind, payload)));
    return wire::encode(message);
}

Result<OpenedEnvelope> openEnvelope(ByteView envelope, std::span<const EnvelopeKind> kinds) {
    TRY(const auto message, wire::decode<wire::Envelope>(envelope, {"envelope", kMaxEnvelopeBytes, kEnvelopeFields}));
    const ByteView payload = asBytes(message.payload());
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const EnvelopeKind& offered) {
        return equal(offered.payloadType, asBytes(message.payload_type()));
    });
    if (kind == kinds.end()) return makeError(Errc::Unsupported, "envelope of another payload type");
    TRY(PublicKey signer, PublicKey::decode(asBytes(message.public_key())));
    if (!signer.verify(signedEnvelopeText(*kind, payload), asBytes(message.signature())))
        return makeError(Errc::VerificationFailed, "envelope with a bad signature");
    return OpenedEnvelope{std::move(signer), toBytes(payload), static_cast<size_t>(kind - kinds.begin())};
}

} // namespace wherry::crypto
