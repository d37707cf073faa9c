#include "cli/exit_code.h"

#include <cstddef>

namespace wherry::cli {

namespace {

using api::Errc;
constexpr ExitCode LocalIo = ExitCode::LocalIo;
constexpr ExitCode PeerFailed = ExitCode::PeerFailed;
constexpr ExitCode Declined = ExitCode::Declined;
constexpr ExitCode NotReached = ExitCode::Unreachable;
constexpr ExitCode Damaged = ExitCode::Verification;
constexpr ExitCode Stopped = ExitCode::Interrupted;
constexpr ExitCode Bug = ExitCode::Internal;

/// In the order of Origin. Mistakes in the command line never come here: they are Usage where they are found. 7
/// promises that the same command later may well do it, 3 that it will not before somebody there changes their mind.
struct Row {
    api::Errc code;
    ExitCode exits[5];
};

constexpr Row kTable[] = {
    {Errc::InvalidArgument,
     {LocalIo, LocalIo, LocalIo, PeerFailed, PeerFailed}}, // a listen address of another device, nothing to send
    {Errc::Malformed, {LocalIo, PeerFailed, PeerFailed, PeerFailed, PeerFailed}}, // the key file; bytes of the peer
    {Errc::TooLarge,
     {LocalIo, LocalIo, PeerFailed, PeerFailed, PeerFailed}}, // too much to send; an offer beyond the bounds
    {Errc::LimitReached, {LocalIo, LocalIo, PeerFailed, PeerFailed, PeerFailed}},
    {Errc::NotFound, {LocalIo, LocalIo, LocalIo, PeerFailed, PeerFailed}},
    {Errc::Exists, {LocalIo, LocalIo, LocalIo, PeerFailed, Declined}}, // the conflict policy there leaves it out
    {Errc::PermissionDenied,
     {LocalIo, LocalIo, LocalIo, PeerFailed, LocalIo}}, // no attempt mends what may not be written there
    {Errc::DiskFull, {LocalIo, LocalIo, LocalIo, PeerFailed, PeerFailed}},
    {Errc::ReadOnly, {LocalIo, LocalIo, LocalIo, PeerFailed, LocalIo}},
    {Errc::VolumeGone, {LocalIo, LocalIo, LocalIo, PeerFailed, PeerFailed}},
    {Errc::Io, {LocalIo, LocalIo, LocalIo, PeerFailed, PeerFailed}},
    {Errc::UnsafePath, {LocalIo, LocalIo, PeerFailed, PeerFailed, PeerFailed}}, // the peer's manifest
    {Errc::UnportableName, {LocalIo, LocalIo, LocalIo, PeerFailed, LocalIo}},
    {Errc::SourceChanged, {LocalIo, LocalIo, PeerFailed, PeerFailed, PeerFailed}}, // the sender's file, whoever notices
    {Errc::VerificationFailed, {Damaged, Damaged, Damaged, Damaged, Damaged}},
    {Errc::IdentityMismatch, {NotReached, NotReached, NotReached, NotReached, NotReached}},
    {Errc::Unreachable,
     {NotReached, NotReached, NotReached, PeerFailed, PeerFailed}}, // no wherry runs with this home; no answer
    {Errc::Timeout, {PeerFailed, PeerFailed, PeerFailed, PeerFailed, PeerFailed}},
    {Errc::ConnectionLost, {PeerFailed, PeerFailed, PeerFailed, PeerFailed, PeerFailed}},
    {Errc::Declined, {Declined, Declined, Declined, Declined, Declined}},
    {Errc::Unsupported,
     {LocalIo, Declined, LocalIo, Declined, Declined}}, // the peer does not offer it; a volume or system
    {Errc::ProtocolViolation, {PeerFailed, PeerFailed, PeerFailed, PeerFailed, PeerFailed}},
    {Errc::Cancelled,
     {PeerFailed, Stopped, Stopped, Declined,
      Declined}}, // the person here, as with Ctrl+C; somebody there wants it no more
    {Errc::Busy, {LocalIo, LocalIo, LocalIo, PeerFailed, PeerFailed}},
    {Errc::Internal, {Bug, Bug, Bug, PeerFailed, PeerFailed}},
};

} // namespace

bool isMistakenWord(api::Errc code) {
    return code == Errc::NotFound || code == Errc::InvalidArgument || code == Errc::Exists;
}

ExitCode exitCodeOf(api::Errc code, Origin origin) {
    for (const Row& row : kTable)
        if (row.code == code) return row.exits[static_cast<size_t>(origin)];
    return ExitCode::Internal;
}

} // namespace wherry::cli
