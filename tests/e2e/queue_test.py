#!/usr/bin/env python3
"""Transfers wait for their turn: what goes first, what the lists say, what other shells can change."""
import os
import random
import subprocess
import time
import unittest

from wherry_process import LOOPBACK, PATIENCE, PROGRAM, ProgramTest, signal, write_file


class Queue(ProgramTest):
    def node(self, *settings):
        """A node that sends one thing at a time, slowly: 4 MB take 4 s."""
        options = [word for setting in ("limits.upload=1MB/s", "limits.limit_lan=true", *settings) for word in ("--set", setting)]
        process = self.run_wherry("node", "--listen", LOOPBACK, *options, home="node")
        process.address()
        return process

    def source(self, name, size=4_000_000):
        return write_file(self.folder / name, random.randbytes(size))

    def queue(self, address, name, *options):
        """Begins a send in a shell of its own and gives it and the number of its transfer."""
        before = {entry["transfer"] for entry in self.listed()}
        sender = self.run_wherry("send", *options, address, self.source(name), home="node")
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            new = [entry["transfer"] for entry in self.listed() if entry["transfer"] not in before]
            if new:
                return sender, new[0]
        raise AssertionError("the send does not begin")

    def listed(self):
        return self.ask("list").named("transfers")[0]["transfers"]

    def states(self):
        return {entry["transfer"]: (entry["state"], entry["priority"]) for entry in self.listed()}

    def ask(self, *words, code=0):
        process = self.run_wherry("transfers", *words, home="node")
        self.assertExit(process, code)
        return process

    @unittest.skipIf(os.name == "nt", "SIGHUP is a signal of POSIX")
    def test_the_higher_priority_goes_first_and_cancel_works_on_what_waits(self):
        one = b"[transfers]\nmax_parallel_sends = 1\n[limits]\n"
        config = write_file(self.folder / "node/wherry.toml", one + b'upload = "256 kbit/s"\nlimit_lan = true\n')
        node = self.run_wherry("node", "--listen", LOOPBACK, home="node")
        node.address()
        receiver, address = self.receive("--accept", "all")
        first, _ = self.queue(address, "first.bin")
        second, two = self.queue(address, "second.bin", "--wait", "1")
        third, three = self.queue(address, "third.bin", "--priority", "low")
        fourth, four = self.queue(address, "fourth.bin")
        self.ask("cancel", four)
        self.assertExit(fourth, 130)
        states = self.states()
        self.assertEqual((states[two], states[three]), (("queued", "normal"), ("queued", "low")))
        changed = self.ask("priority", three, "high").named("priority")[0]
        self.assertEqual((changed["transfer"], changed["priority"]), (three, "high"))
        self.assertEqual(self.states()[three], ("queued", "high"))
        config.write_bytes(one)
        node.signal(signal.SIGHUP)
        node.wait_for("reloaded")
        for sender in (first, third, second):
            self.assertExit(sender, 0)
        landed = [event["names"][0] for event in receiver.named("delivered")]
        limit = time.monotonic() + PATIENCE
        while len(landed) < 3 and time.monotonic() < limit:
            landed = [event["names"][0] for event in receiver.named("delivered")]
        self.assertEqual(landed, ["first.bin", "third.bin", "second.bin"])
        for name in landed:
            self.assertEqual((self.folder / "out" / name).read_bytes(), (self.folder / name).read_bytes())
        self.ask("priority", three, "high", code=2)

    def test_what_waits_leaves_the_list_with_the_shell_that_asked_for_it(self):
        self.node("transfers.max_parallel_sends=1")
        _, address = self.receive("--accept", "all")
        first, one = self.queue(address, "first.bin")
        second, _ = self.queue(address, "second.bin")
        second.signal(signal.SIGINT)
        self.assertExit(second, 130)
        limit = time.monotonic() + PATIENCE
        while len(self.states()) > 1 and time.monotonic() < limit:
            pass
        self.assertIn(list(self.states()), ([one], []))
        self.assertExit(first, 0)

    def test_pausing_one_lets_the_next_begin(self):
        self.node("transfers.max_parallel_sends=1")
        _, address = self.receive("--accept", "all")
        first, one = self.queue(address, "first.bin")
        second, _ = self.queue(address, "second.bin")
        self.ask("pause", one)
        self.assertExit(second, 0)
        self.assertEqual(self.states()[one][0], "paused")
        self.ask("resume", one)
        self.assertExit(first, 0)

    @unittest.skipIf(os.name == "nt", "SIGHUP is a signal of POSIX")
    def test_the_setting_is_read_again_while_it_runs(self):
        config = write_file(self.folder / "node/wherry.toml", b"[transfers]\nmax_parallel_sends = 1\n")
        node = self.node()
        _, address = self.receive("--accept", "all")
        self.queue(address, "first.bin")
        _, two = self.queue(address, "second.bin")
        self.assertEqual(self.states()[two][0], "queued")
        config.write_bytes(b"[transfers]\nmax_parallel_sends = 2\n")
        node.signal(signal.SIGHUP)
        changes = node.wait_for("reloaded")["changes"]
        self.assertEqual([(c["key"], c["live"]) for c in changes], [("transfers.max_parallel_sends", True)])
        limit = time.monotonic() + PATIENCE
        while self.states()[two][0] == "queued" and time.monotonic() < limit:
            pass
        self.assertIn(self.states()[two][0], ("preparing", "offered", "running"))

    def test_a_person_is_told_that_it_waits(self):
        self.node("transfers.max_parallel_sends=1")
        _, address = self.receive("--accept", "all")
        self.queue(address, "first.bin")
        source = self.source("second.bin")
        second = subprocess.run([PROGRAM, "--no-mdns", "--home", self.folder / "node", "send", address, source], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(second.returncode, 0, second)
        self.assertIn("waits for its turn", second.stdout + second.stderr)

    def test_words_that_make_no_sense_are_refused(self):
        for words in (["priority"], ["priority", "1"], ["priority", "1", "urgent"], ["priority", "x", "high"], ["pause", "1", "high"]):
            self.assertExit(self.run_wherry("transfers", *words, home="nothing"), 2)
        self.assertExit(self.run_wherry("transfers", "priority", "1", "high", home="nothing"), 4)
        self.assertExit(self.run_wherry("send", "--priority", "urgent", "somebody", "file", home="nothing"), 2)
        for count in ("0", "65"):
            self.assertExit(self.run_wherry("node", "--set", "transfers.max_parallel_sends=" + count, home="nothing"), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
