#include "cli/exit_code.h"

namespace wherry::cli {

namespace {

struct Row {
    api::Errc code;
    ExitCode sender;
    ExitCode receiver;
};

using enum api::Errc;

constexpr Row kTable[] = {
    {InvalidArgument, ExitCode::Usage, ExitCode::Usage},
    {Malformed, ExitCode::PeerFailed, ExitCode::PeerFailed},
    {TooLarge, ExitCode::LocalIo, ExitCode::PeerFailed},
    {LimitReached, ExitCode::PeerFailed, ExitCode::PeerFailed},
    {NotFound, ExitCode::LocalIo, ExitCode::LocalIo},
    {Exists, ExitCode::PeerFailed, ExitCode::LocalIo},
    {PermissionDenied, ExitCode::LocalIo, ExitCode::LocalIo},
    {DiskFull, ExitCode::PeerFailed, ExitCode::LocalIo},
    {ReadOnly, ExitCode::PeerFailed, ExitCode::LocalIo},
    {VolumeGone, ExitCode::LocalIo, ExitCode::LocalIo},
    {Io, ExitCode::LocalIo, ExitCode::LocalIo},
    {UnsafePath, ExitCode::LocalIo, ExitCode::PeerFailed},
    {UnportableName, ExitCode::PeerFailed, ExitCode::LocalIo},
    {SourceChanged, ExitCode::LocalIo, ExitCode::PeerFailed},
    {VerificationFailed, ExitCode::Verification, ExitCode::Verification},
    {IdentityMismatch, ExitCode::Unreachable, ExitCode::Unreachable},
    {Unreachable, ExitCode::Unreachable, ExitCode::Unreachable},
    {Timeout, ExitCode::PeerFailed, ExitCode::PeerFailed},
    {ConnectionLost, ExitCode::PeerFailed, ExitCode::PeerFailed},
    {Declined, ExitCode::Declined, ExitCode::Declined},
    {Unsupported, ExitCode::PeerFailed, ExitCode::PeerFailed},
    {ProtocolViolation, ExitCode::PeerFailed, ExitCode::PeerFailed},
    {Cancelled, ExitCode::PeerFailed,
     ExitCode::PeerFailed}, // by the peer; a cancel of our own ends the program as Interrupted
    {Busy, ExitCode::LocalIo, ExitCode::LocalIo},
    {Internal, ExitCode::Internal, ExitCode::Internal},
};

} // namespace

ExitCode exitCodeOf(api::Errc code, Side side) {
    for (const Row& row : kTable)
        if (row.code == code) return side == Side::Sender ? row.sender : row.receiver;
    return ExitCode::Internal;
}

} // namespace wherry::cli
