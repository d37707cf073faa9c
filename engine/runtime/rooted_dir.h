#pragma once

#include "base/result.h"
#include "runtime/file.h"
#include "runtime/folder_names.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::runtime {

/// How paths below a root are walked. Kernel: openat2 in one call, where the system has it. Components: one open per
/// component, none of which follows a link. Both refuse the same things; the second is slower.
enum class PathWalk : uint8_t { Kernel, Components };
enum class WhenTaken : uint8_t { Fail, Replace };
enum class FolderAccess : uint8_t { Default, Private };

/// A name in a folder and what it stands for (never followed).
struct NamedInfo {
    std::string name;
    FileInfo info;
};

/// Opens a regular file that a person has named, to read; links on the way are the person's and are followed, special
/// files are never opened.
Result<File> openRootFile(const std::string& path);

/// An open folder that nothing below can lead out of. The one door to the disk for content from peers, and for files of
/// our own that matter.
///
/// Invariants: every path is relative and '/'-separated; an empty path, an absolute one, an empty component, ".", ".."
/// and NUL are refused as UnsafePath before the system is asked. No symbolic link below the root is ever followed,
/// whatever is swapped in while a call runs: each call works on handles, never on a joined string. The root's own path
/// is the person's and may lead through links. Thread-safe: the object never changes after it has been opened.
class RootedDir {
  public:
    static Result<RootedDir> open(const std::string& path, PathWalk walk = PathWalk::Kernel);
    /// Creates the folder and those above it where missing. Private: the last one is 0700.
    static Result<RootedDir> create(const std::string& path, FolderAccess access = FolderAccess::Default,
                                    PathWalk walk = PathWalk::Kernel);

    /// As the person named it.
    const std::string& path() const { return m_root.name(); }

    /// A regular file, for reading. Special files are never opened, not even for a moment.
    Result<File> openToRead(std::string_view path) const;
    /// Creates exclusively, 0600. Exists.
    Result<File> createFile(std::string_view path) const;
    /// An existing regular file with one link that this user owns, to read and write; otherwise PermissionDenied.
    Result<File> openToWrite(std::string_view path) const;
    /// Empty path: the root itself.
    Result<File> openFolder(std::string_view path) const;
    /// nullopt: nothing has that name.
    Result<std::optional<FileInfo>> look(std::string_view path) const;
    /// The names in the folder but "." and "..", in byte order. Empty path: the root itself. TooLarge: more than
    /// kMaxFolderNames.
    Result<FolderNames> list(std::string_view path) const;
    /// What `count` of the folder's names stand for, from number `first` on; those that have gone are left out.
    Result<std::vector<NamedInfo>> look(std::string_view path, const FolderNames& names, size_t first,
                                        size_t count) const;
    /// Creates the folder and those above it; existing folders are fine; Exists when something else has a name.
    Result<void> makeFolder(std::string_view path) const;
    /// In one step. Fail: never replaces (Exists). Replace: what is there goes, a link itself; a folder is Exists.
    Result<void> rename(std::string_view from, std::string_view to, WhenTaken taken) const;
    /// rename() of a file that is known: only when `asLeft` says so of what has the name `from` (Busy), and it only
    /// stays so named when `isIt` says so of what stands there afterwards; otherwise it gets its old name back (Busy).
    /// nullopt: somebody has given it another name at once.
    using Judgement = std::function<bool(const FileInfo&)>;
    Result<std::optional<FileInfo>> renameKnown(std::string_view from, std::string_view to, WhenTaken taken,
                                                const Judgement& asLeft, const Judgement& isIt) const;
    /// Removes a file or a link itself, never a folder.
    Result<void> removeFile(std::string_view path) const;
    /// The folder that holds `path` is on the disk when it returns.
    Result<void> syncFolderOf(std::string_view path) const;
    Result<void> syncVolume() const { return m_root.syncVolume(); }
    Result<uint64_t> freeBytes() const;
    /// As far as the system says so without trying, this user may make files in it.
    bool isWritable() const;
    /// The volume takes names that differ in case or normal form for the same file.
    bool foldsNames() const;
    /// A volume of the Windows kind (FAT, exFAT, NTFS, SMB): it takes the names that Windows can open, and the inodes
    /// of its files may change while nobody has them open.
    bool isWindowsVolume() const;
    /// Bytes of one name.
    Result<size_t> maxNameLength() const;
    StampTrust stampTrust() const { return m_root.stampTrust(); }
    Result<FileInfo> rootInfo() const { return m_root.info(); }

  private:
    struct Parent;
    struct Rename;
    RootedDir(File root, PathWalk walk) : m_root(std::move(root)), m_walk(walk) {}
    Result<Parent> parentOf(std::string_view path) const;
    Result<NativeFile> openBeneath(std::string_view path, int flags, unsigned mode, std::string_view doing) const;
    Result<Rename> beginRename(std::string_view from, std::string_view to) const;
    Result<void> finishRename(const Rename& rename, std::string_view to, WhenTaken taken) const;
    Error failure(int number, std::string_view doing, std::string_view path) const;
    Result<void> makeOneFolder(const std::string& path) const;

    File m_root;
    PathWalk m_walk = PathWalk::Kernel;
};

} // namespace wherry::runtime
