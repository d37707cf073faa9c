#pragma once

#include "api/engine.h"

#include <QCoreApplication>
#include <memory>
#include <string>
#include <vector>

namespace wherry::api {

/// A running peer in one call: it listens, is found on the local network, and takes what others send. Lives in the
/// thread of the event loop, as Engine does, and does its work while that runs; ends with the object, after it has
/// told its peers. A process that is killed instead loses nothing that it has said to be delivered.
class BasicNode final {
  public:
    struct Options {
        std::string home;  ///< folder of its key and records, and of wherry.toml if there is one; empty: the platform's
        std::string inbox; ///< folder for what others send, made when it is not there; empty: takes nothing
        /// Of which offers; Ask: the program answers them, by engine().
        Accept accept = Accept::Trusted;
    };

    /// Waits, running an event loop, until it listens and takes offers. Errors: those of readSettings(),
    /// openDownloadFolder() and Engine::start(); Busy when another program has the home.
    static Result<std::unique_ptr<BasicNode>> start(const Options& options);
    ~BasicNode();
    BasicNode(const BasicNode&) = delete;
    BasicNode& operator=(const BasicNode&) = delete;

    /// Where it listens, the best one first, each with its key: what another device sends to. Empty without a network.
    const std::vector<Multiaddr>& addresses() const { return m_addresses; }
    /// Everything else: commands in, `event` out.
    Engine& engine() { return m_engine; }

  private:
    BasicNode() = default;
    Result<void> open(const Options& options);
    Result<void> receive(const ReceivePolicy& policy);

    Engine m_engine;
    std::vector<Multiaddr> m_addresses;
};

} // namespace wherry::api
