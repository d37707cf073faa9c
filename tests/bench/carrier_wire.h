#pragma once

#include "base/log.h"
#include "codec/multiaddr.h"
#include "crypto/identity.h"
#include "link/link.h"
#include "runtime/clock.h"
#include "runtime/system_random.h"

#include <poll.h>
#include <unistd.h>

#include <memory>
#include <vector>

namespace wherry::bench {

using codec::Transport;

/// A carrier of the engine and the sockets under it, for a program that polls.
class Wire {
  public:
    virtual ~Wire() = default;
    virtual link::Carrier& carrier() = 0;
    /// Adds what is waited for.
    virtual void watch(std::vector<pollfd>& watched) const = 0;
    /// One of those has happened.
    virtual void ready(const pollfd& what) = 0;
    /// Hands the system what the carrier has; whether there was anything.
    virtual bool write(Now now) = 0;
    virtual Instant deadline() const = 0;
    virtual void onDeadline(Now now) = 0;
};

/// From `source`, an address of this machine. Ends the program when it cannot be made.
std::unique_ptr<Wire> makeWire(Transport transport, const std::string& security, const codec::IpAddress& source,
                               const crypto::Identity& identity, Random& random, const Log& log);

} // namespace wherry::bench
