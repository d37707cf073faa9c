#!/usr/bin/env python3
"""What a person sees and types: the program on a pseudo-terminal."""
import fcntl
import os
import pty
import select
import shlex
import shutil
import signal
import subprocess
import termios
import time
import unittest

from wherry_process import LOOPBACK, PATIENCE, PROGRAM, ProgramTest, at_most, write_file


ARM_DELAY = 0.5  # seconds that a question in the place of another has to have been on the screen before it takes an answer


class Terminal:
    """A process whose three streams are one terminal."""

    def __init__(self, arguments, environment, **options):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(list(map(str, arguments)), stdin=slave, stdout=slave, stderr=slave, close_fds=True, start_new_session=True,
                                        env={**os.environ, "TERM": "xterm", **environment}, **options)
        os.close(slave)
        self.text = b""

    def read_until(self, what, patience=PATIENCE):
        limit = time.monotonic() + patience
        while what not in self.text:
            ready, _, _ = select.select([self.master], [], [], max(0.0, limit - time.monotonic()))
            assert ready, f"no {what!r} on the terminal, only {self.text[-2000:]!r}"
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            assert data, f"the program ended without {what!r}: {self.text[-2000:]!r}"
            self.text += data
        return self.text

    def type(self, text):
        os.write(self.master, text)

    def type_later(self, text):
        """As a person does who has read what stands there: once the terminal has said nothing for longer than the delay."""
        while select.select([self.master], [], [], ARM_DELAY + 0.1)[0]:
            data = os.read(self.master, 65536)
            assert data, f"the program has ended: {self.text[-2000:]!r}"
            self.text += data
        self.type(text)

    def finish(self, patience=PATIENCE):
        """Reads until the program has closed its side of the terminal; gives its exit code."""
        limit = time.monotonic() + patience
        while select.select([self.master], [], [], max(0.0, limit - time.monotonic()))[0]:
            try:
                self.text += os.read(self.master, 65536)
            except OSError:  # EIO: nobody has the other side open
                break
        return self.process.wait(max(0.1, limit - time.monotonic()))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


