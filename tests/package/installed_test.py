#!/usr/bin/env python3
"""The installed package: what `cmake --install` puts where, and a program that is built on that alone, runs, and is sent something."""
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
import wherry_process  # noqa: E402
from wherry_process import LOOPBACK, PATIENCE, ProgramTest  # noqa: E402

SOURCE = Path(os.environ["WHERRY_SOURCE"])
BUILD = Path(os.environ["WHERRY_BUILD"])
CMAKE = os.environ["WHERRY_CMAKE"]
HAVE_DESKTOP = os.environ["WHERRY_HAVE_DESKTOP"].upper() in ("ON", "TRUE", "1")
# Files in which a path of this tree would mean that the package works on this machine alone.
TEXTS = {".cmake", ".h", ".proto", ".desktop", ".xml", ".pc", ".ninja", ".make", ".txt"}


def run(*command):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)
    assert done.returncode == 0, f"{command}: exit {done.returncode}: {done.stdout[-4000:]}"


class Lines:
    """A program, and what it prints line by line."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([str(program)], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line.strip())
        self._lines.put(None)

    def next(self):
        line = self._lines.get(timeout=PATIENCE)
        assert line is not None, f"ended: exit {self.process.wait()}, standard error {self.process.stderr.read()!r}"
        return line

    def stop(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


class InstalledTest(ProgramTest):
    def assertNothingOfThisTree(self, folder):
        # A build folder may lie in the source tree, or the other way round: each counts by itself.
        for path in folder.rglob("*"):
            if path.suffix in TEXTS and path.is_file() and not path.is_symlink():
                text = path.read_text(encoding="utf-8", errors="replace")
                for tree in (SOURCE, BUILD):
                    self.assertNotRegex(text, re.escape(str(tree)) + r"(/|$|[\s\";])", f"{path} names {tree}")

    def build_example(self, prefix):
        """The example, from a copy, so that no path of the source tree is about."""
        source, build = self.folder / "example", self.folder / "example-build"
        shutil.copytree(SOURCE / "examples" / "basic_node", source)
        run(CMAKE, "-S", source, "-B", build, "-G", os.environ["WHERRY_GENERATOR"], f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_CXX_COMPILER={os.environ['WHERRY_CXX']}", f"-DCMAKE_CXX_FLAGS={os.environ['WHERRY_CXX_FLAGS']}",
            f"-DCMAKE_BUILD_TYPE={os.environ['WHERRY_BUILD_TYPE']}")
        run(CMAKE, "--build", build)
        self.assertNothingOfThisTree(build)
        return build / "basic_node"

    def start_example(self, program):
        """It keeps to loopback by the settings in its home."""
        folder = self.folder / "where-it-runs"
        (folder / "node").mkdir(parents=True)
        (folder / "node" / "wherry.toml").write_text(f'[network]\nlisten = ["{LOOPBACK}"]\nmdns = false\n', encoding="utf-8")
        example = Lines(program, folder)
        self.addCleanup(example.stop)
        return example, folder / "inbox"

    def test_a_program_on_the_installed_package_receives(self):
        prefix = self.folder / "prefix"
        run(CMAKE, "--install", BUILD, "--prefix", prefix)
        for program in ["wherry"] + ["wherry-desktop"] * HAVE_DESKTOP:
            self.assertTrue(os.access(prefix / "bin" / program, os.X_OK), program)
        self.assertEqual((prefix / "share/applications/wherry.desktop").exists(), HAVE_DESKTOP)
        self.assertEqual((prefix / "share/icons/hicolor/scalable/apps/wherry.svg").exists(), HAVE_DESKTOP)
        self.assertTrue((prefix / "share/wherry/wire/transfer.proto").exists())
        self.assertNothingOfThisTree(prefix)

        example, inbox = self.start_example(self.build_example(prefix))
        address = example.next()
        self.assertRegex(address, r"^/ip4/127\.0\.0\.1/udp/\d+/quic-v1/p2p/12D3Koo")

        wherry_process.PROGRAM = str(prefix / "bin" / "wherry")
        self.assertEqual(self.run_wherry("ping", address, "-n", "1", home="sender").exit_code(), 0)
        (self.folder / "greeting.txt").write_text("good day", encoding="utf-8")
        sender = self.run_wherry("send", address, self.folder / "greeting.txt", home="sender")
        self.assertEqual(sender.exit_code(), 0, sender.story())
        self.assertEqual((inbox / "greeting.txt").read_text(encoding="utf-8"), "good day")

    def test_the_readme_shows_the_example_and_it_has_fewer_than_ten_lines(self):
        example = (SOURCE / "examples/basic_node/main.cpp").read_text(encoding="utf-8")
        lines = [line for line in example.splitlines() if line]
        self.assertLess(len(lines), 10)
        shown = "".join(f"    {line}\n" for line in lines)
        self.assertIn(shown, (SOURCE / "README.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
