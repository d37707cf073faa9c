#!/usr/bin/env python3
"""Somebody offers something and is gone: the window says so while it asks, closes the question when nobody is there to answer to, and the
history knows of it. A transfer whose sender is gone says so, too."""
import random
import signal
import unittest

from desktop_process import DesktopTest
from wherry_process import at_most, write_file


class Silence(DesktopTest):
    def setUp(self):
        super().setUp()
        self.bert = self.window("bert", "--set", "profile.alias=Bert's desktop")
        self.bert.wait_for("Receive files")
        status = self.command(self.bert, "status")
        self.assertExit(status, 0)
        self.address = status.named("status")[0]["listen"][0]

    def offer(self, content, *options):
        letter = write_file(self.folder / "from/letter.txt", content)
        sender = self.send(self.address, letter, options=("--set", "profile.alias=Anna's laptop", *options))
        self.bert.wait_for("Anna's laptop wants to send you files")
        return sender

    def history(self):
        listed = self.command(self.bert, "transfers", "history")
        self.assertExit(listed, 0)
        return listed.named("history")[0]["entries"]

    def test_the_question_of_a_sender_that_is_gone_says_so_and_ends_and_the_history_has_it(self):
        sender = self.offer(b"Dear Bert,\n")
        sender.signal(signal.SIGSTOP)  # as a device that is switched off, it says nothing any more
        self.bert.wait_for("No answer from this device for .*")
        sender.signal(signal.SIGCONT)
        self.bert.wait_until(lambda: self.bert.is_gone("No answer from this device for .*"), "question without a warning")
        sender.kill()
        self.bert.wait_for("No answer from this device for .*")
        self.bert.wait_until(lambda: self.bert.is_gone(".* wants to send you files"), "end of the question")
        entries = self.history()
        self.assertEqual([(entry["outcome"], entry["label"], entry["direction"]) for entry in entries], [("unanswered", "letter.txt", "incoming")])
        self.bert.click("Transfers.*", "push button", until=lambda: self.bert.find("Transfers", "heading"))
        said = lambda: any("was gone before you answered" in row.description for row in self.bert.find("letter.txt"))  # noqa: E731
        self.bert.click("History.*", "push button", until=said)

    def test_a_sender_that_takes_its_offer_back_is_in_the_history(self):
        sender = self.offer(b"Dear Bert,\n")
        sender.signal(signal.SIGINT)
        sender.exit_code()
        self.bert.wait_until(lambda: self.bert.is_gone(".* wants to send you files"), "end of the question")
        self.bert.wait_until(self.history, "entry of the history")
        self.assertEqual(self.history()[0]["outcome"], "unanswered")

    def test_a_transfer_whose_sender_is_gone_has_no_rate_and_says_so(self):
        sender = self.offer(random.Random(5).randbytes(8 * 2**20), *at_most("2 Mbit/s"))
        self.bert.click("Accept", "push button", until=lambda: self.bert.is_gone("Accept", "push button"))
        self.bert.click("Transfers.*", "push button", until=lambda: self.bert.find("Transfers", "heading"))
        self.bert.wait_for(".*[0-9] [kM]B/s.*")
        sender.signal(signal.SIGSTOP)
        self.bert.wait_for(".*No answer from Anna's laptop for .*")
        self.assertTrue(self.bert.is_gone(".*[0-9] [kM]B/s.*"))
        self.bert.wait_until(lambda: self.history() and self.history()[0]["outcome"] == "interrupted", "entry of the history")
        sender.signal(signal.SIGCONT)
        sender.kill()


if __name__ == "__main__":
    unittest.main()
