#include "base/result.h"

namespace wherry {

std::string_view errcName(Errc code) {
    switch (code) {
    case Errc::InvalidArgument: return "invalid-argument";
    case Errc::Malformed: return "malformed";
    case Errc::TooLarge: return "too-large";
    case Errc::LimitReached: return "limit-reached";
    case Errc::NotFound: return "not-found";
    case Errc::Exists: return "exists";
    case Errc::PermissionDenied: return "permission-denied";
    case Errc::DiskFull: return "disk-full";
    case Errc::ReadOnly: return "read-only";
    case Errc::VolumeGone: return "volume-gone";
    case Errc::Io: return "io-error";
    case Errc::UnsafePath: return "unsafe-path";
    case Errc::UnportableName: return "unportable-name";
    case Errc::SourceChanged: return "source-changed";
    case Errc::VerificationFailed: return "verification-failed";
    case Errc::IdentityMismatch: return "identity-mismatch";
    case Errc::Unreachable: return "unreachable";
    case Errc::Timeout: return "timeout";
    case Errc::ConnectionLost: return "connection-lost";
    case Errc::Declined: return "declined";
    case Errc::Unsupported: return "unsupported";
    case Errc::ProtocolViolation: return "protocol-violation";
    case Errc::Cancelled: return "cancelled";
    case Errc::Busy: return "busy";
    case Errc::Internal: return "internal-error";
    }
    return "internal-error";
}

std::string Error::text() const {
    std::string text(errcName(code));
    if (!context.empty()) text.append(": ").append(context);
    return text;
}

Error Error::within(std::string_view doing) const {
    std::string longer(doing);
    if (!context.empty()) longer.append(": ").append(context);
    return Error{code, std::move(longer)};
}

} // namespace wherry
