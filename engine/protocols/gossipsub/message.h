#pragma once

#include "base/block.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"

#include <functional>
#include <optional>
#include <string>

namespace wherry::gossipsub {

using MessageId = Bytes;

/// A message as it travels (libp2p/specs pubsub, "The Message"). What is absent on the wire is nullopt.
struct Message {
    std::optional<Bytes> from; ///< the author's peer id, binary
    std::optional<Bytes> data;
    std::optional<Bytes> seqno;
    std::string topic;
    std::optional<Bytes> signature;
    std::optional<Bytes> key;
    bool operator==(const Message&) const = default;

    ByteView content() const { return data ? ByteView(*data) : ByteView(); }
};

/// Errors: Malformed, TooLarge.
Result<Message> decodeGossip(ByteView in);
Bytes encodeGossip(const Message& message);

/// Makes the message `author`'s own. `seqno` grows with each.
void signMessage(Message& message, const crypto::Identity& author, uint64_t seqno);
/// What it is at least. It follows the clock: where that was wrong when a run began, the numbers are above those of the
/// runs before as soon as it is right.
uint64_t numberAt(Now now);
bool verifySignature(const crypto::PublicKey& key, ByteView text, ByteView signature);
/// What is signed.
Bytes signedText(const Message& message);
/// The key that the message must be signed with. Malformed: author, number or signature are missing or are none.
/// VerificationFailed: the key that comes with it is not the author's. Unsupported: a kind of key.
Result<crypto::PublicKey> authorKey(const Message& message);

/// Who says to have written it; empty: nobody, or what is no peer id.
crypto::PeerId authorOf(const Message& message);

using MessageIdFunction = std::function<MessageId(const Message&)>;
/// Author and number: the specification, go and rust.
MessageId idFromAuthor(const Message& message);
/// Public key and number: what js makes unless told otherwise.
MessageId idFromKey(const Message& message);
/// SHA-256 of the data: for messages that nobody signs.
MessageId idFromContent(const Message& message);

} // namespace wherry::gossipsub
