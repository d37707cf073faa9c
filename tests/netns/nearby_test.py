#!/usr/bin/env python3
"""Nothing typed: the program finds, by name, devices that it shares a cable with. In network namespaces and never outside of them."""
import random
import time

from namespaces import NamespaceTest, cable, main
from wherry_process import PATIENCE, make_mixed_tree, write_file

MEGABYTE = 10**6
PROMISED = 3  # seconds from the start of the second device until each is in the list of the other


class Neighbours(NamespaceTest):
    """Two devices, called by the names of their systems, with two cables between them; nothing leads anywhere else."""

    def setUp(self):
        super().setUp()
        self.boat, self.quay = self.host("boat"), self.host("quay")
        for number, wire in enumerate(("one", "two"), 1):
            self.connect(wire)
            for last, host in enumerate((self.boat, self.quay), 1):
                for device in ("all", "default", wire):
                    host.sysctl(f"net.ipv6.conf.{device}.accept_dad=0")  # as on a network that has been up for a while
                if number == 1:
                    self.plug(host, wire, number, last)

    def connect(self, wire):
        cable(self.boat, wire, self.quay, wire)

    def plug(self, host, wire, number, last):
        host.up(wire, f"192.168.{number}.{last}/24", f"fd00:{number}::{last}/64")

    def second_cable(self):
        for last, host in enumerate((self.boat, self.quay), 1):
            self.plug(host, "two", 2, last)

    def on(self, host, *arguments):
        """Every command of a host uses the home of that host, as another shell of the same person does."""
        return self.run_on(host, *arguments, home=f"home-{host.alias}", mdns=True)

    def done(self, host, *arguments, code=0):
        process = self.on(host, *arguments)
        self.assertExit(process, code)
        return process

    def node(self, host, *arguments):
        process = self.on(host, *arguments, "node")
        process.wait_for("ready")
        return process

    def listed(self, host):
        return {peer["alias"] or peer["claimedAlias"]: peer for peer in self.done(host, "peers").named("peers")[0]["peers"]}

    def wait_until_listed(self, host, name):
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            found = self.listed(host).get(name)
            if found and found["nearby"]:
                return found
        self.fail(f"{name} was not listed within {PATIENCE} s")


class ByName(Neighbours):
    def test_each_lists_the_other_by_name_in_time(self):
        self.node(self.boat)
        began = time.monotonic()
        self.node(self.quay, "--set", "profile.alias=the quay")
        at_boat = self.wait_until_listed(self.boat, "the quay")
        at_quay = self.wait_until_listed(self.quay, "boat")
        took = time.monotonic() - began
        print(f"each listed the other {took:.2f} s after the second was started")
        self.assertLess(took, PROMISED)
        self.assertTrue(at_boat["connected"] and at_quay["connected"], (at_boat, at_quay))
        self.assertEqual(at_boat["path"], "lan")
        network = {fact["subject"]: fact for fact in self.done(self.boat, "status").named("status")[0]["network"]}
        self.assertEqual((network["multicast"]["finding"], network["udp"]["finding"]), ("heard", "passes"))
        self.assertEqual([clue["peer"] for clue in network["multicast"]["clues"]], [at_boat["peerId"]])

    def test_whoever_runs_nothing_else_looks_around_and_sends(self):
        receiver = self.on(self.quay, "receive", "--accept", "all", "--out", self.folder / "out")
        receiver.wait_for("ready")
        self.assertTrue(self.listed(self.boat)["quay"]["nearby"])
        tree = make_mixed_tree(self.folder / "in", random.Random(1), small=50, large=MEGABYTE)
        began = time.monotonic()
        sender = self.done(self.boat, "send", "quay", tree)
        print(f"found by name and sent {time.monotonic() - began:.2f} s after the start")
        self.assertEqual(sender.named("path")[0]["kind"], "lan")
        self.assertSameTree(tree, self.folder / "out/in")
        self.done(self.boat, "text", "QUAY", "hello")
        self.assertEqual(receiver.wait_for("text")["text"], "hello")
        self.done(self.boat, "ping", "-n", "1", "quay")

    def test_everything_goes_through_the_nodes_that_run(self):
        self.node(self.boat)
        self.node(self.quay)
        receiver = self.on(self.quay, "receive", "--accept", "all", "--out", self.folder / "out")
        receiver.wait_for("ready")
        self.wait_until_listed(self.boat, "quay")
        source = write_file(self.folder / "file", b"content")
        self.done(self.boat, "send", "quay", source)
        self.assertEqual((self.folder / "out/file").read_bytes(), b"content")
        self.done(self.boat, "text", "quay", "hello")
        self.assertEqual(receiver.wait_for("text")["text"], "hello")

    def test_who_does_not_want_to_be_found_is_not(self):
        self.run_on(self.quay, "receive", "--out", self.folder / "out", home="hidden").wait_for("ready")
        self.assertEqual(self.listed(self.boat), {})
        self.done(self.boat, "text", "--wait", "2", "quay", "hello", code=4)

    def test_a_ticket_whose_addresses_are_good_no_more_is_served_all_the_same(self):
        source = write_file(self.folder / "in/file", random.Random(2).randbytes(3 * MEGABYTE))
        sharer = self.on(self.quay, "share", source)
        ticket = sharer.wait_for("ticket")["ticket"]
        self.quay.up("one", "192.168.1.77/24", "fd00:1::77/64")
        self.quay.ip("address", "del", "192.168.1.2/24", "dev", "one")
        self.quay.ip("address", "del", "fd00:1::2/64", "dev", "one")
        self.done(self.boat, "get", "--out", self.folder / "out", ticket)
        self.assertEqual((self.folder / "out/file").read_bytes(), source.read_bytes())


