#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The port through which jobs reach files. Runtime implements it on real directories (handles only: runtime/rooted_dir),
/// the simulator in memory with failures. All methods are called from worker threads and must be thread-safe. Paths handed to a
/// Destination are relative, '/'-separated and validated by transfer/entry_name; the Destination still refuses to leave its
/// root, whatever the path says or the file system does meanwhile.
namespace wherry::transfer {

/// What identifies the content of a source file between two looks.
struct SourceStamp {
    uint64_t size = 0;
    int64_t modifiedNs = 0; ///< mtime, nanoseconds since 1970
    int64_t changedNs = 0;  ///< ctime; 0 where the system has none
    uint64_t inode = 0;
    uint64_t device = 0;
    bool operator==(const SourceStamp&) const = default;
};

/// One file or folder found below a root given by the person.
struct ScannedEntry {
    std::string path; ///< root name first, '/'-separated, exactly the bytes of the file system
    bool isFolder = false;
    bool executable = false;
    SourceStamp stamp;
    bool inodeStays = true; ///< false: the volume may give the same file another inode while nobody has it open
};

/// Something that was left out, and why: "symbolic link", "socket", "fifo", "device", "unreadable folder: ...".
struct SkippedEntry {
    std::string path;
    std::string reason;
    bool failed = false; ///< the person expects it to arrive: a file or folder that cannot be read or named; false: links, devices
};

/// A regular file opened for reading, never through a symbolic link below its root.
class SourceFile {
  public:
    virtual ~SourceFile() = default;
    virtual Result<SourceStamp> stamp() = 0;
    /// Fills `out` from `offset`; returns the bytes read, fewer only at the end of the file.
    virtual Result<size_t> read(uint64_t offset, MutableBytes out) = 0;
};

/// A temporary file in the destination. It is known how each of the calls that change it has left it: whatever somebody
/// else has written to it in between is found out at Destination::publish.
class PartFile {
  public:
    virtual ~PartFile() = default;
    virtual Result<uint64_t> size() = 0;
    virtual Result<void> write(uint64_t offset, ByteView bytes) = 0;
    /// The same of as many zeros, which take no space where the volume can hold a hole, whatever was there before.
    virtual Result<void> writeZeros(uint64_t offset, uint64_t length) = 0;
    /// Before anything arrives for a file of this size: the part gets, by a hole, a length that no write reaches and only
    /// finish() changes, so that whoever cuts it is noticed, even in the middle of a write. It may also stay as it is.
    virtual Result<void> extend(uint64_t size) = 0;
    /// All of a file that createPart has just made: its content, and what finish() does.
    virtual Result<void> writeWhole(ByteView content, int64_t modifiedNs, bool executable) = 0;
    /// Fills all of `out` or fails (Io at the end of the file).
    virtual Result<void> read(uint64_t offset, MutableBytes out) = 0;
    /// Starts writing the range back to the disk without waiting for it (a hint; sync_file_range).
    virtual void startWriteback(uint64_t offset, uint64_t length) = 0;
    /// Content is on the disk when it returns (fdatasync).
    virtual Result<void> sync() = 0;
    /// Cuts or extends to exactly `size`, sets modification time and, if wanted, the executable bits that the umask allows;
    /// nothing else of a peer's metadata is ever applied (B13).
    virtual Result<void> finish(uint64_t size, int64_t modifiedNs, bool executable) = 0;
    /// What is in it now is taken for ours, whoever has written it; the caller reads and hashes it afterwards.
    virtual Result<void> takeAsIs() = 0;
};

struct ExistingEntry {
    bool isFolder = false;
    uint64_t size = 0;
    int64_t modifiedNs = 0;
    bool executable = false;
    int64_t changedNs = 0; ///< ctime; 0 where the system has none
    uint64_t inode = 0;    ///< 0 where it may change by itself
    bool isSpecial = false; ///< in answers of a LookJob: a symbolic link, socket, fifo or device has the name
};

enum class OnExisting : uint8_t { Fail, Replace };

/// What there is to know of a download folder before anything is made in it: what its volume does to names, and whether
/// something can be written there.
struct NameTraits {
    bool foldsNames = false;           ///< two spellings (case, NFC/NFD) name the same file
    bool refusesWindowsNames = false;  ///< holds what Windows can open only (entry_name.h isWindowsName)
    size_t maxNameLength = 255;        ///< bytes of one name
    bool folderThere = true;           ///< the folder that was asked about is there itself
    bool writable = true;              ///< this user may make something in it, or in the one that it would be made in
    uint64_t freeBytes = 0;            ///< at the moment
    bool operator==(const NameTraits&) const = default;
};

/// An open download folder. Created on demand by openDestination; every operation stays beneath it and follows no symbolic link.
class Destination {
  public:
    virtual ~Destination() = default;

