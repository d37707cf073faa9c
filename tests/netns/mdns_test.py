#!/usr/bin/env python3
"""Multicast DNS on the real kernel: two hosts with two cables, in network namespaces and never outside of them."""
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from namespaces import Host, cable, main

PROBE = os.environ.get("WHERRY_MDNS_PROBE", "mdns_probe")
PATIENCE = 60  # seconds for anything that ought to happen at once, on a busy machine
PROMISED = 3  # seconds from the start of the second node until both know each other


class Probe:
    """One node in a namespace, and the lines that it says."""

    def __init__(self, host, home):
        self.lines = []
        self._queue = queue.Queue()
        self.started = time.monotonic()
        self.process = subprocess.Popen(["ip", "netns", "exec", host.name, PROBE, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.id = self.wait_for(lambda line: line.startswith("ready ")).split()[1]

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())
            self._queue.put(line.strip())
        self._queue.put(None)

    def wait_for(self, condition, patience=PATIENCE):
        limit = time.monotonic() + patience
        while True:
            try:
                line = self._queue.get(timeout=max(0.0, limit - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not said within {patience} s: {self.lines}") from None
            if line is None:
                raise AssertionError(f"ended: {self.lines}")
            if condition(line):
                return line

    def addresses(self, other, condition=lambda addresses: True, patience=PATIENCE):
        """Waits until this node knows addresses of the other that satisfy the condition."""
        line = self.wait_for(lambda said: said.startswith(f"found {other.id} ") and condition(said.split()[2:]), patience)
        return line.split()[2:]

    def lost(self, other):
        self.wait_for(lambda line: line == f"lost {other.id}")

    def reaches(self, other):
        """Pings until there is an answer: a connection over a cable that was pulled takes its time to end."""
        limit = time.monotonic() + PATIENCE
        line = ""
        while line != "pong":
            self.assert_time_left(limit)
            self.process.stdin.write(f"ping {other.id}\n")
            self.process.stdin.flush()
            line = self.wait_for(lambda said: said == "pong" or said.startswith("error "))

    def assert_time_left(self, limit):
        assert time.monotonic() < limit, f"no answer: {self.lines}"

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(PATIENCE)
        self._reader.join()
        self.process.stdout.close()


class TwoHosts(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="wherry-mdns-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.a, self.b = self.host("a"), self.host("b")
        for name in ("one", "two"):
            cable(self.a, name, self.b, name)

    def host(self, name):
        host = Host(name, self.folder)
        self.addCleanup(host.remove)
        return host

    def up(self, device, number, families):
        for host, last in ((self.a, 1), (self.b, 2)):
            addresses = []
            if 4 in families:
                addresses.append(f"192.168.{number}.{last}/24")
            else:
                host.ip("link", "set", device, "up")
            if 6 in families:
                addresses.append(f"fd00:{number}::{last}/64")
            host.up(device, *addresses)

    def without_duplicate_detection(self):
        """Link-local addresses are usable at once, as on a network that has been up for a while."""
        for host in (self.a, self.b):
            for device in ("all", "default", "one", "two"):
                host.sysctl(f"net.ipv6.conf.{device}.accept_dad=0")

    def start(self, host, home=None):
        probe = Probe(host, f"{self.folder}/home-{home or host.name}")
        self.addCleanup(probe.stop)
        return probe

    def test_both_families_two_cables_one_of_them_pulled(self):
        self.without_duplicate_detection()
        self.up("one", 1, {4, 6})
        self.up("two", 2, {4, 6})
        first = self.start(self.a)
        second = self.start(self.b)
        def everything(addresses):
            told = [sum(network in a and way in a for a in addresses) for network in ("/192.168.", "/fd00:") for way in ("/quic-v1", "/tcp/")]
            return told == [2, 2, 2, 2]
        first.addresses(second, everything)
        second.addresses(first, everything)
        took = time.monotonic() - second.started
        print(f"both knew all four addresses, of QUIC and TCP, {took:.2f} s after the second was started")
        self.assertLess(took, PROMISED)
        first.reaches(second)
        self.a.ip("link", "set", "one", "down")
        left = first.addresses(second, lambda addresses: not any("/192.168.1." in a or "/fd00:1:" in a for a in addresses))
        self.assertTrue(any("/192.168.2.2/" in a for a in left), left)
        first.reaches(second)
        # Linux takes the IPv6 addresses of an interface that goes down away.
        self.a.ip("link", "set", "one", "up")
        first.addresses(second, lambda addresses: any("/192.168.1.2/" in a for a in addresses))
        second.stop()
        first.lost(second)

    def test_ipv4_alone(self):
        for host in (self.a, self.b):
            host.sysctl("net.ipv6.conf.all.disable_ipv6=1")
        self.up("one", 1, {4})
        first, second = self.start(self.a), self.start(self.b)
        self.assertTrue(all(a.startswith("/ip4/192.168.1.2/") for a in first.addresses(second)))
        second.addresses(first)
        second.reaches(first)

    def test_ipv6_link_local_alone(self):
        self.without_duplicate_detection()
        self.up("one", 1, set())
        first, second = self.start(self.a), self.start(self.b)
        found = first.addresses(second)
        self.assertTrue(all(a.startswith("/ip6zone/") and "/ip6/fe80:" in a for a in found), found)
        second.addresses(first)
        second.reaches(first)

    def test_a_cable_that_comes_later(self):
        self.without_duplicate_detection()
        first, second = self.start(self.a), self.start(self.b)
        self.up("two", 2, {4})
        first.addresses(second, lambda addresses: any("/192.168.2.2/" in a for a in addresses))
        second.addresses(first, lambda addresses: any("/192.168.2.1/" in a for a in addresses))

    def test_another_program_has_the_port_too(self):
        self.without_duplicate_detection()
        self.up("one", 1, {4})
        other = subprocess.Popen(["ip", "netns", "exec", self.a.name, sys.executable, "-c", OTHER_RESPONDER], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(other.stdout.close)
        self.addCleanup(other.wait)
        self.addCleanup(other.stdin.close)
        self.assertEqual(other.stdout.readline(), "bound\n")
        first, second = self.start(self.a), self.start(self.b)
        first.addresses(second)
        second.addresses(first)
        self.assertEqual(other.stdout.readline(), "heard\n")  # both get what is multicast

    def test_two_nodes_of_one_host(self):
        self.without_duplicate_detection()
        self.up("one", 1, {4})
        first, second = self.start(self.a, "first"), self.start(self.a, "second")
        first.addresses(second)
        second.addresses(first)
        first.reaches(second)


OTHER_RESPONDER = """
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(("", 5353))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.0.251") + socket.inet_aton("192.168.1.1"))
print("bound", flush=True)
s.recv(9000)
print("heard", flush=True)
sys.stdin.read()
"""

if __name__ == "__main__":
    main()
