#include "bytepipe/credentials.h"

#include "base/assert.h"
#include "bytepipe/tls_channel.h"

namespace wherry::bytepipe {

Result<Credentials> Credentials::make(const crypto::Identity& identity, Random& random,
                                      std::vector<std::string> muxers) {
    TRY(const auto certificate, crypto::makeTlsCertificate(identity));
    TRY(auto context, crypto::TlsContext::create(certificate));
    return Credentials{NoiseCredentials::make(identity, random, std::move(muxers)), std::move(context)};
}

Result<std::unique_ptr<SecureChannel>> Credentials::channel(std::string_view security, link::Side side,
                                                            const crypto::PeerId& expected, Random& random) const {
    ASSERT(serves(security));
    if (security == kNoiseId)
        return std::unique_ptr<SecureChannel>(std::make_unique<NoiseChannel>(side, noise, expected, random));
    TRY(auto channel, TlsChannel::create(side, *tls, noise.muxers, expected));
    return std::unique_ptr<SecureChannel>(std::move(channel));
}

} // namespace wherry::bytepipe
