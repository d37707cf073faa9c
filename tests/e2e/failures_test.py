#!/usr/bin/env python3
"""Something cannot be read, sent, stored or printed: what else arrives, what is said, and the exit code."""
import json
import os
import random
import shutil
import subprocess
import unittest

from wherry_process import LOOPBACK, PROGRAM, ProgramTest, at_most, signal, write_file

NOBODY = 65534
PEER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"


class AsNobody(ProgramTest):
    """Permissions mean nothing to root, so that the process under test runs as somebody else when the test is root."""

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o777)
        self.program = self.folder / "wherry"
        shutil.copy(PROGRAM, self.program)
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}

    def ours(self, path):
        if self.user:
            os.chown(path, NOBODY, NOBODY)
        return path

    def send_as_nobody(self, address, *paths):
        words = [self.program, "--json", "--home", self.folder / "nobody", "send", "--listen", LOOPBACK, address, *paths]
        run = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False, **self.user)
        return run, [json.loads(line) for line in run.stdout.splitlines()]

    def test_an_unreadable_folder_stays_at_home_the_rest_arrives_and_the_exit_is_6(self):
        tree = self.folder / "tree"
        write_file(tree / "good", b"good")
        (tree / "closed").mkdir(mode=0o000)
        self.addCleanup((tree / "closed").chmod, 0o700)
        _, address = self.receive("--accept", "all")
        run, events = self.send_as_nobody(address, tree)
        self.assertEqual(run.returncode, 6, run)
        offer = next(e for e in events if e["event"] == "offer")
        self.assertEqual((offer["skipped"], offer["skippedFailures"]), (1, 1))
        self.assertTrue(offer["skippedReasons"][0].startswith("tree/closed: unreadable folder"), offer)
        self.assertIn("tree/closed", run.stderr)
        self.assertEqual(events[-1]["event"], "delivered")
        self.assertEqual((self.folder / "out/tree/good").read_bytes(), b"good")
        self.assertEqual(os.listdir(self.folder / "out/tree"), ["good"])  # not an empty folder of that name either

    def test_an_unreadable_file_stays_at_home_the_rest_arrives_and_the_exit_is_6(self):
        tree = self.folder / "tree"
        write_file(tree / "good", b"good")
        write_file(tree / "secret", b"secret", mode=0o000)
        receiver, address = self.receive("--accept", "all", "--once")
        run, events = self.send_as_nobody(address, tree)
        self.assertEqual(run.returncode, 6, run)
        self.assertEqual((events[-1]["event"], events[-1]["code"], events[-1]["file"]), ("failed", "permission-denied", "tree/secret"))
        self.assertEqual((events[-1]["restDelivered"], events[-1]["byPeer"]), (True, False))
        self.assertIn("1 of 2 files delivered", run.stderr)
        self.assertEqual((self.folder / "out/tree/good").read_bytes(), b"good")
        self.assertExit(receiver, 7)  # the sender's file, and --once has had its transfer
        self.assertTrue(receiver.named("failed")[0]["byPeer"])

    def test_one_of_several_paths_that_cannot_be_read_does_not_keep_the_others_at_home(self):
        good = write_file(self.folder / "good", b"good")
        secret = write_file(self.folder / "secret", b"secret", mode=0o000)
        _, address = self.receive("--accept", "all")
        run, events = self.send_as_nobody(address, secret, good)
        self.assertEqual(run.returncode, 6, run)
        self.assertEqual(os.listdir(self.folder / "out"), ["good"])
        run, events = self.send_as_nobody(address, secret)
        self.assertEqual((run.returncode, events[-1]["code"]), (6, "permission-denied"))

    def test_a_receiver_that_may_not_write_is_6_on_both_sides(self):
        out = self.folder / "out"
        out.mkdir()
        self.ours(out)
        words = [self.program, "--json", "--home", self.folder / "nobody", "receive", "--once", "--accept", "all", "--listen", LOOPBACK, "--out", out]
        receiver = subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, stdin=subprocess.DEVNULL, **self.user)
        self.addCleanup(receiver.stdout.close)
        self.addCleanup(receiver.kill)
        address = json.loads(receiver.stdout.readline())["listen"][0]
        out.chmod(0o500)
        self.addCleanup(out.chmod, 0o700)
        sender = self.send(address, write_file(self.folder / "file", b"x" * 1000))
        self.assertExit(sender, 6)
        failed = sender.named("failed")[-1]
        self.assertEqual((failed["code"], failed["byPeer"], failed["file"]), ("permission-denied", True, "file"))
        self.assertEqual(failed["message"], "the receiver: permission denied")
        self.assertEqual(receiver.wait(60), 6)

    def test_a_folder_that_cannot_be_written_is_said_at_once(self):
        out = self.folder / "out"
        out.mkdir(mode=0o555)
        os.chmod(out, 0o555)
        words = [self.program, "--json", "--home", self.folder / "nobody", "receive", "--listen", LOOPBACK, "--out", out]
        run = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False, **self.user)
        self.assertEqual(run.returncode, 6, run)
        self.assertNotIn("ready", run.stdout)
        self.assertIn("cannot write there", run.stderr)


