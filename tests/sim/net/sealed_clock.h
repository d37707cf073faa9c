#pragma once

#include "sim/net/scheduler.h"
#include "sim/net/seeded_random.h"

namespace wherry::sim {

/// GnuTLS draws its own random bytes and reads the system's clocks. While a SealedClock lives, every `getrandom`,
/// `getentropy`, `clock_gettime` and `time` of this thread is answered from the simulation instead, by definitions of
/// these functions in the test program. GnuTLS keeps one generator per thread and seeds it at first use: so each
/// simulation has a thread of its own (see simulation.h), and real TLS gives the same bytes again for the same seed.
class SealedClock {
  public:
    SealedClock(const Scheduler& scheduler, uint64_t seed);
    ~SealedClock();
    SealedClock(const SealedClock&) = delete;
    SealedClock& operator=(const SealedClock&) = delete;

  private:
    SeededRandom m_random;
};

} // namespace wherry::sim
