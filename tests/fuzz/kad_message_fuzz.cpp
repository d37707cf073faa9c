#include "base/assert.h"
#include "kad/message.h"

using namespace wherry;
using namespace wherry::kad;

/// Whatever a peer sends, what is kept of it is bounded, and can be told on as it is.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto message = decodeMessage({data, size});
    if (!message) return 0;
    ASSERT(message->key.size() <= kMaxKeyBytes);
    for (const auto* list : {&message->closerPeers, &message->providerPeers}) {
        ASSERT(list->size() <= kMaxPeersPerList);
        for (const PeerEntry& entry : *list) ASSERT(!entry.peer.empty() && entry.addresses.size() <= kMaxAddresses);
    }
    if (message->record) ASSERT(message->record->value.size() <= kMaxValueBytes);
    const Bytes again = encodeMessage(*message);
    ASSERT(again.size() <= kMaxSentBytes);
    const auto second = decodeMessage(again);
    ASSERT(second && second->type == message->type && second->key == message->key && second->record == message->record);
    return 0;
}
