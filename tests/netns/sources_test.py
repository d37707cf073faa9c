#!/usr/bin/env python3
"""Hosts with two public IPv6 addresses, of two prefixes, behind stateful firewalls: one address leads nowhere beyond the provider."""
import random

from namespaces import NamespaceTest, cable, main
from nat_worlds import Internet, rules
from wherry_process import write_file

PATIENCE = 60  # seconds for what ought to take some


class Sources(NamespaceTest):
    def setUp(self):
        super().setUp()
        self.internet = Internet(self.host)
        host = self.internet.site("none", "relay").host
        relay = self.run_on(host, "node", "--relay", home="relay").wait_for("ready")
        at = next(one for one in relay["listen"] if one.startswith("/ip6/2a0a:") and "/udp/" in one)
        self.circuit = f"{at}/p2p-circuit"

    def two_prefixes(self, name, number):
        """A host behind a firewall that lets in what answers it; `first` and `second` are its addresses."""
        host, router = self.host(name), self.host(f"{name}-router")
        cable(self.internet.core, f"t{number}", router, "wan")
        self.internet.core.up(f"t{number}", f"2a0b:{number:x}::fe/64")
        router.up("wan", f"2a0b:{number:x}::1/64")
        router.ip("-6", "route", "add", "default", "via", f"2a0b:{number:x}::fe")
        router.sysctl("net.ipv6.conf.all.forwarding=1")
        cable(host, "lan", router, "lan")
        prefixes = [f"2a0b:{number:x}:{which}:1::" for which in (1, 2)]
        router.up("lan", *[f"{prefix}1/64" for prefix in prefixes])
        host.up("lan", *[f"{prefix}2/64" for prefix in prefixes])
        host.ip("-6", "route", "add", "default", "via", f"{prefixes[0]}1")
        for prefix in prefixes:
            self.internet.core.ip("-6", "route", "add", f"{prefix}/64", "via", f"2a0b:{number:x}::1")
        router.nft(rules("firewall6", ""))
        host.addresses = [f"{prefix}2" for prefix in prefixes]
        return host

    def source_towards(self, host, address):
        words = host.ip("-6", "route", "get", address).split()
        return words[words.index("src") + 1]

    def block(self, *addresses):
        """The provider drops what goes from or to them, but with the relay."""
        some = ", ".join(addresses)
        self.internet.core.nft("table ip6 provider {\n chain through { type filter hook forward priority 0; "
                               f'ip6 saddr {{ {some} }} oifname != "s1" drop; ip6 daddr {{ {some} }} iifname != "s1" drop; }}\n}}\n')

    def check(self, blocked_of):
        left, right = self.two_prefixes("left", 1), self.two_prefixes("right", 2)
        hosts = {"left": (left, right), "right": (right, left)}
        blocked = [self.source_towards(hosts[name][0], hosts[name][1].addresses[1]) for name in blocked_of]
        if blocked:
            self.block(*blocked)
        content = write_file(self.folder / "file", random.Random(8).randbytes(5_000_000))
        receiver = self.run_on(right, "receive", "--accept", "all", "--out", self.folder / "out", "--no-mdns", "--listen", self.circuit,
                               home="receiver")
        ready = receiver.wait_for("ready")
        receiver.wait_for("addresses")
        sender = self.run_on(left, "receive", "--out", self.folder / "none", "--accept", "trusted", "--no-mdns", home="sender")
        peer = sender.wait_for("ready")["peerId"]
        sending = self.run_wherry("send", "--wait", str(PATIENCE), f"{self.circuit}/p2p/{ready['peerId']}", content, home="sender")
        self.assertEqual(sending.exit_code(PATIENCE), 0, sending.story())
        direct = self.until(lambda: [one for one in receiver.named("path") if one["peer"] == peer and one["kind"] != "relayed"], PATIENCE)
        self.assertTrue(direct, receiver.story())
        self.assertFalse([address for address in blocked if f"/{address}/" in direct[-1]["address"]], direct)
        self.assertEqual((self.folder / "out" / "file").read_bytes(), content.read_bytes())

    # Blocked is what the system takes towards the other.

    def test_the_senders_favourite_leads_nowhere(self):
        self.check(["left"])

    def test_the_receivers_favourite_leads_nowhere(self):
        self.check(["right"])

    def test_both_favourites_lead_nowhere(self):
        self.check(["left", "right"])


if __name__ == "__main__":
    main()
