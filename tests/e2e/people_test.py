#!/usr/bin/env python3
"""Texts, names, trust and blocking between real processes, each command with an engine of its own."""
import time
import unittest

from wherry_process import LOOPBACK, PATIENCE, ProgramTest, write_file


class People(ProgramTest):
    def run_once(self, *arguments, home="sender", code=0):
        process = self.run_wherry("--listen", LOOPBACK, *arguments, home=home)
        self.assertExit(process, code)
        return process

    def peers(self, home="sender"):
        return {peer["peerId"]: peer for peer in self.run_once("peers", home=home).named("peers")[0]["peers"]}

    def test_a_text_is_shown_once_and_acknowledged(self):
        receiver, address = self.receive()
        words = "line one\n\u202eline two \u00e9"
        sent = self.run_once("text", address, words).named("sent")[0]
        shown = receiver.wait_for("text")
        self.assertEqual((shown["text"], shown["id"], shown["stranger"]), (words, sent["id"], True))
        self.run_once("text", address, "", code=2)
        self.run_once("text", address, "x" * 65537, code=2)
        self.assertEqual(len(receiver.named("text")), 1)

    def test_who_was_met_is_listed_and_found_by_name(self):
        receiver, address = self.receive()
        peer = address.split("/p2p/")[1]
        self.assertEqual(self.peers(), {})
        self.run_once("text", address, "one")
        known = self.peers()[peer]
        self.assertEqual((known["trust"], known["alias"], len(known["addresses"])), ("unknown", "", 1))
        self.run_once("peers", "alias", peer, "the other one")
        self.assertEqual(self.peers()[peer]["alias"], "the other one")
        self.run_once("text", "The other one", "two")
        write_file(self.folder / "file", b"content")
        sender = self.run_wherry("send", "--listen", LOOPBACK, "the other one", self.folder / "file", home="sender")
        sender.wait_for("declined")  # nobody can answer at the receiver
        self.assertExit(sender, 3)
        self.assertEqual([event["text"] for event in receiver.named("text")], ["one", "two"])
        self.run_once("peers", "alias", "the other one")
        self.run_once("text", "--wait", "1", "the other one", "three", code=4)

    def test_what_a_device_says_of_itself_is_shown_as_its_words(self):
        _, address = self.receive("--set", "profile.device=server", "--set", "profile.policy=Friends only")
        peer = address.split("/p2p/")[1]
        limit = time.monotonic() + PATIENCE
        kind = None
        while kind != "server" and time.monotonic() < limit:
            self.run_once("ping", "-n", "5", address)
            kind = self.peers()[peer]["deviceKind"]
        self.assertEqual((kind, self.peers()[peer]["policy"]), ("server", "Friends only"))
        self.assertExit(self.run_wherry("node", "--set", "profile.device=toaster", home="nothing"), 2)

    def test_trust_takes_files_and_blocking_takes_nothing(self):
        write_file(self.folder / "file", b"content")
        receiver, address = self.receive("--accept", "trusted")
        self.run_once("text", "--wait", "5", address, "hello", code=3)
        me = receiver.wait_for("path")["peer"]
        receiver.stop()
        self.run_once("peers", "trust", me, home="receiver")
        receiver, address = self.receive("--accept", "trusted")
        self.run_once("text", address, "hello")
        self.deliver(address, self.folder / "file")
        receiver.stop()
        self.run_once("peers", "block", me, home="receiver")
        self.run_once("peers", "trust", me, home="receiver", code=2)
        self.assertEqual(self.peers("receiver")[me]["trust"], "blocked")
        self.run_once("text", me, "hello", home="receiver", code=2)
        receiver, address = self.receive("--accept", "all")
        text = self.run_wherry("--listen", LOOPBACK, "text", "--wait", "2", address, "hello", home="sender")
        self.assertIn(text.exit_code(), (4, 7))  # it is not told why
        self.assertEqual((receiver.named("text"), receiver.named("path")), ([], []))

    def test_mistakes_are_usage_errors(self):
        for words in (["trust"], ["trust", "nobody"], ["love", "x"], ["alias", "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", "/a"]):
            self.run_once("peers", *words, code=2)


if __name__ == "__main__":
    unittest.main()
