#!/usr/bin/env python3
"""A home on a disk that is full: what a command has not stored it does not call done. The disk is a bound of the process on the size of its files."""
import resource
import unittest

from wherry_process import LOOPBACK, ProgramTest, write_file

STRANGER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"


class FullDisk(ProgramTest):
    def node(self):
        # restore_signals: a write that is too much is an error for the program, and not its end.
        process = self.run_wherry("node", "--listen", LOOPBACK, home="node", restore_signals=False)
        process.address()
        return process

    def fill(self, node, full):
        _, most = resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (1 if full else most, most))

    def command(self, *arguments, fails=False):
        process = self.run_wherry(*arguments, home="node")
        self.assertEqual(process.exit_code() != 0, fails, process.story())
        if fails:
            self.assertIn(str(self.folder / "node"), process.error_text() + str(process.named("failed")))
        return process

    def trust_of(self, peer):
        known = {one["peerId"]: one["trust"] for one in self.command("peers").named("peers")[0]["peers"]}
        return known.get(peer)

    def test_a_block_that_was_not_stored_is_said_again_and_stored_when_there_is_room(self):
        node = self.node()
        self.fill(node, True)
        for _ in range(2):
            self.command("peers", "block", STRANGER, fails=True)
            self.assertEqual(self.trust_of(STRANGER), "blocked")  # until the program ends
        self.fill(node, False)
        self.command("peers", "block", STRANGER)
        node.stop()
        node = self.node()
        self.assertEqual(self.trust_of(STRANGER), "blocked")
        self.command("peers", "unblock", STRANGER)

    def test_a_ticket_is_only_handed_out_when_the_share_is_stored(self):
        node = self.node()
        write_file(self.folder / "file", b"content")
        self.fill(node, True)
        failed = self.command("share", self.folder / "file", fails=True)
        self.assertEqual(failed.named("ticket"), [])
        self.assertEqual(self.command("shares").named("shares")[0]["shares"], [])
        self.fill(node, False)
        share = self.command("share", self.folder / "file").named("ticket")[0]["share"]
        self.fill(node, True)
        for _ in range(2):
            self.command("shares", "revoke", share, fails=True)
            self.assertEqual(self.command("shares").named("shares")[0]["shares"], [])
        self.fill(node, False)
        self.command("shares", "revoke", share)
        node.stop()
        self.node()
        self.assertEqual(self.command("shares").named("shares")[0]["shares"], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
