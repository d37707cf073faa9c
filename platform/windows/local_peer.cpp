#include "runtime/local_peer.h"

namespace wherry::runtime {

bool isSameUser(intptr_t) {
    return true;
}

} // namespace wherry::runtime
