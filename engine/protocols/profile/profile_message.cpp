#include "protocols/profile/profile_message.h"

#include "base/utf8.h"
#include "peers/alias.h"
#include "protocols/profile/profile_limits.h"
#include "wire/decode.h"
#include "wire/profile.pb.h"

namespace wherry::profile {

namespace {

Result<void> checkPolicy(std::string_view policy) {
    if (policy.size() > peers::kMaxPolicyBytes)
        return makeError(Errc::TooLarge, "policy of " + std::to_string(policy.size()) + " bytes");
    if (!isUtf8(policy)) return makeError(Errc::Malformed, "policy is not UTF-8");
    return {};
}

} // namespace

Bytes encodeProfile(const peers::Claims& claims) {
    wire::Profile message;
    message.set_alias(claims.alias);
    message.set_device_kind(static_cast<uint32_t>(claims.kind));
    message.set_policy(claims.policy);
    Bytes encoded = wire::encode(message);
    ASSERT(encoded.size() <= kMaxMessageBytes);
    return encoded;
}

Result<peers::Claims> decodeProfile(ByteView message) {
    TRY(const auto profile, wire::decode<wire::Profile>(message, {"profile", kMaxMessageBytes, kMaxFields}));
    TRY_OK(peers::checkClaimedAlias(profile.alias()));
    TRY_OK(checkPolicy(profile.policy()));
    return peers::Claims{profile.alias(), peers::deviceKindOf(profile.device_kind()), profile.policy()};
}

Result<void> checkOwnProfile(const peers::Claims& claims) {
    auto good = peers::checkClaimedAlias(claims.alias);
    if (good) good = checkPolicy(claims.policy);
    if (!good) return makeError(Errc::InvalidArgument, good.error().context);
    return {};
}

} // namespace wherry::profile
