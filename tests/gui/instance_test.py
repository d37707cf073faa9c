#!/usr/bin/env python3
"""One window for each home: a second start brings the first to the front and hands over what it was told to send."""
import subprocess
import unittest

from desktop_process import DesktopTest, LOOPBACK, PATIENCE
from wherry_process import write_file


class SingleInstance(DesktopTest):
    def setUp(self):
        super().setUp()
        self.only_screen = self.screen("shared")

    def on_top(self):
        """The window under the pointer, which nothing else covers."""
        return self.only_screen.run("getmouselocation", "--shell").split("WINDOW=")[1].split()[0]

    def start_again(self, window, *words):
        again = subprocess.run([*window.command, *map(str, words)], env=self.only_screen.environment, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((again.returncode, again.stderr), (0, ""))

    def test_a_second_start_brings_the_first_window_to_the_front(self):
        first = self.window("first", screen=self.only_screen)
        first.wait_for("Devices", "heading")
        self.only_screen.move(300, 300)
        mine = self.on_top()
        other = self.window("other", screen=self.only_screen, unread=True)
        first.wait_until(lambda: self.on_top() != mine, "other window over the first")
        self.start_again(first)
        first.wait_until(lambda: self.on_top() == mine, "first window in front")
        self.assertIsNone(other.process.poll())

    def test_files_that_a_second_start_names_are_ready_to_be_sent_in_the_first_window(self):
        first = self.window("first", screen=self.only_screen)
        first.wait_for("Devices", "heading")
        letter, folder = write_file(self.folder / "from/letter ü.txt", b"Dear Bert,\n"), self.folder / "from/trip"
        folder.mkdir()
        first.click("Settings.*", "push button", until=lambda: first.find("Settings", "heading"))
        self.start_again(first, letter, folder)
        first.wait_for("1 file and 1 folder")
        self.start_again(first, letter)
        first.wait_for("1 file and 1 folder")

    def test_a_ticket_that_another_program_hands_over_fetches_nothing_without_a_click(self):
        """SECURITY E8: a page on the web can start the program with words of its own."""
        sharer = self.run_wherry("share", "--listen", LOOPBACK, write_file(self.folder / "from/shared.txt", b"shared"), home="sharer")
        ticket = sharer.wait_for("ticket")["ticket"]
        first = self.window("first", screen=self.only_screen)
        first.wait_for("Devices", "heading")
        self.start_again(first, ticket)
        self.start_again(first, write_file(self.folder / "from/mine.txt", b""))
        first.wait_for(".*mine.txt")  # what was handed over before this has been looked at
        status = self.command(first, "status")
        self.assertExit(status, 0)
        self.assertEqual((status.named("status")[0]["transfers"], status.named("status")[0]["connectionsTotal"]), (0, 0))
        self.assertEmpty(first.out)


if __name__ == "__main__":
    unittest.main()
