#include "runtime/local_peer.h"

#include <sys/socket.h>
#include <unistd.h>

namespace wherry::runtime {

bool isSameUser(intptr_t localSocket) {
    ucred peer{};
    socklen_t length = sizeof(peer);
    if (getsockopt(static_cast<int>(localSocket), SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return false;
    return peer.uid == geteuid();
}

} // namespace wherry::runtime
