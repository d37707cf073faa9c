#!/usr/bin/env python3
"""What comes in is paused and waits for its turn: from another shell, through kills of either side, with word to the sender."""
import os
import random
import time
import unittest

from wherry_process import LOOPBACK, PATIENCE, ProgramTest, signal, write_file

SIZE = 40_000_000
SLOW = b'[limits]\ndownload = "4 Mbit/s"\nlimit_lan = true\n'  # more than a minute for it: nobody is too late for its middle
FAST = b"[limits]\n"


@unittest.skipIf(os.name == "nt", "the settings are read again on SIGHUP")
class Incoming(ProgramTest):
    def settings(self, home, content):
        return write_file(self.folder / home / "wherry.toml", content)

    def source(self, name="data.bin", size=SIZE):
        return write_file(self.folder / name, random.randbytes(size))

    def listed(self, home="receiver"):
        process = self.run_wherry("transfers", home=home)
        self.assertExit(process, 0)
        return process.named("transfers")[0]["transfers"]

    def ask(self, *words, home="receiver", code=0):
        self.assertExit(self.run_wherry("transfers", *words, home=home), code)

    def wait_until(self, condition):
        limit = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), limit, self.listed())

    def speed_up(self, process, home="receiver"):
        self.settings(home, FAST)
        process.signal(signal.SIGHUP)
        process.wait_for("reloaded")

    def begin(self):
        """A send that has begun to arrive, slowly: the receiver, its address, the sender, the source."""
        self.settings("receiver", SLOW)
        receiver, address = self.receive("--accept", "all")
        source = self.source()
        sender = self.send(address, source, options=("--wait", str(int(PATIENCE))))
        receiver.wait_for("progress", lambda event: event["bytes"] > 0)
        return receiver, address, sender, source

    def same(self, source, folder="out"):
        self.assertEqual((self.folder / folder / source.name).read_bytes(), source.read_bytes())

    def test_a_pause_outlives_both_programs_and_only_what_is_missing_comes_after_it(self):
        receiver, address, sender, source = self.begin()
        number = self.listed()[0]["transfer"]
        self.ask("pause", number)
        held = sender.wait_for("held")
        self.assertEqual((held["here"], held["there"], held["direction"]), ("none", "paused", "outgoing"))
        entry, other = self.listed()[0], self.listed("sender")[0]
        self.assertEqual((entry["state"], entry["pausedBy"], entry["direction"]), ("paused", ["here"], "incoming"))
        self.assertEqual((other["state"], other["pausedBy"]), ("paused", ["there"]))
        receiver.kill()
        self.settings("receiver", FAST)
        receiver, _ = self.receive("--accept", "all", listen=address.rsplit("/p2p/", 1)[0])
        self.assertEqual(receiver.events[0]["event"], "ready")
        self.assertEqual([(e["state"], e["label"]) for e in self.listed()], [("paused", "data.bin")])
        sender.wait_for("held", lambda event: event["there"] == "paused")
        sender.kill()
        sender = self.send(address, source, options=("--wait", str(int(PATIENCE))))
        sender.wait_for("held", lambda event: event["there"] == "paused")
        entries = self.listed()
        self.assertEqual([(e["state"], e["pausedBy"]) for e in entries], [("paused", ["here"])])
        self.assertEqual(receiver.named("progress"), [])
        self.ask("resume", entries[0]["transfer"])
        self.assertExit(sender, 0)
        self.assertGreater(sender.named("resumed")[-1]["bytesAlready"], 0)
        self.assertLess(sender.named("delivered")[-1]["bytesSent"], SIZE)
        self.same(source)
        self.assertEqual(self.listed(), [])

    def test_both_sides_pause_and_it_goes_on_when_both_have_resumed(self):
        receiver, _, sender, source = self.begin()
        here, there = self.listed()[0]["transfer"], self.listed("sender")[0]["transfer"]
        self.ask("pause", here)
        self.ask("pause", there, home="sender")
        self.wait_until(lambda: self.listed()[0]["pausedBy"] == ["here", "there"])
        self.assertEqual(self.listed("sender")[0]["pausedBy"], ["here", "there"])
        self.speed_up(receiver)
        self.ask("resume", here)
        sender.wait_for("held", lambda event: event["there"] == "none")
        self.assertEqual((self.listed()[0]["state"], self.listed()[0]["pausedBy"]), ("paused", ["there"]))
        self.assertIsNone(sender.process.poll())
        self.ask("resume", there, home="sender")
        self.assertExit(sender, 0)
        self.same(source)

    def test_a_paused_one_is_cancelled_with_and_without_its_sender(self):
        receiver, _, sender, source = self.begin()
        number = self.listed()[0]["transfer"]
        self.ask("pause", number)
        self.ask("cancel", number)
        self.assertExit(sender, 3)
        self.assertEqual(self.listed(), [])
        again = self.send(receiver.events[0]["listen"][0], source)
        receiver.wait_for("resumed")
        self.wait_until(lambda: self.listed())
        number = self.listed()[0]["transfer"]
        self.ask("pause", number)
        again.kill()
        self.wait_until(lambda: receiver.named("interrupted"))
        self.assertEqual([(e["transfer"], e["state"]) for e in self.listed()], [(number, "paused")])
        self.ask("cancel", number)
        self.assertEqual(self.listed(), [])
        self.ask("resume", number, code=2)

    def test_a_get_is_paused_too_and_asking_for_it_again_goes_on(self):
        source = self.source()
        sharer = self.run_wherry("share", "--listen", LOOPBACK, source, home="sharer")
        ticket = sharer.wait_for("ticket")["ticket"]
        self.settings("fetcher", SLOW)
        words = ("get", "--listen", LOOPBACK, "--out", self.folder / "got", ticket)
        fetcher = self.run_wherry(*words, home="fetcher")
        fetcher.wait_for("progress", lambda event: event["bytes"] > 0)
        number = self.listed("fetcher")[0]["transfer"]
        self.ask("pause", number, home="fetcher")
        self.assertEqual(fetcher.wait_for("held")["here"], "paused")
        self.ask("resume", number, home="fetcher")
        fetcher.wait_for("held", lambda event: event["here"] == "none")
        self.ask("pause", number, home="fetcher")
        fetcher.wait_for("held", lambda event: event["here"] == "paused")
        fetcher.kill()
        self.settings("fetcher", FAST)
        fetcher = self.run_wherry(*words, home="fetcher")
        self.assertExit(fetcher, 0)
        self.assertGreater(fetcher.named("resumed")[-1]["bytesAlready"], 0)
        self.same(source, "got")

    def test_what_is_beyond_the_bound_waits_and_its_sender_is_told(self):
        self.settings("receiver", SLOW + b"[transfers]\nmax_parallel_receives = 1\n")
        receiver, address = self.receive("--accept", "all")
        first, second = self.source("first.bin"), self.source("second.bin")
        one = self.send(address, first, home="one")
        receiver.wait_for("progress", lambda event: event["bytes"] > 0)
        two = self.send(address, second, home="two")
        held = two.wait_for("held")
        self.assertEqual((held["here"], held["there"]), ("none", "queued"))
        self.assertEqual({e["label"]: e["state"] for e in self.listed()}, {"first.bin": "running", "second.bin": "queued"})
        self.assertEqual(self.listed("two")[0]["state"], "queued")
        self.settings("receiver", b"[transfers]\nmax_parallel_receives = 2\n")
        receiver.signal(signal.SIGHUP)
        self.assertIn("transfers.max_parallel_receives", [c["key"] for c in receiver.wait_for("reloaded")["changes"] if c["live"]])
        two.wait_for("held", lambda event: event["there"] == "none")
        for sender in (one, two):
            self.assertExit(sender, 0)
        for source in (first, second):
            self.same(source)
        for count in ("0", "65"):
            self.assertExit(self.run_wherry("node", "--set", "transfers.max_parallel_receives=" + count, home="nothing"), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