    /// The folder as the person knows it, for messages.
    virtual std::string displayPath() const = 0;
    virtual Result<uint64_t> freeBytes() = 0;
    /// Two spellings (case, NFC/NFD) name the same file on this volume.
    virtual bool foldsNames() const = 0;
    /// nullopt when nothing has that name. A symbolic link or special file is Exists with a context that says so.
    virtual Result<std::optional<ExistingEntry>> look(const std::string& path) = 0;
    /// Creates the folder and those above it; an existing folder is fine. Exists when something else has the name.
    virtual Result<void> makeFolder(const std::string& path) = 0;
    /// Removes the file or link that has the name, never what a link points to and never a folder (Exists). Nothing there is fine.
    virtual Result<void> clearName(const std::string& path) = 0;
    virtual Result<void> setFolderTime(const std::string& path, int64_t modifiedNs) = 0;
    /// Creates exclusively (0600, never through links); the folder of `path` must exist. `expectedSize` > 0 reserves space where
    /// the volume can, so that DiskFull comes early.
    virtual Result<std::unique_ptr<PartFile>> createPart(const std::string& path, uint64_t expectedSize) = 0;
    /// Opens a part that an earlier attempt has left: a regular file with one link, owned by us; otherwise PermissionDenied or
    /// NotFound. Nothing of its content is believed.
    virtual Result<std::unique_ptr<PartFile>> adoptPart(const std::string& path) = 0;
    /// Opens the part that this Destination has made or adopted, and no other file. Busy: another program has put something else
    /// in its place, linked to it, or removed it. One that it knows nothing of is opened like one that somebody has changed.
    virtual Result<std::unique_ptr<PartFile>> openPart(const std::string& path) = 0;
    /// Renames part to its final name in one step. OnExisting::Fail never replaces (Exists); Replace replaces a file or a link itself,
    /// never a folder (Exists). Busy: it is not the file that openPart opens, or somebody else has changed it since our own last write;
    /// then it keeps its name. Gives what has the final name now; nullopt: somebody has given it yet another name at once.
    ///
    /// What cannot be noticed: a write into the part by a program of the same user while a write of ours runs, or within the
    /// same tick of the system's clock for files (Linux before 6.13: 4 ms). Volumes whose inodes or times may change by themselves
    /// (FAT, servers in user space) say less: there the size counts.
    virtual Result<std::optional<ExistingEntry>> publish(const std::string& part, const std::string& path, OnExisting onExisting) = 0;
    virtual Result<void> removePart(const std::string& path) = 0;
    /// Reads a published file back, to verify it. Never through links.
    virtual Result<std::unique_ptr<SourceFile>> openPublished(const std::string& path) = 0;
    /// Everything written to the volume so far is on the disk when it returns (syncfs). Unsupported where the system cannot.
    virtual Result<void> syncVolume() = 0;
    /// The entries of the folder that hold `path` are on the disk when it returns (fsync of the folder).
    virtual Result<void> syncFolderOf(const std::string& path) = 0;
};

/// Takes what a scan finds, one by one: a folder before what is in it, all of a folder before what follows it, names in
/// byte order within a folder.
class ScanSink {
  public:
    virtual ~ScanSink() = default;
    /// An error ends the scan with it.
    virtual Result<void> take(ScannedEntry entry) = 0;
};

/// What there is to say about a scan beside the entries.
struct ScanOutcome {
    std::vector<SkippedEntry> skipped; ///< at most kMaxSkippedReported that failed are kept, and as many others
    uint64_t skippedCount = 0;
    uint64_t skippedFailures = 0; ///< of skippedCount
    std::vector<std::string> rootPaths; ///< absolute local path of each root, in the order of the request
    std::vector<std::string> rootNames; ///< first component of the entries of each root

    void leaveOut(SkippedEntry entry);
};

class Storage {
  public:
    virtual ~Storage() = default;
    /// Walks the given paths (a path that is itself a symbolic link is followed, links below it never). Two roots of the same name: the second
    /// gets "name (1)". NotFound or PermissionDenied name the path.
    virtual Result<ScanOutcome> scan(const std::vector<std::string>& paths, ScanSink& sink) = 0;
    /// `rootPath`: absolute; `inside`: the entry's path below it without the root name, empty when the root itself is a file.
    virtual Result<std::unique_ptr<SourceFile>> openSource(const std::string& rootPath, const std::string& inside) = 0;
    /// Makes the folder the first time. From then on, or from the first nameTraits() that has found it, only that folder is opened:
    /// VolumeGone when it has been removed, or something else is in its place (another folder, a volume that is not mounted any more).
    virtual Result<std::shared_ptr<Destination>> openDestination(const std::string& path) = 0;
    /// Of the volume that holds the folder, or would hold it when it were made. Creates nothing. VolumeGone as above.
    virtual Result<NameTraits> nameTraits(const std::string& path) = 0;
};

} // namespace wherry::transfer
