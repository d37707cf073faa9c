#include "runtime/clock.h"

#include <ctime>

namespace wherry::runtime {

static int64_t read(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Now readClocks() {
#ifdef __APPLE__
    const clockid_t counting = CLOCK_MONOTONIC; // counts sleep on macOS; CLOCK_UPTIME_RAW is the one that does not
#else
    const clockid_t counting = CLOCK_BOOTTIME;
#endif
    return {Instant(Duration(read(counting))), UnixTime{read(CLOCK_REALTIME)}};
}

} // namespace wherry::runtime
