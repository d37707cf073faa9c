#!/usr/bin/env python3
"""Transfers that have ended are remembered; one under way is paused, resumed and sent again from another shell."""
import random
import time
import unittest

from wherry_process import LOOPBACK, PATIENCE, ProgramTest, at_most, signal, write_file


class History(ProgramTest):
    def node(self, home="node"):
        process = self.run_wherry("node", "--listen", LOOPBACK, home=home)
        process.address()
        return process

    def source(self, name="data.bin", size=2_000_000):
        return write_file(self.folder / name, random.randbytes(size))

    def history(self, home, *options):
        process = self.run_wherry("transfers", "history", *options, home=home)
        self.assertExit(process, 0)
        return process.named("history")[0]

    def listed(self, home="node"):
        process = self.run_wherry("transfers", home=home)
        self.assertExit(process, 0)
        return process.named("transfers")[0]["transfers"]

    def test_both_sides_remember_a_delivery_and_nothing_has_to_run(self):
        receiver, address = self.receive("--accept", "all")
        self.deliver(address, self.source())
        receiver.signal(signal.SIGTERM)
        receiver.exit_code()
        sender = self.history("receiver")["entries"][0]["peer"]
        self.assertExit(self.run_wherry("peers", "alias", sender, "boat", home="receiver"), 0)
        there, here = self.history("receiver")["entries"], self.history("sender")["entries"]
        self.assertEqual((there[0]["alias"], here[0].get("alias")), ("boat", None))
        self.assertEqual([(e["outcome"], e["direction"]) for e in there + here], [("delivered", "incoming"), ("delivered", "outgoing")])
        self.assertEqual((there[0]["folder"], there[0]["names"]), (str(self.folder / "out"), ["data.bin"]))
        self.assertEqual((here[0]["label"], here[0]["bytesTotal"], here[0]["files"]), ("data.bin", 2_000_000, 1))
        self.assertLess(abs(here[0]["ended"] - time.time()), PATIENCE)
        self.assertFalse(here[0]["retryable"])
        self.assertEqual(here[0]["peer"], address.rsplit("/", 1)[1])

    def test_the_newest_come_first_up_to_the_limit(self):
        _, address = self.receive("--accept", "all")
        for name in ("first", "second", "third"):
            self.deliver(address, self.source(name, 1000))
        self.assertEqual([e["label"] for e in self.history("sender")["entries"]], ["third", "second", "first"])
        two = self.history("sender", "--limit", "2")
        self.assertEqual(([e["label"] for e in two["entries"]], two["more"]), (["third", "second"], True))
        for wrong in ("0", "10001", "x"):
            self.assertExit(self.run_wherry("transfers", "history", "--limit", wrong, home="sender"), 2)

    def test_what_was_declined_or_killed_is_remembered_as_such(self):
        _, address = self.receive()  # nobody to ask: it declines
        self.assertExit(self.send(address, self.source()), 3)
        here = [(e["label"], e["outcome"], e["direction"]) for e in self.history("receiver")["entries"]]
        self.assertEqual(here, [("data.bin", "unanswered", "incoming")])
        unreachable = "/ip4/127.0.0.1/udp/9/quic-v1/p2p/" + address.rsplit("/", 1)[1]
        sender = self.send(unreachable, self.source("other"), options=("--wait", "60"), home="sender")
        self.wait_until_listed("sender")
        sender.kill()
        entries = self.history("sender")["entries"]
        self.assertEqual([(e["label"], e["outcome"]) for e in entries], [("other", "interrupted"), ("data.bin", "declined")])
        self.assertEqual([e["retryable"] for e in entries], [True, True])

    def test_what_a_signal_has_ended_is_interrupted_and_says_how_far_it_was(self):
        for number in (signal.SIGINT, signal.SIGKILL):
            with self.subTest(number):
                receiver, address = self.receive("--accept", "all", home=f"receiver-{number}")
                home = f"sender-{number}"
                source = self.source(f"{number}.bin", 20_000_000)
                sender = self.send(address, source, home=home, options=at_most("1 Mbit/s"))
                moved = sender.wait_for("progress", lambda event: event["bytes"] > 0)["bytes"]
                sender.wait_for("progress", lambda event: event["bytes"] > moved)  # a chunk takes two seconds: it is stored
                sender.signal(number)
                sender.exit_code()
                entry = self.history(home)["entries"][0]
                self.assertEqual((entry["outcome"], entry["retryable"], entry["bytesTotal"]), ("interrupted", True, 20_000_000))
                self.assertGreater(entry["bytes"], 0)
                receiver.wait_for("interrupted")

    def wait_until_listed(self, home):
        """Waits for the send of another shell to be under way."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            process = self.run_wherry("transfers", home=home)
            if process.exit_code() == 0 and process.named("transfers")[0]["transfers"]:
                return
        raise AssertionError("the send does not begin")

    def test_a_send_is_paused_and_goes_on(self):
        node = self.node()
        receiver, address = self.receive("--accept", "all")
        receiver.signal(signal.SIGTERM)
        receiver.exit_code()
        source = self.source()
        sender = self.run_wherry("send", "--wait", "60", address, source, home="node")
        self.wait_until_listed("node")
        transfer = self.listed()[0]["transfer"]
        self.assertExit(self.run_wherry("transfers", "pause", transfer, home="node"), 0)
        self.assertEqual(self.listed()[0]["state"], "paused")
        receiver, _ = self.receive("--accept", "all", listen=address.rsplit("/p2p/", 1)[0])
        self.assertEqual((self.listed()[0]["state"], receiver.named("offer")), ("paused", []))
        self.assertIsNone(sender.process.poll())
        self.assertExit(self.run_wherry("transfers", "resume", transfer, home="node"), 0)
        self.assertExit(sender, 0)
        self.assertEqual((self.folder / "out" / source.name).read_bytes(), source.read_bytes())
        self.assertExit(self.run_wherry("transfers", "pause", transfer, home="node"), 2)
        self.assertIsNone(node.process.poll())

    def test_what_failed_is_sent_again_by_the_node_that_runs(self):
        self.node()
        receiver, address = self.receive("--accept", "all")
        listen = address.rsplit("/p2p/", 1)[0]
        receiver.signal(signal.SIGTERM)
        receiver.exit_code()
        source = self.source()
        self.assertExit(self.run_wherry("send", "--wait", "1", address, source, home="node"), 4)
        entry = self.history("node")["entries"][0]
        self.assertEqual((entry["outcome"], entry["code"], entry["retryable"]), ("failed", "unreachable", True))
        receiver, _ = self.receive("--accept", "all", listen=listen)
        again = self.run_wherry("transfers", "retry", entry["number"], home="node")
        self.assertExit(again, 0)
        receiver.wait_for("delivered")
        self.assertEqual((self.folder / "out" / source.name).read_bytes(), source.read_bytes())
        limit = time.monotonic() + PATIENCE
        while self.listed() and time.monotonic() < limit:
            pass
        entries = self.history("node")["entries"]
        self.assertEqual([e["outcome"] for e in entries], ["delivered", "failed"])
        self.assertExit(self.run_wherry("transfers", "retry", entries[0]["number"], home="node"), 2)

    def test_words_that_make_no_sense_are_refused(self):
        for words in (["pause"], ["pause", "0"], ["retry", "x"], ["history", "1"], ["stop", "1"], ["resume", "1", "2"]):
            self.assertExit(self.run_wherry("transfers", *words, home="nothing"), 2)
        for words in (["pause", "1"], ["resume", "1"], ["retry", "1"]):
            self.assertExit(self.run_wherry("transfers", *words, home="nothing"), 4)


class DamagedDatabase(ProgramTest):
    def test_it_is_set_aside_and_reported_and_nothing_else_is_touched(self):
        receiver, address = self.receive("--accept", "all")
        source = write_file(self.folder / "data.bin", random.randbytes(1_000_000))
        self.deliver(address, source)
        receiver.signal(signal.SIGTERM)
        receiver.exit_code()
        home = self.folder / "receiver"
        (home / "wherry.db").write_bytes(b"no database at all" * 1000)
        for suffix in ("-wal", "-shm"):
            (home / ("wherry.db" + suffix)).unlink(missing_ok=True)
        receiver, again = self.receive("--accept", "all")
        self.assertEqual(again.rsplit("/", 1)[1], address.rsplit("/", 1)[1])  # the same key
        aside = [p for p in home.iterdir() if ".damaged-" in p.name]
        self.assertEqual(len(aside), 1, list(home.iterdir()))
        self.assertEqual(aside[0].read_bytes(), b"no database at all" * 1000)
        self.assertIn("set aside", receiver.error_text())
        self.assertEqual((self.folder / "out/data.bin").read_bytes(), source.read_bytes())
        other = write_file(self.folder / "other.bin", random.randbytes(1_000_000))
        self.deliver(again, other)
        self.assertEqual((self.folder / "out/other.bin").read_bytes(), other.read_bytes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
