#!/usr/bin/env python3
"""Somebody else writes into the download folder while files arrive: nobody is told "delivered" of other bytes than the
sender's, whoever it is is named the file, and nothing outside of the folder is touched."""
import os
import random
import time
import unittest

from wherry_process import ProgramTest, at_most, write_file

SLOWLY = at_most("4 Mbit/s")  # three megabytes take six seconds
CONTENT = random.Random(6).randbytes(3_000_000)


def overwrite(part, victim):
    """What has arrived already, for longer than the clock of any file system takes to go on."""
    there = part.read_bytes()
    place = next(at for at in range(0, len(there), 1000) if there[at:at + 1000] == CONTENT[at:at + 1000])
    with open(part, "r+b") as file:
        limit = time.monotonic() + 0.1
        while time.monotonic() < limit:
            os.pwrite(file.fileno(), b"not what was sent", place)


def truncate(part, victim):
    os.truncate(part, 100)


def swap(part, victim):
    """Another file, renamed over it: what a moment later has its name was never written by the receiver."""
    other = part.with_name("other")
    other.write_bytes(b"x" * part.stat().st_size)
    other.rename(part)


def swap_copy(part, victim):
    other = part.with_name("other")
    other.write_bytes(part.read_bytes())
    other.rename(part)


def link(part, victim):
    part.unlink()
    part.symlink_to(victim)


def hard_link(part, victim):
    part.unlink()
    os.link(victim, part)


def pipe(part, victim):
    part.unlink()
    os.mkfifo(part)


def remove(part, victim):
    part.unlink()


class Meddling(ProgramTest):
    def meddle(self, how):
        file = write_file(self.folder / "file", CONTENT, modified=1_600_000_000)
        victim = write_file(self.folder / "victim", b"v" * 100)
        receiver, address = self.receive("--accept", "all", "--once")
        sender = self.send(address, file, options=SLOWLY)
        receiver.wait_for("progress", lambda event: event["bytes"] > 500_000)
        (part,) = (self.folder / "out").glob(".*.part")
        how(part, victim)
        codes = sender.exit_code(), receiver.exit_code()
        self.assertEqual(victim.read_bytes(), b"v" * 100)
        there = self.folder / "out/file"
        if receiver.named("delivered") or sender.named("delivered"):
            self.assertEqual(codes, (0, 0), sender.story() + receiver.story())
            self.assertEqual(there.read_bytes(), CONTENT)
            return "delivered"
        self.assertNotIn(0, codes, sender.story() + receiver.story())
        self.assertEqual((sender.events[-1]["event"], sender.events[-1]["file"]), ("failed", "file"), sender.story())
        self.assertEqual((receiver.events[-1]["event"], receiver.events[-1]["file"]), ("failed", "file"), receiver.story())
        self.assertEqual(receiver.exit_code(), 6, receiver.story())
        self.assertIn(str(part), receiver.error_text())
        self.assertFalse(os.path.lexists(there))
        # The next attempt gets through, over whatever is there now.
        _, address = self.receive("--accept", "all", "--once")
        self.deliver(address, file)
        self.assertEqual(there.read_bytes(), CONTENT)
        self.assertFalse(there.is_symlink())
        self.assertEqual(victim.read_bytes(), b"v" * 100)
        return "failed"

    def test_a_part_that_is_written_to_in_place(self):
        self.assertEqual(self.meddle(overwrite), "failed")

    def test_a_part_that_is_truncated(self):
        self.assertEqual(self.meddle(truncate), "failed")

    def test_a_part_that_is_swapped_for_another_file(self):
        self.assertEqual(self.meddle(swap), "failed")

    def test_a_part_that_is_swapped_for_a_copy(self):
        self.meddle(swap_copy)

    def test_a_part_that_becomes_a_link_to_a_file_outside(self):
        self.assertEqual(self.meddle(link), "failed")

    def test_a_part_that_becomes_a_second_name_of_a_file_outside(self):
        self.assertEqual(self.meddle(hard_link), "failed")

    def test_a_part_that_becomes_a_pipe(self):
        self.assertEqual(self.meddle(pipe), "failed")

    def test_a_part_that_is_removed(self):
        self.assertEqual(self.meddle(remove), "failed")

    def test_a_part_that_is_only_touched_is_read_once_more_and_delivered(self):
        self.assertEqual(self.meddle(lambda part, victim: os.utime(part)), "delivered")


if __name__ == "__main__":
    unittest.main()