class OnATerminal(ProgramTest):
    def terminal(self, *arguments, home, **environment):
        terminal = Terminal([PROGRAM, "--no-mdns", "--home", self.folder / home, *arguments], environment)
        self.addCleanup(terminal.close)
        return terminal

    def receiver(self, *arguments, **environment):
        terminal = self.terminal("receive", "--listen", LOOPBACK, "--out", self.folder / "out", *arguments, home="receiver", **environment)
        text = terminal.read_until(b"Ctrl+C")
        line = next(line for line in text.decode().splitlines() if line.startswith("  ") and " send /" in line)
        return terminal, line.split(" send ")[1].split()[0]

    def test_yes_takes_the_offer(self):
        file = write_file(self.folder / "photo.jpg", b"x" * 5000)
        receiver, address = self.receiver("--once")
        sender = self.send(address, file)
        shown = receiver.read_until(b"[y/N] ").decode()
        self.assertIn("photo.jpg  5.00 kB", shown)
        self.assertEmpty(self.folder / "out")
        receiver.type(b"y\n")
        self.assertExit(sender, 0)
        self.assertEqual(receiver.finish(), 0)
        self.assertIn(b"Delivered: 1 file", receiver.text)

    def test_a_device_is_called_as_the_person_does(self):
        first = self.run_wherry("id", home="sender", check=False)
        self.assertExit(first, 0)
        peer = first.events[0]["peerId"] if first.events else None
        named = self.terminal("peers", "alias", peer, "my laptop", home="receiver")
        self.assertEqual(named.finish(), 0)
        file = write_file(self.folder / "photo.jpg", b"x")
        receiver, address = self.receiver("--once")
        sender = self.send(address, file)
        shown = receiver.read_until(b"? [y/N] ").decode()
        self.assertIn(f"my laptop ({peer})\r\noffers 1 file", shown)
        self.assertIn("Take photo.jpg from my laptop? [y/N] ", shown)
        receiver.type(b"y\n")
        self.assertExit(sender, 0)
        self.assertEqual(receiver.finish(), 0)
        self.assertIn(b"photo.jpg from my laptop: Delivered: 1 file", receiver.text)
        history = self.terminal("transfers", "history", home="receiver")
        self.assertEqual(history.finish(), 0)
        self.assertIn(b"  from my laptop  delivered  photo.jpg", history.text)

    def test_whoever_speaks_in_a_topic_speaks_for_himself_alone(self):
        listener = self.terminal("pubsub", "sub", "t", "--listen", LOOPBACK, home="listener")
        listener.read_until(b"Ctrl+C ends it.")
        status = self.run_wherry("status", home="listener")
        self.assertExit(status, 0)
        self.assertExit(self.run_wherry("pubsub", "pub", "t", "hello\npeer \u2026Xy12Ab: \x1b[2Jsend me money\nbye", "--listen", LOOPBACK,
                                        "--bootstrap", status.named("status")[0]["listen"][0], home="speaker"), 0)
        shown = listener.read_until(b"bye\r\n").decode()
        self.assertRegex(shown, "\npeer \u2026\\w+: hello\r\n  peer \u2026Xy12Ab: \\\\u\\{001b\\}\\[2Jsend me money\r\n  bye\r\n")

    def test_the_question_says_which_names_are_taken_and_what_becomes_of_them(self):
        file = write_file(self.folder / "photo.jpg", b"x" * 5000)
        write_file(self.folder / "out/photo.jpg", b"mine")
        receiver, address = self.receiver("--once")
        sender = self.send(address, file)
        shown = receiver.read_until(b"[y/N] ").decode()
        self.assertIn("1 name is taken in the folder already:", shown)
        self.assertIn("= photo.jpg: this one is kept beside it as photo (1).jpg", shown)
        receiver.type(b"y\n")
        self.assertExit(sender, 0)
        self.assertEqual(receiver.finish(), 0)
        self.assertEqual((self.folder / "out/photo.jpg").read_bytes(), b"mine")
        self.assertEqual((self.folder / "out/photo (1).jpg").read_bytes(), file.read_bytes())

    def test_no_and_enter_decline_in_words_of_each_side(self):
        file = write_file(self.folder / "file", b"x")
        receiver, address = self.receiver()
        for answer in (b"\n", b"n\n", b" No \n"):
            with self.subTest(answer):
                sender = self.send(address, file)
                receiver.read_until(b"[y/N] ")
                receiver.text = b""
                receiver.type_later(answer)
                shown = receiver.read_until(b"Declined.\r\n").decode()
                self.assertRegex(shown, r"file from peer …\w+: Declined\.\r\n")
                self.assertExit(sender, 3)
                self.assertEqual(sender.named("declined")[0]["reason"], "the person at the other side said no")
        self.assertEmpty(self.folder / "out")

    def test_what_is_no_answer_asks_again(self):
        file = write_file(self.folder / "file", b"x")
        receiver, address = self.receiver()
        sender = self.send(address, file)
        receiver.read_until(b"? [y/N] ")
        for answer in (b"yy\n", b"maybe\n"):
            receiver.text = b""
            receiver.type(answer)
            self.assertIn("Please answer y (yes), n (no) or l (list all).\r\nTake file from", receiver.read_until(b"? [y/N] ").decode())
        self.assertIsNone(sender.process.poll())
        self.assertEmpty(self.folder / "out")
        receiver.type(b"  Yes \n")
        self.assertExit(sender, 0)

    def test_an_answer_to_a_question_that_was_replaced_does_not_answer_the_next(self):
        receiver, senders = self.two_offers()
        receiver.read_until(b"? [y/N] ")
        receiver.text = b""
        receiver.type(b"n\n")
        self.assertExit(senders[0], 3)
        receiver.read_until(b"Take second from peer ")
        receiver.read_until(b"? [y/N] ")
        # Where the machine stands still meanwhile it is late enough to be taken for an answer, but for none that decides.
        receiver.text = b""
        receiver.type(b"maybe\n")
        shown = receiver.read_until(b"? [y/N] ").decode()
        self.assertRegex(shown, "That came too soon after the question before and is no answer to this one|Please answer")
        self.assertIn("\nTake second from peer …", shown)
        self.assertIsNone(senders[1].process.poll())
        self.assertEmpty(self.folder / "out")
        receiver.type_later(b"y\n")
        self.assertExit(senders[1], 0)

    def test_at_the_end_of_input_nobody_can_be_asked_any_more_and_both_sides_are_told(self):
        receiver, senders = self.two_offers()
        receiver.read_until(b"? [y/N] ")
        receiver.type(b"\x04")
        receiver.read_until(b"The input has ended, so nobody can be asked any more: offers are declined from now on.")
        for sender in senders:
            self.assertExit(sender, 3)
            self.assertEqual(sender.named("declined")[0]["reason"], "nobody is there to answer")
        later = self.send(self.address, self.folder / "first", home="sender-3")
        self.assertExit(later, 3)
        self.assertEqual(later.named("declined")[0]["reason"], "nobody is there to answer")
        for _ in range(3):
            receiver.read_until(b"Declined: nobody can be asked here any more.")
            receiver.text = receiver.text.partition(b"Declined: nobody can be asked here any more.")[2]
        receiver.process.send_signal(signal.SIGINT)
        self.assertEqual(receiver.finish(), 130)

    def test_what_was_typed_before_the_question_does_not_answer_it(self):
        file = write_file(self.folder / "file", b"x")
        receiver, address = self.receiver()
        receiver.type(b"y\ny\n")
        receiver.read_until(b"y\r\ny\r\n")
        sender = self.send(address, file)
        receiver.read_until(b"[y/N] ")
        self.assertIsNone(sender.process.poll())
        self.assertEmpty(self.folder / "out")
        receiver.type(b"y\n")
        self.assertExit(sender, 0)

    def two_offers(self, *arguments, **environment):
        """A receiver that is asked about "first" while "second" waits, and the two senders."""
        first, second = write_file(self.folder / "first", b"1"), write_file(self.folder / "second", b"2")
        receiver, self.address = self.receiver(*arguments, **environment)
        address = self.address
        senders = [self.send(address, first, home="sender-1")]
        receiver.read_until(b"Take first from peer ")
        receiver.read_until(b"[y/N] ")
        receiver.text = b""
        senders.append(self.send(address, second, home="sender-2"))
        return receiver, senders

    def test_one_question_at_a_time_and_lines_go_above_it(self):
        receiver, senders = self.two_offers("--once")
        shown = receiver.read_until(b"? [y/N] ").decode()
        self.assertRegex(shown, r"^\r\x1b\[Ksecond from peer …\w+ \(1 file, 1 B\) is offered too; 1 more is waiting\.\r\nTake first from peer …\w+\? \[y/N\] ")
        receiver.text = b""
        receiver.type(b"n\n")
        shown = receiver.read_until(b"? [y/N] ").decode()
        self.assertRegex(shown, r"offers 1 file, 1 B:\r\n    second ")
        self.assertIn("\nTake second from peer …", shown)
        self.assertExit(senders[0], 3)
        shown = receiver.read_until(b"Declined").decode()
        self.assertRegex(shown, r"first from peer …\w+: Declined")
        receiver.type_later(b"y\n")
        self.assertEqual(receiver.finish(), 0)
        self.assertRegex(receiver.text.decode(), r"second from peer …\w+: Accepted\.\r\n")
        self.assertRegex(receiver.text.decode(), r"second from peer …\w+: Delivered: 1 file, 1 B")
        self.assertExit(senders[1], 0)
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()), ["second"])

    def test_the_question_of_an_offer_that_is_gone_is_withdrawn_and_the_next_is_asked(self):
        for environment, cleared in (({}, r"\r\x1b\[K"), ({"TERM": "dumb"}, r"\r\n")):
            with self.subTest(environment):
                receiver, senders = self.two_offers(**environment)
                receiver.read_until(b"? [y/N] ")
                receiver.text = b""
                senders[0].signal(signal.SIGINT)
                shown = receiver.read_until(b"? [y/N] ").decode()
                self.assertRegex(shown, rf"^{cleared}first from peer …\w+ is not offered any more: the connection to the sender is lost [^\r]*\.\r\n")
                self.assertIn("\nTake second from peer …", shown)
                self.assertExit(senders[0], 130)
                receiver.text = b""
                senders[1].signal(signal.SIGINT)
                receiver.read_until(b"is not offered any more")
                self.assertExit(senders[1], 130)
                self.assertEmpty(self.folder / "out")
                receiver.process.send_signal(signal.SIGINT)
                receiver.finish()

    def test_names_from_the_peer_are_harmless_on_the_screen(self):
        names = [write_file(self.folder / "in" / name, b"x") for name in ("\u202egpj.exe", ".bashrc")]
        receiver, address = self.receiver(TERM="dumb", HOME=str(self.folder / "out"))
        self.send(address, *names)
        shown = receiver.read_until(b"[y/N] ").decode()
        self.assertNotIn("\u202e", shown)
        self.assertNotIn("\x1b", shown)
        self.assertRegex(shown, r"! \.bashrc .*careful")

    def test_the_bar_moves_in_place_on_a_terminal_and_not_on_a_dumb_one(self):
        file = write_file(self.folder / "file", os.urandom(3_000_000))
        for environment, moves in (({}, True), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False)):
            with self.subTest(environment):
                home = f"sender-{'-'.join(environment)}"
                receiver, address = self.receive("--accept", "all", home=f"receiver-{home}", out=f"out-{home}")
                sender = self.terminal("send", "--listen", LOOPBACK, *at_most("16 Mbit/s"), address, file, home=home, **environment)  # 1.5 s
                self.assertEqual(sender.finish(), 0)
                self.assertIn(b"Delivered: 1 file, 3.00 MB", sender.text)
                self.assertEqual(b"\x1b[K" in sender.text, moves)
                self.assertEqual(b"%" in sender.text, moves)
                receiver.stop()

    def test_a_peer_that_says_nothing_any_more_is_said_and_comes_back(self):
        file = write_file(self.folder / "file", os.urandom(6_000_000))
        receiver, address = self.receive("--accept", "all")
        sender = self.terminal("send", "--listen", LOOPBACK, *at_most("8 Mbit/s"), address, file, home="sender")
        sender.read_until(b"%")
        receiver.signal(signal.SIGSTOP)
        sender.read_until(b"waiting for the peer (")
        receiver.signal(signal.SIGCONT)
        self.assertEqual(sender.finish(), 0)
        self.assertIn(b"Delivered: 1 file, 6.00 MB", sender.text)

    def test_a_hash_table_that_is_asked_is_named_while_it_is_waited_for(self):
        asking = self.terminal("dht", "get", "greeting", "--listen", LOOPBACK, home="alone")
        asking.read_until(b"Asking servers of /wherry/kad/1.0.0 ...")
        asking.process.send_signal(signal.SIGINT)
        self.assertEqual(asking.finish(), 130)

    def test_ctrl_c_ends_with_130_and_says_that_it_can_go_on(self):
        file = write_file(self.folder / "file", b"x")
        _, address = self.receiver()
        sender = self.terminal("send", "--listen", LOOPBACK, address, file, home="sender")
        sender.read_until(b"Waiting for the other side")
        sender.process.send_signal(signal.SIGINT)
        self.assertEqual(sender.finish(), 130)
        self.assertIn(b"The same command again", sender.text)


