#include "protocols/relay/voucher.h"

#include "crypto/envelope.h"
#include "protocols/relay/relay_limits.h"
#include "wire/decode.h"
#include "wire/relay.pb.h"

namespace wherry::relay {

static constexpr uint8_t kPayloadType[] = {0x03, 0x02};

static crypto::EnvelopeKind kind() {
    return {"libp2p-relay-rsvp", kPayloadType};
}

Bytes sealVoucher(const crypto::Identity& relay, const crypto::PeerId& peer, uint64_t expiration) {
    wire::RelayVoucher voucher;
    voucher.mutable_relay()->assign(asText(relay.peerId().multihash()));
    voucher.mutable_peer()->assign(asText(peer.multihash()));
    voucher.set_expiration(expiration);
    return crypto::sealEnvelope(relay, kind(), wire::encode(voucher));
}

Result<Voucher> openVoucher(ByteView envelope) {
    const crypto::EnvelopeKind kinds[] = {kind()};
    TRY(const crypto::OpenedEnvelope opened, crypto::openEnvelope(envelope, kinds));
    TRY(const auto message,
        wire::decode<wire::RelayVoucher>(opened.payload, {"relay voucher", kMaxMessageBytes, kMaxFields}));
    Voucher voucher{opened.signer.peerId(), {}, message.expiration()};
    if (!equal(voucher.relay.multihash(), asBytes(message.relay())))
        return makeError(Errc::VerificationFailed, "relay voucher signed by another peer than its relay");
    TRY(voucher.peer, crypto::PeerId::fromMultihash(asBytes(message.peer())));
    return voucher;
}

} // namespace wherry::relay
