#pragma once

#include "base/random.h"
#include "crypto/peer_id.h"
#include "protocols/gossipsub/config.h"

#include <algorithm>
#include <set>
#include <vector>

namespace wherry::gossipsub {

/// A peer of a topic, as the rules below see it.
struct Candidate {
    crypto::PeerId peer;
    double score = 0;
    bool outbound = false; ///< we have dialled it
    bool operator==(const Candidate&) const = default;
};

template <typename T> void shuffle(std::vector<T>& what, Random& random) {
    for (size_t i = what.size(); i > 1; --i) std::swap(what[i - 1], what[random.below(i)]);
}

/// What a heartbeat does to the mesh of one topic (libp2p/specs gossipsub v1.1, "Heartbeat"). Pure but for `random`.
struct MeshChange {
    std::vector<crypto::PeerId> graft;
    std::vector<crypto::PeerId> prune;      ///< because there are too many
    std::vector<crypto::PeerId> pruneUnfit; ///< because of its score
    bool operator==(const MeshChange&) const = default;
};
/// `mesh`: the present one. `others`: peers of the topic that may be grafted (not direct, no backoff), whatever their
/// score. `opportunistic`: whether it is time for that.
MeshChange maintain(const std::vector<Candidate>& mesh, const std::vector<Candidate>& others,
                    const GossipsubConfig& config, bool opportunistic, Random& random);

} // namespace wherry::gossipsub
