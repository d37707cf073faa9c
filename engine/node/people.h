#pragma once

#include "base/rate_limit.h"
#include "node/command.h"
#include "node/node_limits.h"
#include "peers/peer_book.h"
#include "protocols/profile/profile.h"
#include "protocols/text/text_protocol.h"

#include <deque>
#include <map>
#include <set>

namespace wherry::node {

/// A command that cannot be carried out yet: the peer book is being read, or nobody is known by the name it is meant
/// for.
struct Deferred {
    RequestId id;
    Command command;
    Instant giveUp = kNever;
};

/// The parts of a node that have to do with people: who is known, what peers say about themselves, texts.
struct People {
    People(Random& random, const Log& log) : book(log), profile(log), text(book, random, log) {}

    peers::PeerBook book;
    profile::ProfileProtocol profile;
    text::TextProtocol text;
    std::map<text::TextId, RequestId> texts; ///< that are being sent, and who asked for it
    std::deque<Deferred> deferred;
    std::set<crypto::PeerId> nearby; ///< that discovery hears of
    RateLimit greetings{kGreetingsPerSecond, kGreetingBurst};
};

} // namespace wherry::node
