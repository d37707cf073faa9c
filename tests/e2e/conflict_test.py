#!/usr/bin/env python3
"""Names that are taken where something should land, what is refused for good, and what each side is told about it."""
import os
import random
import subprocess
import unittest
from unittest import mock

from wherry_process import LOOPBACK, PATIENCE, PROGRAM, ProgramTest, at_most, signal, write_file

SLOWLY = at_most("1MB/s")


class Conflicts(ProgramTest):
    def tree(self):
        write_file(self.folder / "IN/doc", b"ours")
        write_file(self.folder / "IN/sub/other", b"also ours")
        return self.folder / "IN"

    def shown(self, *words, home):
        """The program as people see it, its output to be read."""
        process = subprocess.Popen([PROGRAM, "--no-mdns", "--home", self.folder / home, *words[:1], "--listen", LOOPBACK, *words[1:]], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_fail_declines_the_offer_on_both_sides_and_once_goes_on_waiting(self):
        receiver, address = self.receive("--accept", "all", "--conflict", "fail", "--once")
        write_file(self.folder / "out/IN", b"mine")
        sender = self.send(address, self.tree())
        self.assertExit(sender, 3)
        self.assertEqual(sender.named("declined")[0]["reason"], "exists already: IN")
        self.assertEqual((sender.named("accepted"), sender.named("failed")), ([], []))
        receiver.wait_for("declined", lambda e: e["reason"] == "exists already: IN")
        self.assertEqual((self.folder / "out/IN").read_bytes(), b"mine")
        self.deliver(address, write_file(self.folder / "free", b"x"))
        self.assertExit(receiver, 0)
        self.assertEqual((receiver.named("failed"), len(receiver.named("accepted"))), ([], 1))

    def test_fail_declines_before_anybody_is_asked(self):
        receiver, address = self.receive("--accept", "ask", "--conflict", "fail")
        write_file(self.folder / "out/IN", b"mine")
        sender = self.send(address, self.tree())
        self.assertExit(sender, 3)
        self.assertEqual(sender.named("declined")[0]["reason"], "exists already: IN")
        self.assertFalse(receiver.wait_for("offer")["needsAnswer"])
        receiver.wait_for("declined", lambda e: e["reason"] == "exists already: IN")

    def test_an_offer_says_which_names_are_taken_and_what_becomes_of_them(self):
        expected = {"rename": [{"path": "IN", "fate": "renamed", "landsAs": "IN (1)"}],
                    "replace": [{"path": "IN/doc", "fate": "replaced"}], "skip": [{"path": "IN/doc", "fate": "skipped"}]}
        write_file(self.folder / "out/IN/doc", b"mine")
        for conflict, taken in expected.items():
            with self.subTest(conflict):
                receiver, address = self.receive("--accept", "ask", "--conflict", conflict, home=f"receiver {conflict}")
                self.assertExit(self.send(address, self.tree()), 3)
                offer = receiver.wait_for("offer")
                self.assertEqual((offer["taken"], offer["takenTotal"], offer["takenMayBeMore"]), (taken, 1, False))
                receiver.stop()
        self.assertEqual((self.folder / "out/IN/doc").read_bytes(), b"mine")

    def test_fail_names_what_is_taken_inside_of_a_folder_that_was_delivered(self):
        receiver, address = self.receive("--accept", "all", "--conflict", "fail")
        self.deliver(address, self.tree())
        write_file(self.folder / "out/IN/doc", b"edited by the person")
        sender = self.send(address, self.tree())
        self.assertExit(sender, 3)
        self.assertEqual(sender.named("declined")[0]["reason"], "exists already: IN/doc")
        self.assertEqual((self.folder / "out/IN/doc").read_bytes(), b"edited by the person")

    def test_get_with_fail_says_once_that_it_exists(self):
        sharer = self.run_wherry("share", "--listen", LOOPBACK, self.tree(), home="sharer")
        ticket = sharer.wait_for("ticket")["ticket"]
        write_file(self.folder / "out/IN", b"mine")
        fetch = self.run_wherry("get", "--listen", LOOPBACK, "--out", self.folder / "out", "--conflict", "fail", ticket, home="fetcher")
        self.assertExit(fetch, 6)
        self.assertEqual([(e["code"], e["message"]) for e in fetch.named("failed")], [("exists", "IN")])
        self.assertEqual((self.folder / "out/IN").read_bytes(), b"mine")

    def test_a_file_or_link_in_the_place_of_a_delivered_folder_meets_the_policy(self):
        for policy, landed in {"rename": "sub (1)/other", "replace": "sub/other", "skip": None}.items():
            for kind in ("file", "link"):
                with self.subTest(policy=policy, kind=kind):
                    out = f"{policy}-{kind}"
                    receiver, address = self.receive("--accept", "all", "--conflict", policy, home=f"home-{out}", out=out)
                    self.deliver(address, self.tree())
                    place = self.folder / out / "IN/sub"
                    (place / "other").unlink()
                    place.rmdir()
                    elsewhere = write_file(self.folder / f"elsewhere-{out}/kept", b"kept").parent
                    place.symlink_to(elsewhere) if kind == "link" else write_file(place, b"mine")
                    for _ in range(2):
                        delivered = self.deliver(address, self.tree())
                        self.assertEqual(delivered["filesSkipped"], 1 if landed is None else 0)
                        self.assertEqual(os.listdir(elsewhere), ["kept"])
                        if landed:
                            self.assertEqual((self.folder / out / "IN" / landed).read_bytes(), b"also ours")
                        if policy != "replace":
                            self.assertEqual((place.is_symlink(), place.is_file()), (kind == "link", kind == "file"))
                    receiver.stop()

    def test_a_cancel_at_the_other_side_is_3_like_a_no(self):
        file = write_file(self.folder / "file", random.Random(1).randbytes(8_000_000))
        receiver, address = self.receive("--accept", "all")
        sender = self.send(address, file, options=SLOWLY)
        transfer = receiver.wait_for("progress")["transfer"]
        self.assertExit(self.run_wherry("transfers", "cancel", transfer, home="receiver"), 0)
        self.assertExit(sender, 3)
        failed = sender.named("failed")[-1]
        self.assertEqual((failed["code"], failed["byPeer"]), ("cancelled", True))

    def test_a_send_that_is_interrupted_says_of_which_transfer_and_how_far_it_was(self):
        file = write_file(self.folder / "file", random.Random(1).randbytes(8_000_000))
        _, address = self.receive("--accept", "all")
        sender = self.send(address, file, options=SLOWLY)
        transfer = sender.wait_for("progress", lambda e: e["bytes"] > 0)["transfer"]
        sender.signal(signal.SIGINT)
        self.assertExit(sender, 130)
        failed = sender.named("failed")[-1]
        self.assertEqual((failed["code"], failed["transfer"], failed["bytesTotal"]), ("interrupted", transfer, 8_000_000))
        self.assertGreater(failed["bytesSent"], 0)
        self.assertIn(failed["peer"], address)

    def test_a_name_that_needs_a_person_is_declined_with_that_reason_where_everything_is_accepted(self):
        with mock.patch.dict(os.environ, HOME=str(self.folder / "out")):
            receiver, address = self.receive("--accept", "all")
        sender = self.send(address, write_file(self.folder / ".bashrc", b"x"))
        self.assertExit(sender, 3)
        self.assertEqual(sender.named("declined")[0]["reason"],
                         "nobody is there to answer: names that programs start by themselves are only taken when a person says yes")
        self.assertNotIn("warning", receiver.error_text())

    def test_who_can_ask_nobody_and_takes_nothing_by_himself_says_so_at_once(self):
        receiver, address = self.receive("--accept", "ask")
        sender = self.send(address, write_file(self.folder / "file", b"x"))
        self.assertExit(sender, 3)
        self.assertRegex(receiver.error_text(), r"^wherry: warning: there is no terminal to ask at: every offer will be declined; --accept all or "
                                                r"--accept trusted takes them\n")
        self.assertEqual(receiver.named("warning"), [])

    def test_what_is_skipped_is_said_on_both_sides_also_when_the_rest_was_delivered_before(self):
        write_file(self.folder / "out/IN/doc", b"mine")
        tree, taken = self.tree(), "Skipped: 1 file, whose names are taken."
        receiver = self.shown("receive", "--accept", "all", "--conflict", "skip", "--out", self.folder / "out", home="receiver")
        address = next(word for word in iter(lambda: receiver.stdout.readline().decode(), "") if " send /" in word).split(" send ")[1].split()[0]
        for said in ("Delivered: 1 file", "Nothing to do: 1 file"):
            sender = self.shown("send", address, tree, home="sender")
            self.assertRegex(sender.communicate(timeout=PATIENCE)[0].decode(), said + ".*" + taken)
            lines = iter(lambda: receiver.stdout.readline().decode(), "")
            self.assertRegex(next(line for line in lines if "Skipped" in line or "Nothing" in line or "Delivered" in line), said + ".*" + taken)
        self.assertEqual((self.folder / "out/IN/doc").read_bytes(), b"mine")

    def test_a_stranger_hears_that_only_trusted_devices_are_accepted(self):
        _, address = self.receive("--accept", "trusted")
        sender = self.send(address, write_file(self.folder / "file", b"x"))
        self.assertExit(sender, 3)
        self.assertEqual(sender.named("declined")[0]["reason"], "only trusted devices are accepted here")

    def test_nothing_is_received_into_the_home_and_that_is_said_at_once(self):
        (self.folder / "home").mkdir()
        for inside in ("home", "home/below"):
            receiver = self.run_wherry("receive", "--listen", LOOPBACK, "--out", self.folder / inside)
            self.assertExit(receiver, 6)
            self.assertEqual([e["event"] for e in receiver.events], ["failed"])
            self.assertEqual(receiver.events[0]["code"], "permission-denied")
            self.assertIn("key", receiver.error_text())
            self.assertFalse((self.folder / "home/below").exists())


if __name__ == "__main__":
    unittest.main()
