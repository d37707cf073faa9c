#include "runtime/local_peer.h"

#include <sys/types.h>
#include <unistd.h>

namespace wherry::runtime {

bool isSameUser(intptr_t localSocket) {
    uid_t user = 0;
    gid_t group = 0;
    return getpeereid(static_cast<int>(localSocket), &user, &group) == 0 && user == geteuid();
}

} // namespace wherry::runtime
