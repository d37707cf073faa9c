#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using transfer::TransferProgress;

namespace {

constexpr size_t kTransfers = 10;
/// More than the luckiest of them has moved in the end: at 20 Mbit/s all together move 105 MB in 42 s.
constexpr size_t kFile = 24'000'000;
constexpr LinkConfig kLine{.delay = 10ms, .bitsPerSecond = 20'000'000};

/// A receiver behind a line that all transfers share, and its senders.
struct OneReceiver {
    OneReceiver(Simulation& simulation, size_t senders) : world(simulation) {
        Router& core = world.network().router("core");
        plug(core, bobHost, "192.0.2.200", kLine);
        disk.addFolder("/dst");
        SeededRandom content = world.random("content");
        const Bytes bytes = content.bytes(kFile);
        for (size_t i = 0; i < kTransfers; ++i) disk.addFile("/out/" + std::to_string(i) + "/file", bytes);
        bob.start();
        bob.submit(node::SetReceive{{.enabled = true,
                                     .accept = transfer::Accept::All,
                                     .conflict = transfer::Conflict::Rename,
                                     .folder = "/dst",
                                     .trusted = {}}});
        for (size_t i = 0; i < senders; ++i) {
            const std::string number = std::to_string(i + 1);
            Host& host = world.network().host("sender" + number);
            plug(core, host, "192.0.2." + number, {.delay = 5ms, .bitsPerSecond = 200'000'000});
            nodes.push_back(std::make_unique<SimNode>(world, host, "sender" + number, disk));
            nodes.back()->start();
        }
    }
    void plug(Router& core, Host& host, const std::string& address, const LinkConfig& line) {
        host.addAddress(ip(address), 0);
        world.network().connect(host, core, line);
        core.addRoute(ip(address), 32, m_ports++);
    }
    /// Verified bytes of every transfer so far.
    std::map<transfer::TransferId, uint64_t> arrived() const {
        std::map<transfer::TransferId, uint64_t> bytes;
        for (const node::Event& event : bob.events())
            if (const auto* progress = SimNode::as<TransferProgress>(event))
                bytes[progress->transfer] = progress->figures.bytesVerified;
        return bytes;
    }
    /// Begins all, one soon after the other, and looks at what each has got between two later moments.
    void requireFairShares(Duration settling) {
        for (const auto& node : nodes) node->submit(node::SetParallelSends{kTransfers});
        for (size_t i = 0; i < kTransfers; ++i) {
            nodes[i % nodes.size()]->submit(node::SendFiles{bob.target(), {"/out/" + std::to_string(i)}, 30s});
            world.runFor(200ms);
        }
        world.runFor(settling);
        const auto before = arrived();
        world.runFor(20s);
        std::vector<uint64_t> shares;
        for (const auto& [transfer, bytes] : arrived()) {
            const auto then = before.find(transfer);
            shares.push_back(bytes - (then == before.end() ? 0 : then->second));
        }
        std::sort(shares.begin(), shares.end());
        std::string text;
        for (const uint64_t share : shares) text += std::to_string(share / 1000) + " ";
        std::printf("kB in 20 s: %s\n", text.c_str());
        world.require(shares.size() == kTransfers, "all are under way: " + text);
        world.require(shares.back() <= 2 * shares.front(), "none gets twice what another gets: " + text);
    }

    Simulation& world;
    Host& bobHost = world.network().host("bob");
    testing::MemoryStorage disk;
    SimNode bob{world, bobHost, "bob", disk};
    std::vector<std::unique_ptr<SimNode>> nodes;

  private:
    size_t m_ports = 0;
};

} // namespace

class FairnessTest : public QObject {
    Q_OBJECT

  private slots:
    void tenTransfersOfOneSenderGetEqualShares() {
        RUN([](Simulation& world) { OneReceiver(world, 1).requireFairShares(5s); });
    }
    /// Each connection has a congestion control of its own: the first ones give way to the later ones in the course of
    /// some of its rounds, which take ten seconds each.
    void tenSendersGetEqualShares() {
        RUN([](Simulation& world) { OneReceiver(world, kTransfers).requireFairShares(20s); });
    }
};

QTEST_APPLESS_MAIN(FairnessTest)
#include "fairness_test.moc"