class Failures(ProgramTest):
    def test_names_that_no_receiver_takes_are_said_in_text_and_json_and_the_exit_is_6(self):
        tree = self.folder / "tree"
        for name in ("good", "a:b", "back\\slash"):
            write_file(tree / name, b"x")
        (tree / "link").symlink_to("good")
        _, address = self.receive("--accept", "all")
        sender = self.send(address, tree)
        self.assertExit(sender, 6)
        offer = sender.named("offer")[0]
        self.assertEqual((offer["skipped"], offer["skippedFailures"]), (3, 2))
        self.assertEqual([reason.split(": ")[0] for reason in offer["skippedReasons"]], ["tree/a:b", "tree/back\\slash", "tree/link"])
        self.assertTrue(all(": " in reason for reason in offer["skippedReasons"]))
        for name in ("a:b", "back", "link"):
            self.assertIn(f"\n  tree/{name}", sender.error_text())
        self.assertEqual(os.listdir(self.folder / "out/tree"), ["good"])

    def test_a_control_character_in_a_name_travels(self):
        _, address = self.receive("--accept", "all")
        self.deliver(address, write_file(self.folder / "tree/bell\a", b"x").parent)
        self.assertEqual(os.listdir(self.folder / "out/tree"), ["bell\a"])

    def test_links_and_pipes_that_stay_at_home_do_not_change_the_exit_code(self):
        tree = write_file(self.folder / "tree/good", b"x").parent
        (tree / "link").symlink_to("good")
        os.mkfifo(tree / "fifo")
        _, address = self.receive("--accept", "all")
        sender = self.send(address, tree)
        self.assertExit(sender, 0)
        self.assertEqual(sender.named("offer")[0]["skippedFailures"], 0)

    def test_a_target_that_can_never_answer_is_refused_at_once(self):
        for address in ("/ip4/0.0.0.0/udp/4001", "/ip6/::/udp/4001", "/ip4/224.0.0.1/udp/4001", "/ip4/127.0.0.1/udp/0"):
            with self.subTest(address):
                run = self.run_wherry("ping", "--wait", "600", f"{address}/quic-v1/p2p/{PEER}")
                self.assertExit(run, 2)
                self.assertEqual(run.events[-1]["code"], "invalid-argument")

    def test_ones_own_key_as_target_is_exit_4_at_once(self):
        node = self.run_wherry("node", "--listen", LOOPBACK)
        address = node.address()
        node.signal(signal.SIGTERM)
        self.assertExit(node, 0)
        for command in (["ping", "--wait", "600", address], ["send", "--wait", "600", address, __file__]):
            run = self.run_wherry(*command)
            self.assertExit(run, 4)
            self.assertIn("this device's own key", run.events[-1]["message"])

    def test_an_address_of_another_device_cannot_be_listened_at(self):
        run = self.run_wherry("node", "--listen", "/ip4/192.0.2.77/udp/0/quic-v1")
        self.assertExit(run, 6)
        self.assertIn("192.0.2.77", run.events[-1]["message"])

    def test_a_damaged_key_is_exit_6_and_says_what_to_do(self):
        self.assertExit(self.run_wherry("id", check=False), 0)
        next((self.folder / "home").rglob("*.key")).write_bytes(b"damaged")
        for command in ("id", "node"):
            run = self.run_wherry(command)
            self.assertExit(run, 6)
            self.assertIn("Restore it from a backup", run.events[-1]["message"])


class Output(ProgramTest):
    def run_into(self, sink, *arguments):
        with open(sink, "wb") as stdout:
            return subprocess.run([PROGRAM, "--no-mdns", "--home", self.folder / "home", *map(str, arguments)], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL, check=False)

    def test_a_full_standard_output_is_exit_6(self):
        for arguments in (["--help"], ["--version"], ["id"], ["id", "--json"], ["node", "--listen", LOOPBACK], ["receive", "--out", self.folder / "out"]):
            with self.subTest(arguments):
                run = self.run_into("/dev/full", *arguments)
                self.assertEqual(run.returncode, 6, run)
                self.assertEqual(run.stderr.count("standard output"), 1, run)

    def test_a_closed_standard_output_is_exit_6_and_takes_no_file_of_ours(self):
        run = subprocess.run(f'exec "{PROGRAM}" --home "{self.folder}/home" node --listen {LOOPBACK} >&-', shell=True, stderr=subprocess.PIPE, text=True, timeout=60,
                             stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(run.returncode, 6, run)
        self.assertIn("standard output", run.stderr)

    def test_what_is_sent_arrives_although_nobody_can_read_of_it(self):
        file = write_file(self.folder / "file", random.Random(1).randbytes(3_000_000))
        _, address = self.receive("--accept", "all")
        run = self.run_into("/dev/full", "--json", "send", "--listen", LOOPBACK, address, file)
        self.assertEqual(run.returncode, 6, run)
        self.assertEqual((self.folder / "out/file").read_bytes(), file.read_bytes())

    def test_a_receiver_whose_reader_goes_away_finishes_what_it_has_begun(self):
        file = write_file(self.folder / "file", random.Random(1).randbytes(4_000_000))
        words = [PROGRAM, "--json", "--home", self.folder / "receiver", "receive", "--accept", "all", "--listen", LOOPBACK, "--out", self.folder / "out"]
        receiver = subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.addCleanup(receiver.kill)
        self.addCleanup(receiver.stderr.close)
        sender = self.send(json.loads(receiver.stdout.readline())["listen"][0], file, options=at_most("16 Mbit/s"))
        while json.loads(receiver.stdout.readline())["event"] != "progress":
            pass
        receiver.stdout.close()
        self.assertExit(sender, 0)
        self.assertEqual(receiver.wait(60), 6)
        self.assertIn("standard output", receiver.stderr.read())
        self.assertEqual((self.folder / "out/file").stat().st_size, 4_000_000)

    def test_an_idle_receiver_ends_when_its_reader_goes_away(self):
        words = [PROGRAM, "--json", "--home", self.folder / "receiver", "receive", "--listen", LOOPBACK, "--out", self.folder / "out"]
        receiver = subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.addCleanup(receiver.kill)
        receiver.stdout.readline()
        receiver.stdout.close()
        self.assertEqual(receiver.wait(60), 6)


if __name__ == "__main__":
    unittest.main()
