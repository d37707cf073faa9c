#include "platform/posix/file_calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace wherry::platform {

const int kFolderStepFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
const bool kHasPathHandles = true;
const int kPathHandleFlags = O_PATH | O_NOFOLLOW | O_CLOEXEC;

namespace {

/// openat2 says EAGAIN when a rename elsewhere raced with "..", which we never pass; so a few tries are plenty.
constexpr int kRaceRetries = 8;

// Not in every <linux/magic.h>.
constexpr long kExfatMagic = 0x2011BAB0;
constexpr long kNtfsMagic = 0x5346544e;
constexpr long kNtfs3Magic = 0x7366746e;
constexpr long kCifsMagic = static_cast<long>(0xFF534D42);
constexpr long kSmb2Magic = static_cast<long>(0xFE534D42);
constexpr long kHfsPlusMagic = 0x482b;
constexpr long kFuseMagic = 0x65735546;
constexpr long kCephMagic = 0x00c36400;
constexpr long kVboxMagic = 0x786f4256;
constexpr long kLustreMagic = 0x0BD00BD0;
constexpr long kGpfsMagic = 0x47504653;
#ifndef FS_CASEFOLD_FL
#define FS_CASEFOLD_FL 0x40000000
#endif

} // namespace

int openBeneath(int root, const char* path, int flags, unsigned mode) {
    open_how how{};
    how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
    if (flags & O_CREAT) how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    for (int attempt = 0;; ++attempt) {
        long handle = syscall(SYS_openat2, root, path, &how, sizeof(how));
        if (handle < 0 && (errno == EINTR || (errno == EAGAIN && attempt < kRaceRetries))) continue;
        return static_cast<int>(handle);
    }
}

int reopenToRead(int pathHandle) {
    // The link leads to the very inode that was looked at; nothing can be swapped in between.
    char link[32];
    std::snprintf(link, sizeof(link), "/proc/self/fd/%d", pathHandle);
    const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int handle = open(link, flags | O_NOATIME);
    return handle < 0 && errno == EPERM ? open(link, flags) : handle;
}

int renameNoReplace(int fromFolder, const char* from, int toFolder, const char* to) {
    return static_cast<int>(syscall(SYS_renameat2, fromFolder, from, toFolder, to, RENAME_NOREPLACE));
}

int syncData(int file) {
    return fdatasync(file);
}

int syncVolume(int file) {
    return syncfs(file);
}

int reserveSpace(int file, uint64_t size) {
    int outcome;
    do outcome = fallocate(file, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size));
    while (outcome < 0 && errno == EINTR);
    return outcome;
}

int makeHole(int file, uint64_t offset, uint64_t length) {
    const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    int outcome;
    do outcome = fallocate(file, mode, static_cast<off_t>(offset), static_cast<off_t>(length));
    while (outcome < 0 && errno == EINTR);
    return outcome;
}

void startWriteback(int file, uint64_t offset, uint64_t length) {
    (void)sync_file_range(file, static_cast<off_t>(offset), static_cast<off_t>(length), SYNC_FILE_RANGE_WRITE);
}

/// 0: the system does not say.
static long volumeMagic(int folder) {
    struct statfs volume {};
    return fstatfs(folder, &volume) == 0 ? static_cast<long>(volume.f_type) : 0;
}

bool isWindowsVolume(int folder) {
    switch (volumeMagic(folder)) {
    case MSDOS_SUPER_MAGIC:
    case kExfatMagic:
    case kNtfsMagic:
    case kNtfs3Magic:
    case kCifsMagic:
    case kSmb2Magic:
        return true;
    default:
        return false;
    }
}

runtime::StampTrust stampTrust(int file) {
    if (isWindowsVolume(file)) return runtime::StampTrust::None;
    switch (volumeMagic(file)) {
    case 0: // not said
    case kFuseMagic:
    case kVboxMagic:
    case V9FS_MAGIC:
        return runtime::StampTrust::None;
    case NFS_SUPER_MAGIC:
    case AFS_FS_MAGIC:
    case kCephMagic:
    case kLustreMagic:
    case kGpfsMagic:
        return runtime::StampTrust::Inode;
    default:
        return runtime::StampTrust::Full;
    }
}

bool foldsNames(int folder) {
    if (isWindowsVolume(folder) || volumeMagic(folder) == kHfsPlusMagic) return true;
    int flags = 0; // ext4 and f2fs fold per folder
    return ioctl(folder, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_CASEFOLD_FL);
}

mode_t currentUmask() {
    if (FILE* status = std::fopen("/proc/self/status", "re")) {
        char line[256];
        while (std::fgets(line, sizeof(line), status)) {
            if (std::strncmp(line, "Umask:", 6) != 0) continue;
            std::fclose(status);
            return static_cast<mode_t>(std::strtoul(line + 6, nullptr, 8));
        }
        std::fclose(status);
    }
    return 077; // unknown: only what is certainly wanted
}

} // namespace wherry::platform
