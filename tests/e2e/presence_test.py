#!/usr/bin/env python3
"""Who is here, told between real processes that know one server; and quiet mode, switched while they run."""
import os
import signal
import time
import unittest

from wherry_process import LOOPBACK, PATIENCE, ProgramTest, write_file


@unittest.skipIf(os.name == "nt", "SIGHUP is a signal of POSIX")
class Presence(ProgramTest):
    def settings(self, name, text):
        return write_file(self.folder / f"{name}.toml", text.encode())

    def node(self, name, text, *arguments):
        """A `node` with a settings file, and its address."""
        node = self.run_wherry("node", "--listen", LOOPBACK, "--config", self.settings(name, text), *arguments, home=name)
        return node, node.address()

    def change(self, node, name, text):
        self.settings(name, text)
        node.signal(signal.SIGHUP)
        return [(change["key"], change["live"]) for change in node.wait_for("reloaded")["changes"]]

    def peer(self, home, wanted):
        """What a device knows of another."""
        listed = self.run_wherry("peers", home=home)
        self.assertExit(listed, 0)
        return next(peer for peer in listed.named("peers")[0]["peers"] if peer["peerId"] == wanted)

    def until(self, question):
        """Asked again and again: each time is a program that starts."""
        limit = time.monotonic() + PATIENCE
        while not question():
            self.assertLess(time.monotonic(), limit)

    def test_two_who_know_each_other_see_when_the_other_is_here(self):
        tells = "[profile]\npresence = true\n"
        _, middle = self.node("middle", tells, "--role", "server")
        anna, annas = self.node("anna", "", "--bootstrap", middle)
        bert, berts = self.node("bert", tells, "--bootstrap", middle)
        annas_id, berts_id = (address.rsplit("/", 1)[1] for address in (annas, berts))
        self.assertExit(self.run_wherry("peers", "trust", berts_id, home="anna"), 0)
        self.assertExit(self.run_wherry("peers", "trust", annas_id, home="bert"), 0)
        self.assertEqual(self.peer("anna", berts_id)["heard"], 0)
        self.assertEqual(self.change(anna, "anna", tells), [("profile.presence", True)])
        self.until(lambda: self.peer("anna", berts_id)["here"] and self.peer("bert", annas_id)["here"])
        # Whoever is quiet is silent about it too, and is back when it is not any longer.
        self.assertEqual(self.change(bert, "bert", tells + "[network]\nquiet = true\n"), [("network.quiet", True)])
        self.until(lambda: not self.peer("anna", berts_id)["here"])
        self.assertGreater(self.peer("anna", berts_id)["heard"], 0)
        self.assertTrue(self.status("bert")["quiet"])
        self.assertEqual(self.change(bert, "bert", tells), [("network.quiet", True)])
        self.until(lambda: self.peer("anna", berts_id)["here"])
        # Whoever ends says so.
        bert.signal(signal.SIGTERM)
        self.assertExit(bert, 0)
        self.until(lambda: not self.peer("anna", berts_id)["here"])

    def status(self, home):
        asked = self.run_wherry("status", home=home)
        self.assertExit(asked, 0)
        return asked.named("status")[0]

    def test_a_quiet_server_answers_nobody_and_is_reached_all_the_same(self):
        quiet, address = self.node("quiet", "[network]\nquiet = true\n", "--role", "server")
        ask = ("dht", "closest", "anything", "--listen", LOOPBACK, "--bootstrap", address)
        self.assertExit(self.run_wherry(*ask, "--wait", "1", home="client"), 4)
        self.assertExit(self.run_wherry("ping", address, "-n", "1", "--listen", LOOPBACK, home="client"), 0)
        self.assertEqual(self.change(quiet, "quiet", ""), [("network.quiet", True)])
        self.assertExit(self.run_wherry(*ask, home="client"), 0)
        self.assertEqual([table["server"] for table in self.status("quiet")["dht"]], [True, True])


if __name__ == "__main__":
    unittest.main()
