#include "bytepipe/noise_payload.h"

#include "bytepipe/bytepipe_limits.h"
#include "crypto/crypto_limits.h"
#include "crypto/public_key.h"
#include "wire/decode.h"
#include "wire/noise.pb.h"

namespace wherry::bytepipe {

namespace {

constexpr std::string_view kSignaturePrefix = "noise-libp2p-static-key:";
constexpr uint32_t kExtensionsField = 4;

Bytes signedText(const crypto::X25519Public& staticKey) {
    Bytes text = toBytes(asBytes(kSignaturePrefix));
    append(text, staticKey);
    return text;
}

} // namespace

Bytes makeNoisePayload(const crypto::Identity& identity, const crypto::X25519Public& staticKey,
                       std::span<const std::string> muxers) {
    const Bytes key = crypto::PublicKey::ofEd25519(identity.publicKey()).encode();
    const crypto::Ed25519Signature signature = identity.sign(signedText(staticKey));
    wire::NoiseHandshakePayload message;
    message.set_identity_key(key.data(), key.size());
    message.set_identity_sig(signature.data(), signature.size());
    for (const std::string& muxer : muxers) message.mutable_extensions()->add_stream_muxers(muxer);
    return wire::encode(message);
}

Result<NoisePayload> readNoisePayload(ByteView payload, const crypto::X25519Public& staticKey) {
    TRY(auto message, wire::decode<wire::NoiseHandshakePayload>(payload, {.what = "Noise handshake payload",
                                                                          .maxBytes = kMaxNoisePayload,
                                                                          .maxFields = kMaxNoisePayloadFields,
                                                                          .nested = std::span(&kExtensionsField, 1)}));
    if (!message.has_identity_key() || !message.has_identity_sig())
        return makeError(Errc::Malformed, "a Noise handshake without a host key");
    if (message.identity_sig().size() > crypto::kMaxSignatureBytes)
        return makeError(Errc::TooLarge, "the signature in a Noise handshake");
    TRY(auto key, crypto::PublicKey::decode(asBytes(message.identity_key())));
    if (!key.verify(signedText(staticKey), asBytes(message.identity_sig())))
        return makeError(Errc::VerificationFailed, "the host signature in a Noise handshake");
    NoisePayload out;
    out.peer = {key.peerId(), toBytes(asBytes(message.identity_key()))};
    for (const std::string& muxer : message.extensions().stream_muxers()) out.muxers.push_back(muxer);
    return out;
}

} // namespace wherry::bytepipe
