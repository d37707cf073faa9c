#!/usr/bin/env python3
"""A transfer that begins through a relay and ends on a punched line: the line between two homes opens while it runs."""
import random
import signal

from namespaces import NamespaceTest, main
from nat_worlds import Internet
from wherry_process import write_file

SIZE = 20 * 10**6
SLOW = '[limits]\nupload = "2 Mbit/s"\nlimit_lan = true\n'  # 80 seconds for all of it, until the line is punched
BEGUN = 500_000  # bytes that have come before the line opens


class RelayedMove(NamespaceTest):
    def setUp(self):
        super().setUp()
        self.internet = Internet(self.host)
        self.relays = []
        for number in (1, 2):  # so that a node learns whether others see it alike
            host = self.internet.site("none", f"relay{number}").host
            self.relays.append(self.run_on(host, "node", "--relay", home=f"relay{number}").wait_for("ready"))
        self.homes = {role: self.internet.site("port", role) for role in ("sender", "receiver")}
        self.source = write_file(self.folder / "file", random.Random(6).randbytes(SIZE))

    def engine(self, role, *options):
        circuits = [option for circuit in self.circuits() for option in ("--listen", circuit)]
        return self.run_on(self.homes[role].host, "receive", "--out", self.folder / f"out-{role}", *options, *circuits, home=role)

    def circuits(self):
        return [f"{next(at for at in relay['listen'] if at.startswith('/ip4/44.') and '/udp/' in at)}/p2p-circuit" for relay in self.relays]

    def close_line(self):
        """Nothing passes between the homes any more; both still reach the relays."""
        one, other = (home.outside[0] for home in self.homes.values())
        self.internet.core.nft("table ip closed {\n chain through { type filter hook forward priority 0; "
                               f"ip saddr {one} ip daddr {other} drop; ip saddr {other} ip daddr {one} drop; }}\n}}\n")

    def open_line(self):
        self.internet.core.nft("delete table ip closed\n")

    def test_a_transfer_that_begins_relayed_ends_punched(self):
        self.close_line()
        receiver = self.engine("receiver", "--accept", "all")
        ids = {"receiver": receiver.wait_for("ready")["peerId"]}
        config = write_file(self.folder / "settings.toml", SLOW.encode())
        engine = self.engine("sender", "--accept", "trusted", "--config", config)
        ids["sender"] = engine.wait_for("ready")["peerId"]
        target = f"{self.circuits()[0]}/p2p/{ids['receiver']}"
        sender = self.run_wherry("send", "--wait", "60", target, self.source, home="sender")
        receiver.wait_for("progress", lambda event: event["bytes"] >= BEGUN)
        self.open_line()
        receiver.wait_for("path", lambda event: event["peer"] == ids["sender"] and event["kind"] == "punched")
        config.write_bytes(b"")
        engine.signal(signal.SIGHUP)
        self.assertEqual(sender.exit_code(), 0, sender.story())
        receiver.wait_for("delivered")

        ways = self.ways(receiver, ids["sender"])
        self.assertEqual((ways[0][0], ways[-1][0]), ("relayed", "punched"), ways)
        self.assertTrue(BEGUN <= ways[-1][1] < SIZE, ways)
        self.assertEqual(receiver.named("interrupted") + sender.named("interrupted"), [])
        self.assertEqual(sender.named("delivered")[0]["chunksResent"], 0)
        self.assertEqual((self.folder / "out-receiver" / "file").read_bytes(), self.source.read_bytes())

    @staticmethod
    def ways(receiver, sender):
        """The kinds of path to the sender one after the other, and the bytes that had come when each began."""
        ways, come = [], 0
        for event in receiver.events:
            if event["event"] == "progress":
                come = event["bytes"]
            elif event["event"] == "path" and event["peer"] == sender:
                ways.append((event["kind"], come))
        return ways


if __name__ == "__main__":
    main()
