#pragma once

#include "sim/net/simulation.h"

#include <functional>
#include <memory>

namespace wherry::sim {

/// The one timer of a simulated event loop: single-shot, rounded up to whole milliseconds as runtime's is. Dies with
/// its owner.
class Timer {
  public:
    Timer(Simulation& simulation, std::function<void()> wake)
        : m_state(std::make_shared<State>(State{simulation, std::move(wake)})) {}
    ~Timer() { m_state->armed = kNever; }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Wakes at or just after `deadline`; replaces what was armed before. kNever disarms.
    void arm(Instant deadline);

  private:
    struct State {
        Simulation& simulation;
        std::function<void()> wake;
        Instant armed = kNever;
    };
    std::shared_ptr<State> m_state;
};

} // namespace wherry::sim
