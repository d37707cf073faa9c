#pragma once

#include "sim/sim_node.h"
#include "support/memory_storage.h"

#include <map>
#include <optional>
#include <string>

namespace wherry::sim {

struct TransferWorldConfig {
    LinkConfig link{.delay = std::chrono::milliseconds(15), .bitsPerSecond = 100'000'000};
    SimNodeConfig sender{};
    SimNodeConfig receiver{};
    Duration wait = std::chrono::seconds(120);
    transfer::Conflict conflict = transfer::Conflict::Rename;
};

/// Two nodes on one link, a folder /src/in on the disk of one and a download folder /dst on the disk of the other. The
/// receiver accepts everything.
class TransferWorld {
  public:
    explicit TransferWorld(Simulation& simulation, TransferWorldConfig config = {});

    // --- what is sent ---
    /// One file of random bytes below /src/in.
    void addFile(const std::string& path, size_t size);
    /// Compressible text instead.
    void addText(const std::string& path, size_t size);
    /// About `bytes` in all: one big file, some of middle size, many small, empty ones, folders, an executable, names
    /// in several scripts.
    void addMixedTree(size_t bytes);
    uint64_t sourceBytes() const;

    // --- what happens ---
    void startSender();
    void startReceiver();
    void start() {
        startReceiver();
        startSender();
    }
    /// The same command as every time.
    void send();
    /// SIGKILL, the same command again after `pause`.
    void crashSender(Duration pause);
    void crashReceiver(Duration pause);

    // --- how it went ---
    /// The sender's newest transfer has been delivered, declined or has failed.
    bool finished() const;
    /// Runs until finished; fails unless it was delivered and both trees are equal, without parts left.
    void runToDelivery(Duration limit);
    void requireEqualTrees() const;
    /// From now on the tree may land under another name ("in (1)"), with the remains of an earlier attempt left beside
    /// it.
    void mayLandBeside() { m_mayLandBeside = true; }
    /// Payload bytes that all attempts together say they have sent.
    uint64_t bytesSentInAll() const;
    const transfer::TransferFigures& figures() const;

    Simulation& world;
    Host& senderHost;
    Host& receiverHost;
    Link& link;
    testing::MemoryStorage sourceDisk;
    testing::MemoryStorage targetDisk;
    SimNode sender;
    SimNode receiver;
    TransferWorldConfig config;

  private:
    std::string landingPlace() const;
    void watch(const node::Event& event);

    SeededRandom m_content;
    uint64_t m_attempt = 0;
    std::optional<node::RequestId> m_request;
    std::map<std::pair<uint64_t, transfer::TransferId>, transfer::TransferFigures> m_figures;
    bool m_finished = false;
    bool m_mayLandBeside = false;
    uint64_t m_clock = 0;
};

} // namespace wherry::sim
