#include "node/node_parts.h"
#include "protocols/mdns/mdns.h"

/// Discovery meets the dialer and whoever listens to events. What is found is a claim: it says where to try, and a
/// handshake proves who is there.
namespace wherry::node {

Result<std::unique_ptr<discovery::Discovery>> makeDiscovery(const DiscoveryConfig& config, const crypto::PeerId& self,
                                                            Random& random, const Log& log) {
    std::unique_ptr<discovery::Discovery> made;
    if (config.board) {
        made = std::make_unique<discovery::MemoryDiscovery>(config.board, self);
    } else if (config.mdns) {
        TRY(made, mdns::MdnsDiscovery::create({self, config.mdnsService}, random, log));
    }
    return made;
}

void Node::Parts::on(discovery::SendMulticast action, Now) {
    actions.push_back(std::move(action));
}

void Node::Parts::on(discovery::PeerFound action, Now now) {
    dialer.setDiscovered(action.peer, action.addresses);
    networkFacts.onHeard(action.peer, action.addresses);
    greet(action.peer, now);
    emit(PeerDiscovered{std::move(action.peer), std::move(action.addresses)});
}

void Node::Parts::on(const discovery::PeerExpired& action, Now) {
    dialer.setDiscovered(action.peer, {});
    networkFacts.onUnheard(action.peer);
    people.nearby.erase(action.peer);
    emit(PeerLost{action.peer});
}

} // namespace wherry::node
