#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

/// The one validator of file and folder names from a peer (SECURITY.md rules 1 and 2, cases A1-A11 and A15). Everything
/// that is written below a download folder has passed here first; the rooted directory behind Destination is the second
/// wall, not the first.
///
/// An ATTACK refuses the whole offer: empty, `.`, `..`, a separator (`/` and, on every system, `\`), NUL, an absolute
/// path or drive (`C:x`), an NTFS stream (`file.txt:stream`, `x::$DATA`), and `..` hidden in percent escapes or
/// overlong UTF-8. UNPORTABLE names are kept byte for byte where the volume can hold them: device names (CON, aux.c),
/// trailing dot or space, `:*?"<>|`, control characters, NFD, and bytes that are not UTF-8 (old Unix trees have such
/// names; on a system of byte names they can do no harm, because every byte above 0x7f is neither separator nor dot,
/// and refusing them would lose files without need).
namespace wherry::transfer {

/// One component. UnsafePath or TooLarge (above kMaxNameLength); the context says what is wrong and shows the name
/// neutralised.
Result<void> validateName(std::string_view name);

/// A relative '/'-separated path: each component valid, at most kMaxPathLength bytes and kMaxDepth components.
Result<void> validatePath(std::string_view path);

/// Every system in use can hold a file of this (valid) name. Names that differ only by case are the manifest's business
/// (Manifest::twins).
bool isPortableName(std::string_view name);

/// A volume of the Windows kind (FAT, exFAT, NTFS, SMB) holds a file of this (valid) name, and Windows can open it
/// there. Normal form does not matter, nor does case (Manifest::twins).
bool isWindowsName(std::string_view name);

/// "name (2)"; "name (2).ext" for a file. ".profile" has no extension.
std::string numberedName(const std::string& name, uint32_t number, bool isFolder);

/// The name with each byte that a volume of the Windows kind refuses as `%` and two hexadecimal digits; a `%` in front
/// of two such digits becomes `%25`, so that decoding gives the name back. `more`: so many further bytes from the front
/// are written like that, to tell the name from one that it would collide with.
std::string escapedName(std::string_view name, size_t more);

/// Why a file of this path (below the download folder, validated) deserves a second look although it stays inside: it
/// would be run, read as settings, or trusted without being opened by the person (A15), when the download folder is a
/// home folder. A short phrase such as "runs when a shell starts"; empty for ordinary files.
std::string_view destinationWarning(std::string_view path);

} // namespace wherry::transfer
