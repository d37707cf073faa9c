#!/usr/bin/env python3
"""Every kind of NAT and firewall against every other: a node behind one sends a file to a node behind the other, whom it reaches through
a relay at first. Every pair delivers; every pair that can ends on a direct connection. Prints the table that the README shows.

Environment: WHERRY_MATRIX_MB, the size of the file (50; less for a quick look), WHERRY_MATRIX_KINDS, some of the kinds.
"""
import os
import random
import threading
import time

from namespaces import NamespaceTest, main
from nat_worlds import IPV6_ONLY, KINDS, Internet
from wherry_process import write_file

MEGABYTE = 10**6
SIZE = int(float(os.environ.get("WHERRY_MATRIX_MB", "50")) * MEGABYTE)
NAMES = os.environ.get("WHERRY_MATRIX_KINDS", " ".join(KINDS)).split()
PATIENCE = 120  # seconds for what ought to take some
RELAYS = 2  # so that a node learns whether others see it alike


def family(kind):
    return {6} if kind in IPV6_ONLY else {4, 6} if kind == "none" else {4}


def expected(sends, receives):
    """`direct`: one side needs no help. `punched`: both have to send at once. `relayed`: there is no other way."""
    kinds = {sends, receives}
    if "none" in kinds:
        return "direct"
    if not family(sends) & family(receives):
        return "relayed"
    # Nobody can know the port of a symmetric NAT: it takes one opposite that lets in any port of an address.
    if "symmetric" in kinds and kinds & {"port", "noudp"} or kinds == {"symmetric"}:
        return "relayed"
    return "punched"


def address_for(kind, relay):
    """Of those that a relay listens at, one that reaches far from behind such a NAT."""
    ip, carrier = ("/ip6/2a0a:" if kind in IPV6_ONLY else "/ip4/44."), ("/tcp/" if kind == "noudp" else "/udp/")
    return next(address for address in relay["listen"] if address.startswith(ip) and carrier in address and "/ws" not in address)


class Matrix(NamespaceTest):
    def setUp(self):
        super().setUp()
        self.internet = Internet(self.host)
        self.relays = []
        for number in range(RELAYS):
            host = self.internet.site("none", f"relay{number}").host
            self.relays.append(self.run_on(host, "node", "--relay", home=f"relay{number}").wait_for("ready"))
        self.source = write_file(self.folder / "file", random.Random(6).randbytes(SIZE))
        self.receivers = {kind: self.peer(kind, "receiver", "--accept", "all") for kind in NAMES}
        self.senders = {kind: self.peer(kind, "sender", "--accept", "trusted") for kind in NAMES}
        self.ids = {side: {kind: process.wait_for("ready")["peerId"] for kind, process in getattr(self, side).items()}
                    for side in ("receivers", "senders")}

    def peer(self, kind, role, *options):
        site = self.internet.site(kind, f"{role}-{kind}")
        relays = [option for relay in self.relays for option in ("--listen", f"{address_for(kind, relay)}/p2p-circuit")]
        return self.run_on(site.host, "receive", "--out", self.folder / f"out-{role}-{kind}", *options, *relays, home=f"{role}-{kind}")

    def paths(self, sends, receives):
        """What the receiver says of its way to the sender, in order."""
        return [event for event in self.receivers[receives].named("path") if event["peer"] == self.ids["senders"][sends]]

    def pair(self, sends, receives):
        """The file from one to the other; the way that it ended on, and the seconds from the first connection to that."""
        relay = address_for(sends, self.relays[0])
        sender = self.run_wherry("send", "--wait", str(PATIENCE), f"{relay}/p2p-circuit/p2p/{self.ids['receivers'][receives]}",
                                 self.source, home=f"sender-{sends}")
        first = self.until(lambda: self.paths(sends, receives))
        if not first:
            return {"failed": f"never connected: {sender.story()}"}
        first_at = time.monotonic()
        wanted = expected(sends, receives)
        if wanted != "relayed":
            self.until(lambda: self.paths(sends, receives)[-1]["kind"] != "relayed")
        direct_at = time.monotonic()
        if sender.exit_code(PATIENCE) != 0:
            return {"failed": sender.story()}
        last = self.paths(sends, receives)[-1]
        return {"wanted": wanted, "kind": last["kind"], "direct": direct_at - first_at, "address": last["address"],
                "ways": [one["kind"] for one in self.paths(sends, receives)]}

    def test_every_pair_delivers_and_every_pair_that_can_goes_direct(self):
        results = {}

        def send_all(number, sends):
            for step in range(len(NAMES)):
                receives = NAMES[(number + step) % len(NAMES)]  # each receiver has one sender at a time
                results[sends, receives] = self.pair(sends, receives)

        threads = [threading.Thread(target=send_all, args=at) for at in enumerate(NAMES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.show(results)
        for (sends, receives), result in results.items():
            with self.subTest(sends=sends, receives=receives):
                self.assertNotIn("failed", result)
                self.assertEqual(result["kind"] == "relayed", result["wanted"] == "relayed", result)
        content = self.source.read_bytes()
        for kind in NAMES:
            landed = list((self.folder / f"out-receiver-{kind}").iterdir())
            self.assertEqual(len(landed), len(NAMES))
            for one in landed:
                self.assertEqual(one.read_bytes(), content, one)

    def show(self, results):
        """As the README has it: from the left to the top, the way at the end, and the seconds from the first connection to that."""
        print(f"\n{SIZE / MEGABYTE:g} MB\n| | {' | '.join(NAMES)} |\n|{'---|' * (len(NAMES) + 1)}")
        for sends in NAMES:
            cells = []
            for receives in NAMES:
                result = results[sends, receives]
                way = "FAILED" if "failed" in result else result["kind"].rstrip("46")
                cells.append(way if way in ("FAILED", "relayed") else f"{way} {result['direct']:.1f}")
            print(f"| {sends} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
