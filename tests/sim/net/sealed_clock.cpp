#include "sim/net/sealed_clock.h"

#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace wherry::sim {

namespace {

thread_local const Scheduler* t_scheduler = nullptr;
thread_local SeededRandom* t_random = nullptr;

bool fillSealed(void* buffer, size_t size) {
    if (!t_random) return false;
    t_random->fill({static_cast<uint8_t*>(buffer), size});
    return true;
}

} // namespace

SealedClock::SealedClock(const Scheduler& scheduler, uint64_t seed) : m_random(seed, "system") {
    t_scheduler = &scheduler;
    t_random = &m_random;
}

SealedClock::~SealedClock() {
    t_scheduler = nullptr;
    t_random = nullptr;
}

} // namespace wherry::sim

extern "C" {

ssize_t getrandom(void* buffer, size_t size, unsigned flags) {
    if (wherry::sim::fillSealed(buffer, size)) return static_cast<ssize_t>(size);
    return syscall(SYS_getrandom, buffer, size, flags);
}

int getentropy(void* buffer, size_t size) {
    if (wherry::sim::fillSealed(buffer, size)) return 0;
    return syscall(SYS_getrandom, buffer, size, 0) == static_cast<long>(size) ? 0 : -1;
}

int clock_gettime(clockid_t clock, struct timespec* out) noexcept {
    const bool cpuTime = clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
    if (!wherry::sim::t_scheduler || cpuTime) return static_cast<int>(syscall(SYS_clock_gettime, clock, out));
    const auto now = wherry::sim::t_scheduler->now();
    const int64_t nanoseconds = clock == CLOCK_REALTIME ? now.wall.nanoseconds : now.mono.time_since_epoch().count();
    out->tv_sec = nanoseconds / 1'000'000'000;
    out->tv_nsec = nanoseconds % 1'000'000'000;
    return 0;
}

time_t time(time_t* out) noexcept {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
}
