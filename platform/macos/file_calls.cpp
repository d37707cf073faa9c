#include "platform/posix/file_calls.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

namespace wherry::platform {

const int kFolderStepFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
const bool kHasPathHandles = false;
const int kPathHandleFlags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;

int openBeneath(int, const char*, int, unsigned) {
    errno = ENOSYS;
    return -1;
}

int reopenToRead(int) {
    errno = ENOSYS;
    return -1;
}

int renameNoReplace(int fromFolder, const char* from, int toFolder, const char* to) {
    int outcome = renameatx_np(fromFolder, from, toFolder, to, RENAME_EXCL);
    if (outcome < 0 && errno == ENOTSUP) errno = EINVAL;
    return outcome;
}

int syncData(int file) {
    // fsync alone leaves the bytes in the drive's own cache. Volumes without it (network shares) say ENOTSUP.
    return fcntl(file, F_FULLFSYNC) == 0 ? 0 : fsync(file);
}

int syncVolume(int) {
    errno = ENOSYS;
    return -1;
}

int reserveSpace(int file, uint64_t size) {
    fstore_t request{};
    request.fst_flags = F_ALLOCATEALL;
    request.fst_posmode = F_PEOFPOSMODE;
    request.fst_length = static_cast<off_t>(size);
    int outcome = fcntl(file, F_PREALLOCATE, &request);
    if (outcome < 0 && errno == ENOTSUP) errno = EOPNOTSUPP;
    return outcome;
}

int makeHole(int file, uint64_t offset, uint64_t length) {
    fpunchhole_t hole{};
    hole.fp_offset = static_cast<off_t>(offset);
    hole.fp_length = static_cast<off_t>(length);
    int outcome = fcntl(file, F_PUNCHHOLE, &hole);
    if (outcome < 0 && errno == ENOTSUP) errno = EOPNOTSUPP;
    return outcome;
}

void startWriteback(int, uint64_t, uint64_t) {}

bool foldsNames(int folder) {
    // APFS and HFS+ also fold normal forms, whether or not they fold case.
    return fpathconf(folder, _PC_CASE_SENSITIVE) != 1;
}

bool isWindowsVolume(int folder) {
    struct statfs volume {};
    if (fstatfs(folder, &volume) != 0) return false;
    const std::string_view kind = volume.f_fstypename;
    return kind == "msdos" || kind == "exfat" || kind == "ntfs" || kind == "smbfs";
}

runtime::StampTrust stampTrust(int file) {
    struct statfs volume {};
    if (fstatfs(file, &volume) != 0) return runtime::StampTrust::None;
    const std::string_view kind = volume.f_fstypename;
    if (kind == "apfs" || kind == "hfs") return runtime::StampTrust::Full;
    return kind == "nfs" ? runtime::StampTrust::Inode : runtime::StampTrust::None;
}

mode_t currentUmask() {
    mode_t mask = umask(077);
    umask(mask);
    return mask;
}

} // namespace wherry::platform
