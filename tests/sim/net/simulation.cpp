#include "sim/net/simulation.h"

#include "sim/net/sealed_clock.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

namespace wherry::sim {

namespace {

constexpr uint64_t kSpinLimit = 1'000'000;

/// The world that runs now, for the abort handler alone.
Simulation* g_running = nullptr;

void onAbort(int signal) {
    std::signal(signal, SIG_DFL);
    if (g_running) {
        const std::string events = g_running->trace().lastEvents();
        std::fprintf(stderr, "%sWHERRY_SIM_SEED=%llu aborted at %.6f s\n", events.c_str(),
                     static_cast<unsigned long long>(g_running->seed()), g_running->seconds());
        std::fflush(stderr);
    }
    std::raise(signal);
}

double threadCpuSeconds() {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void runSealed(uint64_t seed, const Scenario& scenario, RunReport& report) {
    Simulation simulation(seed);
    SealedClock sealed(simulation.scheduler(), seed);
    g_running = &simulation;
    try {
        scenario(simulation);
        report.passed = true;
    } catch (const ScenarioFailed& failed) {
        report.failure = failed.what();
        report.lastEvents = simulation.trace().lastEvents();
    }
    g_running = nullptr;
    report.traceHash = simulation.trace().hash();
    report.delivered = simulation.trace().deliveredCount();
    report.dropped = simulation.trace().droppedCount();
    report.virtualSeconds = simulation.seconds();
    report.cpuSeconds = threadCpuSeconds();
}

} // namespace

Simulation::Simulation(uint64_t seed)
    : m_seed(seed),
      m_network(m_scheduler, m_trace, seed),
      m_start(m_scheduler.now().mono) {}

Log Simulation::log(std::string who) {
    static const LogLevel threshold = std::getenv("WHERRY_SIM_LOG") ? LogLevel::Trace : LogLevel::Info;
    return Log(threshold,
               [this, who = std::move(who)](LogLevel level, std::string_view category, std::string_view line) {
                   m_trace.remark(now().mono, who + " " + std::string(logLevelName(level)) + " " +
                                                  std::string(category) + ": " + std::string(line));
               });
}

void Simulation::atDatagram(uint64_t number, Scheduler::Task task) {
    m_trace.watch(number, [this, task = std::move(task)] { m_scheduler.after(Duration(0), task); });
}

bool Simulation::runUntil(const std::function<bool()>& done, Duration limit) {
    const Instant end = now().mono + limit;
    while (!done()) {
        if (!m_scheduler.step(end)) return done();
        require(m_scheduler.eventsAtThisInstant() < kSpinLimit, "the world spins: a million events at one instant");
    }
    return true;
}

void Simulation::runFor(Duration duration) {
    runUntil([] { return false; }, duration);
}

RunReport runScenario(uint64_t seed, const Scenario& scenario) {
    RunReport report;
    report.seed = seed;
    const auto before = std::signal(SIGABRT, onAbort);
    std::thread(runSealed, seed, std::cref(scenario), std::ref(report)).join();
    std::signal(SIGABRT, before);
    return report;
}

std::string RunReport::text() const {
    if (passed) return "passed";
    char head[96];
    std::snprintf(head, sizeof head,
                  "\nWHERRY_SIM_SEED=%llu failed at %.6f s (virtual): ", static_cast<unsigned long long>(seed),
                  virtualSeconds);
    return lastEvents + head + failure;
}

uint64_t scenarioSeed(uint64_t otherwise) {
    const char* text = std::getenv("WHERRY_SIM_SEED");
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

} // namespace wherry::sim
