#pragma once

#include "runtime/file.h"

#include <sys/types.h>

#include <cstdint>

/// The file calls in which Linux and macOS differ. Each returns -1 with errno like the call it stands for, or a handle.
namespace wherry::platform {

/// Flags to open a folder with that is only a step on a path.
extern const int kFolderStepFlags;
/// Opens beneath `root` without following any link, in one call. ENOSYS: the system has no such call.
int openBeneath(int root, const char* path, int flags, unsigned mode);
/// Whether a file can be opened as a mere path, looked at, and then opened to read through that handle.
extern const bool kHasPathHandles;
extern const int kPathHandleFlags;
/// ENOENT: it does not work in this environment after all.
int reopenToRead(int pathHandle);
/// EINVAL or ENOSYS: the volume cannot rename without replacing.
int renameNoReplace(int fromFolder, const char* from, int toFolder, const char* to);
int syncData(int file);
/// ENOSYS where the system has no such call.
int syncVolume(int file);
/// EOPNOTSUPP where the volume cannot.
int reserveSpace(int file, uint64_t size);
/// EOPNOTSUPP where the volume cannot.
int makeHole(int file, uint64_t offset, uint64_t length);
void startWriteback(int file, uint64_t offset, uint64_t length);
bool foldsNames(int folder);
/// FAT, exFAT, NTFS or SMB.
bool isWindowsVolume(int folder);
runtime::StampTrust stampTrust(int file);
/// The process's umask, read without changing it where the system can.
mode_t currentUmask();

} // namespace wherry::platform
