#pragma once

#include "base/log.h"
#include "sim/net/network.h"

#include <functional>
#include <stdexcept>
#include <string>

namespace wherry::sim {

/// What ends a scenario that has gone wrong; thrown by Simulation::require and caught by runScenario.
struct ScenarioFailed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One virtual world: clock, network, trace and randomness, all from one seed.
class Simulation {
  public:
    explicit Simulation(uint64_t seed);

    uint64_t seed() const { return m_seed; }
    Now now() const { return m_scheduler.now(); }
    Duration elapsed() const { return now().mono - m_start; }
    double seconds() const { return std::chrono::duration<double>(elapsed()).count(); }
    Scheduler& scheduler() { return m_scheduler; }
    Trace& trace() { return m_trace; }
    Network& network() { return m_network; }
    SeededRandom random(std::string_view label) const { return SeededRandom(m_seed, label); }

    void after(Duration delay, Scheduler::Task task) { m_scheduler.after(delay, std::move(task)); }
    /// Runs `task` right after the datagram with this number (counted from 1, over the whole network) has been
    /// delivered.
    void atDatagram(uint64_t number, Scheduler::Task task);
    void note(std::string text) { m_trace.note(now().mono, std::move(text)); }
    /// A log whose lines show up among the last events of a failure.
    Log log(std::string who);

    /// Runs until `done` holds or `limit` has passed; true when it holds. A world that runs a million events without
    /// the clock moving spins, which is a failure.
    bool runUntil(const std::function<bool()>& done, Duration limit);
    void runFor(Duration duration);

    /// Ends the scenario with `text` unless `condition` holds.
    void require(bool condition, const std::string& text) const {
        if (!condition) throw ScenarioFailed(text);
    }

  private:
    uint64_t m_seed;
    Scheduler m_scheduler;
    Trace m_trace;
    Network m_network;
    Instant m_start;
};

/// How a scenario ended.
struct RunReport {
    uint64_t seed = 0;
    bool passed = false;
    std::string failure;
    std::string lastEvents;
    uint64_t traceHash = 0;
    uint64_t delivered = 0; ///< datagrams
    uint64_t dropped = 0;
    double virtualSeconds = 0;
    double cpuSeconds = 0;

    /// For QVERIFY2: what failed, the seed that shows it again, and the last events.
    std::string text() const;
};

using Scenario = std::function<void(Simulation&)>;

/// Runs `scenario` in a world of its own, sealed off from the system's clocks and randomness (sealed_clock.h). Should
/// an ASSERT abort the program meanwhile, seed and last events go to standard error.
RunReport runScenario(uint64_t seed, const Scenario& scenario);

/// The seed that tests use: WHERRY_SIM_SEED, else `otherwise`.
uint64_t scenarioSeed(uint64_t otherwise = 1);

} // namespace wherry::sim
