#pragma once

#include "base/time.h"
#include "crypto/tls_certificate.h"

#include <optional>
#include <string>

namespace wherry::bytepipe {

/// What a handshake has proven.
struct SecureProof {
    crypto::ProvenPeer peer;
    /// The multiplexer that both ends have agreed on in passing; empty: it is negotiated inside the channel.
    std::string muxer;
};

/// A reliable byte pipe made secret, its peer proven: Noise or TLS. A sans-I/O machine.
///
/// States: handshaking -> open -> failed, or handshaking -> failed. No plain byte comes out before proof() stands, and
/// none goes in.
class SecureChannel {
  public:
    virtual ~SecureChannel() = default;

    /// Takes all of `in`, bytes of the pipe in pieces of any size; what they decrypt to is appended to `plain`. After
    /// an error, IdentityMismatch when another peer than the expected one proved its key, nothing more may come in.
    virtual Result<void> receive(ByteView in, Bytes& plain, Now now) = 0;
    /// Bytes of the channel's own that have to go out: of the handshake, or an alert after a failure.
    virtual Bytes takeOutput() = 0;
    /// The channel is open: both ends may send.
    virtual const std::optional<SecureProof>& proof() const = 0;
    /// Appends to `out` what carries `plain` over the pipe. When open; takeOutput() goes first. After
    /// an error of receive() it may append nothing.
    virtual void seal(ByteView plain, Bytes& out) = 0;
};

} // namespace wherry::bytepipe
