#include "crypto/peer_record.h"

#include "crypto/crypto_limits.h"
#include "crypto/envelope.h"
#include "wire/decode.h"
#include "wire/envelope.pb.h"

namespace wherry::crypto {

namespace {

constexpr uint8_t kPayloadType[] = {0x03, 0x01};
constexpr std::string_view kOldPayloadType = "/libp2p/routing-state-record";
/// For each address a message with one field; peer id, number, and some that later versions may add.
constexpr size_t kRecordFields = 2 * kMaxRecordAddresses + 8;
constexpr uint32_t kAddressesField[] = {wire::PeerRecord::kAddressesFieldNumber};

EnvelopeKind presentKind() {
    return {"libp2p-peer-record", kPayloadType};
}

EnvelopeKind oldKind() {
    return {"libp2p-routing-state", asBytes(kOldPayloadType)};
}

} // namespace

Bytes sealPeerRecord(const Identity& signer, uint64_t seq, std::span<const codec::Multiaddr> addresses) {
    ASSERT(addresses.size() <= kMaxRecordAddresses);
    wire::PeerRecord record;
    record.mutable_peer_id()->assign(asText(signer.peerId().multihash()));
    record.set_seq(seq);
    for (const codec::Multiaddr& address : addresses)
        record.add_addresses()->mutable_multiaddr()->assign(asText(address.encode()));
    return sealEnvelope(signer, presentKind(), wire::encode(record));
}

Result<PeerRecord> openPeerRecord(ByteView envelope) {
    const EnvelopeKind kinds[] = {presentKind(), oldKind()};
    TRY(const OpenedEnvelope opened, openEnvelope(envelope, kinds));
    TRY(const auto message, wire::decode<wire::PeerRecord>(
                                opened.payload, {"peer record", kMaxEnvelopeBytes, kRecordFields, kAddressesField}));
    if (static_cast<size_t>(message.addresses_size()) > kMaxRecordAddresses)
        return makeError(Errc::TooLarge, "peer record with more than 64 addresses");
    PeerRecord record{opened.signer.peerId(), message.seq(), {}, true};
    if (!equal(record.peer.multihash(), asBytes(message.peer_id())))
        return makeError(Errc::VerificationFailed, "peer record signed by another peer");
    for (const auto& info : message.addresses()) {
        auto address = codec::Multiaddr::decode(asBytes(info.multiaddr()));
        if (address)
            record.addresses.push_back(std::move(*address));
        else
            record.whole = false;
    }
    return record;
}

} // namespace wherry::crypto
