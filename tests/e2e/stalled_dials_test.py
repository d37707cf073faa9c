#!/usr/bin/env python3
"""SECURITY D13: a thousand handshakes that never end, against the real program."""
import os
import subprocess
import time
import unittest
from pathlib import Path

from wherry_process import PATIENCE, ProgramTest, write_file

STALLED_DIALS = os.environ.get("WHERRY_STALLED_DIALS", "stalled_dials")
ADDRESSES, DIALS = 40, 25
# kMaxHalfOpen handshakes may be in progress, about 96 kB each; twice that, for what the allocator keeps.
MEMORY_BOUND = 2 * 256 * 96 * 1024


def peak_memory(process):
    """Bytes that a process has kept resident at most."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))


def open_files(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


class StalledDials(ProgramTest):
    def besiege(self, address, mode):
        crowd = subprocess.Popen([STALLED_DIALS, address, str(ADDRESSES), str(DIALS), mode], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(crowd.stdout.close)
        self.addCleanup(crowd.wait)
        self.addCleanup(crowd.kill)
        self.assertEqual(crowd.stdout.readline().strip(), "answered")
        return crowd

    def lift(self, crowd):
        """Ends the siege; gives how many answers were Retry packets, and how many were not."""
        crowd.stdin.close()
        retries, others = map(int, crowd.stdout.readline().split())
        self.assertEqual(crowd.wait(PATIENCE), 0)
        return retries, others

    def withstand(self, mode):
        receiver, address = self.receive("--accept", "all")
        payload = write_file(self.folder / "payload", os.urandom(3 * 2**20))
        self.deliver(address, write_file(self.folder / "first", b"before"))
        memory_before, files_before = peak_memory(receiver.process), open_files(receiver.process)
        crowd = self.besiege(address, mode)
        self.deliver(address, write_file(self.folder / "soon", b"at its beginning"), home="friend")
        # As long as a handshake may take, so that those that time out are replaced by new ones.
        self.assertEqual(crowd.stdout.readline().strip(), "renewed")
        files_most = open_files(receiver.process)
        begun = time.monotonic()
        self.deliver(address, payload, home="friend")
        during = time.monotonic() - begun
        retries, others = self.lift(crowd)
        most = peak_memory(receiver.process)
        self.deliver(address, write_file(self.folder / "last", b"after"), home="other friend")
        self.assertEqual((self.folder / "out/payload").read_bytes(), payload.read_bytes())
        self.assertEqual((self.folder / "out/last").read_bytes(), b"after")
        print(f"{mode}: resident at most {memory_before / 2**20:.1f} MB before and {most / 2**20:.1f} MB after; {retries} Retry packets, "
              f"{others} other datagrams; an honest delivery took {during:.1f} s")
        self.assertLess(most - memory_before, MEMORY_BOUND)
        self.assertEqual(files_most, files_before)
        self.assertGreater(retries, 0)
        return receiver

    def test_a_thousand_dials_that_hear_nothing_cost_little_and_keep_nobody_out(self):
        self.withstand("mute")

    def test_a_thousand_dials_that_prove_their_addresses_cost_little_and_keep_nobody_out(self):
        self.withstand("prove")


if __name__ == "__main__":
    unittest.main(verbosity=2)
