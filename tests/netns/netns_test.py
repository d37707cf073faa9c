#!/usr/bin/env python3
"""The program on the real kernel's network: what the simulator assumes, proved in network namespaces."""
import random

from namespaces import NamespaceTest, cable, main
from wherry_process import write_file

MEGABYTE = 10**6


class TwoHosts(NamespaceTest):
    """One cable, both families."""

    MTU = 1500

    def setUp(self):
        super().setUp()
        self.a, self.b = self.host("a"), self.host("b")
        cable(self.a, "wire", self.b, "wire")
        self.a.up("wire", "198.18.0.1/24", "2001:db8:18::1/64", mtu=self.MTU)
        self.b.up("wire", "198.18.0.2/24", "2001:db8:18::2/64", mtu=self.MTU)

    def slow_down(self):
        """25 MB/s into b, as packets of real size: what exceeds it is lost, as on a policed line."""
        for host in (self.a, self.b):
            host.ip("link", "set", "wire", "gso_max_segs", "1")
        self.b.filter_incoming("slow", "limit rate over 25 mbytes/second burst 2 mbytes drop")

    def large_file(self, megabytes):
        return write_file(self.folder / "large.bin", random.Random(1).randbytes(megabytes * MEGABYTE))

    def address_with(self, listen, text, transport="/udp/"):
        found = [address for address in listen if text in address and transport in address]
        self.assertEqual(len(found), 1, listen)
        return found[0]

    def assertDelivered(self, sender, source):
        self.assertExit(sender, 0)
        self.assertEqual((self.folder / "out" / source.name).read_bytes(), source.read_bytes())


class SameLink(TwoHosts):
    def test_a_node_names_its_real_addresses_and_is_reached_at_each(self):
        _, listen = self.receive_on(self.b)
        for number, text in enumerate(["/ip4/198.18.0.2/", "/ip6/2001:db8:18::2/"]):
            self.address_with(listen, text, "/tcp/")
            source = write_file(self.folder / f"file{number}", text.encode())
            sender = self.send_on(self.a, self.address_with(listen, text), source)
            self.assertDelivered(sender, source)
            self.assertIn(text, sender.named("path")[0]["address"])

    def test_ipv4_alone_is_enough(self):
        for host in (self.a, self.b):
            host.sysctl("net.ipv6.conf.all.disable_ipv6=1")
        _, listen = self.receive_on(self.b)
        self.assertFalse([address for address in listen if "/ip6/" in address], listen)
        source = self.large_file(3)
        self.assertDelivered(self.send_on(self.a, self.address_with(listen, "198.18.0.2"), source), source)

    def test_a_sender_whose_address_changes_in_the_middle_goes_on(self):
        _, listen = self.receive_on(self.b)
        self.slow_down()
        source = self.large_file(120)
        sender = self.send_on(self.a, self.address_with(listen, "198.18.0.2"), source, wait=60)
        sender.wait_for("progress", lambda event: event["bytes"] > 10 * MEGABYTE)
        self.a.ip("address", "add", "198.18.0.77/24", "dev", "wire")
        self.a.ip("address", "del", "198.18.0.1/24", "dev", "wire")
        self.a.ip("address", "replace", "198.18.0.77/24", "dev", "wire")
        self.assertDelivered(sender, source)
        self.assertLess(sender.named("delivered")[0]["bytesSent"], source.stat().st_size + 17 * 2**20)

    def test_a_cable_that_is_out_for_a_while_is_no_failure(self):
        _, listen = self.receive_on(self.b)
        self.slow_down()
        source = self.large_file(80)
        sender = self.send_on(self.a, self.address_with(listen, "2001:db8:18::2"), source, wait=60)
        sender.wait_for("progress", lambda event: event["bytes"] > 10 * MEGABYTE)
        self.b.filter_incoming("cut", "drop")
        pinger = self.run_on(self.a, "ping", "-n", "1", "--wait", "2", self.address_with(listen, "198.18.0.2"), home="pinger")
        self.assertExit(pinger, 4)  # nothing gets through, and two seconds have passed
        self.b.nft("delete table inet cut")
        self.assertDelivered(sender, source)

    def test_loss_does_not_hurt_the_content(self):
        self.b.filter_incoming("t", "numgen random mod 100 < 3 drop")
        self.a.filter_incoming("t", "numgen random mod 100 < 3 drop")
        _, listen = self.receive_on(self.b)
        source = self.large_file(20)
        self.assertDelivered(self.send_on(self.a, self.address_with(listen, "2001:db8:18::2"), source), source)

    def test_a_firewall_that_drops_everything_is_exit_4_in_time(self):
        _, listen = self.receive_on(self.b)
        self.b.filter_incoming("t", "udp dport 1-65535 drop")
        sender = self.send_on(self.a, self.address_with(listen, "198.18.0.2"), self.large_file(1), wait=2)
        self.assertEqual(sender.exit_code(patience=20), 4, sender.story())

    def test_a_host_without_a_route_is_exit_4(self):
        _, listen = self.receive_on(self.b)
        nowhere = self.address_with(listen, "198.18.0.2").replace("198.18.0.2", "203.0.113.9")
        self.assertExit(self.send_on(self.a, nowhere, self.large_file(1), wait=2), 4)


class PacketSizes(TwoHosts):
    def average_packet(self, mtu):
        for host in (self.a, self.b):
            # What leaves in one piece must be counted as the packets that a real card would send.
            host.ip("link", "set", "wire", "mtu", str(mtu), "gso_max_segs", "1")
        _, listen = self.receive_on(self.b)
        source = self.large_file(40)
        self.assertDelivered(self.send_on(self.a, self.address_with(listen, "198.18.0.2"), source), source)
        return self.a.statistic("wire", "tx_bytes") / self.a.statistic("wire", "tx_packets")

    def test_jumbo_frames_are_found_and_used(self):
        self.assertGreater(self.average_packet(9000), 4000)

    def test_the_smallest_mtu_of_ipv6_is_enough(self):
        self.assertLessEqual(self.average_packet(1280), 1294)


class BehindNat(NamespaceTest):
    def setUp(self):
        super().setUp()
        self.inside, self.router, self.outside = self.host("in"), self.host("nat"), self.host("out")
        cable(self.inside, "lan", self.router, "lan")
        cable(self.router, "wan", self.outside, "wan")
        self.inside.up("lan", "192.168.7.2/24")
        self.inside.ip("route", "add", "default", "via", "192.168.7.1")
        self.router.up("lan", "192.168.7.1/24")
        self.router.up("wan", "198.18.1.1/24")
        self.outside.up("wan", "198.18.1.2/24")
        self.router.sysctl("net.ipv4.ip_forward=1")
        # New packets from outside are dropped on the router itself, as a home router does: see the NAT trap of the lab notes.
        self.router.nft("""table ip nat {
            chain post { type nat hook postrouting priority 100; oifname "wan" masquerade; }
            chain in { type filter hook input priority 0; iifname "wan" ct state new drop; }
        }""")

    def test_a_sender_behind_a_nat_reaches_a_receiver_outside(self):
        _, listen = self.receive_on(self.outside)
        address = next(address for address in listen if "198.18.1.2" in address)
        source = write_file(self.folder / "file", random.Random(2).randbytes(5 * MEGABYTE))
        sender = self.send_on(self.inside, address, source)
        self.assertExit(sender, 0)
        self.assertEqual((self.folder / "out/file").read_bytes(), source.read_bytes())


if __name__ == "__main__":
    main()
