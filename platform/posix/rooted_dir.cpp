#include "runtime/rooted_dir.h"

#include "platform/posix/file_calls.h"
#include "platform/posix/file_info.h"
#include "runtime/os_error.h"
#include "runtime/runtime_limits.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

namespace wherry::runtime {

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;

Result<void> checkPath(std::string_view path) {
    auto refuse = [&](const char* why) { return makeError(Errc::UnsafePath, "'" + std::string(path) + "': " + why); };
    if (path.empty()) return refuse("an empty path");
    if (path.find('\0') != std::string_view::npos) return refuse("a NUL in the path");
    for (size_t start = 0; start <= path.size();) {
        size_t end = std::min(path.find('/', start), path.size());
        std::string_view component = path.substr(start, end - start);
        if (component.empty()) return refuse(start == 0 ? "an absolute path" : "an empty component");
        if (component == "." || component == "..") return refuse("a path that leads upwards");
        start = end + 1;
    }
    return {};
}

std::string_view folderOf(std::string_view path) {
    size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string nameIn(std::string_view path) {
    size_t slash = path.rfind('/');
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string joined(const std::string& root, std::string_view path) {
    return path.empty() ? root : root + "/" + std::string(path); // for messages only
}

/// Opens one component of `folder` without following a link. ENOTDIR for a link where a folder is wanted, as the kernel
/// says it, becomes ELOOP, which tells the person more.
int openStep(int folder, const char* name, int flags, unsigned mode) {
    int handle;
    do handle = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    while (handle < 0 && errno == EINTR);
    if (handle < 0 && errno == ENOTDIR) {
        struct stat status {};
        bool isLink = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
        errno = isLink ? ELOOP : ENOTDIR;
    }
    return handle;
}

int walkComponents(int root, std::string_view path, int flags, unsigned mode) {
    int folder = root;
    int handle = -1;
    for (size_t start = 0;;) {
        size_t end = path.find('/', start);
        bool last = end == std::string_view::npos;
        std::string name(path.substr(start, last ? std::string_view::npos : end - start));
        handle = last ? openStep(folder, name.c_str(), flags, mode)
                      : openStep(folder, name.c_str(), platform::kFolderStepFlags, 0);
        int problem = errno;
        if (folder != root) ::close(folder);
        errno = problem;
        if (last || handle < 0) return handle;
        folder = handle;
        start = end + 1;
    }
}

} // namespace

/// The open folder that holds the last component of a path; the root itself is borrowed, not owned.
struct RootedDir::Parent {
    File owned;
    int handle = -1;
    std::string name;
};

Error RootedDir::failure(int number, std::string_view doing, std::string_view path) const {
    if (number == ENOENT || number == ENOTDIR) {
        struct stat status {};
        if (fstat(m_root.native(), &status) == 0 && status.st_nlink == 0)
            return makeError(Errc::VolumeGone, std::string(doing) + " '" + joined(m_root.name(), path) +
                                                   "': the folder '" + m_root.name() + "' has been removed");
    }
    return osError(number, doing, joined(m_root.name(), path));
}

Result<RootedDir> RootedDir::open(const std::string& path, PathWalk walk) {
    int handle;
    do handle = ::open(path.c_str(), kFolderFlags);
    while (handle < 0 && errno == EINTR);
    if (handle < 0) return osError(errno, "opening the folder", path);
    File root(handle, path);
    if (walk == PathWalk::Kernel) {
        int probe = platform::openBeneath(handle, ".", platform::kFolderStepFlags, 0);
        // ENOSYS: an older system; EPERM: a sandbox that does not know the call.
        if (probe < 0)
            walk = PathWalk::Components;
        else
            ::close(probe);
    }
    return RootedDir(std::move(root), walk);
}

Result<RootedDir> RootedDir::create(const std::string& path, FolderAccess access, PathWalk walk) {
    // The person's own path: links on it are the person's, so plain mkdir from the top is right.
    struct stat status {};
    if (stat(path.c_str(), &status) < 0) {
        for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
            bool last = slash == std::string::npos;
            std::string folder = path.substr(0, slash);
            mode_t mode = last && access == FolderAccess::Private ? 0700 : 0777;
            // EROFS and EACCES also come for folders that exist: those are fine as steps.
            if (int problem = mkdir(folder.c_str(), mode) < 0 ? errno : 0;
                problem != 0 && problem != EEXIST && stat(folder.c_str(), &status) < 0)
                return osError(problem, "creating the folder", folder);
            if (last) break;
        }
    }
    return open(path, walk);
}

Result<NativeFile> RootedDir::openBeneath(std::string_view path, int flags, unsigned mode,
                                          std::string_view doing) const {
    TRY_OK(checkPath(path));
    int handle = m_walk == PathWalk::Kernel
                     ? platform::openBeneath(m_root.native(), std::string(path).c_str(), flags, mode)
                     : walkComponents(m_root.native(), path, flags, mode);
    if (handle < 0) return failure(errno, doing, path);
    return handle;
}

Result<RootedDir::Parent> RootedDir::parentOf(std::string_view path) const {
    TRY_OK(checkPath(path));
    Parent parent;
    parent.name = nameIn(path);
    parent.handle = m_root.native();
    if (std::string_view folder = folderOf(path); !folder.empty()) {
        TRY(NativeFile handle, openBeneath(folder, platform::kFolderStepFlags, 0, "opening the folder"));
        parent.owned = File(handle, std::string(folder));
        parent.handle = handle;
    }
    return parent;
}

static Result<void> requireRegular(const FileInfo& info, std::string_view doing, const std::string& name) {
    if (info.kind == EntryKind::File) return {};
    const char* what = info.kind == EntryKind::Folder ? "a folder"
                       : info.kind == EntryKind::Link ? "a symbolic link"
                                                      : "a special file";
    return makeError(Errc::PermissionDenied, std::string(doing) + " '" + name + "': it is " + what);
}

Result<File> openRootFile(const std::string& path) {
    auto openWith = [&](int flags) {
        int handle;
        do handle = ::open(path.c_str(), flags | O_CLOEXEC);
        while (handle < 0 && errno == EINTR);
        return handle;
    };
    if (platform::kHasPathHandles) {
        int handle = openWith(platform::kPathHandleFlags & ~O_NOFOLLOW);
        if (handle < 0) return osError(errno, "opening", path);
        File asPath(handle, path);
        TRY(FileInfo info, asPath.info());
        TRY_OK(requireRegular(info, "opening", path));
        int readable = platform::reopenToRead(handle);
        if (readable >= 0) return File(readable, path);
        if (errno != ENOENT) return osError(errno, "opening", path);
    }
    int handle = openWith(O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (handle < 0) return osError(errno, "opening", path);
    File file(handle, path);
    TRY(FileInfo info, file.info());
    TRY_OK(requireRegular(info, "opening", path));
    return file;
}

Result<File> RootedDir::openToRead(std::string_view path) const {
    const char* doing = "opening";
    TRY_OK(checkPath(path));
    std::string name = joined(m_root.name(), path);
    if (platform::kHasPathHandles) {
        TRY(NativeFile handle, openBeneath(path, platform::kPathHandleFlags, 0, doing));
        File asPath(handle, name);
        TRY(FileInfo info, asPath.info());
        TRY_OK(requireRegular(info, doing, name));
        int readable = platform::reopenToRead(handle);
        if (readable >= 0) return File(readable, std::move(name));
        if (errno != ENOENT) return failure(errno, doing, path); // ENOENT: no /proc here
    } else {
        TRY(std::optional<FileInfo> info, look(path));
        if (!info) return failure(ENOENT, doing, path);
        TRY_OK(requireRegular(*info, doing, name));
    }
    TRY(NativeFile handle, openBeneath(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0, doing));
    File file(handle, name);
    TRY(FileInfo info, file.info());
    TRY_OK(requireRegular(info, doing, name));
    return file;
}

Result<File> RootedDir::createFile(std::string_view path) const {
    TRY(NativeFile handle, openBeneath(path, O_RDWR | O_CREAT | O_EXCL | O_NOCTTY | O_NOFOLLOW, 0600, "creating"));
    return File(handle, joined(m_root.name(), path));
}

Result<File> RootedDir::openToWrite(std::string_view path) const {
    TRY(NativeFile handle, openBeneath(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0, "opening"));
    File file(handle, joined(m_root.name(), path));
    TRY(FileInfo info, file.info());
    TRY_OK(requireRegular(info, "opening", file.name()));
    if (info.links != 1 || !info.ownedByUs)
        return makeError(Errc::PermissionDenied,
                         "opening '" + file.name() +
                             "': " + (info.ownedByUs ? "it has other hard links" : "another user owns it"));
    return file;
}

Result<File> RootedDir::openFolder(std::string_view path) const {
    if (path.empty()) {
        int handle = openat(m_root.native(), ".", kFolderFlags);
        if (handle < 0) return failure(errno, "opening the folder", path);
        return File(handle, m_root.name());
    }
    TRY(NativeFile handle, openBeneath(path, kFolderFlags, 0, "opening the folder"));
    return File(handle, joined(m_root.name(), path));
}

Result<std::optional<FileInfo>> RootedDir::look(std::string_view path) const {
    auto parent = parentOf(path);
    if (!parent) {
        if (parent.error().code == Errc::NotFound) return std::optional<FileInfo>();
        return parent.error();
    }
    struct stat status {};
    if (fstatat(parent->handle, parent->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
        return std::optional<FileInfo>(platform::fileInfo(status));
    if (errno == ENOENT) {
        Error error = failure(errno, "looking at", path);
        if (error.code == Errc::VolumeGone) return error;
        return std::optional<FileInfo>();
    }
    return failure(errno, "looking at", path);
}

Result<FolderNames> RootedDir::list(std::string_view path) const {
    TRY(File folder, openFolder(path));
    struct CloseDir {
        void operator()(DIR* stream) const { closedir(stream); }
    };
    int handle = fcntl(folder.native(), F_DUPFD_CLOEXEC, 0);
    std::unique_ptr<DIR, CloseDir> stream(handle < 0 ? nullptr : fdopendir(handle));
    if (!stream) {
        int problem = errno;
        if (handle >= 0) ::close(handle);
        return failure(problem, "reading the folder", path);
    }
    FolderNames names;
    while (true) {
        errno = 0;
        dirent* entry = readdir(stream.get());
        if (!entry) {
            if (errno != 0) return failure(errno, "reading the folder", path);
            break;
        }
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        if (names.size() == kMaxFolderNames)
            return makeError(Errc::TooLarge, "more than " + std::to_string(kMaxFolderNames) + " names in the folder '" +
                                                 joined(m_root.name(), path) + "'");
        names.add(name);
    }
    names.sort();
    return names;
}

Result<std::vector<NamedInfo>> RootedDir::look(std::string_view path, const FolderNames& names, size_t first,
                                               size_t count) const {
    TRY(const File folder, openFolder(path));
    std::vector<NamedInfo> entries;
    entries.reserve(count);
    for (size_t i = first; i < first + count; ++i) {
        struct stat status {};
        if (fstatat(folder.native(), names.at(i), &status, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno == ENOENT) continue;
            return failure(errno, "looking at", std::string(path) + "/" + names.at(i));
        }
        entries.push_back({names.at(i), platform::fileInfo(status)});
    }
    return entries;
}

Result<void> RootedDir::makeOneFolder(const std::string& path) const {
    TRY(Parent parent, parentOf(path));
    if (mkdirat(parent.handle, parent.name.c_str(), 0777) == 0) return {};
    int problem = errno;
    struct stat status {};
    if (problem == EEXIST && fstatat(parent.handle, parent.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISDIR(status.st_mode)) return {};
        if (S_ISLNK(status.st_mode)) problem = ELOOP;
    }
    return failure(problem, "creating the folder", path);
}

Result<void> RootedDir::makeFolder(std::string_view path) const {
    auto made = makeOneFolder(std::string(path));
    if (made || made.error().code != Errc::NotFound) return made;
    for (size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
        TRY_OK(makeOneFolder(std::string(path.substr(0, slash))));
    return makeOneFolder(std::string(path));
}

/// The rename for volumes without RENAME_NOREPLACE: a second link never replaces, then the first goes.
static int linkAndUnlink(int fromFolder, const char* from, int toFolder, const char* to) {
    if (linkat(fromFolder, from, toFolder, to, 0) < 0) return -1;
    if (unlinkat(fromFolder, from, 0) == 0) return 0;
    int problem = errno;
    unlinkat(toFolder, to, 0); // a failure leaves everything as it was
    errno = problem;
    return -1;
}

/// Both ends of a rename; the second may borrow the folder of the first.
struct RootedDir::Rename {
    Parent source;
    Parent target;
};

Result<RootedDir::Rename> RootedDir::beginRename(std::string_view from, std::string_view to) const {
    Rename rename;
    TRY(rename.source, parentOf(from));
    if (folderOf(from) == folderOf(to)) { // as parts and their files are: one look-up less for each of many small files
        TRY_OK(checkPath(to));
        rename.target.handle = rename.source.handle;
        rename.target.name = nameIn(to);
    } else {
        TRY(rename.target, parentOf(to));
    }
    return rename;
}

Result<void> RootedDir::finishRename(const Rename& rename, std::string_view to, WhenTaken taken) const {
    const Parent& source = rename.source;
    const Parent& target = rename.target;
    const char* oldName = source.name.c_str();
    const char* newName = target.name.c_str();
    if (taken == WhenTaken::Replace) {
        struct stat status {};
        // A rename replaces a link itself and never what it points to; but an empty folder would go too.
        if (fstatat(target.handle, newName, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode))
            return failure(EEXIST, "replacing", to);
        if (renameat(source.handle, oldName, target.handle, newName) < 0) return failure(errno, "renaming to", to);
        return {};
    }
    int outcome = m_walk == PathWalk::Kernel ? platform::renameNoReplace(source.handle, oldName, target.handle, newName)
                                             : (errno = ENOSYS, -1);
    if (outcome < 0 && (errno == EINVAL || errno == ENOSYS)) {
        outcome = linkAndUnlink(source.handle, oldName, target.handle, newName);
        if (outcome < 0 && (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS))
            return makeError(Errc::Unsupported, "renaming to '" + joined(m_root.name(), to) +
                                                    "': this volume cannot rename without replacing");
    }
    if (outcome < 0) return failure(errno, "renaming to", to);
    return {};
}

Result<void> RootedDir::rename(std::string_view from, std::string_view to, WhenTaken taken) const {
    TRY(const Rename rename, beginRename(from, to));
    return finishRename(rename, to, taken);
}

Result<std::optional<FileInfo>> RootedDir::renameKnown(std::string_view from, std::string_view to, WhenTaken taken,
                                                       const Judgement& asLeft, const Judgement& isIt) const {
    TRY(Rename rename, beginRename(from, to));
    struct stat status {};
    if (fstatat(rename.source.handle, rename.source.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0)
        return failure(errno, "looking at", from);
    if (!asLeft(platform::fileInfo(status)))
        return makeError(Errc::Busy, "'" + joined(m_root.name(), from) + "': another program has changed it");
    TRY_OK(finishRename(rename, to, taken));
    if (fstatat(rename.target.handle, rename.target.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno == ENOENT) return std::optional<FileInfo>();
        return failure(errno, "looking at", to);
    }
    const FileInfo there = platform::fileInfo(status);
    if (isIt(there)) return std::optional(there);
    std::swap(rename.source, rename.target);
    (void)finishRename(rename, from, WhenTaken::Fail); // when the old name is taken too, both are somebody else's
    return makeError(Errc::Busy, "'" + joined(m_root.name(), to) + "': another program has put something else there");
}

Result<void> RootedDir::removeFile(std::string_view path) const {
    TRY(Parent parent, parentOf(path));
    if (unlinkat(parent.handle, parent.name.c_str(), 0) < 0) return failure(errno, "removing", path);
    return {};
}

Result<void> RootedDir::syncFolderOf(std::string_view path) const {
    TRY_OK(checkPath(path));
    TRY(File folder, openFolder(folderOf(path)));
    if (fsync(folder.native()) == 0 || errno == EINVAL) return {}; // EINVAL: a volume whose folders cannot be synced
    return failure(errno, "syncing the folder of", path);
}

Result<uint64_t> RootedDir::freeBytes() const {
    struct statvfs volume {};
    if (fstatvfs(m_root.native(), &volume) < 0) return failure(errno, "asking for free space at", {});
    return static_cast<uint64_t>(volume.f_bavail) * volume.f_frsize;
}

bool RootedDir::isWritable() const {
    return ::faccessat(m_root.native(), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

bool RootedDir::isWindowsVolume() const {
    return platform::isWindowsVolume(m_root.native());
}

Result<size_t> RootedDir::maxNameLength() const {
    errno = 0;
    const long length = fpathconf(m_root.native(), _PC_NAME_MAX);
    if (length < 0 && errno != 0) return failure(errno, "asking for the longest name at", {});
    return length < 0 ? size_t(NAME_MAX) : static_cast<size_t>(length);
}

bool RootedDir::foldsNames() const {
    return platform::foldsNames(m_root.native());
}

} // namespace wherry::runtime
