#!/usr/bin/env python3
"""ping and perf between real processes."""
import re
import unittest

from wherry_process import LOOPBACK, ProgramTest


class Measure(ProgramTest):
    def node(self, *arguments):
        return self.run_wherry("node", "--listen", LOOPBACK, *arguments, home="node").address()

    def test_ping_counts_and_sums_up(self):
        ping = self.run_wherry("ping", "-n", "4", "--listen", LOOPBACK, self.node())
        self.assertExit(ping, 0)
        self.assertEqual([e["index"] for e in ping.named("pong")], [0, 1, 2, 3])
        summary = ping.events[-1]
        self.assertEqual((summary["event"], summary["count"]), ("ping", 4))
        self.assertTrue(0 < summary["minMs"] <= summary["meanMs"] <= summary["maxMs"])

    def test_whoever_is_not_to_wait_tries_once_all_the_same(self):
        address = self.node()
        self.assertExit(self.run_wherry("ping", "-n", "1", "--wait", "0", "--listen", LOOPBACK, address), 0)
        receiver, address = self.receive("--accept", "all")
        self.deliver(address, __file__, options=("--wait", "0"))
        self.assertExit(self.run_wherry("text", "--wait", "0", "--listen", LOOPBACK, address, "hello", home="sender"), 0)
        receiver.wait_for("text")

    def test_ping_of_nobody_is_exit_4(self):
        address = self.node()
        gone = re.sub("/(udp|tcp)/[0-9]+", r"/\1/9", address)
        self.assertExit(self.run_wherry("ping", "--wait", "1", "--listen", LOOPBACK, gone), 4)

    def test_perf_moves_what_was_asked_for(self):
        perf = self.run_wherry("perf", "--upload", "20MB", "--download", "30MB", "--listen", LOOPBACK, self.node("--perf"))
        self.assertExit(perf, 0)
        result = perf.named("perf")[0]
        self.assertEqual((result["uploadBytes"], result["downloadBytes"]), (20_000_000, 30_000_000))
        self.assertGreater(result["uploadRate"], 0)
        self.assertGreater(result["downloadRate"], 0)

    def test_perf_in_one_direction(self):
        perf = self.run_wherry("perf", "--download", "5MB", "--listen", LOOPBACK, self.node("--perf"))
        self.assertExit(perf, 0)
        self.assertEqual((perf.named("perf")[0]["uploadBytes"], perf.named("perf")[0]["downloadBytes"]), (0, 5_000_000))

    def test_perf_against_a_node_that_does_not_offer_it_is_exit_3_and_says_what_to_run(self):
        perf = self.run_wherry("perf", "--upload", "1MB", "--listen", LOOPBACK, self.node())
        self.assertExit(perf, 3)
        self.assertIn("wherry node --perf", perf.error_text())
        self.assertEqual(perf.events[-1]["code"], "unsupported")


if __name__ == "__main__":
    unittest.main()
