#!/usr/bin/env python3
"""How the window ends: asked by the system, and by the person who is told what is still running."""
import signal
import unittest

from crossing_test import ANNA, BERT, TwoPeople
from desktop_process import PATIENCE
from wherry_process import write_file


class Ending(TwoPeople):
    def middle(self):
        """Of a transfer from Anna to Bert."""
        anna, bert = self.both()
        file = write_file(self.folder / "from/film.bin", bytes(range(256)) * 2**14)
        anna.drop([file], BERT, self.addCleanup, role="list item")
        bert.wait_for(f"{ANNA} wants to send you files")
        return anna, bert, file

    def assert_ended(self, window):
        self.assertEqual(window.process.wait(PATIENCE), 0, window.log())
        window.reader.stdin.close()
        window.reader.wait()

    def test_asked_by_the_system_it_ends_politely_and_what_ran_can_go_on(self):
        for which in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(which.name):
                self.setUp()
                anna, bert, file = self.middle()
                anna.process.send_signal(which)
                self.assert_ended(anna)
                bert.wait_until(lambda: bert.is_gone(f"{ANNA} wants to send you files"), "end of the question: nobody asks any more")
                again = self.start("anna")
                again.click("Transfers.*", "push button", until=lambda: again.find("Transfers", "heading"))
                again.click("Send again", "push button")
                self.answer(bert, "Accept")
                self.history(again, "delivered")
                self.assertEqual((bert.out / file.name).read_bytes(), file.read_bytes())

    def test_who_quits_in_the_middle_is_told_what_runs_and_may_stay(self):
        anna, bert, _ = self.middle()
        anna.click("Transfers.*", "push button", until=lambda: anna.find("Transfers", "heading"))
        anna.screen.keys("ctrl+q")
        anna.wait_for("Quit now.*")
        anna.click("Stay", "push button", until=lambda: anna.is_gone("Stay", "push button"))
        self.assertIsNone(anna.process.poll())
        anna.screen.keys("ctrl+q")
        anna.wait_for("Quit now.*")
        anna.wait_for("Quit", "push button")
        anna.screen.click(*anna.still("Quit", "push button").middle)
        self.assert_ended(anna)

    def test_with_nothing_running_it_ends_at_once(self):
        anna = self.start("anna")
        anna.wait_for("Receive files")
        anna.screen.keys("ctrl+q")
        self.assert_ended(anna)


if __name__ == "__main__":
    unittest.main()
