#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <utility>

/// An open file or folder of the operating system, and what may be done with it. Implemented once per system in
/// platform/. Positional reads and writes are safe from several threads at once.
namespace wherry::runtime {

#ifdef _WIN32
using NativeFile = void*;
#else
using NativeFile = int;
#endif
/// INVALID_HANDLE_VALUE on Windows, -1 elsewhere.
NativeFile noFile();

enum class EntryKind : uint8_t { File, Folder, Link, Special };

/// What the system says about a file. Times are nanoseconds since 1970.
struct FileInfo {
    EntryKind kind = EntryKind::Special;
    uint64_t size = 0;
    int64_t modifiedNs = 0;
    int64_t changedNs = 0;
    uint64_t inode = 0;
    uint64_t device = 0;
    uint64_t links = 0;
    bool executable = false;
    bool ownedByUs = false;
    bool othersMayRead = false;   ///< group or world may read or write it
    bool anybodyMayWrite = false; ///< the world may
};

/// What of FileInfo stays as it is while nobody touches the file. None: on FAT and the like, or behind a file server in
/// user space, inode and times may change by themselves; Inode: the times may (NFS takes them from its server); Full:
/// inode, device and times are the file's.
enum class StampTrust : uint8_t { None, Inode, Full };

enum class ExecutableBit : uint8_t { Clear, Set };

class File {
  public:
    File() : m_native(noFile()) {}
    /// Takes the handle over. `name` is for messages only.
    File(NativeFile native, std::string name) : m_native(native), m_name(std::move(name)) {}
    File(File&& other) noexcept : m_native(std::exchange(other.m_native, noFile())), m_name(std::move(other.m_name)) {}
    File& operator=(File&& other) noexcept;
    ~File() { close(); }

    bool isOpen() const { return m_native != noFile(); }
    NativeFile native() const { return m_native; }
    const std::string& name() const { return m_name; }
    void close();

    Result<FileInfo> info() const;
    /// Of its volume.
    StampTrust stampTrust() const;
    /// Fills `out`; fewer bytes only at the end of the file.
    Result<size_t> readAt(uint64_t offset, MutableBytes out) const;
    Result<void> writeAt(uint64_t offset, ByteView bytes) const;
    /// The range reads as zeros and takes no space; the length stays. Unsupported where the volume cannot.
    Result<void> makeHole(uint64_t offset, uint64_t length) const;
    /// Sets the length to exactly `size`.
    Result<void> resize(uint64_t size) const;
    /// Space for `size` bytes is set aside without changing the length. A volume that cannot do so is no error;
    /// DiskFull.
    Result<void> reserve(uint64_t size) const;
    /// A hint: begins to write the range back.
    void startWriteback(uint64_t offset, uint64_t length) const;
    /// The content of a file is on the disk when it returns (fdatasync). For folders there is RootedDir::syncFolderOf.
    Result<void> sync() const;
    /// Everything written to the volume of this file is on the disk when it returns; Unsupported where there is no such
    /// call.
    Result<void> syncVolume() const;
    Result<void> setModified(int64_t modifiedNs) const;
    /// Ordinary permissions of a new file under this process's umask, with or without the executable bits that go with
    /// them.
    Result<void> publishMode(ExecutableBit executable) const;

  private:
    NativeFile m_native;
    std::string m_name;
};

} // namespace wherry::runtime
