#include "protocols/gossipsub/message.h"

#include "codec/multihash.h"
#include "crypto/sha256.h"
#include "protocols/gossipsub/gossipsub_limits.h"
#include "wire/decode.h"
#include "wire/pubsub.pb.h"

#include <algorithm>

namespace wherry::gossipsub {

namespace {
constexpr std::string_view kSignedPrefix = "libp2p-pubsub:";

wire::PubsubMessage unsignedForm(const Message& message) {
    wire::PubsubMessage out;
    if (message.from) out.mutable_from()->assign(asText(*message.from));
    if (message.data) out.mutable_data()->assign(asText(*message.data));
    if (message.seqno) out.mutable_seqno()->assign(asText(*message.seqno));
    out.mutable_topic()->assign(message.topic);
    return out;
}

std::optional<Bytes> present(bool has, const std::string& value) {
    return has ? std::optional(toBytes(asBytes(value))) : std::nullopt;
}

/// A peer id of a short key holds it whole, behind two bytes: the code of the hash that is none, and the length.
Result<crypto::PublicKey> keyInside(ByteView peerId) {
    if (peerId.size() < 2 || peerId[0] != 0) return makeError(Errc::Malformed, "pubsub: a message without its key");
    return crypto::PublicKey::decode(peerId.subspan(2));
}
} // namespace

Result<Message> decodeGossip(ByteView in) {
    TRY(const auto wired, wire::decode<wire::PubsubMessage>(in, {"pubsub message", kMaxRpcBytes, kSmallFields}));
    if (wired.topic().empty() || wired.topic().size() > kMaxTopicBytes)
        return makeError(Errc::Malformed, "pubsub: the topic of a message");
    Message out;
    out.from = present(wired.has_from(), wired.from());
    out.data = present(wired.has_data(), wired.data());
    out.seqno = present(wired.has_seqno(), wired.seqno());
    out.topic = wired.topic();
    out.signature = present(wired.has_signature(), wired.signature());
    out.key = present(wired.has_key(), wired.key());
    return out;
}

Bytes encodeGossip(const Message& message) {
    wire::PubsubMessage out = unsignedForm(message);
    if (message.signature) out.mutable_signature()->assign(asText(*message.signature));
    if (message.key) out.mutable_key()->assign(asText(*message.key));
    return wire::encode(out);
}

Bytes signedText(const Message& message) {
    Bytes text = toBytes(asBytes(kSignedPrefix));
    append(text, wire::encode(unsignedForm(message)));
    return text;
}

void signMessage(Message& message, const crypto::Identity& author, uint64_t seqno) {
    message.from = toBytes(author.peerId().multihash());
    message.seqno.emplace(kSeqnoBytes);
    putBigEndian(MutableBytes(*message.seqno), seqno);
    message.key.reset();
    message.signature = toBytes(author.sign(signedText(message)));
}

uint64_t numberAt(Now now) {
    return static_cast<uint64_t>(std::max<int64_t>(now.wall.nanoseconds, 0));
}

bool verifySignature(const crypto::PublicKey& key, ByteView text, ByteView signature) {
    return key.verify(text, signature);
}

Result<crypto::PublicKey> authorKey(const Message& message) {
    if (!message.from || !message.seqno || !message.signature)
        return makeError(Errc::Malformed, "pubsub: a message that nobody has signed");
    if (message.seqno->size() != kSeqnoBytes) return makeError(Errc::Malformed, "pubsub: the number of a message");
    TRY(const auto author, crypto::PeerId::fromMultihash(*message.from));
    if (!message.key || message.key->empty()) return keyInside(*message.from);
    TRY(auto key, crypto::PublicKey::decode(*message.key));
    if (key.peerId() != author)
        return makeError(Errc::VerificationFailed, "pubsub: a message with the key of somebody else");
    return key;
}

crypto::PeerId authorOf(const Message& message) {
    return message.from ? crypto::PeerId::fromMultihash(*message.from).value_or({}) : crypto::PeerId();
}

MessageId idFromAuthor(const Message& message) {
    MessageId id = message.from.value_or(Bytes());
    append(id, message.seqno.value_or(Bytes()));
    return id;
}

MessageId idFromKey(const Message& message) {
    MessageId id;
    if (message.key && !message.key->empty())
        id = *message.key;
    else if (message.from && message.from->size() > 2)
        append(id, ByteView(*message.from).subspan(2));
    append(id, message.seqno.value_or(Bytes()));
    return id;
}

MessageId idFromContent(const Message& message) {
    const auto digest = crypto::sha256(message.content());
    return MessageId(digest.begin(), digest.end());
}

} // namespace wherry::gossipsub
