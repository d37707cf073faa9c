#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "peers/known_peer.h"

namespace wherry::profile {

/// One wire::Profile, without its length. Claims beyond the bounds of peers_limits.h are a bug of the caller.
Bytes encodeProfile(const peers::Claims& claims);
/// TooLarge: the message or a part of it. Malformed: no message, or text that is not UTF-8. The texts are kept as they
/// were sent, to be neutralised when they are shown.
Result<peers::Claims> decodeProfile(ByteView message);

/// What this node may say of itself. InvalidArgument: a part is too long or not UTF-8.
Result<void> checkOwnProfile(const peers::Claims& claims);

} // namespace wherry::profile
