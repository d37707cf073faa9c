#!/usr/bin/env python3
"""What the program says and how it exits when it is told something wrong, or only asked for words."""
import json
import os
import signal
import subprocess
import unittest

from wherry_process import LOOPBACK, PROGRAM, ProgramTest, write_file

PEER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"


class Usage(ProgramTest):
    def wherry(self, *arguments, home=True):
        words = [PROGRAM, *(["--no-mdns"] if arguments else []), *(["--home", str(self.folder / "home")] if home else []), *map(str, arguments)]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)

    def assertRefused(self, code, what, *arguments):
        run = self.wherry(*arguments)
        self.assertEqual(run.returncode, code, run)
        self.assertIn(what, run.stderr)
        self.assertEqual(run.stdout, "")
        failure = json.loads(self.wherry(*arguments, "--json").stdout)
        self.assertEqual(failure["event"], "failed")
        return failure

    def test_a_home_that_everybody_may_write_to_is_refused(self):
        home = self.folder / "open"
        home.mkdir()
        home.chmod(0o777)
        process = self.run_wherry("receive", "--listen", LOOPBACK, "--out", self.folder / "out", home="open")
        self.assertExit(process, 6)
        self.assertIn("everybody may write", process.error_text())
        home.chmod(0o755)
        receiver, _ = self.receive(home="open")
        self.assertIsNone(receiver.process.poll())

    def test_help_explains_the_program_and_each_command(self):
        overview = self.wherry("--help")
        self.assertEqual((overview.returncode, overview.stderr), (0, ""))
        for command in ("send", "receive", "id", "ping", "perf", "node"):
            self.assertIn(f"\n  {command}", overview.stdout)
            one = self.wherry(command, "--help")
            self.assertEqual(one.returncode, 0)
            self.assertIn("Examples:", one.stdout)

    def test_help_has_three_spellings_and_a_form_for_programs(self):
        self.assertEqual(self.wherry("help", "send").stdout, self.wherry("send", "--help").stdout)
        self.assertEqual(self.wherry("help").stdout, self.wherry("-h").stdout)
        self.assertRefused(2, "unknown command", "help", "nonsense")
        overview = json.loads(self.wherry("--help", "--json").stdout)
        self.assertIn("send", [command["name"] for command in overview["commands"]])
        send = json.loads(self.wherry("help", "send", "--json").stdout)
        self.assertEqual((send["name"], send["operands"]), ("send", "TARGET PATH..."))
        self.assertIn("--wait", [option["name"] for option in send["options"]])

    def test_lines_to_be_typed_name_the_program_as_it_was_called(self):
        environment = {**os.environ, "WHERRY_CALLED_AS": "installer/run.sh"}
        run = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=60, env=environment, check=True)
        self.assertIn("\n  installer/run.sh send ADDRESS", run.stdout)
        run = subprocess.run([PROGRAM, "sned"], capture_output=True, text=True, timeout=60, env=environment, check=False)
        self.assertIn("`installer/run.sh --help`", run.stderr)

    def test_version(self):
        self.assertRegex(self.wherry("--version").stdout, r"^wherry \d+\.\d+\.\d+\n$")

    def test_no_words_at_all_shows_help_and_is_a_usage_error(self):
        run = self.wherry(home=False)
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn(" receive", run.stderr)

    def test_id_gives_three_names_and_stays_the_same(self):
        first = self.wherry("id", "--json")
        self.assertEqual(first.returncode, 0, first)
        names = json.loads(first.stdout)
        self.assertEqual(set(names), {"peerId", "i6pId", "registryKey", "publicKey"})
        self.assertTrue(names["peerId"].startswith("12D3Koo") and names["registryKey"].startswith("key_"))
        self.assertEqual(self.wherry("--json", "id").stdout, first.stdout)
        self.assertIn(names["peerId"], self.wherry("id").stdout)
        keys = [p for p in (self.folder / "home").rglob("*key*") if p.is_file()]
        self.assertTrue(keys and all(p.stat().st_mode & 0o077 == 0 for p in keys), keys)

    def test_a_damaged_key_is_named_and_not_overwritten(self):
        self.wherry("id")
        key = next(p for p in (self.folder / "home").rglob("*.key"))
        key.write_bytes(b"damaged")
        run = self.wherry("id")
        self.assertNotIn(run.returncode, (0, 1))
        self.assertIn(key.name, run.stderr)
        self.assertEqual(key.read_bytes(), b"damaged")

    def test_mistakes_in_the_command_line_are_exit_2(self):
        self.assertEqual(self.assertRefused(2, "did you mean receive?", "recieve")["code"], "usage")
        self.assertRefused(2, "did you mean --once?", "receive", "--onec")
        self.assertRefused(2, "not part of this version", "routes", "x")
        self.assertRefused(2, "not part of this version", "node", "--http", "127.0.0.1:1")
        self.assertRefused(2, "TARGET PATH...", "send", "/ip4/127.0.0.1/udp/1/quic-v1/p2p/" + PEER)
        self.assertRefused(2, "--accept", "receive", "--accept", "maybe")

    def test_settings_that_are_wrong_are_exit_2_and_shown_without_harm(self):
        for assignment in ("limits.upload=\x1b[2J", "\x1b[2J=1", "network.listen=/ip4/\x1b[2J", "limits.upload=" + "x" * 100_000):
            run = self.wherry("status", "--set", assignment)
            self.assertEqual(run.returncode, 2, run)
            self.assertNotIn("\x1b", run.stderr)
            self.assertLess(len(run.stderr), 1000)
        missing = self.folder / "none.toml"
        self.assertRefused(2, str(missing), "status", "--config", missing)

    def test_mistakes_in_the_target_name_the_part(self):
        here = __file__
        self.assertRefused(2, "/p2p/ID", "send", "/ip4/127.0.0.1/udp/1/quic-v1", here)
        self.assertRefused(2, "a slash too many", "send", "/ip4/127.0.0.1/udp/1/quic-v1/p2p/" + PEER + "/", here)
        self.assertRefused(2, "TARGET", "send", "/ip4/300.0.0.1/udp/1/quic-v1/p2p/" + PEER, here)
        self.assertRefused(2, "TARGET", "send", "/ip4/127.0.0.1/udp/1/p2p/" + PEER, here)

    def test_words_in_the_wrong_order_or_of_another_command_say_what_was_meant(self):
        file, address = write_file(self.folder / "file", b"x"), "/ip4/127.0.0.1/udp/1/quic-v1/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5"
        for words, said in (
            (("send", file, address), f"TARGET comes first: {PROGRAM} send {address} FILE-OR-FOLDER..."),
            (("send", file, address.rpartition("/")[2]), "TARGET comes first"),
            (("send", file, "/ip4/127.0.0.1"), "TARGET comes first"),
            (("send", "wherry:" + "a" * 50, file), "TARGET is a ticket, which is fetched and not sent to: wherry get TICKET"),
            (("get", "--out", self.folder / "out", address), "get takes a ticket (wherry:...)"),
        ):
            with self.subTest(words[0], said=said):
                process = self.run_wherry(*words)
                self.assertExit(process, 2)
                self.assertIn(said, process.error_text())
                self.assertIn(said, process.named("failed")[0]["message"])

    def test_a_name_that_nobody_is_known_by_is_exit_4_when_the_wait_is_over(self):
        for target in (PEER, "laptop"):
            run = self.run_wherry("send", "--wait", "1", target, __file__)
            self.assertExit(run, 4)
            self.assertEqual(run.events[-1]["code"], "unreachable")
            self.assertIn("known", run.events[-1]["message"])

    def test_a_path_that_is_not_there_is_exit_6_before_anything_is_dialled(self):
        missing = self.folder / "none" / "file"
        failure = self.assertRefused(6, str(missing), "send", "--wait", "600", "/ip4/127.0.0.1/udp/1/quic-v1/p2p/" + PEER, missing)
        self.assertEqual(failure["code"], "not-found")

    def test_a_folder_with_a_name_that_is_not_utf8_takes_files(self):
        out = self.folder / os.fsdecode(b"caf\xe9")
        try:
            out.mkdir()
        except OSError:
            return  # this volume has no such names
        receiver, address = self.receive("--accept", "all", "--once", out=out.name)
        self.deliver(address, write_file(self.folder / "file", b"x" * 300_000))
        self.assertExit(receiver, 0)
        self.assertEqual((out / "file").read_bytes(), b"x" * 300_000)
        home = self.folder / os.fsdecode(b"h\xe9")
        for command in (("id",), ("node", "--listen", LOOPBACK)):
            run = self.run_wherry(*command, home=home.name)
            self.assertExit(run, 6)
            self.assertIn("has a name that is not UTF-8", run.error_text())
        self.assertFalse(home.exists())

    @unittest.skipUnless(os.geteuid() == 0, "needs root: mounts a small file system")
    def test_a_decision_that_the_disk_has_no_room_for_is_exit_6(self):
        home = self.folder / "home"
        home.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "wherry-e2e", str(home)], check=True)
        self.addCleanup(subprocess.run, ["umount", str(home)], check=False)
        share = self.run_wherry("share", "--listen", LOOPBACK, __file__)
        share.wait_for("ticket")
        share.signal(signal.SIGINT)
        self.assertExit(share, 0)
        number = json.loads(self.wherry("shares", "--json").stdout)["shares"][0]["share"]
        self.assertRefused(2, "no share", "shares", "revoke", "zzzz")
        with open(home / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass
        for words in (("peers", "block", PEER), ("peers", "alias", PEER, "boat"), ("shares", "revoke", number)):
            with self.subTest(words):
                self.assertRefused(6, "", *words)

    def test_a_reader_that_is_slow_loses_nothing_of_an_output_that_does_not_wait(self):
        whole = self.wherry("--help", "--json").stdout.encode()
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        filled = 0
        try:
            while True:
                filled += os.write(writer, b"x" * 1024)
        except BlockingIOError:
            pass
        process = subprocess.Popen([PROGRAM, "--help", "--json"], stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        try:
            process.wait(2)  # it has nothing else to do than to wait for the reader
        except subprocess.TimeoutExpired:
            pass
        with os.fdopen(reader, "rb") as stream:
            self.assertEqual(stream.read(), b"x" * filled + whole)
        _, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, errors), (0, b""))

    def test_a_folder_that_cannot_be_made_is_exit_6(self):
        file = write_file(self.folder / "file", b"x")
        self.assertRefused(6, "--out", "receive", "--out", file / "below")
        self.assertRefused(6, "--out", "receive", "--out", file)

    def test_a_home_that_is_taken_says_by_whom(self):
        self.receive("--accept", "all", home="home")
        failure = self.assertRefused(6, "wherry receive", "node", "--listen", LOOPBACK)
        self.assertEqual(failure["code"], "busy")

    def test_a_port_that_is_taken_is_an_error_and_names_it(self):
        _, address = self.receive("--accept", "all")
        port = address.split("/udp/")[1].split("/")[0]
        self.assertRefused(6, port, "node", "--listen", f"/ip4/127.0.0.1/udp/{port}/quic-v1")

    def test_nobody_there_is_exit_4_after_the_wait(self):
        run = self.run_wherry("send", "--wait", "1", "--listen", LOOPBACK, "/ip4/127.0.0.1/udp/9/quic-v1/p2p/" + PEER, __file__)
        self.assertExit(run, 4)
        self.assertEqual(run.events[-1]["code"], "unreachable")

    def test_a_name_that_does_not_resolve_is_exit_4(self):
        run = self.run_wherry("send", "--wait", "1", "--listen", LOOPBACK, "/dns4/no-such-host.invalid/udp/9/quic-v1/p2p/" + PEER, __file__)
        self.assertExit(run, 4)

    def test_output_without_a_terminal_has_no_escape_sequences(self):
        environment = {**os.environ, "TERM": "xterm-256color"}
        run = subprocess.run([PROGRAM, "--no-mdns", "--home", str(self.folder / "home"), "send", "--wait", "1", "/ip4/127.0.0.1/udp/9/quic-v1/p2p/" + PEER, __file__],
                             capture_output=True, timeout=60, stdin=subprocess.DEVNULL, env=environment, check=False)
        self.assertEqual(run.returncode, 4)
        self.assertNotIn(b"\x1b", run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