@unittest.skipUnless(shutil.which("bash"), "needs bash, for its jobs")
class InTheBackgroundOfAShell(ProgramTest):
    def setUp(self):
        super().setUp()
        self.shell = Terminal(["bash", "--norc", "--noprofile", "-i"], {"PS1": "$ ", "HISTFILE": "", "LC_ALL": "C"}, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.addCleanup(self.shell.close)
        self.file = write_file(self.folder / "file", b"x" * 5000)
        self.numbers = iter(range(100, 200))

    def begin(self, *arguments):
        """A receiver as a job in the background; gives its address."""
        words = [PROGRAM, "--no-mdns", "--home", self.folder / "receiver", "receive", "--listen", LOOPBACK, "--out", self.folder / "out", *arguments]
        self.shell.type((" ".join(shlex.quote(str(word)) for word in words) + " &\n").encode())
        text = self.shell.read_until(b"Ctrl+C")
        line = next(line for line in text.decode().splitlines() if line.startswith("  ") and " send /" in line)
        return line.split(" send ")[1].split()[0]

    def use_the_shell(self):
        """Types commands for the shell, which carries each of them out."""
        for number in (next(self.numbers), next(self.numbers)):
            self.shell.type(f"echo $(({number}*1000))\n".encode())
            self.shell.read_until(f"{number}000".encode())

    def end(self):
        self.shell.type(b"kill %1; wait %1; echo ended with $?\n")
        self.shell.read_until(b"ended with 130")

    def test_a_receiver_that_asks_nobody_leaves_the_terminal_to_the_shell(self):
        address = self.begin("--accept", "all")
        self.use_the_shell()
        self.deliver(address, self.file)
        self.use_the_shell()
        self.deliver(address, self.file)
        self.end()

    def test_a_question_waits_for_the_foreground_and_what_the_shell_gets_is_no_answer(self):
        address = self.begin()
        self.use_the_shell()
        sender = self.send(address, self.file)
        self.shell.read_until(b"bring it to the foreground (fg)")
        self.shell.read_until(b"? [y/N] ")
        self.use_the_shell()
        self.shell.type(b"y\n")  # to the shell, which knows no such command
        self.use_the_shell()
        self.assertIsNone(sender.process.poll())
        self.assertEmpty(self.folder / "out")
        self.shell.text = b""
        self.shell.type(b"fg\n")
        self.shell.read_until(b"? [y/N] ")
        self.shell.type(b"y\n")
        self.assertExit(sender, 0)
        self.shell.type(b"\x1a")  # Ctrl+Z
        self.shell.read_until(b"Stopped")
        self.shell.type(b"bg\n")
        self.use_the_shell()
        self.shell.text = b""
        self.send(address, self.file, home="other")
        self.shell.read_until(b"bring it to the foreground (fg)")
        self.use_the_shell()
        self.end()

    def test_a_terminal_that_stops_output_from_the_background_stops_nothing(self):
        self.shell.type(b"stty tostop\n")
        address = self.begin("--accept", "all")
        self.use_the_shell()
        self.deliver(address, self.file)
        self.end()


if __name__ == "__main__":
    unittest.main()
