"""Many entries at once, in every shape that costs memory: what a transfer takes does not depend on how many there are."""
import os
import re
import unittest
from pathlib import Path

from wherry_process import LOOPBACK, PATIENCE, ProgramTest

# What MISSION.md allows. A sanitizer keeps what is freed and a shadow of everything: its programs are not measured.
MAX_PEAK = 60e6
# The tables of a manifest and what is under way fill up; after that nothing grows. Twelve times the entries are between the two.
MAX_GROWTH = 15e6


def peak_memory(process):
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status).group(1))


def sanitized(process):
    """Its shadow is terabytes of addresses."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmSize:\s+(\d+)", status).group(1)) > 2**30


def make_entries(folder, count):
    """As many files of every length from none to 2 KiB, half of them in one folder, the last of them 100 folders deep, with names that are long
    enough to count."""
    content = os.urandom(4096)
    inside = folder / "half of them"
    inside.mkdir(parents=True)
    for number in range(count):
        if number >= count // 2 and number % 500 == 0:
            inside = folder / f"some folder number {number:06}"
            inside.mkdir(parents=True)
        if count - number <= 100:
            inside = inside / "deeper"
            inside.mkdir()
        with open(inside / f"a file of which there are many {number:06}.dat", "wb") as file:
            file.write(content[:number % 8 * 256])


@unittest.skipUnless(os.path.exists("/proc/self/status"), "the peak of memory is read from /proc")
class CountTest(ProgramTest):
    def transfer(self, count):
        source = self.folder / f"tree-{count}"
        make_entries(source, count)
        receiver, address = self.receive("--accept", "all", home=f"receiver-{count}", out=f"out-{count}")
        # The node of another shell sends, and is still there to be measured afterwards.
        node = self.run_wherry("node", "--listen", LOOPBACK, home=f"sender-{count}")
        node.address()
        sender = self.run_wherry("send", address, source, home=f"sender-{count}")
        self.assertEqual(sender.exit_code(patience=10 * PATIENCE), 0, sender.story())
        receiver.wait_for("delivered")
        peaks = [0 if sanitized(one.process) else peak_memory(one.process) for one in (node, receiver)]
        self.assertSameTree(source, self.folder / f"out-{count}" / source.name)
        return peaks

    def test_memory_does_not_grow_with_the_count(self):
        few = self.transfer(2_000)
        many = self.transfer(24_000)
        for name, before, after in zip(("sender", "receiver"), few, many):
            print(f"{name}: {before / 1e6:.1f} MB, then {after / 1e6:.1f} MB")
            self.assertLess(after, MAX_PEAK, f"the {name}'s memory")
            self.assertLess(after - before, MAX_GROWTH, f"the {name}'s memory grows with the count")


if __name__ == "__main__":
    unittest.main()
