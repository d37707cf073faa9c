#!/usr/bin/env python3
"""SIGKILL of either side at random moments; the same command again finishes it and re-sends only what was not verified."""
import os
import random
import unittest

from wherry_process import ProgramTest, at_most, make_mixed_tree

SLOWLY = at_most("400 Mbit/s")  # four seconds: no machine is faster than the killer
WINDOW = 16 * 2**20  # the most that can be under way: the connection window at its largest
SEED = int(os.environ.get("WHERRY_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def sent_in_all(processes):
    """Bytes sent in all attempts of all sender processes: `bytesSent` starts again with every attempt."""
    total = 0
    for process in processes:
        attempt = 0
        for event in process.events:
            sent = event.get("bytesSent")
            if sent is None:
                continue
            if sent < attempt:
                total += attempt
                attempt = 0
            attempt = max(attempt, sent)
        total += attempt
    return total


class Interruption(ProgramTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.tree = make_mixed_tree(self.folder / "tree", self.random, small=800, large=160 * 2**20)
        self.total = sum(p.stat().st_size for p in self.tree.rglob("*") if p.is_file())

    def run_kills(self, victims):
        receiver, address = self.receive("--accept", "all")
        listen = address.rsplit("/p2p/", 1)[0]
        senders = [self.send(address, self.tree, options=("--wait", "60", *SLOWLY))]
        kills = 0
        for victim, part in zip(victims, sorted(self.random.random() * 0.9 for _ in victims)):
            try:
                senders[-1].wait_for("progress", lambda event: event["bytes"] >= part * self.total)
            except AssertionError:
                if senders[-1].named("delivered"):
                    break  # faster than the killer
                raise
            kills += 1
            if victim == "sender":
                senders[-1].kill()
                senders.append(self.send(address, self.tree, options=("--wait", "60", *SLOWLY)))
            else:
                receiver.kill()
                receiver, again = self.receive("--accept", "all", listen=listen)
                self.assertEqual(again, address)
        self.assertExit(senders[-1], 0)
        self.assertSameTree(self.tree, self.folder / "out/tree")
        self.assertEqual(os.listdir(self.folder / "out"), ["tree"])
        self.assertLessEqual(sent_in_all(senders), self.total + kills * WINDOW, f"seed {SEED}, {kills} kills")
        return kills

    def test_the_sender_is_killed(self):
        self.assertGreater(self.run_kills(["sender"] * 3), 0, f"seed {SEED}")

    def test_the_receiver_is_killed(self):
        self.assertGreater(self.run_kills(["receiver"] * 3), 0, f"seed {SEED}")

    def test_both_are_killed_in_turn(self):
        self.assertGreater(self.run_kills(self.random.choices(["sender", "receiver"], k=4)), 0, f"seed {SEED}")

    def test_a_receiver_that_never_comes_back_is_exit_7(self):
        receiver, address = self.receive("--accept", "all")
        sender = self.send(address, self.tree, options=("--wait", "2", *SLOWLY))
        sender.wait_for("progress", lambda event: event["bytes"] > 0)
        receiver.kill()
        self.assertExit(sender, 7)
        self.assertEqual(sender.named("failed")[-1]["code"], "connection-lost")


if __name__ == "__main__":
    print(f"WHERRY_SEED={SEED}", flush=True)
    unittest.main()
