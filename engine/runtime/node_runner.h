#pragma once

#include "base/log.h"
#include "base/result.h"
#include "codec/multiaddr.h"
#include "crypto/identity.h"
#include "node/command.h"
#include "node/discovery_config.h"
#include "node/event.h"
#include "runtime/settings.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

class QObject;

namespace wherry::runtime {

/// Settings are those that last; beside them what only this run is told.
struct RuntimeConfig : Settings {
    std::string home;                ///< folder of identity and database; empty: defaultHome()
    std::string who = "wherry";      ///< what other processes are told about the holder of the home
    bool servePerf = false;          ///< answer /perf/1.0.0
    bool dialBack = false;           ///< dial for peers that ask whether they can be reached (AutoNAT)
    node::DiscoveryConfig discovery; ///< off unless asked for
    std::vector<std::string> kadProtocols; ///< hash tables to be part of; empty: those of node::DhtConfig
};

/// A whole running node: home, identity, sockets, threads, database. The public face of runtime for engine/api. Needs a
/// QCoreApplication. start(), submit() and stop() belong to one thread.
class NodeRunner {
  public:
    using OnEvent = std::function<void(node::Event)>;

    NodeRunner();
    /// stop() must have been called.
    ~NodeRunner();
    NodeRunner(const NodeRunner&) = delete;
    NodeRunner& operator=(const NodeRunner&) = delete;

    /// Takes the home, makes the identity the first time, binds the sockets and starts the threads; all of it has
    /// happened when it returns. `onEvent` is called in the thread of `context`, through its event loop and in order,
    /// until stop() returns, which `context` must live to see; the first event is Ready. Errors: Busy (home or port is
    /// taken, says by whom), InvalidArgument (a listen address that is none), PermissionDenied, Malformed (the key
    /// file), DiskFull ...
    Result<void> start(const RuntimeConfig& config, QObject* context, OnEvent onEvent);
    bool running() const;
    /// Of the running node.
    const crypto::KeyNames& names() const;
    /// Every command is answered by events that carry its id.
    void submit(node::RequestId id, node::Command command);
    /// The certificates that these settings name are read, also when they are the same files as before: a renewed one
    /// takes no new start. A Warning follows when that fails, and those of before stay.
    void readCertificates(const Settings& settings);
    /// Tells peers, ends every request, writes the database out, waits for the threads. No event follows.
    void stop();

  private:
    struct Running;
    std::unique_ptr<Running> m;
};

/// The names of the identity in `home` (empty: defaultHome()), made when there is none. Needs no running node and no
/// lock.
Result<crypto::KeyNames> identityNames(const std::string& home);

/// What a node calls itself to others: `alias`, or the name that the system has; empty when neither can be told.
std::string deviceName(std::string alias);
/// What a node with these settings says of itself to others.
peers::Claims ownProfile(const Settings& settings);

} // namespace wherry::runtime
