#include "runtime/os_error.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace wherry::runtime {

Errc osErrorCode(int number) {
    switch (number) {
    case ENOSPC:
#ifdef EDQUOT
    case EDQUOT:
#endif
        return Errc::DiskFull;
    case EFBIG:
        return Errc::TooLarge;
    case EROFS:
        return Errc::ReadOnly;
    case EACCES:
    case EPERM:
    case ELOOP:
    case EXDEV:
        return Errc::PermissionDenied;
    case ENOENT:
        return Errc::NotFound;
    case EEXIST:
    case ENOTEMPTY:
    case EISDIR:
    case ENOTDIR:
        return Errc::Exists;
    case ENAMETOOLONG:
    case EILSEQ:
        return Errc::UnportableName;
    case ENODEV:
    case ENXIO:
#ifdef ESTALE
    case ESTALE:
#endif
#ifdef ESHUTDOWN
    case ESHUTDOWN:
#endif
#ifdef EHOSTDOWN
    case EHOSTDOWN:
#endif
    case ENOTCONN:
        return Errc::VolumeGone;
    case EBUSY:
    case ETXTBSY:
        return Errc::Busy;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return Errc::LimitReached;
    case ENOSYS:
    case EOPNOTSUPP:
    case EAFNOSUPPORT:
        return Errc::Unsupported;
    case EADDRINUSE:
        return Errc::Busy;
    case EADDRNOTAVAIL:
        return Errc::InvalidArgument;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ECONNREFUSED:
        return Errc::Unreachable;
    case EINVAL:
        return Errc::InvalidArgument;
    default:
        return Errc::Io;
    }
}

static std::string describe(int number) {
    // The standard texts of these two ("Too many levels of symbolic links", "Invalid cross-device link") would mislead.
    if (number == ELOOP || number == EXDEV) return "a symbolic link stands in the path, and links are not followed";
    return std::generic_category().message(number);
}

Error osError(int number, std::string_view doing, std::string_view what) {
    std::string context(doing);
    context.append(" '").append(what).append("': ").append(describe(number));
    return makeError(osErrorCode(number), std::move(context));
}

} // namespace wherry::runtime
