#pragma once

#include "base/store.h"
#include "kad/message.h"
#include "kad/validator.h"

/// How a server keeps over its end what others have left with it: rows of Space::Dht, of which each value is a message
/// of the network itself. Whoever reads one trusts it no more than a peer's (Responder::restore).
namespace wherry::kad {

/// With what the keys of a network's rows begin.
Bytes rowPrefix(std::string_view protocolId);

/// A PUT_VALUE whose record has the time of its receipt, and who has put it as the only provider.
StorePut recordRow(const Bytes& prefix, const ValidRecord& valid, const crypto::PeerId& from);
StoreErase recordErased(const Bytes& prefix, const Bytes& key, const crypto::PeerId& publisher);

/// An ADD_PROVIDER, with a record that has nothing but the time of the provider's word.
StorePut providerRow(const Bytes& prefix, const Bytes& key, const PeerEntry& provider, UnixTime expires, Now now);

} // namespace wherry::kad
