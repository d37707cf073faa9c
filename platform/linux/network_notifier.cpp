#include "runtime/network_notifier.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace wherry::runtime {

File openNetworkNotifier() {
    File notifier(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE), "netlink");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (notifier.isOpen() && bind(notifier.native(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) < 0)
        notifier.close();
    return notifier;
}

void drainNetworkNotifier(const File& notifier) {
    char report[8192];
    // ENOBUFS: reports were lost; the addresses are looked at anyway.
    while (recv(notifier.native(), report, sizeof(report), MSG_DONTWAIT) > 0) {
    }
}

} // namespace wherry::runtime
