#include "base/assert.h"
#include "base/utf8.h"
#include "peers/peers_limits.h"
#include "protocols/profile/profile_message.h"

using namespace wherry;

/// Whatever a peer claims, what is kept of it is bounded text, and can be told on as it is.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto claims = profile::decodeProfile({data, size});
    if (!claims) return 0;
    ASSERT(claims->alias.size() <= peers::kMaxAliasBytes && isUtf8(claims->alias));
    ASSERT(claims->policy.size() <= peers::kMaxPolicyBytes && isUtf8(claims->policy));
    ASSERT(profile::checkOwnProfile(*claims));
    ASSERT(profile::decodeProfile(profile::encodeProfile(*claims)).value() == *claims);
    return 0;
}
