#!/usr/bin/env python3
""""Delivered" means that the receiver holds what the sender holds now, at the place that is named."""
import os
import random
import socket
import stat
import unittest
from pathlib import Path

from wherry_process import LOOPBACK, ProgramTest, at_most, write_file

NOBODY = "/ip4/127.0.0.1/udp/9/quic-v1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"
SLOWLY = at_most("4 Mbit/s")  # six megabytes take twelve seconds


def swap_content(path, content):
    """Other bytes under the same size and time, as `touch -r` leaves them."""
    before = path.stat()
    assert len(content) == before.st_size
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


class Delivered(ProgramTest):
    def tree(self):
        chance = random.Random(5)
        write_file(self.folder / "tree/small", chance.randbytes(5000), modified=1_600_000_000)
        write_file(self.folder / "tree/deep/large", chance.randbytes(3_000_000), modified=1_600_000_000)
        return self.folder / "tree"

    def make_socket(self, path):
        """Under a short name first: addresses of sockets are bounded."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.folder / "s"))
        (self.folder / "s").rename(path)

    def test_content_that_changed_under_the_same_size_and_time_is_sent_again(self):
        tree = self.tree()
        _, address = self.receive("--accept", "all")
        self.deliver(address, tree)
        for name in ("small", "deep/large"):
            swap_content(tree / name, random.Random(name).randbytes((tree / name).stat().st_size))
            self.assertGreater(self.deliver(address, tree)["bytesSent"], 0)
            self.assertSameTree(tree, self.folder / "out/tree")
        self.assertEqual(self.deliver(address, tree)["bytesSent"], 0)
        self.assertEqual(os.listdir(self.folder / "out"), ["tree"])

    def test_what_the_receiver_changed_under_the_same_size_and_time_stays_and_the_offer_lands_beside(self):
        tree = self.tree()
        _, address = self.receive("--accept", "all")
        self.deliver(address, tree)
        there = self.folder / "out/tree/small"
        own = random.Random(7).randbytes(5000)
        swap_content(there, own)
        for _ in range(2):
            self.deliver(address, tree)
            self.assertEqual(there.read_bytes(), own)
            self.assertEqual((self.folder / "out/tree/small (1)").read_bytes(), (tree / "small").read_bytes())
            self.assertEqual(sorted(os.listdir(self.folder / "out/tree")), ["deep", "small", "small (1)"])

    def test_what_was_only_copied_about_at_the_receiver_is_recognised_by_its_content(self):
        tree = self.tree()
        receiver, address = self.receive("--accept", "all")
        self.deliver(address, tree)
        receiver.stop()
        for name in ("small", "deep/large"):
            swap_content(self.folder / "out/tree" / name, (tree / name).read_bytes())
        _, address = self.receive("--accept", "all")
        self.assertEqual(self.deliver(address, tree)["bytesSent"], 0)
        self.assertSameTree(tree, self.folder / "out/tree")

    def test_a_folder_that_is_put_away_is_not_filled_again_once_another_has_its_name(self):
        tree = self.tree()
        _, address = self.receive("--accept", "all")
        self.deliver(address, tree)
        (self.folder / "out/tree").rename(self.folder / "out/put away")
        write_file(self.folder / "elsewhere/tree/small", b"of another device")
        self.deliver(address, self.folder / "elsewhere/tree", home="other")
        self.deliver(address, tree)
        self.assertEqual(os.listdir(self.folder / "out/tree"), ["small"])
        self.assertSameTree(tree, self.folder / "out/tree (1)")

    def test_a_download_folder_that_is_renamed_on_the_way_is_not_named_as_the_place(self):
        file = write_file(self.folder / "file", random.Random(3).randbytes(6_000_000))
        receiver, address = self.receive("--accept", "all", "--once")
        sender = self.send(address, file, options=SLOWLY)
        receiver.wait_for("progress", lambda event: event["bytes"] > 0)
        (self.folder / "out").rename(self.folder / "moved")
        self.assertExit(receiver, 6)
        self.assertEqual(receiver.named("failed")[-1]["code"], "volume-gone", receiver.story())
        self.assertEqual(receiver.named("delivered"), [])
        self.assertNotEqual(sender.exit_code(), 0, sender.story())
        self.assertEqual(sender.named("delivered"), [])

    def test_a_part_that_somebody_replaced_does_not_stop_its_transfer(self):
        """By links, which are not followed, by what is no file, or by a folder with something in it, which stays."""
        file = write_file(self.folder / "file", random.Random(4).randbytes(6_000_000))
        victim = write_file(self.folder / "victim", b"v" * 100)
        for number, obstacle in enumerate(("link", "hard link", "pipe", "socket", "folder")):
            with self.subTest(obstacle):
                out = self.folder / f"out-{number}"
                receiver, address = self.receive("--accept", "all", home=f"receiver-{number}", out=out.name)
                sender = self.send(address, file, home=f"sender-{number}", options=SLOWLY)
                receiver.wait_for("progress", lambda event: event["bytes"] > 500_000)
                receiver.kill()
                sender.stop()
                (part,) = out.glob(".*.part")
                part.unlink()
                if obstacle == "link":
                    part.symlink_to(victim)
                elif obstacle == "hard link":
                    os.link(victim, part)
                elif obstacle == "pipe":
                    os.mkfifo(part)
                elif obstacle == "socket":
                    self.make_socket(part)
                else:
                    write_file(part / "mine", b"mine")
                _, address = self.receive("--accept", "all", home=f"receiver-{number}", out=out.name)
                self.deliver(address, file, home=f"sender-{number}")
                self.assertEqual((out / "file").read_bytes(), file.read_bytes())
                self.assertTrue(stat.S_ISREG(os.lstat(out / "file").st_mode))
                self.assertEqual(victim.read_bytes(), b"v" * 100)
                if obstacle == "folder":
                    self.assertEqual((part / "mine").read_bytes(), b"mine")
                else:
                    self.assertEqual(os.listdir(out), ["file"])

    def test_what_is_no_file_is_refused_by_name_whether_sent_or_shared(self):
        os.mkfifo(self.folder / "pipe")
        (self.folder / "link").symlink_to("/dev/zero")
        self.make_socket(self.folder / "socket")
        for path in (self.folder / "pipe", self.folder / "link", self.folder / "socket", Path("/dev/zero")):
            for words in (("send", NOBODY), ("share",)):
                with self.subTest(path.name, command=words[0]):
                    run = self.run_wherry(*words, path)
                    self.assertExit(run, 6)
                    self.assertEqual(run.events[-1]["code"], "invalid-argument", run.story())
                    self.assertIn(str(path), run.events[-1]["message"])
                    self.assertIn(str(path), run.error_text())

    def test_what_is_no_file_within_a_folder_is_left_out_by_name_whether_sent_or_shared(self):
        tree = self.tree()
        os.mkfifo(tree / "pipe")
        self.make_socket(tree / "socket")
        _, address = self.receive("--accept", "all")
        sender = self.send(address, tree)
        self.assertExit(sender, 0)
        reasons = ["tree/pipe: socket, fifo or device", "tree/socket: socket, fifo or device"]
        self.assertEqual(sender.named("offer")[0]["skippedReasons"], reasons)
        sharer = self.run_wherry("share", "--listen", LOOPBACK, tree, home="sharer")
        ticket = sharer.wait_for("ticket")["ticket"]
        fetcher = self.run_wherry("get", "--listen", LOOPBACK, "--out", self.folder / "got", ticket, home="fetcher")
        self.assertExit(fetcher, 0)
        for folder in ("out/tree", "got/tree"):
            self.assertEqual(sorted(os.listdir(self.folder / folder)), ["deep", "small"])

    def test_a_share_that_is_revoked_or_has_expired_ends_its_command(self):
        shared = write_file(self.folder / "shared", b"for now")
        sharer = self.run_wherry("share", "--listen", LOOPBACK, shared, home="sharer")
        number = sharer.wait_for("ticket")["share"]
        self.assertExit(self.run_wherry("shares", "revoke", number, home="sharer"), 0)
        self.assertEqual(sharer.wait_for("share-ended")["why"], "revoked")
        self.assertExit(sharer, 0)
        sharer = self.run_wherry("share", "--listen", LOOPBACK, "--expires", "2s", shared, home="sharer")
        sharer.wait_for("ticket")
        self.assertEqual(sharer.wait_for("share-ended")["why"], "expired")
        self.assertExit(sharer, 0)

    def test_a_share_that_has_become_no_file_fails_at_the_fetcher(self):
        shared = write_file(self.folder / "shared", b"for now")
        sharer = self.run_wherry("share", "--listen", LOOPBACK, shared, home="sharer")
        ticket = sharer.wait_for("ticket")["ticket"]
        shared.unlink()
        os.mkfifo(shared)
        fetcher = self.run_wherry("get", "--listen", LOOPBACK, "--out", self.folder / "out", ticket, home="fetcher")
        self.assertNotEqual(fetcher.exit_code(), 0, fetcher.story())
        self.assertEqual(fetcher.events[-1]["event"], "failed", fetcher.story())
        self.assertEmpty(self.folder / "out")


if __name__ == "__main__":
    unittest.main()
