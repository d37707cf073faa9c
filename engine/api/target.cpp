#include "api/target.h"

#include "node/dialable_address.h"
#include "peers/peers_limits.h"

#include <string>

namespace wherry::api {

namespace {

constexpr std::string_view kRegistryPrefix = "key_";

Result<Target> parseAddress(std::string_view text) {
    auto parsed = Multiaddr::parse(text);
    if (!parsed) return makeError(Errc::InvalidArgument, "not a valid address: " + parsed.error().context);
    const auto multihash = parsed->peerMultihash();
    if (!multihash)
        return makeError(
            Errc::InvalidArgument,
            "the address does not say whose it is: it must end in /p2p/ID, where ID is the peer id that the "
            "other side prints");
    auto peer = PeerId::fromMultihash(*multihash);
    if (!peer)
        return makeError(Errc::InvalidArgument, "the part after /p2p/ is not a peer id: " + peer.error().context);
    // Of one that leads through a relay, the relay's: what is dialled first.
    const auto relay = parsed->circuitRelay();
    const Multiaddr address = (relay ? *relay : *parsed).withoutPeer();
    const auto socket = address.transportAddress();
    const auto name = address.dnsTarget();
    const bool leadsElsewhere = address.parts().size() == 1 && address.parts()[0].code == codec::AddrCode::DnsAddr;
    if (!socket && !name && !leadsElsewhere)
        return makeError(Errc::InvalidArgument,
                         "this kind of address cannot be dialled; wanted is /ip4/ADDRESS/udp/PORT/quic-v1/p2p/ID, "
                         "/ip4/ADDRESS/tcp/PORT/p2p/ID or /ip4/ADDRESS/tcp/PORT/ws/p2p/ID (or /ip6, /dns, /dns4, "
                         "/dns6), /dnsaddr/HOST/p2p/ID, or the address of a relay with its /p2p/ID, "
                         "/p2p-circuit and /p2p/ID");
    if (socket) TRY_OK(node::checkDialable(socket->socket));
    if (name && name->port == 0) return makeError(Errc::InvalidArgument, name->name + ": nobody can listen at port 0");
    return Target{*peer, {*parsed}};
}

/// The beginnings of the text forms of libp2p/specs peer-ids (Ed25519, RSA, secp256k1, CIDv1).
bool looksLikePeerId(std::string_view text) {
    return text.starts_with("12D3Koo") || text.starts_with("Qm") || text.starts_with("16Uiu2") ||
           text.starts_with("bafz");
}

Result<Target> parseKey(std::string_view text) {
    auto key = crypto::parseRegistryKey(text);
    if (!key) return makeError(Errc::InvalidArgument, "not a valid registry key: " + key.error().context);
    return Target{crypto::peerIdOf(*key), {}};
}

} // namespace

Result<Target> parseTarget(std::string_view text) {
    if (text.starts_with('/')) return parseAddress(text);
    if (text.starts_with(kRegistryPrefix)) return parseKey(text);
    auto peer = PeerId::parse(text);
    if (peer) return Target{*peer, {}};
    if (looksLikePeerId(text)) return makeError(Errc::InvalidArgument, "not a valid peer id: " + peer.error().context);
    if (text.empty()) return makeError(Errc::InvalidArgument, "it is empty");
    if (text.size() > peers::kMaxAliasBytes)
        return makeError(Errc::InvalidArgument, "longer than the name of a device can be");
    Target target;
    target.name = text;
    return target;
}

} // namespace wherry::api
