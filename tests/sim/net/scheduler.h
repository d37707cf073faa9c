#pragma once

#include "base/time.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace wherry::sim {

/// The virtual clock and the one heap of things to come. Events of the same instant run in the order in which they were
/// added, so a run is a pure function of its inputs.
class Scheduler {
  public:
    using Task = std::function<void()>;

    /// Time begins well after zero, so that "long ago" can be expressed, and at a fixed date.
    Scheduler();

    Now now() const { return m_now; }
    void at(Instant when, Task task);
    void after(Duration delay, Task task) { at(m_now.mono + delay, std::move(task)); }

    /// Runs the next event; false when there is none or it lies after `limit` (time then stands at `limit`).
    bool step(Instant limit);
    /// Events run since the clock moved last. Grows without end when something re-arms itself for the same instant.
    uint64_t eventsAtThisInstant() const { return m_sameInstant; }
    uint64_t eventsRun() const { return m_run; }

  private:
    struct Event {
        Instant when;
        uint64_t order;
        Task task;
    };
    static bool later(const Event& a, const Event& b) { return a.when != b.when ? a.when > b.when : a.order > b.order; }
    void moveTo(Instant when);

    Now m_now;
    std::vector<Event> m_heap;
    uint64_t m_order = 0;
    uint64_t m_run = 0;
    uint64_t m_sameInstant = 0;
};

} // namespace wherry::sim
