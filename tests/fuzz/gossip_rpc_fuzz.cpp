#include "base/assert.h"
#include "protocols/gossipsub/gossipsub_limits.h"
#include "protocols/gossipsub/rpc.h"

using namespace wherry;
using namespace wherry::gossipsub;

/// Whatever a peer sends, what is kept of it is bounded, can be written again and is then the same; and no message
/// makes the check of its signature stumble.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto rpc = decodeRpc({data, size});
    if (!rpc) return 0;
    ASSERT(rpc->subscriptions.size() + rpc->messages.size() <= kMaxRpcItems);
    ASSERT(rpc->ihave.size() + rpc->graft.size() + rpc->prune.size() <= kMaxControlItems);
    size_t ids = rpc->iwant.size() + rpc->dontWant.size();
    for (const IHave& each : rpc->ihave) ids += each.ids.size();
    ASSERT(ids <= kMaxIdsPerRpc);
    for (const Message& message : rpc->messages) {
        ASSERT(idFromContent(message).size() == 32);
        (void)idFromAuthor(message);
        (void)idFromKey(message);
        if (const auto key = authorKey(message)) (void)verifySignature(*key, signedText(message), *message.signature);
        ASSERT(decodeGossip(encodeGossip(message)).value() == message);
    }
    if (rpc->iwant.size() > kMaxIdsPerItem || rpc->dontWant.size() > kMaxIdsPerItem)
        return 0; // written as one entry each
    const auto again = decodeRpc(encodeRpc(*rpc));
    ASSERT(again && *again == *rpc);
    return 0;
}