class CablePulled(Neighbours):
    def begin(self):
        """A transfer of some seconds over the first cable, under way."""
        self.source = write_file(self.folder / "large.bin", random.Random(3).randbytes(120 * MEGABYTE))
        self.receiver = self.on(self.quay, "--set", "limits.download=20MB/s", "--set", "limits.limit_lan=true", "receive", "--accept", "all", "--out", self.folder / "out")
        self.receiver.wait_for("ready")
        self.sender = self.on(self.boat, "send", "quay", self.source)
        self.sender.wait_for("progress", lambda event: event["bytes"] > 10 * MEGABYTE)

    def cable_in_use(self):
        address = self.sender.named("path")[-1]["address"]
        return "one" if "/192.168.1." in address or "/fd00:1:" in address else "two"

    def assertArrives(self, began):
        before = self.sender.named("progress")[-1]["bytes"]
        self.sender.wait_for("progress", lambda event: event["bytes"] > before + 2 * MEGABYTE)
        print(f"went on {time.monotonic() - began:.2f} s after the cable was pulled")
        self.assertExit(self.sender, 0)
        self.assertEqual((self.folder / "out/large.bin").read_bytes(), self.source.read_bytes())

    def test_it_goes_on_over_the_other_cable_when_the_sender_loses_its_own(self):
        self.second_cable()
        self.begin()
        began = time.monotonic()
        self.boat.ip("link", "set", self.cable_in_use(), "down")
        self.assertArrives(began)

    def test_it_goes_on_over_the_other_cable_when_the_receiver_loses_its_own(self):
        self.second_cable()
        self.begin()
        began = time.monotonic()
        self.quay.ip("link", "set", self.cable_in_use(), "down")
        self.assertArrives(began)

    def test_it_goes_on_when_the_first_was_a_link_local_path(self):
        for host in (self.boat, self.quay):
            host.ip("address", "flush", "dev", "one", "scope", "global")
        self.begin()
        self.assertIn("/ip6/fe80:", self.sender.named("path")[-1]["address"])
        self.second_cable()
        began = time.monotonic()
        self.boat.ip("link", "set", "one", "down")
        self.assertArrives(began)

    def test_it_goes_on_over_a_cable_that_comes_later(self):
        self.begin()
        self.boat.ip("link", "set", "one", "down")
        time.sleep(3)  # the time without a network is what is tested
        began = time.monotonic()
        self.second_cable()
        self.assertArrives(began)


class BehindSwitches(CablePulled):
    """The cables end in switches: whose own was not pulled sees nothing but silence."""

    def connect(self, wire):
        if not hasattr(self, "switch"):
            self.switch = self.host("switch")
        bridge = f"bridge-{wire}"
        self.switch.ip("link", "add", bridge, "type", "bridge", "mcast_snooping", "0")
        for host in (self.boat, self.quay):
            port = f"{host.alias}-{wire}"
            cable(host, wire, self.switch, port)
            self.switch.ip("link", "set", port, "master", bridge, "up")
        self.switch.ip("link", "set", bridge, "up")


if __name__ == "__main__":
    main()
