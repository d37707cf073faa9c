#include "runtime/home_lock.h"

#include "runtime/os_error.h"

#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

namespace wherry::runtime {

static constexpr const char* kFileName = "engine.lock";
/// Bytes of the note inside: a process number and a short name.
static constexpr size_t kMaxNote = 256;
/// How often and how long apart one looks again while others only ask whether the home is held: each has it for some
/// microseconds, but may be put aside by the system meanwhile.
static constexpr int kMaxLooks = 1000;
static constexpr auto kBetweenLooks = std::chrono::milliseconds(1);

static Result<File> openOrCreate(const RootedDir& home) {
    auto created = home.createFile(kFileName);
    if (created || created.error().code != Errc::Exists) return created;
    return home.openToWrite(kFileName);
}

/// Whether it was to be had; LOCK_EX or LOCK_SH.
static Result<bool> lockNow(const File& file, int kind) {
    int outcome;
    do outcome = flock(file.native(), kind | LOCK_NB);
    while (outcome < 0 && errno == EINTR);
    if (outcome < 0 && errno != EWOULDBLOCK) return osError(errno, "locking", file.name());
    return outcome == 0;
}

/// Whoever holds the home has the lock for itself; whoever asks shares it.
static Result<bool> lockForItself(const File& file) {
    for (int look = 0; look < kMaxLooks; ++look) {
        TRY(const bool taken, lockNow(file, LOCK_EX));
        if (taken) return true;
        TRY(const bool shared, lockNow(file, LOCK_SH));
        if (!shared) return false;
        std::this_thread::sleep_for(kBetweenLooks);
    }
    return false;
}

bool HomeLock::isHeld(const RootedDir& home) {
    const auto file = home.openToRead(kFileName);
    return file && !lockNow(*file, LOCK_SH).value_or(true);
}

Result<HomeLock> HomeLock::take(const RootedDir& home, const std::string& who) {
    TRY(File file, openOrCreate(home));
    TRY(const bool taken, lockForItself(file));
    if (!taken) {
        Bytes note(kMaxNote);
        note.resize(file.readAt(0, note).value_or(0));
        std::string holder(asText(note));
        std::replace_if(
            holder.begin(), holder.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
        return makeError(Errc::Busy,
                         "'" + home.path() + "' is in use by " + (holder.empty() ? "another process" : holder));
    }
    std::string note = who + " (process " + std::to_string(getpid()) + ")";
    TRY_OK(file.resize(0));
    TRY_OK(file.writeAt(0, asBytes(std::string_view(note).substr(0, kMaxNote))));
    return HomeLock(std::move(file));
}

} // namespace wherry::runtime
