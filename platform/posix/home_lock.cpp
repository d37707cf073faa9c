#include "runtime/home_lock.h"

#include "runtime/os_error.h"

#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace wherry::runtime {

static constexpr const char* kFileName = "engine.lock";
/// Bytes of the note inside: a process number and a short name.
static constexpr size_t kMaxNote = 256;

static Result<File> openOrCreate(const RootedDir& home) {
    auto created = home.createFile(kFileName);
    if (created || created.error().code != Errc::Exists) return created;
    return home.openToWrite(kFileName);
}

Result<HomeLock> HomeLock::take(const RootedDir& home, const std::string& who) {
    TRY(File file, openOrCreate(home));
    int outcome;
    do outcome = flock(file.native(), LOCK_EX | LOCK_NB);
    while (outcome < 0 && errno == EINTR);
    if (outcome < 0 && errno != EWOULDBLOCK) return osError(errno, "locking", file.name());
    if (outcome < 0) {
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
