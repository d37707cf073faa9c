"""Sites behind every kind of NAT and firewall, and the internet between them, out of network namespaces.

The internet is one router; every site hangs on it by a cable of its own, with addresses that look public and lead nowhere else: site K
has 44.K.0.1 and 2a0a:K::1. What the kinds mean is proved by nat_worlds_test.py.
"""
from namespaces import Host, cable

# What a site lets through, in the words of RFC 4787: how it maps, and whom it lets in.
KINDS = {
    "none": "no NAT, no firewall; IPv4 and IPv6",
    "cone": "IPv4 NAT, endpoint-independent mapping and filtering",
    "address": "IPv4 NAT, endpoint-independent mapping, address-dependent filtering",
    "port": "IPv4 NAT, endpoint-independent mapping, address- and port-dependent filtering, as most routers at home",
    "symmetric": "IPv4 NAT, another port for each flow",
    "firewall6": "IPv6 only, public addresses behind a stateful firewall",
    "nat66": "IPv6 only, private addresses behind a NAT (NAT66)",
    "noudp": "IPv4 NAT as `port`, and no UDP at all",
}
IPV6_ONLY = {"firewall6", "nat66"}

# New packets from outside are dropped on the router itself, as a home router does: see the NAT trap of the lab notes.
INPUT = 'chain in { type filter hook input priority 0; iifname "wan" ct state new meta l4proto { tcp, udp } drop; }'
MASQUERADE = 'chain post { type nat hook postrouting priority 100; oifname "wan" masquerade%s; }'


def rules(kind, inside):
    """What the router of such a site does, as nft reads it."""
    masquerade, family, more = MASQUERADE % "", "ip", []
    back = "udp dport 1024-65535 dnat to " + inside
    if kind == "cone":
        more = [f'chain pre {{ type nat hook prerouting priority -100; iifname "wan" {back}; }}']
    elif kind == "address":
        more = ["set seen { type ipv4_addr; flags dynamic,timeout; timeout 120s; }",
                'chain out { type filter hook forward priority 0; oifname "wan" update @seen { ip daddr }; }',
                f'chain pre {{ type nat hook prerouting priority -100; iifname "wan" ip saddr @seen {back}; }}']
    elif kind == "symmetric":
        masquerade = MASQUERADE % " random,fully-random"
    elif kind == "noudp":
        more = ["chain out { type filter hook forward priority 0; meta l4proto udp drop; }"]
    elif kind == "nat66":
        family = "ip6"
    elif kind == "firewall6":
        masquerade, family = "", "ip6"
        more = ['chain through { type filter hook forward priority 0; iifname "wan" ct state new drop; }']
    return "\n".join([f"table {family} site {{", INPUT, masquerade, *more, "}"]) + "\n"


class Internet:
    """`host(name)` makes a namespace that is removed by whoever asked for it."""

    def __init__(self, host):
        self.make_host = host
        self.sites = 0
        self.core = host("core")
        self.core.sysctl("net.ipv4.ip_forward=1")
        self.core.sysctl("net.ipv6.conf.all.forwarding=1")

    def site(self, kind, name):
        self.sites += 1
        return Site(self, kind, name, self.sites)


class Site:
    """`host`: where programs run. `outside`: the public addresses that others see, IPv4 and IPv6."""

    def __init__(self, internet, kind, name, number):
        self.kind, self.name = kind, name
        self.outside = (f"44.{number}.0.1", f"2a0a:{number:x}::1")
        self.host = internet.make_host(name)
        edge = self.host if kind == "none" else internet.make_host(f"{name}-router")
        self.router = edge
        wire = f"s{number}"
        cable(internet.core, wire, edge, "wan")
        internet.core.up(wire, f"44.{number}.0.254/24", f"2a0a:{number:x}::fe/64")
        edge.up("wan", f"44.{number}.0.1/24", f"2a0a:{number:x}::1/64")
        edge.ip("route", "add", "default", "via", f"44.{number}.0.254")
        edge.ip("-6", "route", "add", "default", "via", f"2a0a:{number:x}::fe")
        if kind != "none":
            self.behind(internet, number)

    def behind(self, internet, number):
        cable(self.host, "lan", self.router, "lan")
        if self.kind in IPV6_ONLY:
            prefix = f"2a0a:{number:x}:0:1::" if self.kind == "firewall6" else f"fd00:{number:x}::"
            self.router.up("lan", f"{prefix}1/64")
            self.host.up("lan", f"{prefix}2/64")
            self.host.ip("-6", "route", "add", "default", "via", f"{prefix}1")
            self.router.sysctl("net.ipv6.conf.all.forwarding=1")
            if self.kind == "firewall6":
                internet.core.ip("-6", "route", "add", f"{prefix}/64", "via", self.outside[1])
            self.inside = f"{prefix}2"
        else:
            self.router.up("lan", f"192.168.{number}.1/24")
            self.host.up("lan", f"192.168.{number}.2/24")
            self.host.ip("route", "add", "default", "via", f"192.168.{number}.1")
            self.router.sysctl("net.ipv4.ip_forward=1")
            self.inside = f"192.168.{number}.2"
        self.router.nft(rules(self.kind, self.inside))
