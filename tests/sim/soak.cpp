#include "sim/transfer_world.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

/// Random schedules against transfers: kills of either side, addresses that change, cables that are pulled, bad paths,
/// full disks, pauses. Whatever happens, the same command given again once all is well must end with equal trees and no
/// part left, and until then every failure must have a reason that somebody can act on.
///
///   sim_soak [--seed FIRST] [--count N]     the seeds FIRST to FIRST + N - 1; WHERRY_SIM_SEED is another way to say
///   FIRST
///
/// Exit code 1 when a schedule has failed: its seed, what happened and its last events are printed.
using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t kRoomForAll = uint64_t(1) << 50;

LinkConfig somePath(SeededRandom& random) {
    LinkConfig path;
    path.delay = std::chrono::milliseconds(random.between(1, 100));
    path.jitter = std::chrono::milliseconds(random.between(0, 5));
    path.bitsPerSecond = random.between(4, 200) * 1'000'000;
    if (random.chance(0.5)) path.loss = random.unit() * 0.02;
    if (random.chance(0.2)) path.duplicate = random.unit() * 0.02;
    if (random.chance(0.2)) path.corrupt = random.unit() * 0.005;
    if (random.chance(0.3)) path.reorder = random.unit() * 0.02;
    return path;
}

/// One world and what happens in it.
class Schedule {
  public:
    explicit Schedule(Simulation& simulation)
        : world(simulation),
          random(simulation.random("soak")),
          path(somePath(random)),
          pair(simulation, {.link = path, .wait = 60s}) {
        pair.addMixedTree(random.between(50'000, 2'000'000));
        pair.start();
        send();
    }

    void run() {
        const uint64_t events = random.between(1, 6);
        for (uint64_t i = 0; i < events; ++i)
            world.after(std::chrono::milliseconds(random.between(0, 5000)), [this] { something(); });
        // Longer than any wait for the peer, so that it ends by itself whatever has happened.
        world.require(world.runUntil([this] { return pair.finished(); }, 600s), "it has not ended by itself");
        if (!pair.sender.last<transfer::TransferDelivered>()) requireReason();
        allIsWell();
        world.runFor(70s); // who was cut off has noticed, who was killed is back
        pair.sender.forgetEvents();
        send();
        pair.runToDelivery(300s);
    }

  private:
    void send() {
        m_transfers = pair.sender.count<node::TransferStarted>();
        pair.send();
    }

    void something() {
        if (pair.finished()) return;
        switch (random.below(8)) {
        case 0:
            return crashSender();
        case 1:
            return crashReceiver();
        case 2:
            return moveSender();
        case 3:
            return moveReceiver();
        case 4:
            return pullCable();
        case 5:
            return fillDisk();
        case 6:
            return sleep();
        default:
            return pause();
        }
    }

    void crashSender() {
        if (!pair.sender.running()) return;
        world.note("the sender is killed");
        ++m_life;
        m_transfers = pair.sender.count<node::TransferStarted>();
        pair.crashSender(std::chrono::milliseconds(random.between(0, 5000)));
    }
    void crashReceiver() {
        if (!pair.receiver.running()) return;
        world.note("the receiver is killed");
        pair.crashReceiver(std::chrono::milliseconds(random.between(0, 5000)));
    }
    /// Other addresses of both families, as behind another network.
    void moveSender() {
        world.note("the sender has other addresses");
        for (const codec::IpAddress& address : pair.senderHost.addresses()) pair.senderHost.removeAddress(address);
        const std::string number = std::to_string(10 + ++m_moves);
        pair.senderHost.addAddress(ip("192.0.2." + number));
        pair.senderHost.addAddress(ip("2001:db8::" + number));
        if (pair.sender.running()) pair.sender.addressesChanged();
    }
    /// One of its addresses stays: nobody tells the sender of the other.
    void moveReceiver() {
        world.note("the receiver has another IPv4 address");
        pair.receiverHost.removeAddress(m_receiverIpv4);
        m_receiverIpv4 = ip("192.0.2." + std::to_string(100 + ++m_moves));
        pair.receiverHost.addAddress(m_receiverIpv4);
        if (pair.receiver.running()) pair.receiver.addressesChanged();
    }
    void pullCable() {
        if (!pair.link.isUp()) return;
        world.note("the cable is pulled");
        pair.link.setUp(false);
        m_outage = true;
        world.after(std::chrono::milliseconds(random.between(100, 90'000)), [this] { pair.link.setUp(true); });
    }
    void fillDisk() {
        world.note("the disk fills up");
        m_full = true;
        pair.targetDisk.setCapacity(random.below(pair.sourceBytes()));
        if (random.chance(0.5))
            world.after(std::chrono::milliseconds(random.between(100, 10'000)),
                        [this] { pair.targetDisk.setCapacity(kRoomForAll); });
    }
    void sleep() {
        m_outage = true;
        (random.chance(0.5) ? pair.sender : pair.receiver)
            .suspend(std::chrono::milliseconds(random.between(100, 90'000)));
    }
    void pause() {
        const auto* started = pair.sender.last<node::TransferStarted>();
        if (!pair.sender.running() || !started || m_paused || pair.sender.count<node::TransferStarted>() == m_transfers)
            return;
        const transfer::TransferId id = started->transfer; // `started` lives until the next event
        world.note("paused");
        m_paused = true;
        pair.sender.submit(node::PauseTransfer{id});
        world.after(std::chrono::milliseconds(random.between(100, 40'000)), [this, life = m_life, id] {
            m_paused = false;
            if (life == m_life && pair.sender.running() && !pair.finished())
                pair.sender.submit(node::ResumeTransfer{id});
        });
    }

    void allIsWell() {
        world.note("all is well again");
        pair.link.setUp(true);
        pair.targetDisk.setCapacity(kRoomForAll);
    }

    void requireReason() const {
        const auto* failed = pair.sender.last<transfer::TransferFailed>();
        world.require(failed, "neither delivered nor failed");
        const Errc code = failed->error.code;
        const bool full = m_full && code == Errc::DiskFull;
        const bool away = code == Errc::ConnectionLost || code == Errc::Unreachable;
        world.require(full || (m_outage && away), "no reason to fail: " + failed->error.text());
    }

    Simulation& world;
    SeededRandom random;
    LinkConfig path;
    TransferWorld pair;
    codec::IpAddress m_receiverIpv4 = ip("192.0.2.2");
    size_t m_transfers = 0; ///< that the sender had started before this one
    uint64_t m_life = 0;    ///< of the sender's process
    uint64_t m_moves = 0;
    bool m_outage = false;
    bool m_full = false;
    bool m_paused = false;
};

} // namespace

int main(int argc, char** argv) {
    uint64_t first = scenarioSeed();
    uint64_t count = 1;
    for (int i = 1; i < argc; i += 2) {
        const bool seed = std::strcmp(argv[i], "--seed") == 0;
        if (i + 1 == argc || (!seed && std::strcmp(argv[i], "--count") != 0)) {
            std::fprintf(stderr, "usage: sim_soak [--seed FIRST] [--count N]\n");
            return 2;
        }
        (seed ? first : count) = std::strtoull(argv[i + 1], nullptr, 10);
    }
    uint64_t failures = 0;
    double hours = 0;
    for (uint64_t seed = first; seed < first + count; ++seed) {
        const RunReport report = runScenario(seed, [](Simulation& world) { Schedule(world).run(); });
        hours += report.virtualSeconds / 3600;
        if (report.passed) continue;
        ++failures;
        std::printf("%s\n", report.text().c_str());
        std::fflush(stdout);
    }
    std::printf("%llu schedules from seed %llu on, %.1f virtual hours: %llu failed\n",
                static_cast<unsigned long long>(count), static_cast<unsigned long long>(first), hours,
                static_cast<unsigned long long>(failures));
    return failures == 0 ? 0 : 1;
}
