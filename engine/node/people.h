#pragma once

#include "base/rate_limit.h"
#include "node/command.h"
#include "node/message_book.h"
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
    People(Random& random, const Log& log) : book(log), profile(log), text(book, random, log), messages(random) {}

    peers::PeerBook book;
    profile::ProfileProtocol profile;
    text::TextProtocol text;
    MessageBook messages;
    struct Outgoing {
        RequestId request;   ///< who asked for it
        uint64_t number = 0; ///< in `messages`
    };
    std::map<text::TextId, Outgoing> texts; ///< that are being sent
    std::deque<Deferred> deferred;
    std::set<crypto::PeerId> nearby; ///< that discovery hears of
    RateLimit greetings{kGreetingsPerSecond, kGreetingBurst};
};

} // namespace wherry::node
