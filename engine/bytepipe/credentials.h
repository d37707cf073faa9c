#pragma once

#include "bytepipe/noise_channel.h"
#include "crypto/tls_context.h"

#include <memory>

namespace wherry::bytepipe {

inline constexpr std::string_view kNoiseId = "/noise";
inline constexpr std::string_view kTlsId = "/tls/1.0.0";
inline constexpr std::string_view kYamuxId = "/yamux/1.0.0";

/// What one node shows in all its handshakes, whichever security is chosen.
struct Credentials {
    NoiseCredentials noise;
    std::unique_ptr<crypto::TlsContext> tls;

    /// `identity` is used only during the call. `muxers`: what both securities offer to settle in passing.
    static Result<Credentials> make(const crypto::Identity& identity, Random& random,
                                    std::vector<std::string> muxers = {std::string(kYamuxId)});
    /// Whether there is a channel of that protocol id.
    static bool serves(std::string_view security) { return security == kNoiseId || security == kTlsId; }
    /// serves(security).
    Result<std::unique_ptr<SecureChannel>> channel(std::string_view security, link::Side side,
                                                   const crypto::PeerId& expected, Random& random) const;
};

} // namespace wherry::bytepipe
