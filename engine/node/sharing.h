#pragma once

#include "node/command.h"
#include "protocols/share/fetches.h"
#include "protocols/share/share_book.h"
#include "protocols/share/share_protocol.h"
#include "transfer/transfer_types.h"

#include <map>
#include <optional>
#include <vector>

namespace wherry::node {

/// Share tickets of a node, both sides, and which transfers belong to them.
///
/// Sharer: every request of a fetcher becomes a transfer of its own, which is answered "granted" once its offer is out.
/// A request with a token that is being served joins that transfer; one with a new token of the same peer for the same
/// share ends those that wait for a fetcher that has gone.
struct Sharing {
    Sharing(const crypto::PeerId& self, Random& random, const Log& log)
        : book(random),
          protocol(self, book, log),
          fetches(protocol, random) {}

    /// An outgoing transfer on behalf of a share.
    struct Serving {
        crypto::PeerId peer;
        share::ShareId share{};
        share::FetchToken token{};
        std::vector<share::AskId> asks; ///< not answered yet
        bool offered = false;
        bool interrupted = false;
    };
    /// A GetShare command under way.
    struct Getting {
        RequestId request;
        transfer::ReceivePolicy policy;
    };

    Serving* servedAt(const crypto::PeerId& peer, const share::FetchToken& token);
    /// Those of the same peer and share that wait for a fetcher to come back.
    std::vector<transfer::TransferId> abandonedBy(const crypto::PeerId& peer, const share::ShareId& share) const;
    /// False: it is served too much already, or the share is for one and somebody else has begun to fetch it.
    bool mayServe(const crypto::PeerId& peer, const share::Share& share) const;
    std::vector<transfer::TransferId> servingOf(const share::ShareId& share) const;
    /// Whoever fetches a share whose time is over may finish: that share has ended when he has.
    std::optional<share::EndedShare> pollEnded();

    share::ShareBook book;
    share::ShareProtocol protocol;
    share::Fetches fetches;
    std::map<transfer::TransferId, Serving> serving;
    std::vector<share::EndedShare> ended; ///< of the book, not told yet
    std::map<share::FetchRequestId, Getting> getting;
    std::map<transfer::TransferId, share::FetchToken> receiving; ///< incoming transfers that we have asked for
};

} // namespace wherry::node
