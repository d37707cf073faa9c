#include "sim/net/timer.h"

#include <algorithm>

namespace wherry::sim {

void Timer::arm(Instant deadline) {
    State& state = *m_state;
    if (deadline == kNever) {
        state.armed = kNever;
        return;
    }
    const Instant now = state.simulation.now().mono;
    const Instant wake = now + std::chrono::ceil<std::chrono::milliseconds>(std::max(deadline, now) - now);
    if (wake == state.armed) return;
    state.armed = wake;
    state.simulation.after(wake - now, [held = m_state, wake] {
        if (held->armed != wake) return; // a newer arm() has taken its place
        held->armed = kNever;
        held->wake();
    });
}

} // namespace wherry::sim
