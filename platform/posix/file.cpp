#include "runtime/file.h"

#include "platform/posix/file_calls.h"
#include "platform/posix/file_info.h"
#include "runtime/os_error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace wherry::platform {

static int64_t nanoseconds(const timespec& time) {
    // Saturates: a file system may hold any 64-bit second, and a stamp only has to be stable.
    constexpr int64_t kLimit = INT64_MAX / 1'000'000'000 - 1;
    int64_t seconds = time.tv_sec > kLimit ? kLimit : time.tv_sec < -kLimit ? -kLimit : time.tv_sec;
    return seconds * 1'000'000'000 + time.tv_nsec;
}

runtime::FileInfo fileInfo(const struct stat& status) {
    runtime::FileInfo info;
    if (S_ISREG(status.st_mode))
        info.kind = runtime::EntryKind::File;
    else if (S_ISDIR(status.st_mode))
        info.kind = runtime::EntryKind::Folder;
    else if (S_ISLNK(status.st_mode))
        info.kind = runtime::EntryKind::Link;
    info.size = static_cast<uint64_t>(status.st_size);
#ifdef __APPLE__
    info.modifiedNs = nanoseconds(status.st_mtimespec);
    info.changedNs = nanoseconds(status.st_ctimespec);
#else
    info.modifiedNs = nanoseconds(status.st_mtim);
    info.changedNs = nanoseconds(status.st_ctim);
#endif
    info.inode = status.st_ino;
    info.device = static_cast<uint64_t>(status.st_dev);
    info.links = status.st_nlink;
    info.executable = (status.st_mode & S_IXUSR) != 0;
    info.ownedByUs = status.st_uid == geteuid();
    info.othersMayRead = (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    info.anybodyMayWrite = (status.st_mode & S_IWOTH) != 0;
    return info;
}

} // namespace wherry::platform

namespace wherry::runtime {

NativeFile noFile() {
    return -1;
}

File& File::operator=(File&& other) noexcept {
    if (this != &other) {
        close();
        m_native = std::exchange(other.m_native, noFile());
        m_name = std::move(other.m_name);
    }
    return *this;
}

void File::close() {
    // Never retried on EINTR: Linux has closed it all the same.
    if (isOpen()) ::close(std::exchange(m_native, noFile()));
}

Result<FileInfo> File::info() const {
    struct stat status {};
    if (fstat(m_native, &status) < 0) return osError(errno, "looking at", m_name);
    return platform::fileInfo(status);
}

StampTrust File::stampTrust() const {
    return platform::stampTrust(m_native);
}

Result<size_t> File::readAt(uint64_t offset, MutableBytes out) const {
    size_t done = 0;
    while (done < out.size()) {
        ssize_t count = pread(m_native, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return osError(errno, "reading", m_name);
        if (count == 0) break;
        done += static_cast<size_t>(count);
    }
    return done;
}

Result<void> File::writeAt(uint64_t offset, ByteView bytes) const {
    size_t done = 0;
    while (done < bytes.size()) {
        ssize_t count = pwrite(m_native, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return osError(errno, "writing", m_name);
        if (count == 0) return osError(EIO, "writing", m_name);
        done += static_cast<size_t>(count);
    }
    return {};
}

Result<void> File::makeHole(uint64_t offset, uint64_t length) const {
    if (platform::makeHole(m_native, offset, length) == 0) return {};
    if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL)
        return makeError(Errc::Unsupported, "making a hole in '" + m_name + "'");
    return osError(errno, "making a hole in", m_name);
}

Result<void> File::resize(uint64_t size) const {
    int outcome;
    do outcome = ftruncate(m_native, static_cast<off_t>(size));
    while (outcome < 0 && errno == EINTR);
    if (outcome < 0) return osError(errno, "setting the length of", m_name);
    return {};
}

Result<void> File::reserve(uint64_t size) const {
    if (platform::reserveSpace(m_native, size) == 0) return {};
    if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL) return {};
    return osError(errno, "reserving space for", m_name);
}

void File::startWriteback(uint64_t offset, uint64_t length) const {
    platform::startWriteback(m_native, offset, length);
}

Result<void> File::sync() const {
    if (platform::syncData(m_native) == 0) return {};
    if (errno == EINVAL) return {}; // a special volume that has nothing to sync
    return osError(errno, "syncing", m_name);
}

Result<void> File::syncVolume() const {
    if (platform::syncVolume(m_native) < 0) return osError(errno, "syncing the volume of", m_name);
    return {};
}

Result<void> File::setModified(int64_t modifiedNs) const {
    timespec times[2]{};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = static_cast<time_t>(modifiedNs / 1'000'000'000);
    times[1].tv_nsec = static_cast<long>(modifiedNs % 1'000'000'000);
    if (times[1].tv_nsec < 0) {
        times[1].tv_nsec += 1'000'000'000;
        --times[1].tv_sec;
    }
    if (futimens(m_native, times) == 0) return {};
    // Some volumes (FAT, shares of another user) cannot hold the time; that is no reason to lose the file.
    if (errno == EPERM || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS) return {};
    return osError(errno, "setting the time of", m_name);
}

Result<void> File::publishMode(ExecutableBit executable) const {
    static const mode_t mask = platform::currentUmask();
    mode_t mode = (executable == ExecutableBit::Set ? 0777 : 0666) & ~mask;
    if (fchmod(m_native, mode | S_IRUSR | S_IWUSR) == 0) return {};
    if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) return {}; // FAT and the like have no such bits
    return osError(errno, "setting the permissions of", m_name);
}

} // namespace wherry::runtime
