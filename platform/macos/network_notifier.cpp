#include "runtime/network_notifier.h"

#include <fcntl.h>
#include <net/route.h>
#include <sys/socket.h>

namespace wherry::runtime {

File openNetworkNotifier() {
    File notifier(socket(PF_ROUTE, SOCK_RAW, AF_UNSPEC), "route socket");
    if (notifier.isOpen()) {
        fcntl(notifier.native(), F_SETFD, FD_CLOEXEC);
        fcntl(notifier.native(), F_SETFL, O_NONBLOCK);
    }
    return notifier;
}

void drainNetworkNotifier(const File& notifier) {
    char report[8192];
    while (recv(notifier.native(), report, sizeof(report), MSG_DONTWAIT) > 0) {
    }
}

} // namespace wherry::runtime
