#include "sim/net/scheduler.h"

#include <algorithm>

namespace wherry::sim {

Scheduler::Scheduler() {
    m_now.mono = Instant(std::chrono::hours(1));
    m_now.wall = UnixTime::fromSeconds(1'800'000'000); // 2027-01-15
}

void Scheduler::at(Instant when, Task task) {
    m_heap.push_back({std::max(when, m_now.mono), m_order++, std::move(task)});
    std::push_heap(m_heap.begin(), m_heap.end(), later);
}

void Scheduler::moveTo(Instant when) {
    if (when <= m_now.mono) return;
    m_now.wall.nanoseconds += (when - m_now.mono).count();
    m_now.mono = when;
    m_sameInstant = 0;
}

bool Scheduler::step(Instant limit) {
    if (m_heap.empty() || m_heap.front().when > limit) {
        moveTo(limit);
        return false;
    }
    std::pop_heap(m_heap.begin(), m_heap.end(), later);
    Event event = std::move(m_heap.back());
    m_heap.pop_back();
    moveTo(event.when);
    ++m_run;
    ++m_sameInstant;
    event.task();
    return true;
}

} // namespace wherry::sim
